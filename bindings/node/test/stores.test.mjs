// Stores: the built-in ones, and a program's own, which may be wrong in every way.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { after, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { inspect } from 'node:util';
import { Worker } from 'node:worker_threads';

import {
  ApiKeyInvalidError, ApiKeyRevokedError, ApiKeys, AuthwrightError, ClosedError, Store, StoreConflictError, StoreCorruptError, StoreFullError, checkStore,
  copyStore, onEvent, sweepStore,
} from '../index.js';
import { code } from './keys.mjs';
import { MapStore, failed, format, missingPython, missingRedis, newFolder, sleep, startRedis, whileLocked } from './stores.mjs';

const job = fileURLToPath(new URL('store-worker.mjs', import.meta.url));
const { urlOf, remove } = newFolder();
after(remove);

const key = { owner: 'alice', scopes: ['read'] };

describe('the conformance suite', () => {
  test('a store in memory passes', async () => {
    const store = new Store('memory:');
    const report = await checkStore(store, { runId: 'one', collectsByItself: false });
    assert.deepEqual([failed(report), report.passed, report.runId], [[], true, 'one']);
    assert.ok(report.checks.length > 40);
    assert.equal((await checkStore('memory:')).passed, true);
  });

  test('an SQLite file passes', async () => {
    assert.deepEqual(failed(await checkStore(urlOf('check.db'), { collectsByItself: false })), []);
  });

  test('Redis passes', { skip: process.env.AW_REQUIRE_ALL !== '1' && missingRedis }, async () => {
    const redis = await startRedis();
    try {
      assert.deepEqual(failed(await checkStore(redis.url, { collectsByItself: true })), []);
      const keys = new ApiKeys(redis.url, format);
      const { secret } = await keys.issue(key);
      assert.equal((await keys.verify(secret)).owner, 'alice');
      await keys.close();
    } finally {
      await redis.close();
    }
  });

  test("a program's own passes", async () => {
    const store = new MapStore();
    const report = await checkStore(store, { collectsByItself: false });
    assert.deepEqual(failed(report), []);
    assert.equal(store.records.size, 0);
    const { checks: [one], passed } = await checkStore(store, { only: 'keys/longest' });
    assert.deepEqual([one, passed], [{ name: 'keys/longest', passed: true }, true]);
  });

  test('it finds what is wrong', async () => {
    const wrong = {
      'keeps whatever is there': class extends MapStore {
        async putIf(name, _, record) {
          this.records.set(name, record);
          return true;
        }
      },
      'reads before it writes': class extends MapStore {
        async putIf(name, ...given) {
          return (await super.putIf(name, ...given)) && record(given).value.length !== 7;
        }
      },
      'removes another version': class extends MapStore {
        async deleteIf(name) {
          return this.records.delete(name);
        }
      },
      'hides what is over': class extends MapStore {
        async get(name) {
          const there = this.records.get(name);
          return there?.expiresAt < Date.now() ? undefined : there;
        }
      },
      'forgets the owner': class extends MapStore {
        async putIf(name, expected, { owner, ...others }) {
          return super.putIf(name, expected, others);
        }
      },
      'ignores the limit': class extends MapStore {
        async list(owner, from) {
          return super.list(owner, from, 1e9);
        }
      },
      'folds case': class extends MapStore {
        async get(name) {
          return super.get(name.toLowerCase());
        }
      },
      'sweeps too much': class extends MapStore {
        async sweep(before, limit) {
          return super.sweep(before + 1, limit);
        }
      },
      'sweeps nothing': class extends MapStore {
        async sweep() {
          return 0;
        }
      },
      'counts as text': class extends MapStore {
        async sweep(...given) {
          return `${await super.sweep(...given)}`;
        }
      },
      'has records whose version is text, as some drivers do': class extends MapStore {
        async get(name) {
          const there = await super.get(name);
          return there && { ...there, version: `${there.version}` };
        }
      },
      'throws': class extends MapStore {
        get() {
          throw new TypeError('secret words');
        }
      },
    };
    for (const [about, type] of Object.entries(wrong)) {
      const report = await checkStore(new type(), { collectsByItself: false });
      assert.equal(report.passed, false, about);
      const bad = report.checks.find(({ passed }) => !passed);
      assert.ok(bad.name && bad.expected && bad.found, about);
      assert.ok(!JSON.stringify(report).includes('secret words'));
    }
  });

  test('options', async () => {
    await assert.rejects(checkStore(new MapStore(), { runID: 'x' }), code('ERR_UNKNOWN_OPTION', 'runID'));
    await assert.rejects(checkStore(new MapStore(), { runId: 'a/b' }), code('ERR_INVALID_ARGUMENT', 'runId'));
    await assert.rejects(checkStore(new MapStore(), { part: 'contend', racer: 1 }), code('ERR_INVALID_ARGUMENT', 'runId'));
    await assert.rejects(checkStore(new MapStore(), { part: undefined }), code('ERR_INVALID_ARGUMENT', 'part'));
    await assert.rejects(checkStore('memory:', { signal: AbortSignal.abort(new Error('left')) }), { message: 'left' });
    await assert.rejects(checkStore('memory:', { only: 'nothing' }), code('ERR_INVALID_ARGUMENT', 'only'));
    await assert.rejects(checkStore({}), code('ERR_INVALID_ARGUMENT', 'store'));
    const slow = Object.assign(new MapStore(), { get: () => sleep(20) });
    await assert.rejects(checkStore(slow, { timeout: 0.05 }), code('ERR_DEADLINE'));
  });
});

function record([, given]) {
  return given;
}

describe('racers', () => {
  const racers = 4;

  /** Runs the racers and judges what they have left; `race` runs one. */
  async function judge(store, runId, race) {
    const numbers = Array.from({ length: racers }, (_, index) => index + 1);
    for (const report of await Promise.all(numbers.map(race))) {
      assert.deepEqual(failed(report), []);
    }
    assert.deepEqual(failed(await checkStore(store, { part: 'settle', runId, racers })), []);
  }
  const contend = (store, runId) => (racer) => checkStore(store, { part: 'contend', runId, racer, rounds: 10 });

  test('on one thread: memory, a file, and a store of the program', async () => {
    const slow = new MapStore();
    const get = slow.get.bind(slow);
    slow.get = async (name) => {
      await sleep(Math.random());
      return get(name);
    };
    for (const [name, store] of Object.entries({ memory: new Store('memory:'), sqlite: urlOf('one.db'), own: new MapStore(), slow })) {
      await judge(store, name, contend(store, name));
    }
  });

  test('a store that forgets who was first is found', async () => {
    class Racy extends MapStore {
      async putIf(name, expected, ...given) {
        const { version } = this.records.get(name) ?? {};
        await sleep(0);
        return version === expected && super.putIf(name, this.records.get(name)?.version, ...given);
      }
    }
    const store = new Racy();
    const race = contend(store, 'racy');
    const reports = await Promise.all([1, 2, 3, 4].map(race));
    const settled = await checkStore(store, { part: 'settle', runId: 'racy', racers: 4 });
    assert.ok([...reports, settled].some(({ passed }) => !passed));
  });

  test('processes, on one file', async () => {
    const url = urlOf('processes.db');
    await judge(url, 'processes', async (racer) => JSON.parse(await run('contend', url, 'processes', racer)));
  });

  test('Workers, on one file', async () => {
    const url = urlOf('workers.db');
    await judge(url, 'workers', async (racer) => {
      const worker = new Worker(job, { argv: ['contend', url, 'workers', racer], stdout: true });
      let printed = '';
      worker.stdout.on('data', (chunk) => { printed += chunk; });
      const [status] = await once(worker, 'exit');
      assert.equal(status, 0);
      return JSON.parse(printed);
    });
  });

  test('a process that is killed in between loses nothing that it was told is kept', async () => {
    const url = urlOf('killed.db');
    const child = spawn(process.execPath, [job, 'contend', url, 'killed', '1', '100000', 'lines'], { stdio: ['ignore', 'pipe', 'inherit'] });
    let printed = '';
    child.stdout.on('data', (chunk) => {
      printed += chunk;
      if (printed.length > 500) {
        child.kill('SIGKILL');
      }
    });
    await once(child, 'close');
    const acknowledged = printed.split('\n').slice(0, -1);
    const options = { part: 'settle', runId: 'killed', racers: 1, killed: 1, acknowledged };
    assert.deepEqual(failed(await checkStore(url, options)), []);
  });

  test('events of a racer are told before it goes on', async () => {
    const lines = [];
    onEvent(({ event, line }) => event === 'store_contention' && lines.push(line));
    try {
      await checkStore('memory:', { part: 'contend', runId: 'lines', racer: 1, rounds: 3 });
    } finally {
      onEvent(null);
    }
    assert.ok(lines.includes('1 increment 3'), inspect(lines));
  });
});

/** Runs the job in a process of its own, which may be given options; what it printed. */
async function run(...given) {
  const options = typeof given[0] === 'object' ? given.shift() : {};
  const child = spawn(process.execPath, [job, ...given.map(String)], { ...options, stdio: ['ignore', 'pipe', 'inherit'] });
  let printed = '';
  child.stdout.on('data', (chunk) => { printed += chunk; });
  const [status] = await once(child, 'close');
  assert.equal(status, 0);
  return printed;
}

describe('Store', () => {
  test('what is wrong with its arguments is named, and no password is told', async () => {
    for (const url of ['', 'memory', 'memory:x', 'http://x', 'sqlite:', 'redis://', 5, undefined, null, {}, new URL('redis://h')]) {
      assert.throws(() => new Store(url), code('ERR_INVALID_ARGUMENT', 'url'), inspect(url));
    }
    assert.throws(() => new Store('memory:', { maxRecord: 1 }), code('ERR_UNKNOWN_OPTION', 'maxRecord'));
    assert.throws(() => new Store('memory:', { max_records: 1 }), code('ERR_UNKNOWN_OPTION', 'max_records'));
    assert.throws(() => new Store('memory:', { maxRecords: 0 }), code('ERR_INVALID_ARGUMENT', 'maxRecords'));
    assert.throws(() => new Store('memory:', { maxRecords: undefined }), code('ERR_INVALID_ARGUMENT', 'maxRecords'));
    assert.throws(() => new Store('memory:', { namespace: 'x' }), code('ERR_INVALID_ARGUMENT', 'namespace'));
    const told = [inspect(new Store('redis://user:hunter2@127.0.0.1:1'))];
    const keys = new ApiKeys('redis://user:hunter2@127.0.0.1:1', format);
    for (const call of [() => new Store('redis://user:hunter2@:bad'), () => keys.verify('x'), () => keys.get('AAAAAAAAAAAAAAAA', { timeout: 1 })]) {
      const error = await Promise.resolve().then(call).then(() => assert.fail(), (thrown) => thrown);
      assert.ok(error instanceof AuthwrightError, inspect(error));
      told.push(inspect(error));
    }
    assert.ok(!told.join().includes('hunter2'));
    await assert.rejects(keys.get('AAAAAAAAAAAAAAAA'), code('ERR_STORE_UNAVAILABLE'));
  });

  test('it is bounded, shared, and closed once for all', async () => {
    const store = new Store('memory:', { maxRecords: 2 });
    const [one, other] = [new ApiKeys(store, format), new ApiKeys(store, format)];
    const { secret } = await one.issue(key);
    assert.equal((await other.verify(secret)).owner, 'alice');
    await other.issue(key);
    await assert.rejects(one.issue(key), code('ERR_STORE_FULL'));
    await one.close();
    assert.equal((await other.verify(secret)).owner, 'alice');
    await store.close();
    await store.close();
    for (const call of [() => one.verify(secret), () => store.sweep()]) {
      await assert.rejects(call(), ClosedError);
    }
    assert.match((await checkStore(store)).checks[0].found, /^ERR_CLOSED/);
    assert.equal(inspect(store), '[Store]');
  });

  test('a file that was closed is closed for calls under way, and is whole', async () => {
    const url = urlOf('closed.db');
    const keys = new ApiKeys(url, format);
    const { secret } = await keys.issue(key);
    const calls = Promise.allSettled(Array.from({ length: 50 }, () => keys.verify(secret)));
    const closing = keys.close();
    await assert.rejects(keys.verify(secret), ClosedError);
    for (const { status, reason } of await calls) {
      assert.ok(status === 'fulfilled' || reason.code === 'ERR_CLOSED', inspect(reason));
    }
    await closing;
    const again = new ApiKeys(url, format);
    assert.equal((await again.verify(secret)).owner, 'alice');
    await again[Symbol.asyncDispose]();
  });

  test('a sweep removes what has been over for an hour', async () => {
    const store = new Store('memory:');
    const keys = new ApiKeys(store, format);
    await keys.issue({ ...key, expiresIn: 1 });
    assert.equal(await store.sweep(), 0);
    await assert.rejects(store.sweep({ timeout: 'x' }), code('ERR_INVALID_ARGUMENT', 'timeout'));
    await assert.rejects(store.sweep({ before: 1 }), code('ERR_UNKNOWN_OPTION', 'before'));
  });

  test('a call ends in its time while no thread is free, and then it is never made', async () => {
    const printed = await run({ env: { ...process.env, UV_THREADPOOL_SIZE: '1' } }, 'busy', urlOf('busy.db'));
    assert.deepEqual(JSON.parse(printed), { codes: ['ERR_DEADLINE', 'ERR_DEADLINE', 'ERR_DEADLINE', 'TimeoutError'], isInTime: true, length: 0 });
  });

  test('a signal ends the waiting', async () => {
    const keys = new ApiKeys(urlOf('signal.db'), format);
    const stop = new AbortController();
    const calls = [keys.issue({ ...key, signal: stop.signal }), keys.get('AAAAAAAAAAAAAAAA', { signal: stop.signal })];
    stop.abort(new Error('left'));
    calls.push(keys.issue({ ...key, signal: stop.signal }));
    for (const call of calls) {
      await assert.rejects(call, { message: 'left' });
    }
    await keys.close();
    const memory = new ApiKeys('memory:', format);
    await assert.rejects(memory.issue({ ...key, signal: stop.signal }), { message: 'left' });
  });

  test('methods on a foreign this', async () => {
    for (const call of [() => Store.prototype.sweep.call({}), () => Store.prototype.close.call(new MapStore()), () => Object.create(Store.prototype).sweep()]) {
      await assert.rejects(call(), code('ERR_INVALID_ARGUMENT', 'this'));
    }
  });

  test('a process ends when nothing is under way, and not before', async () => {
    for (const url of ['memory:', urlOf('ends.db')]) {
      const begin = performance.now();
      assert.equal(await run('leave', url), 'alice\n');
      assert.ok(performance.now() - begin < 10_000);
      assert.equal(await run('pending', url), 'alice\n');
    }
    assert.equal(await run('own'), 'ERR_STORE_UNAVAILABLE\n');
  });

  test('Workers come and go while calls of theirs are under way', async () => {
    const url = urlOf('gone.db');
    for (let round = 0; round < 4; round += 1) {
      const workers = Array.from({ length: 3 }, () => new Worker(job, { argv: ['hang', url] }));
      await Promise.all(workers.map((worker) => once(worker, 'message')));
      await sleep(round * 3);
      await Promise.all(workers.map((worker) => worker.terminate()));
    }
    assert.deepEqual(failed(await checkStore(url)), []);
  });
});

describe('copyStore', () => {
  /** Copies keys to the store, and again after some were changed. */
  async function copies(name, target) {
    const url = urlOf(name);
    const [old, fresh] = [new ApiKeys(url, format), new ApiKeys(target, format)];
    const issued = {};
    for (const owner of ['alice', 'bob', 'carol']) {
      issued[owner] = await old.issue({ owner, scopes: 'read', metadata: { note: 'é' } });
      await old.verify(issued[owner].secret);
    }
    assert.equal(await copyStore(url, target), 3);
    for (const { id, secret } of Object.values(issued)) {
      assert.deepEqual((await fresh.verify(secret, { scopes: 'read' })).toJSON(), (await old.get(id)).toJSON());
    }
    const source = new Store(url);
    assert.equal(await copyStore(source, target, { timeout: 60, signal: new AbortController().signal }), 0);
    // What was changed since goes along, and what was changed there stays.
    await old.revoke(issued.alice.id);
    const rotated = await old.rotate(issued.bob.id);
    await fresh.revoke(issued.carol.id);
    const later = await old.issue({ owner: 'dave' });
    assert.equal(await copyStore(source, target), 3);
    await assert.rejects(fresh.verify(issued.alice.secret), ApiKeyRevokedError);
    await assert.rejects(fresh.verify(issued.carol.secret), ApiKeyRevokedError);
    await assert.rejects(fresh.verify(issued.bob.secret), ApiKeyInvalidError);
    assert.deepEqual([(await fresh.verify(rotated.secret)).owner, (await fresh.verify(later.secret)).owner], ['bob', 'dave']);
    assert.equal(await copyStore(source, target), 0);
    // The store that it was copied from is as it was.
    assert.equal((await old.verify(issued.carol.secret)).owner, 'carol');
    await Promise.all([old.close(), fresh.close(), source.close()]);
  }

  test('from a file to memory, and to another file', async () => {
    const memory = new Store('memory:');
    await copies('to-memory.db', memory);
    await memory.close();
    await copies('to-file.db', urlOf('copied.db'));
  });

  test('a use in the other store undoes no revocation', async () => {
    const url = urlOf('revoked.db');
    const target = new Store('memory:');
    const [old, fresh] = [new ApiKeys(url, format), new ApiKeys(target, format)];
    const { id, secret } = await old.issue(key);
    assert.equal(await copyStore(url, target), 1);
    // Within two milliseconds nobody knows which of two changes was the later one.
    await sleep(5);
    await old.revoke(id);
    assert.equal((await fresh.verify(secret)).lastUsedAt, undefined);
    assert.ok((await fresh.get(id)).lastUsedAt !== undefined);
    assert.equal(await copyStore(url, target), 1);
    await assert.rejects(fresh.verify(secret), ApiKeyRevokedError);
    await old.close();
  });

  test('from a file to Redis', { skip: process.env.AW_REQUIRE_ALL !== '1' && missingRedis }, async () => {
    const redis = await startRedis();
    try {
      await copies('to-redis.db', redis.url);
    } finally {
      await redis.close();
    }
  });

  test('what is wrong with its arguments is named', async () => {
    const url = urlOf('named.db');
    const keys = new ApiKeys(url, format);
    await keys.issue(key);
    const memory = new Store('memory:');
    for (const source of ['memory:', memory, new MapStore(), 5, null, undefined, {}, new URL('sqlite:keys.db')]) {
      await assert.rejects(copyStore(source, memory), code('ERR_INVALID_ARGUMENT', 'source'), inspect(source));
    }
    for (const target of [new MapStore(), 5, null, undefined, {}, new URL('sqlite:keys.db')]) {
      await assert.rejects(copyStore(url, target), code('ERR_INVALID_ARGUMENT', 'target'), inspect(target));
    }
    for (const given of [['', memory], ['keys.db', memory], [url, 'keys.db']]) {
      await assert.rejects(copyStore(...given), code('ERR_INVALID_ARGUMENT', 'url'));
    }
    for (const timeout of [0, -1, NaN, 3601, '5']) {
      await assert.rejects(copyStore(url, memory, { timeout }), code('ERR_INVALID_ARGUMENT', 'timeout'), inspect(timeout));
    }
    await assert.rejects(copyStore(url, memory, { signal: {} }), code('ERR_INVALID_ARGUMENT', 'signal'));
    await assert.rejects(copyStore(url, memory, { time: 5 }), code('ERR_UNKNOWN_OPTION', 'time'));
    await assert.rejects(copyStore(url, memory, 5), code('ERR_INVALID_ARGUMENT', 'options'));
    assert.equal(await copyStore(url, memory), 1);
    await keys.close();
  });

  test('of a store that was closed, and to one', async () => {
    const url = urlOf('copy-closed.db');
    const keys = new ApiKeys(url, format);
    await keys.issue(key);
    const [source, memory, closing] = [new Store(url), new Store('memory:'), new Store(urlOf('closing.db'))];
    await Promise.all([source.close(), memory.close()]);
    const done = closing.close();
    for (const given of [[source, 'memory:'], [url, memory], [url, closing]]) {
      await assert.rejects(copyStore(...given), ClosedError);
    }
    await done;
    // Those that it was given are open still.
    const [open, other] = [new Store(url), new Store('memory:')];
    assert.deepEqual([await copyStore(open, other), await copyStore(open, other)], [1, 0]);
    await Promise.all([keys.close(), open.close()]);
  });

  test('that fails leaves what was copied', async () => {
    const url = urlOf('copy-fails.db');
    const keys = new ApiKeys(url, format);
    for (let count = 0; count < 3; count += 1) {
      await keys.issue(key);
    }
    const small = new Store('memory:', { maxRecords: 2 });
    await assert.rejects(copyStore(url, small), StoreFullError);
    assert.equal((await new ApiKeys(small, format).list('alice')).keys.length, 2);
    const away = await copyStore(url, 'redis://user:hunter2@127.0.0.1:1', { timeout: 1 }).catch((error) => error);
    assert.deepEqual([away.code, inspect(away).includes('hunter2')], ['ERR_STORE_UNAVAILABLE', false]);
    await keys.close();
  });

  test('a signal ends the waiting', { skip: process.env.AW_REQUIRE_ALL !== '1' && missingPython }, async () => {
    const [url, busy] = [urlOf('copy-signal.db'), urlOf('copy-busy.db')];
    const [keys, others] = [new ApiKeys(url, format), new ApiKeys(busy, format)];
    await Promise.all([keys.issue(key), others.issue(key)]);
    await assert.rejects(copyStore(url, 'memory:', { signal: AbortSignal.abort(new Error('left')) }), { message: 'left' });
    await whileLocked(busy, async () => {
      const begin = performance.now();
      const stop = new AbortController();
      const copying = copyStore(url, busy, { signal: stop.signal });
      setTimeout(() => stop.abort(new Error('left')), 50);
      await assert.rejects(copying, { message: 'left' });
      await assert.rejects(copyStore(url, busy, { timeout: 1 }), code('ERR_STORE_UNAVAILABLE'));
      assert.ok(performance.now() - begin < 10_000);
    });
    await Promise.all([keys.close(), others.close()]);
  });

  test('while others write to the file', { skip: process.env.AW_REQUIRE_ALL !== '1' && missingPython }, async () => {
    const url = urlOf('copy-in-use.db');
    const keys = new ApiKeys(url, format);
    const { secret } = await keys.issue(key);
    const target = new Store('memory:');
    assert.equal(await whileLocked(url, () => copyStore(url, target)), 1);
    const issuing = Promise.all(Array.from({ length: 50 }, () => keys.issue(key)));
    let copied = 0;
    for (let round = 0; round < 5; round += 1) {
      copied += await copyStore(url, target);
    }
    await issuing;
    copied += await copyStore(url, target);
    assert.equal(copied, 50);
    assert.equal((await new ApiKeys(target, format).verify(secret)).owner, 'alice');
    await keys.close();
  });
});

describe("a program's own store", () => {
  const keysOf = (methods) => new ApiKeys(Object.assign(new MapStore(), methods), format);
  const id = 'AAAAAAAAAAAAAAAA';

  test('must have the five methods', () => {
    for (const store of [undefined, null, 5, {}, [], new Map(), { ...new MapStore() }, { get() {}, putIf() {}, deleteIf() {}, list() {}, sweep: true }]) {
      assert.throws(() => new ApiKeys(store, format), code('ERR_INVALID_ARGUMENT', 'store'), inspect(store));
    }
    assert.throws(() => new ApiKeys({ get get() { throw new Error('no'); } }, format), code('ERR_INVALID_ARGUMENT', 'store'));
    assert.throws(() => new ApiKeys({ get() {}, putIf() {}, deleteIf() {}, list() {} }, format), /it has no sweep/);
  });

  test('may answer at once, with a thenable, and with null for nothing', async () => {
    const records = new Map();
    const keys = keysOf({
      get: (name) => records.get(name) ?? null,
      putIf: (name, expected, { version, value, owner = null, expiresAt = null }) => ({
        then(resolve) {
          const isThere = (records.get(name)?.version ?? undefined) === expected;
          isThere && records.set(name, { version, value, owner, expiresAt, more: 'columns' });
          resolve(isThere);
        },
      }),
      list: () => ({ entries: [...records].map(([name, there]) => ({ key: name, record: there })), next: null }),
    });
    const { secret } = await keys.issue(key);
    assert.equal((await keys.verify(secret, { scopes: 'read' })).owner, 'alice');
    const { keys: [listed], next } = await keys.list('alice');
    assert.deepEqual([listed.owner, next], ['alice', undefined]);
  });

  test('is called on itself, with what it must know', async () => {
    const seen = [];
    const store = new Proxy(new MapStore(), {
      get: (target, name) => (typeof target[name] !== 'function' ? target[name] : (...given) => {
        seen.push([name, given]);
        return target[name](...given);
      }),
    });
    const keys = new ApiKeys(store, format);
    const { secret } = await keys.issue({ ...key, expiresIn: 60 });
    await keys.verify(secret);
    const [[put, [name, expected, kept, context]]] = seen;
    assert.deepEqual([put, expected, Object.keys(kept)], ['putIf', undefined, ['version', 'value', 'owner', 'expiresAt']]);
    assert.match(name, /^[!-~]{1,256}$/);
    assert.ok(Number.isSafeInteger(kept.version) && kept.expiresAt > Date.now() && context.signal instanceof AbortSignal);
    assert.ok(!seen.some((call) => JSON.stringify(call).includes(secret)));
  });

  test('an answer of another kind is an error that says so, and a write of it is in doubt', async () => {
    const record = { version: 1, value: 'v' };
    const wrong = [
      true, 5, 'text', [], {}, { ...record, version: '1' }, { ...record, version: 1n }, { ...record, version: 1.5 }, { ...record, version: Infinity },
      { version: 1 }, { ...record, value: 5 }, { ...record, owner: 5 }, { ...record, expiresAt: new Date() }, { ...record, expiresAt: NaN },
    ];
    for (const answer of wrong) {
      const named = { ...code('ERR_INVALID_ARGUMENT', 'store'), message: /store\.get/ };
      await assert.rejects(keysOf({ get: async () => answer }).get(id), named, inspect(answer));
    }
    for (const answer of [undefined, null, 1, 'true', {}]) {
      await assert.rejects(keysOf({ putIf: async () => answer }).issue(key), code('ERR_INVALID_ARGUMENT', 'store'), inspect(answer));
    }
    const entries = (...all) => ({ entries: all });
    for (const answer of [
      undefined, [], {}, entries(null), entries({}), entries({ key: 'k' }), entries({ key: 5, record }), { entries: 'abc' }, { entries: { length: 1 } },
      { entries: new Array(2 ** 32 - 1) }, { entries: [], next: 5 },
    ]) {
      await assert.rejects(keysOf({ list: async () => answer }).list('alice'), code('ERR_INVALID_ARGUMENT', 'store'), inspect(answer));
    }
    // What is told is the part that is wrong.
    const told = {
      'store.get answered with a string: it must be an object with a version and a value, or undefined': { get: 'row' },
      'store.get answered with an array: it must be an object with a version and a value, or undefined': { get: [] },
      'store.get answered with a record whose value is undefined: it must be a string': { get: { version: 1 } },
      'store.get answered with a record whose version is a string: it must be a whole number': { get: { version: '1', value: '' } },
      'store.list answered with an array: it must be an object with entries and next': { list: [] },
      'store.list answered with a page whose entries is undefined: it must be an array': { list: {} },
      'store.list answered with a page whose next is a number: it must be a string': { list: { entries: [], next: 5 } },
      'store.list answered with an entry that is a string: it must be an object with a key and a record': { list: entries('k') },
      'store.list answered with an entry whose record is undefined: it must be an object with a version and a value': { list: entries({ key: 'k' }) },
    };
    for (const [message, answers] of Object.entries(told)) {
      const [[method, answer]] = Object.entries(answers);
      const keys = keysOf({ [method]: () => answer });
      await assert.rejects(method === 'get' ? keys.get(id) : keys.list('alice'), (error) => error.message.includes(message), message);
    }
    // The core's own look at what is of the right kind.
    for (const answer of [
      { ...record, version: 2 ** 53 }, { ...record, version: 1e300 }, { ...record, version: -1 }, { ...record, expiresAt: 2 ** 53 },
      { ...record, value: 'x'.repeat(65_537) }, { ...record, value: 'é'.repeat(40_000) }, { ...record, value: '\u{1F511}'.repeat(1e6) },
      { ...record, owner: 'é' }, { ...record, owner: '' }, { ...record, owner: 'x'.repeat(100_000) },
    ]) {
      await assert.rejects(keysOf({ get: async () => answer }).get(id), code('ERR_STORE_CORRUPT'), inspect(answer));
    }
    const many = Array.from({ length: 1e5 }, (_, index) => ({ key: `k${index}`, record: { ...record, owner: 'alice' } }));
    for (const answer of [
      entries({ key: 'k', record: { ...record, owner: 'another' } }), { entries: many }, { entries: [], next: '' },
      { entries: [], next: 'x'.repeat(100_000) },
    ]) {
      await assert.rejects(keysOf({ list: async () => answer }).list('alice'), code('ERR_STORE_CORRUPT'), inspect(answer));
    }
    await assert.rejects(keysOf({ get: async () => record }).get(id), code('ERR_STORE_CORRUPT'));
  });

  test('what it fails with is the cause, and nothing of it is told', async () => {
    class DatabaseError extends Error {}
    const failures = [new DatabaseError('secret words'), 'secret words', undefined, null, Object.create(null), { constructor: { name: 'secret words' } }];
    for (const failure of failures) {
      const fail = () => Promise.reject(failure);
      await assert.rejects(keysOf({ get: fail }).get(id), (error) => {
        assert.deepEqual([error.code, error.cause], ['ERR_STORE_UNAVAILABLE', failure === undefined ? undefined : failure]);
        return !error.message.includes('secret words');
      });
      await assert.rejects(keysOf({ putIf: fail }).issue(key), code('ERR_STORE_UNCERTAIN'));
    }
    await assert.rejects(keysOf({ get() { throw new DatabaseError('x'); } }).get(id), /DatabaseError/);
    const getter = { get version() { throw new DatabaseError('x'); } };
    await assert.rejects(keysOf({ get: async () => getter }).get(id), code('ERR_STORE_UNAVAILABLE'));
    const revoked = Proxy.revocable({}, {});
    revoked.revoke();
    await assert.rejects(keysOf({ get: () => Promise.reject(revoked.proxy) }).get(id), code('ERR_STORE_UNAVAILABLE'));
    await assert.rejects(keysOf({ get: async () => revoked.proxy }).get(id), AuthwrightError);
  });

  test("our own errors mean what they say, save those that are not a store's", async () => {
    const full = new StoreFullError('the disk is full');
    await assert.rejects(keysOf({ putIf: () => Promise.reject(full) }).issue(key), (error) => error.code === 'ERR_STORE_FULL' && error.cause === full);
    for (const [error, kept] of [[new StoreCorruptError('x'), 'ERR_STORE_CORRUPT'], [new ClosedError('x'), 'ERR_CLOSED']]) {
      const fail = () => Promise.reject(error);
      const same = ({ code: told, cause }) => told === kept && cause === error;
      await assert.rejects(keysOf({ get: fail }).get(id), same);
      await assert.rejects(keysOf({ putIf: fail }).issue(key), same);
    }
    for (const error of [new StoreConflictError('x'), new AuthwrightError('x')]) {
      const fail = () => Promise.reject(error);
      await assert.rejects(keysOf({ get: fail }).get(id), code('ERR_STORE_UNAVAILABLE'));
      await assert.rejects(keysOf({ putIf: fail }).issue(key), code('ERR_STORE_UNCERTAIN'));
    }
  });

  test('the cause is what it failed with last', async () => {
    const last = new Error('last');
    const keys = keysOf({ putIf: () => Promise.reject(new Error('first')), get: () => Promise.reject(last) });
    await assert.rejects(keys.issue(key), ({ cause }) => cause === last);
  });

  test('is swept, of what has been over for an hour', async () => {
    const store = new MapStore();
    const hour = 3_600_000;
    const ends = [undefined, Date.now() + hour, Date.now() - hour / 2, ...Array(1200).fill(Date.now() - hour - 1000)];
    ends.forEach((expiresAt, index) => store.records.set(`k${index}`, { version: 1, value: 'v', expiresAt }));
    assert.equal(await sweepStore(store), 1200);
    assert.deepEqual([...store.records.keys()], ['k0', 'k1', 'k2']);
    assert.deepEqual([await sweepStore(new Store('memory:')), await sweepStore(urlOf('swept.db'))], [0, 0]);
    await assert.rejects(sweepStore({}), code('ERR_INVALID_ARGUMENT', 'store'));
    await assert.rejects(sweepStore(store, { timeout: 'x' }), code('ERR_INVALID_ARGUMENT', 'timeout'));
    const broken = Object.assign(new MapStore(), { sweep: async () => '3' });
    await assert.rejects(sweepStore(broken), code('ERR_INVALID_ARGUMENT', 'store'));
    const hung = Object.assign(new MapStore(), { sweep: () => new Promise(() => {}) });
    await assert.rejects(sweepStore(hung, { timeout: 0.1 }), code('ERR_STORE_UNCERTAIN'));
  });

  test('a write that was made and not acknowledged is found', async () => {
    const store = new MapStore();
    const put = store.putIf.bind(store);
    store.putIf = async (...given) => {
      await put(...given);
      throw new Error('the line went dead');
    };
    const keys = new ApiKeys(store, format);
    const { secret } = await keys.issue(key);
    assert.equal((await keys.verify(secret)).owner, 'alice');
  });

  test('one that hangs ends with the time, or with the signal, and is told', async () => {
    const signals = [];
    const hang = (...given) => {
      signals.push(given.at(-1).signal);
      return new Promise(() => {});
    };
    const keys = keysOf({ get: hang, putIf: hang });
    const begin = performance.now();
    const late = (name) => (error) => error.code === name && error.cause.name === 'TimeoutError' && /TimeoutError/.test(error.message);
    await assert.rejects(keys.get(id, { timeout: 1 }), late('ERR_STORE_UNAVAILABLE'));
    assert.ok(performance.now() - begin < 3000);
    await assert.rejects(keys.issue({ ...key, timeout: 1 }), late('ERR_STORE_UNCERTAIN'));
    const stop = new AbortController();
    const call = keys.get(id, { signal: stop.signal });
    setTimeout(() => stop.abort(new Error('left')), 10);
    await assert.rejects(call, { message: 'left' });
    assert.deepEqual(signals.map(({ aborted, reason }) => [aborted, reason.name]), [...Array(3).fill([true, 'TimeoutError']), [true, 'Error']]);
  });

  test('many calls at once, on one store', async () => {
    const store = new MapStore();
    const get = store.get.bind(store);
    store.get = async (name) => {
      await sleep(Math.random() * 3);
      return get(name);
    };
    const keys = new ApiKeys(store, format);
    const issued = await Promise.all(Array.from({ length: 50 }, (_, index) => keys.issue({ owner: `o${index % 5}` })));
    const callers = await Promise.all(issued.flatMap(({ secret }) => Array.from({ length: 10 }, () => keys.verify(secret))));
    assert.deepEqual(callers.map(({ owner }) => owner), issued.flatMap((_, index) => Array(10).fill(`o${index % 5}`)));
    assert.deepEqual(await Promise.all([keys.revokeAll('o1'), keys.revokeAll('o2')]), [10, 10]);
  });
});
