// An API whose callers have API keys, on Express.
//
//   export PEPPER=$(openssl rand -base64 32)
//   node api-keys-express.mjs issue billing-service invoices:read     prints a key, once
//   node api-keys-express.mjs                                         serves
//   curl -H "Authorization: Bearer $KEY" http://127.0.0.1:8080/invoices
//
// PEPPER is the base64 of 32 random bytes, STORE where the keys are (sqlite:keys.db), PORT where it listens (8080; 0 is any
// free port). It is ready when it has printed one line: {"url": "http://127.0.0.1:8080"}.

import { once } from 'node:events';

import { ApiKeys, AuthwrightError } from 'authwright';
import express from 'express';

const { PEPPER = '', STORE = 'sqlite:keys.db', PORT = '8080' } = process.env;
const pepper = Buffer.from(PEPPER, 'base64');
// Buffer passes over what is no base64, and a shorter secret is left.
if (PEPPER === '' || pepper.toString('base64') !== PEPPER) {
  console.error('PEPPER must be base64: openssl rand -base64 32');
  process.exit(2);
}
const keys = new ApiKeys(STORE, { prefix: 'acme', environment: 'live', peppers: [pepper] });

const [command, owner, ...scopes] = process.argv.slice(2);
if (command === 'issue') {
  const { secret } = await keys.issue({ owner, scopes, expiresIn: 90 * 86_400 });
  console.log(secret);
  await keys.close();
} else {
  await serve();
}

async function serve() {
  const app = express().disable('x-powered-by');
  app.get('/invoices', withKey('invoices:read'), (request, response) => {
    response.json({ owner: request.caller.owner, invoices: [] });
  });
  app.delete('/invoices', withKey('invoices:write'), (request, response) => {
    response.sendStatus(204);
  });
  const server = app.listen(PORT, '127.0.0.1');
  await once(server, 'listening');
  console.log(JSON.stringify({ url: `http://127.0.0.1:${server.address().port}` }));
}

/** Lets requests pass whose API key has these scopes; `request.caller` is whose it is. */
function withKey(...needed) {
  return async (request, response, next) => {
    try {
      request.caller = await keys.verify(presented(request), { scopes: needed });
    } catch (error) {
      refuse(response, error);
      return;
    }
    next();
  };
}

function presented(request) {
  const [, bearer] = /^Bearer +(\S+) *$/i.exec(request.get('authorization') ?? '') ?? [];
  return bearer ?? request.get('x-api-key') ?? '';
}

// Why a key is wrong is told only to who has the whole key; and a store that fails says nothing about a key.
function refuse(response, error) {
  const { code } = error instanceof AuthwrightError ? error : {};
  if (code === 'ERR_API_KEY_SCOPE') {
    response.status(403).json({ error: code, scope: error.field });
  } else if (code?.startsWith('ERR_API_KEY_')) {
    response.status(401).set('WWW-Authenticate', 'Bearer').json({ error: code });
  } else {
    console.error(error);
    response.status(503).set('Retry-After', '5').json({ error: 'try again later' });
  }
}
