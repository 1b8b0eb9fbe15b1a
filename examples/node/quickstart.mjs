// Sign a token, verify it, and see a forged and a late one refused.
//
//   node examples/node/quickstart.mjs

import { AuthwrightError, Key, Signer, Verifier } from 'authwright';

// The service that signs keeps the private key. Build a Signer once, and keep it.
const key = Key.generate('ES256', { kid: '2026-11' });
const signer = new Signer(key, { issuer: 'https://id.example', audience: 'api', lifetime: 900 });
const token = signer.sign({ sub: 'alice', scope: 'read' });
console.log(token);

// The services that verify need only the public one. Build a Verifier once, and keep it.
const verifier = new Verifier(key.publicKey(), { issuer: 'https://id.example', audience: 'api' });
const { claims, header } = verifier.verify(token);
console.log(`${claims.sub} may ${claims.scope} until ${new Date(claims.exp * 1000).toISOString()} (key ${header.kid})`);

// Whatever is wrong ends in one error, with a code that never changes and is the same in every language.
const forged = `${token.slice(0, -4)}AAAA`;
const inAnHour = new Date(Date.now() + 3_600_000);
for (const attempt of [() => verifier.verify(forged), () => verifier.verify(token, { now: inAnHour })]) {
  try {
    attempt();
  } catch (error) {
    if (!(error instanceof AuthwrightError)) {
      throw error;
    }
    console.log(`refused: ${error.code}`);
  }
}
