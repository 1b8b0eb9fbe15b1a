// Verifies the tokens of a live issuer, of which it knows nothing but the URL.
//
//   node verify-issuer.mjs ISSUER AUDIENCE [COOLDOWN]
//
// Reads tokens from its input, a line each, and answers each with a line: `ok` and the subject, or the code of the error.
// COOLDOWN is the number of seconds between two fetches that unknown keys cause, 30 unless it is given.

import { createInterface } from 'node:readline';

import { AuthwrightError, RemoteKeySet, Verifier, onEvent } from 'authwright';

const [issuer, audience, cooldown] = process.argv.slice(2);
if (audience === undefined) {
  console.error('usage: verify-issuer.mjs ISSUER AUDIENCE [COOLDOWN]');
  process.exit(2);
}

// Nothing is fetched yet: an issuer that is down at this moment is no error.
const verifier =
  cooldown === undefined
    ? Verifier.discover(issuer, { audience })
    : new Verifier(new RemoteKeySet({ issuer, cooldown: Number(cooldown) }), { audience });

// For a log: when keys were fetched, and when that failed.
if (process.env.LOG_EVENTS) {
  onEvent((event) => console.error(JSON.stringify(event)));
}

for await (const token of createInterface({ input: process.stdin, crlfDelay: Infinity })) {
  try {
    // Fetches the keys where they are needed, once for all calls that wait for them, and keeps them up to date. A server would
    // pass the `signal` of a request that may be abandoned.
    const { claims } = await verifier.verifyFetching(token, { timeout: 10 });
    console.log(`ok ${claims.sub}`);
  } catch (error) {
    if (!(error instanceof AuthwrightError)) {
      throw error;
    }
    // ERR_KEYS_NEEDED says nothing about the token: a service answers 503 rather than 401.
    console.log(error.code);
  }
}
