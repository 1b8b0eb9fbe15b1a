// What workers.test.mjs runs in each Worker, and in a forked process.

import { isMainThread, parentPort, workerData } from 'node:worker_threads';

import { Key, Signer, Verifier } from '../index.js';
import { audience, issuer } from './keys.mjs';

if (isMainThread) {
  process.once('message', (token) => {
    process.once('message', (jwk) => {
      process.send(new Verifier(Key.fromJwk(jwk), { issuer, audience }).verify(token).claims.sub);
    });
  });
} else if (workerData.hang) {
  // Left unfinished on purpose: the Worker is ended while this runs.
  Key.generateAsync('RS256', { bits: 2048 }).catch(() => {});
  parentPort.postMessage('started');
} else if (workerData.clone) {
  parentPort.postMessage({ clone: code(() => new Signer(workerData.clone)) });
} else {
  const keys = workerData.keys.map((jwk) => Key.fromJwk(jwk));
  const signers = keys.map((key) => new Signer(key, { issuer, audience, lifetime: 60 }));
  const verifiers = keys.map((key) => new Verifier(key.toJwk({ private: true }).kty === 'oct' ? key : key.publicKey(), { issuer, audience }));
  const tokens = await Promise.all(signers.map((signer) => signer.signAsync({ sub: 'worker' })));
  for (let round = 0; round < workerData.rounds; round += 1) {
    signers.forEach((signer, index) => verifiers[index].verify(signer.sign({ sub: 'worker', round })));
  }
  const refused = code(() => verifiers[0].verify(tokens[0], { now: 4_000_000_000 }));
  parentPort.postMessage({ tokens, refused });
}

function code(call) {
  try {
    call();
    return 'no error';
  } catch (error) {
    return error.code;
  }
}
