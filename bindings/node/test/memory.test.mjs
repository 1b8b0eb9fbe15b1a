// Memory stays flat over many calls. AW_CALLS sets how many; the default keeps the run short.

import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

import { ApiKeys, Key, KeySet, RemoteKeySet, Signer, Store, Verifier, copyStore, dangerousDecode, jws, oauth } from '../index.js';
import { audience, claims, issuer, secret } from './keys.mjs';
import { MapStore, format, newFolder } from './stores.mjs';

const CALLS = Number(process.env.AW_CALLS ?? 200_000);
const ALLOWED_BYTES = 8 * 1024 * 1024;

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc');

const key = Key.fromSecret(secret, { alg: 'HS256' });
const signer = new Signer(key, { issuer, audience, lifetime: 900 });
const verifier = new Verifier(key, { issuer, audience });
const token = signer.sign(claims);
const forged = `${token.slice(0, -2)}AA`;
const pem = Key.generate('ES256').toPem({ private: true });

const ownKey = Key.generate('ES256');
const ownSet = new KeySet([ownKey.publicKey()]).toJson();
const ownToken = new Signer(ownKey, { issuer, audience, lifetime: 900 }).sign(claims);
const http = { fetch: async () => new Response(ownSet, { headers: { 'Content-Type': 'application/json' } }) };
const fetching = () => new Verifier(new RemoteKeySet({ issuer, jwksUri: `${issuer}/jwks`, http }), { audience });
const warm = fetching();
const stop = new AbortController();

const answer = JSON.stringify({ access_token: 'a', refresh_token: 'r', token_type: 'Bearer', expires_in: 1 });
const client = new oauth.Client({
  authorizationEndpoint: 'https://id.example/authorize', tokenEndpoint: 'https://id.example/token', clientId: 'web',
  clientSecret: 's3cret', redirectUri: 'https://app.example/', sealKeys: [key], scope: 'a',
  http: { fetch: async () => new Response(answer, { headers: { 'Content-Type': 'application/json' } }) },
});
const tokens = oauth.Tokens.fromJSON({ access_token: 'a', refresh_token: 'r', expires_at: 1 });
async function login() {
  const { url, cookie } = await client.beginLogin({ signal: stop.signal });
  const callback = `code=c&state=${new URL(url).searchParams.get('state')}`;
  await client.finishLogin({ cookies: cookie.split(';')[0], callback });
}

const ofMemory = new ApiKeys('memory:', format);
const ofHost = new ApiKeys(new MapStore(), format);
const known = await ofMemory.issue({ owner: 'o', scopes: ['a'] });
const { urlOf, remove } = newFolder();
after(remove);
const file = urlOf('keys.db');
await new ApiKeys(file, format).issue({ owner: 'o' });
const inMemory = new Store('memory:');
const knownToHost = await ofHost.issue({ owner: 'o', scopes: ['a'] });

describe('memory', () => {
  const cases = {
    verify: [1, () => verifier.verify(token)],
    'verify of bytes': [1, () => verifier.verify(Buffer.from(token))],
    sign: [1, () => signer.sign(claims)],
    'verify that fails': [10, () => swallow(() => verifier.verify(forged))],
    'sign that fails': [10, () => swallow(() => signer.sign({ exp: 'never' }))],
    dangerousDecode: [4, () => dangerousDecode(token)],
    'jws': [10, () => jws.verify(jws.sign('payload', key), key)],
    'keys, signers and verifiers': [25, () => new Verifier(new KeySet([Key.fromPem(pem)]), { issuer: new Signer(Key.fromPem(pem), { issuer }) && issuer })],
    'prepare': [20, () => signer.prepare(claims)],
    signAsync: [100, () => signer.signAsync(claims)],
    verifyFetching: [20, () => warm.verifyFetching(ownToken, { signal: stop.signal })],
    'verifyFetching that fetches': [100, () => fetching().verifyFetching(ownToken, { signal: stop.signal })],
    'a login': [100, login],
    'a token manager': [100, () => client.tokenManager(tokens, { async onTokens() {} }).tokens({ signal: stop.signal })],
    'a token manager that is left': [100, () => {
      const gone = new AbortController();
      const left = client.tokenManager(tokens).tokens({ signal: gone.signal });
      gone.abort();
      return left.catch(() => {});
    }],
    'a check of an API key': [4, () => ofMemory.verify(known.secret, { scopes: 'a', signal: stop.signal })],
    'a check that fails': [10, () => ofMemory.verify(known.secret, { scopes: 'b' }).catch(() => {})],
    "a check on the program's own store": [40, () => ofHost.verify(knownToHost.secret, { scopes: 'a', signal: stop.signal })],
    'stores and API keys': [100, () => new ApiKeys(new Store('memory:'), format).issue({ owner: 'o' })],
    'a copy of a store': [400, () => copyStore(file, inMemory)],
    'verifyFetching that is aborted': [100, () => {
      const gone = new AbortController();
      const left = fetching().verifyFetching(ownToken, { signal: gone.signal });
      gone.abort();
      return left.catch(() => {});
    }],
  };
  for (const [name, [divisor, call]] of Object.entries(cases)) {
    test(name, async () => {
      const calls = Math.ceil(CALLS / divisor);
      // The allocators take a while to find their size, more than once; a leak grows every time.
      let grown = [];
      for (let pass = 0; pass < 4 && !grown.some((bytes) => bytes < ALLOWED_BYTES); pass += 1) {
        const before = await resident();
        await repeat(call, calls);
        grown = pass === 0 ? [] : [...grown, (await resident()) - before];
      }
      assert.ok(grown.some((bytes) => bytes < ALLOWED_BYTES), `${calls} calls left ${grown} bytes behind`);
    });
  }
});

function swallow(call) {
  try {
    call();
  } catch {
    return;
  }
  assert.fail('it did not fail');
}

// Finalizers run when the loop turns, so it turns now and then. What a call returns is dropped at once, unless it is a promise.
async function repeat(call, times) {
  for (let done = 0; done < times; done += 500) {
    const pending = [];
    for (let index = Math.min(500, times - done); index > 0; index -= 1) {
      const returned = call();
      if (returned instanceof Promise) {
        pending.push(returned);
      }
    }
    await Promise.all(pending);
    await setImmediate();
  }
}

async function resident() {
  for (let round = 0; round < 3; round += 1) {
    collect();
    await setImmediate();
  }
  return process.memoryUsage().rss;
}
