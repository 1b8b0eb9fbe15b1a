// Issues API keys, checks them, rotates and revokes them, on a store of which it knows nothing but the URL.
//
//   PEPPER=... node issue-and-check.mjs STORE
//
// Reads commands from its input, a line each, and answers each with a line: `ok` and what there is, or the code of the error.
//
//   issue OWNER SCOPE SECONDS    a key for so long: ok ID KEY
//   check KEY SCOPE              whose it is: ok OWNER
//   rotate ID SECONDS            the key before it is good for so long: ok ID KEY
//   revoke ID                    ok
//
// PEPPER is the base64 of 32 random bytes (`openssl rand -base64 32`), the same in every process that uses the store.

import { createInterface } from 'node:readline';

import { ApiKeys, AuthwrightError } from 'authwright';

const [store] = process.argv.slice(2);
const { PEPPER = '' } = process.env;
const pepper = Buffer.from(PEPPER, 'base64');
// Buffer passes over what is no base64, and a shorter secret is left.
if (store === undefined || PEPPER === '' || pepper.toString('base64') !== PEPPER) {
  console.error('usage: PEPPER=... issue-and-check.mjs STORE, with PEPPER in base64: openssl rand -base64 32');
  process.exit(2);
}

// Nothing is opened yet: a server that is down at this moment is no error.
const keys = new ApiKeys(store, { prefix: 'acme', environment: 'live', peppers: [pepper] });

const commands = {
  async issue(owner, scope, seconds) {
    const issued = await keys.issue({ owner, scopes: [scope], expiresIn: Number(seconds) });
    // The only time that it is shown: the store has a hash.
    return [issued.id, issued.secret];
  },
  async check(presented, scope) {
    const caller = await keys.verify(presented, { scopes: [scope] });
    return [caller.owner];
  },
  async rotate(id, seconds) {
    const rotated = await keys.rotate(id, { overlap: Number(seconds) });
    return [rotated.id, rotated.secret];
  },
  async revoke(id) {
    await keys.revoke(id);
    return [];
  },
};

for await (const line of createInterface({ input: process.stdin, crlfDelay: Infinity })) {
  const [command, ...words] = line.split(' ');
  try {
    console.log(['ok', ...(await commands[command](...words))].join(' '));
  } catch (error) {
    if (!(error instanceof AuthwrightError)) {
      throw error;
    }
    // ERR_STORE_... says nothing about a key: a service answers 503 rather than 401.
    console.log(error.code);
  }
}
await keys.close();
