// Remote keys in many processes and threads: each has its own, and none is kept alive by it.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';

import { KeySet, Signer } from '../index.js';
import { audience, keyFor } from './keys.mjs';
import { startHostile } from './servers.mjs';

const job = fileURLToPath(new URL('remote-worker.mjs', import.meta.url));
let hostile;
before(async () => {
  hostile = await startHostile();
});
after(() => hostile.close());

/** Runs the job in a process of its own; what it printed, and after how long it ended. */
async function run(...given) {
  const begin = performance.now();
  const child = spawn(process.execPath, [job, ...given], { stdio: ['ignore', 'pipe', 'inherit'] });
  let printed = '';
  child.stdout.on('data', (chunk) => { printed += chunk; });
  const [status] = await once(child, 'close');
  assert.equal(status, 0);
  return { printed: printed.trim(), milliseconds: performance.now() - begin };
}

describe('processes', () => {
  test('one that waits for keys stays until they are there, and no longer', async () => {
    const issuer = await hostile.new('jwks-slow', 'http', { ms: 500 });
    const { printed, milliseconds } = await run('verify', issuer.url, await issuer.token());
    assert.equal(printed, 'alice');
    assert.ok(milliseconds >= 500 && milliseconds < 4000, `${milliseconds} ms`);
  });

  test('one that only fetches ahead is not kept by it', async () => {
    const key = keyFor('ES256');
    let asked = 0;
    const server = createServer((request, response) => {
      const jwksUri = `${issuer}/jwks`;
      if (request.url !== '/jwks') {
        response.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify({ issuer, jwks_uri: jwksUri }));
      } else if ((asked += 1) === 1) {
        const headers = { 'Content-Type': 'application/json', 'Cache-Control': 'max-age=60' };
        response.writeHead(200, headers).end(new KeySet([key.publicKey()]).toJson());
      }
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const issuer = `http://127.0.0.1:${server.address().port}`;
    const token = new Signer(key, { issuer, audience, lifetime: 600 }).sign({ sub: 'alice' });
    const { printed, milliseconds } = await run('ahead', issuer, token);
    server.close();
    assert.equal(printed, 'alice');
    assert.ok(milliseconds < 4000, `${milliseconds} ms`);
    assert.equal(asked, 2);
  });

  test('the workers of a cluster have keys of their own', async () => {
    const issuer = await hostile.new();
    const { printed } = await run('cluster', issuer.url, await issuer.token());
    assert.equal(printed, 'alice\nalice\nalice');
    assert.equal((await issuer.fetches()).jwks, 3);
  });
});

describe('Workers', () => {
  test('each has keys of its own', async () => {
    const issuer = await hostile.new();
    const token = await issuer.token();
    const workers = Array.from({ length: 4 }, () => new Worker(job, { argv: ['post', issuer.url, token] }));
    const answers = await Promise.all(workers.map(async (worker) => {
      const [[answer], [status]] = await Promise.all([once(worker, 'message'), once(worker, 'exit')]);
      return [answer, status];
    }));
    assert.deepEqual(answers, Array(4).fill(['alice', 0]));
    assert.equal((await issuer.fetches()).jwks, 4);
  });

  test('one that is ended while it fetches leaves nothing behind', async () => {
    for (const behaviour of ['jwks-silent', 'jwks-drip', 'jwks-beside-many']) {
      const issuer = await hostile.new(behaviour);
      const token = await issuer.token();
      for (let round = 0; round < 5; round += 1) {
        const workers = Array.from({ length: 3 }, () => new Worker(job, { argv: ['start', issuer.url, token] }));
        await Promise.all(workers.map((worker) => once(worker, 'message')));
        // At various moments of the fetch.
        await new Promise((resolve) => setTimeout(resolve, round * 4));
        await Promise.all(workers.map((worker) => worker.terminate()));
      }
    }
  });
});
