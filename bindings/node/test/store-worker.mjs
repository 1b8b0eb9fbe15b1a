// What stores.test.mjs and api-keys.test.mjs run in processes and Workers of their own.

import { pbkdf2 } from 'node:crypto';
import { parentPort } from 'node:worker_threads';

import { ApiKeys, checkStore, copyStore, onEvent } from '../index.js';
import { MapStore, format } from './stores.mjs';

const [command, url, runId, racer, rounds = '10', lines] = process.argv.slice(2);

const commands = {
  async contend() {
    if (lines) {
      onEvent(({ line }) => line && console.log(line));
    }
    const report = await checkStore(url, { part: 'contend', runId, racer: Number(racer), rounds: Number(rounds) });
    console.log(JSON.stringify(report));
  },
  // The store is not closed.
  async leave() {
    const keys = new ApiKeys(url, format);
    const { secret } = await keys.issue({ owner: 'alice' });
    console.log((await keys.verify(secret)).owner);
  },
  // libuv's pool has one thread here, and it is busy.
  async busy() {
    const keys = new ApiKeys(url, format);
    await keys.issue({ owner: 'alice' });
    const busy = new Promise((resolve) => pbkdf2('x', 'y', 3_000_000, 64, 'sha512', resolve));
    const begin = performance.now();
    const late = keys.issue({ owner: 'bob', timeout: 0.05 }).catch(({ code }) => code);
    const report = checkStore(url, { timeout: 0.05 }).catch(({ code }) => code);
    const left = keys.issue({ owner: 'bob', signal: AbortSignal.timeout(50) }).catch(({ name }) => name);
    const copied = copyStore(url, 'memory:', { timeout: 0.05 }).catch(({ code }) => code);
    const codes = await Promise.all([late, report, copied, left]);
    const milliseconds = performance.now() - begin;
    await busy;
    const { keys: { length } } = await keys.list('bob');
    console.log(JSON.stringify({ codes, isInTime: milliseconds < performance.now() - begin - 100, length }));
  },
  // Nobody waits here, and the process stays for it.
  async pending() {
    new ApiKeys(url, format).issue({ owner: 'alice' }).then(({ owner }) => console.log(owner));
  },
  async own() {
    const keys = new ApiKeys(Object.assign(new MapStore(), { get: () => new Promise(() => {}) }), format);
    keys.get('AAAAAAAAAAAAAAAA', { timeout: 0.2 }).catch(({ code }) => console.log(code));
  },
  // Left unfinished on purpose: the Worker is ended while this runs.
  async hang() {
    const keys = new ApiKeys(url, format);
    for (let count = 0; count < 20; count += 1) {
      keys.issue({ owner: 'alice' }).catch(() => {});
    }
    parentPort.postMessage('started');
  },
  // Issues keys, and verifies what others have issued.
  async share() {
    const keys = new ApiKeys(url, format);
    const secrets = [];
    for (let count = 0; count < 5; count += 1) {
      secrets.push((await keys.issue({ owner: runId })).secret);
    }
    console.log(JSON.stringify(secrets));
    await keys.close();
  },
};

await commands[command]();
