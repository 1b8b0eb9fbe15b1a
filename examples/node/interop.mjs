// Signs tokens, and verifies those of the other languages. The same program exists in each.
//
//   node interop.mjs sign KEY ALG     prints a token; KEY is a file with a private JWK or a secret
//   node interop.mjs verify KEY       reads tokens, one a line; prints `ok SUB LANG` or the error's code for each

import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

import { AuthwrightError, Key, Signer, Verifier } from 'authwright';

const issuer = 'https://id.example';
const audience = 'api';

const [command, file, algorithm] = process.argv.slice(2);
if (!((command === 'sign' && algorithm !== undefined) || (command === 'verify' && file !== undefined))) {
  console.error('usage: interop.mjs sign KEY ALG | interop.mjs verify KEY');
  process.exit(2);
}
const key = Key.fromJwk(readFileSync(file, 'utf8'));

if (command === 'sign') {
  const signer = new Signer(key, { algorithm, issuer, audience, lifetime: 900 });
  console.log(signer.sign({ sub: 'alice', scope: 'read', lang: 'node' }));
} else {
  const verifier = new Verifier(key, { issuer, audience });
  for await (const token of createInterface({ input: process.stdin, crlfDelay: Infinity })) {
    console.log(verdict(verifier, token));
  }
}

function verdict(verifier, token) {
  try {
    const { claims } = verifier.verify(token);
    return `ok ${claims.sub} ${claims.lang}`;
  } catch (error) {
    if (!(error instanceof AuthwrightError)) {
      throw error;
    }
    return error.code;
  }
}
