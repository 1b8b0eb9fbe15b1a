// Many Workers at once, each with the addon of its own; and processes that are forked.

import assert from 'node:assert/strict';
import cluster from 'node:cluster';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';

import { Key, Signer, Verifier } from '../index.js';
import { audience, issuer, keyFor } from './keys.mjs';

const WORKERS = 6;
const job = fileURLToPath(new URL('worker.mjs', import.meta.url));

describe('workers', () => {
  test('several sign and verify at the same time, each as the main thread does', async () => {
    const keys = ['HS256', 'RS256', 'ES256', 'EdDSA'].map((algorithm) => keyFor(algorithm).toJwk({ private: true }));
    const results = await Promise.all(Array.from({ length: WORKERS }, () => run({ keys, rounds: 200 })));
    for (const { tokens, refused } of results) {
      assert.equal(refused, 'ERR_TOKEN_EXPIRED');
      tokens.forEach((token, index) => {
        const key = Key.fromJwk(keys[index]);
        const verifier = new Verifier(key.toJwk({ private: true }).kty === 'oct' ? key : key.publicKey(), { issuer, audience });
        assert.equal(verifier.verify(token).claims.sub, 'worker');
      });
    }
  });

  test('come and go while work of theirs is under way', async () => {
    for (let round = 0; round < 3; round += 1) {
      const workers = Array.from({ length: WORKERS }, () => new Worker(job, { workerData: { keys: [], rounds: 0, hang: true } }));
      await Promise.all(workers.map((worker) => once(worker, 'message')));
      await Promise.all(workers.map((worker) => worker.terminate()));
    }
  });

  test('a Key does not pass through postMessage', async () => {
    const { clone } = await run({ keys: [], rounds: 0, clone: Key.generate('ES256') });
    assert.equal(clone, 'ERR_INVALID_ARGUMENT');
  });

  test('a forked process works like its parent', async () => {
    const key = keyFor('ES256');
    const child = fork(job, [], { env: { ...process.env, AUTHWRIGHT_TEST_FORK: '1' } });
    child.send(new Signer(key, { issuer, audience, lifetime: 60 }).sign({ sub: 'parent' }));
    child.send(JSON.stringify(key.publicKey().toJwk()));
    const [answer] = await once(child, 'message');
    assert.equal(answer, 'parent');
    assert.ok(cluster.isPrimary);
    child.disconnect();
    await once(child, 'exit');
  });
});

async function run(workerData) {
  const worker = new Worker(job, { workerData });
  const [[message], [status]] = await Promise.all([once(worker, 'message'), once(worker, 'exit')]);
  assert.equal(status, 0);
  return message;
}
