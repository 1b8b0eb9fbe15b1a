// API keys, on every kind of store.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { after, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { inspect } from 'node:util';
import { Worker } from 'node:worker_threads';

import {
  ApiKey, ApiKeyExpiredError, ApiKeyInvalidError, ApiKeyRevokedError, ApiKeyScopeError, ApiKeys, AuthwrightError, IssuedKey, Key, Store, onEvent,
} from '../index.js';
import { code } from './keys.mjs';
import { MapStore, format, missingPython, newFolder, pepper, told, whileLocked } from './stores.mjs';

const job = fileURLToPath(new URL('store-worker.mjs', import.meta.url));
const { urlOf, remove } = newFolder();
after(remove);

const seconds = () => Math.floor(Date.now() / 1000);
let files = 0;
const kinds = {
  memory: () => 'memory:',
  'a Store': () => new Store('memory:', { maxRecords: 1000 }),
  SQLite: () => urlOf(`keys${files += 1}.db`),
  "the program's own": () => new MapStore(),
};

for (const [name, place] of Object.entries(kinds)) {
  describe(`API keys in ${name}`, () => {
    test('from the issue to the end', async () => {
      const store = place();
      const keys = new ApiKeys(store, format);
      const begun = seconds();
      const metadata = { team: 'billing', nested: { max_use: 1.5, list: [1, null, 'ż'] }, snake_case: true, ['__proto__']: 1 };
      const issued = await keys.issue({ owner: 'alice', scopes: ['read', 'write_all'], metadata, expiresIn: 3600 });
      assert.ok(issued instanceof IssuedKey && issued instanceof ApiKey);
      assert.match(issued.secret, new RegExp(`^${keys.pattern}$`));
      assert.ok(keys.isWellFormed(issued.secret) && !keys.isWellFormed(`${issued.secret.slice(0, -1)}-`) && !keys.isWellFormed(''));
      assert.deepEqual([issued.owner, issued.scopes, issued.last4], ['alice', ['read', 'write_all'], issued.secret.slice(-4)]);
      assert.deepEqual(issued.metadata, metadata);
      assert.ok(issued.createdAt >= begun && issued.createdAt <= seconds() && issued.expiresAt === issued.createdAt + 3600);
      assert.deepEqual([issued.revokedAt, issued.rotatedAt, issued.lastUsedAt], [undefined, undefined, undefined]);

      const caller = await keys.verify(issued.secret, { scopes: ['read'] });
      assert.ok(caller instanceof ApiKey && !(caller instanceof IssuedKey) && !('secret' in caller));
      assert.deepEqual([caller.id, caller.owner, caller.metadata], [issued.id, 'alice', metadata]);
      assert.equal((await keys.verify(issued.secret, { scopes: 'write_all' })).id, issued.id);
      assert.equal((await keys.verify(issued.secret, { scopes: [] })).id, issued.id);
      await assert.rejects(keys.verify(issued.secret, { scopes: ['read', 'client_id'] }), (error) =>
        error instanceof ApiKeyScopeError && error.field === 'client_id' && error.message.includes('client_id'));
      await assert.rejects(keys.verify(issued.secret, { now: seconds() + 3601 }), ApiKeyExpiredError);
      assert.equal((await keys.verify(issued.secret, { now: new Date((seconds() + 3500) * 1000) })).id, issued.id);
      assert.ok((await keys.get(issued.id)).lastUsedAt >= begun);

      const rotated = await keys.rotate(issued.id, { overlap: 60, expiresIn: 7200 });
      assert.deepEqual([rotated.id, rotated.expiresAt > issued.expiresAt, rotated.rotatedAt >= begun], [issued.id, true, true]);
      assert.notEqual(rotated.secret, issued.secret);
      await keys.verify(issued.secret);
      await keys.verify(rotated.secret);
      await assert.rejects(keys.verify(issued.secret, { now: seconds() + 62 }), ApiKeyInvalidError);
      const again = await keys.rotate(issued.id);
      assert.equal(again.expiresAt, rotated.expiresAt);
      await assert.rejects(keys.verify(rotated.secret), ApiKeyInvalidError);

      const ended = await keys.revoke(issued.id);
      assert.ok(ended.revokedAt >= begun);
      assert.deepEqual((await keys.revoke(issued.id)).toJSON(), ended.toJSON());
      await assert.rejects(keys.verify(again.secret), ApiKeyRevokedError);
      await assert.rejects(keys.rotate(issued.id), ApiKeyRevokedError);
      await keys.close();
    });

    test('of an owner: pages, and the end of all', async () => {
      const keys = new ApiKeys(place(), format);
      const issued = await Promise.all(Array.from({ length: 7 }, () => keys.issue({ owner: 'Älice, Ltd.' })));
      const other = await keys.issue({ owner: 'bob' });
      const found = [];
      let after;
      do {
        const { keys: page, next } = await keys.list('Älice, Ltd.', { limit: 3, after });
        assert.ok(page.length <= 3 && page.every((key) => key instanceof ApiKey));
        found.push(...page.map(({ id }) => id));
        after = next;
      } while (after !== undefined);
      assert.deepEqual(found.sort(), issued.map(({ id }) => id).sort());
      assert.deepEqual(await keys.list('nobody'), { keys: [], next: undefined });
      assert.equal(await keys.revokeAll('Älice, Ltd.'), 7);
      assert.equal(await keys.revokeAll('Älice, Ltd.'), 0);
      await assert.rejects(keys.verify(issued[3].secret), ApiKeyRevokedError);
      assert.equal((await keys.verify(other.secret)).owner, 'bob');
      await keys.close();
    });

    test('whatever is no key gets one answer', async () => {
      const keys = new ApiKeys(place(), format);
      const { secret } = await keys.issue({ owner: 'alice' });
      const begin = secret.slice(0, -7);
      const others = ['', 'x', begin, `${secret} `, secret.toUpperCase(), 'acme_test' + secret.slice(9), '\0', '\ud800', 'x'.repeat(1e6), 'é'.repeat(75)];
      for (const presented of others) {
        await assert.rejects(keys.verify(presented), (error) => {
          assert.deepEqual([error.code, error.field, error.message.includes(begin)], ['ERR_API_KEY_INVALID', undefined, false]);
          return true;
        });
      }
      for (const id of ['AAAAAAAAAAAAAAAA', '', 'é', 'x'.repeat(1000)]) {
        await assert.rejects(keys.get(id), code('ERR_API_KEY_NOT_FOUND', 'id'));
        await assert.rejects(keys.revoke(id), code('ERR_API_KEY_NOT_FOUND', 'id'));
        await assert.rejects(keys.rotate(id), code('ERR_API_KEY_NOT_FOUND', 'id'));
      }
      await keys.close();
    });

    test('of another system, by their hash', async () => {
      const store = place();
      const keys = new ApiKeys(store, { ...format, acceptImported: true });
      const old = 'sk-0123456789abcdef0123456789abcdef';
      const sha256 = createHash('sha256').update(old).digest('hex');
      const imported = await keys.importHash({ sha256, owner: 'alice', scopes: 'read', metadata: { from: 'old' } });
      assert.deepEqual([imported.last4, imported.metadata], [undefined, { from: 'old' }]);
      assert.equal((await keys.verify(old, { scopes: 'read' })).id, imported.id);
      await assert.rejects(keys.importHash({ sha256, owner: 'bob' }), code('ERR_INVALID_ARGUMENT', 'sha256'));
      await assert.rejects(keys.rotate(imported.id), code('ERR_INVALID_ARGUMENT', 'id'));
      const strict = new ApiKeys(store, format);
      if (store !== 'memory:') {
        await assert.rejects(strict.verify(old), ApiKeyInvalidError);
      }
      // Who imports the same keys every night does not bring back one that was revoked.
      await keys.revoke(imported.id);
      await assert.rejects(keys.importHash({ sha256, owner: 'alice' }), code('ERR_INVALID_ARGUMENT', 'sha256'));
      await assert.rejects(keys.verify(old), ApiKeyRevokedError);
      await strict.close();
      await keys.close();
    });
  });
}

describe('ApiKeys', () => {
  test('peppers', async () => {
    const store = new Store('memory:');
    const [first, second] = [Key.fromSecret(Buffer.alloc(32, 1)), Key.fromSecret(Buffer.alloc(32, 2))];
    const { secret } = await new ApiKeys(store, { ...format, peppers: [first] }).issue({ owner: 'alice' });
    const both = new ApiKeys(store, { ...format, peppers: new Set([second, first]) });
    assert.equal((await both.verify(secret)).owner, 'alice');
    const moved = new ApiKeys(store, { ...format, peppers: [Buffer.alloc(32, 2)] });
    assert.equal((await moved.verify(secret)).owner, 'alice');
    const events = await told(() => assert.rejects(new ApiKeys(store, { ...format, peppers: [first] }).verify(secret), ApiKeyInvalidError));
    assert.deepEqual(events.map(({ event, id }) => [event, typeof id]), [['api_key_pepper_unknown', 'string']]);
  });

  test('a record that was changed by hand, and what is told of it', async () => {
    const store = new MapStore();
    const keys = new ApiKeys(store, format);
    const { id, secret } = await keys.issue({ owner: 'alice' });
    for (const [name, kept] of store.records) {
      store.records.set(name, { ...kept, value: kept.value.replace('alice', 'admin') });
    }
    const events = await told(async () => {
      await assert.rejects(keys.verify(secret), code('ERR_STORE_CORRUPT'));
      assert.deepEqual((await keys.list('alice')).keys, []);
    });
    assert.deepEqual(events, Array(2).fill({ event: 'api_key_record_altered', id }));
  });

  test('events of a built-in store, and a log that fails', async () => {
    const store = new Store('memory:', { maxRecords: 1 });
    const { secret } = await new ApiKeys(store, format).issue({ owner: 'alice' });
    const other = new ApiKeys(store, { ...format, peppers: [Key.fromSecret(Buffer.alloc(32, 1))] });
    const full = new Error('the log is full');
    // One that is async is awaited by nobody, and must not end the process by an unhandled rejection.
    const hooks = [
      () => { throw full; }, async () => { throw full; }, () => ({ then: (_, reject) => reject(full) }), () => ({ get then() { throw full; } }),
    ];
    try {
      for (const hook of hooks) {
        const warning = once(process, 'warning');
        onEvent(hook);
        await assert.rejects(other.verify(secret), ApiKeyInvalidError);
        assert.match((await warning)[0].message, /the log is full/);
      }
      const warning = once(process, 'warning');
      onEvent(async () => { throw Object.create(null); });
      await assert.rejects(other.verify(secret), ApiKeyInvalidError);
      assert.match((await warning)[0].message, /onEvent/);
    } finally {
      onEvent(null);
    }
  });

  test('the secret is shown to nobody who did not ask', async () => {
    const keys = new ApiKeys('memory:', format);
    const issued = await keys.issue({ owner: 'alice', scopes: 'read' });
    for (const depth of [-1, 0, 5]) {
      const shown = inspect({ issued, keys, list: [issued] }, { depth, showHidden: true, getters: true });
      assert.ok(!shown.includes(issued.secret.slice(30)), shown);
    }
    assert.match(inspect(issued), /^IssuedKey \{\n? +id: .*owner: 'alice'/s);
    assert.match(inspect(await keys.verify(issued.secret)), /^ApiKey .*createdAt/s);
    assert.match(inspect(keys), /^ApiKeys .*acme_live_/);
    assert.equal(JSON.parse(JSON.stringify(issued)).secret, issued.secret);
    assert.deepEqual(Object.keys(issued), []);
    assert.ok(Object.isFrozen(issued.scopes));
    assert.ok(!JSON.stringify(await keys.verify(issued.secret)).includes(issued.secret));
  });

  test('are kept for 30 days after they were over, and for ever if they were imported and revoked', async () => {
    const store = new MapStore();
    const keys = new ApiKeys(store, format);
    const keptUntil = ({ id }) => [...store.records].find(([name]) => name.endsWith(`/${id}`))[1].expiresAt;
    const monthAfter = (time) => (time + 30 * 24 * 3600) * 1000;
    const issued = await keys.issue({ owner: 'alice', expiresIn: 60 });
    const imported = await keys.importHash({ sha256: 'a'.repeat(64), owner: 'alice', expiresIn: 60 });
    for (const key of [issued, imported]) {
      assert.equal(keptUntil(key), monthAfter(key.expiresAt));
    }
    const { revokedAt } = await keys.revoke(issued.id);
    assert.equal(keptUntil(issued), monthAfter(revokedAt));
    await keys.revoke(imported.id);
    assert.equal(keptUntil(imported), undefined);
  });

  test('a use that cannot be noted keeps no check waiting', { skip: process.env.AW_REQUIRE_ALL !== '1' && missingPython }, async () => {
    const url = urlOf('locked.db');
    const [keys, others] = [new ApiKeys(url, format), new ApiKeys(url, format)];
    const { id, secret, createdAt } = await keys.issue({ owner: 'alice' });
    const events = await told(async () => {
      await whileLocked(url, async () => {
        const begin = performance.now();
        assert.equal((await keys.verify(secret, { timeout: 30 })).owner, 'alice');
        // For a while none is made, and nothing is told.
        assert.equal((await keys.verify(secret, { timeout: 30 })).owner, 'alice');
        assert.ok(performance.now() - begin < 2000);
      });
      await keys.verify(secret);
      assert.equal((await keys.get(id)).lastUsedAt, undefined);
      await others.verify(secret);
      assert.ok((await keys.get(id)).lastUsedAt >= createdAt);
    });
    assert.deepEqual(events, [{ event: 'api_key_use_not_noted', id, code: 'ERR_STORE_UNAVAILABLE' }]);
    await Promise.all([keys.close(), others.close()]);
  });

  test("a key that was found good is good, though the program's own store does not note the use in time", async () => {
    const store = new MapStore();
    const keys = new ApiKeys(store, format);
    const { id, secret } = await keys.issue({ owner: 'alice' });
    store.putIf = () => new Promise(() => {});
    const events = await told(async () => {
      assert.equal((await keys.verify(secret, { timeout: 0.3 })).owner, 'alice');
      assert.equal((await keys.verify(secret, { timeout: 0.3 })).owner, 'alice');
    });
    assert.deepEqual(events, [{ event: 'api_key_use_not_noted', id, code: 'ERR_STORE_UNCERTAIN' }]);
  });

  test('the cache, by the clock of who asks', async () => {
    const store = new Store('memory:');
    const [cached, other] = [new ApiKeys(store, { ...format, cacheSeconds: 10 }), new ApiKeys(store, format)];
    const { id, secret } = await cached.issue({ owner: 'alice' });
    await cached.verify(secret);
    await cached.verify(secret);
    await other.revoke(id);
    await cached.verify(secret);
    await assert.rejects(cached.verify(secret, { now: seconds() + 20 }), ApiKeyRevokedError);
  });

  test('options: what is wrong is named as it was written', async () => {
    const wrong = (more, name, field = Object.keys(more)[0]) =>
      assert.throws(() => new ApiKeys('memory:', { ...format, ...more }), code(name, field), inspect(more));
    const bad = {
      prefix: 'Acme', environment: 5, lastUsedEvery: 59, acceptImported: 1, cacheSeconds: 61, peppers: 'pepper',
    };
    for (const [name, value] of Object.entries(bad)) {
      wrong({ [name]: value }, 'ERR_INVALID_ARGUMENT');
      wrong({ [name]: undefined }, 'ERR_INVALID_ARGUMENT');
    }
    wrong({ peppers: [] }, 'ERR_INVALID_ARGUMENT');
    wrong({ peppers: [pepper, 'x'.repeat(32)] }, 'ERR_INVALID_ARGUMENT');
    wrong({ peppers: Buffer.alloc(32) }, 'ERR_INVALID_ARGUMENT');
    wrong({ peppers: [Buffer.alloc(31)] }, 'ERR_KEY_TOO_WEAK');
    wrong({ peppers: [Buffer.alloc(0)] }, 'ERR_KEY_TOO_WEAK');
    wrong({ peppers: [Key.generate('ES256')] }, 'ERR_KEY_MISMATCH');
    wrong({ peppers: [Key.fromSecret(Buffer.alloc(31))] }, 'ERR_KEY_TOO_WEAK');
    wrong({ peppers: [Buffer.from('-----BEGIN PRIVATE KEY-----\n')] }, 'ERR_KEY_FORMAT');
    const hints = [
      ['text', /Buffer\.from\(text, 'base64'\)/], [['text'], /Buffer\.from\(text, 'base64'\)/], [Buffer.alloc(32), /\[pepper\]/], [pepper, /\[pepper\]/],
      [5, /array of bytes or Keys/], [[new DataView(new ArrayBuffer(32))], /a pepper is refused/], [[[pepper]], /an array/], [[Buffer.alloc(0)], /pepper.*empty/],
    ];
    for (const [peppers, hint] of hints) {
      assert.throws(() => new ApiKeys('memory:', { ...format, peppers }), ({ field, message }) => field === 'peppers' && hint.test(message), inspect(peppers));
    }
    wrong({ lastUsedEver: 60 }, 'ERR_UNKNOWN_OPTION');
    wrong({ last_used_every: 60 }, 'ERR_UNKNOWN_OPTION');
    // A name is looked at before its value.
    for (const value of [pepper, Buffer.alloc(32), 5n, NaN, () => 'x', new Map(), new Date()]) {
      wrong({ pepper: value }, 'ERR_UNKNOWN_OPTION');
    }
    for (const value of [5n, NaN, Buffer.alloc(1), () => 5, new Date()]) {
      wrong({ cacheSeconds: value }, 'ERR_INVALID_ARGUMENT');
    }
    assert.throws(() => new ApiKeys('memory:', { ...format, zebra: 5 }), ({ message }) => /lastUsedEvery.*cacheSeconds/.test(message) && !message.includes('_'));
    assert.throws(() => new ApiKeys('memory:', { ...format, prefix: undefined }), /prefix is undefined: is a variable not set\?/);
    wrong({ timeout: 5 }, 'ERR_UNKNOWN_OPTION');
    for (const options of [undefined, null, {}, [], 5, pepper]) {
      assert.throws(() => new ApiKeys('memory:', options), code('ERR_INVALID_ARGUMENT'));
    }
    const { peppers, ...unpeppered } = format;
    assert.throws(() => new ApiKeys('memory:', unpeppered), code('ERR_INVALID_ARGUMENT', 'peppers'));
    assert.throws(() => new ApiKeys('file:x', format), code('ERR_INVALID_ARGUMENT', 'url'));
  });

  test('arguments: what is wrong is named as it was written', async () => {
    const keys = new ApiKeys('memory:', format);
    const { id, secret } = await keys.issue({ owner: 'alice' });
    const refused = {
      issue: [
        [[], 'owner'], [[{}], 'owner'], [[{ owner: '' }], 'owner'], [[{ owner: 'a\nb' }], 'owner'], [[{ owner: 'alice', scopes: ['a b'] }], 'scopes'],
        [[{ owner: 'alice', scopes: ['a', 'a'] }], 'scopes'], [[{ owner: 'alice', scopes: [5] }], 'scopes'], [[{ owner: 'alice', metadata: [] }], 'metadata'],
        [[{ owner: 'alice', metadata: { a: 'x'.repeat(5000) } }], 'metadata'], [[{ owner: 'alice', metadata: { a: 1n } }], undefined],
        [[{ owner: 'alice', expiresIn: 0 }], 'expiresIn'], [[{ owner: 'alice', expiresIn: 1.5 }], 'expiresIn'], [[{ owner: 'alice', expiresIn: '1' }], 'expiresIn'],
        [[{ owner: 'alice', expiresIn: undefined }], 'expiresIn'], [[{ owner: 'alice', scopes: undefined }], 'scopes'], [[{ owner: 'alice', timeout: 0 }], 'timeout'],
        [[{ owner: 'alice', signal: {} }], 'signal'], [['alice'], 'options'],
        [[{ owner: 'alice', timeout: null }], 'timeout'], [[{ owner: 'alice', timeout: new Date() }], 'timeout'],
        [[{ owner: 'alice', expiresIn: new Date() }], 'expiresIn'], [[{ owner: 'alice', expiresIn: NaN }], 'expiresIn'],
        [[{ owner: '\ud800' }], 'owner'], [[{ owner: 'alice', metadata: { a: ['\\\udc00'] } }], 'metadata'],
      ],
      verify: [
        [[], 'presented'], [[null], 'presented'], [[Buffer.from(secret)], 'presented'], [[[secret]], 'presented'], [[secret, { scopes: undefined }], 'scopes'],
        [[secret, { scopes: 5 }], 'scopes'], [[secret, { scopes: [5] }], 'scopes'], [[secret, { scopes: ['a b'] }], 'scopes'], [[secret, { scopes: [,] }], 'scopes'],
        [[secret, { scopes: new Array(2 ** 32 - 1) }], 'scopes'], [[secret, { now: -1 }], 'now'], [[secret, { now: 1.5 }], 'now'], [[secret, { now: 1e15 }], 'now'],
        [[secret, { now: new Date(NaN) }], 'now'], [[secret, 5], 'options'], [[secret, { timeout: 4000 }], 'timeout'],
      ],
      get: [[[], 'id'], [[5], 'id'], [[id, { timeout: '1' }], 'timeout']],
      list: [
        [[], 'owner'], [[''], 'owner'], [['alice', { limit: 0 }], 'limit'], [['alice', { limit: 1001 }], 'limit'], [['alice', { limit: '5' }], 'limit'],
        [['alice', { limit: 2 ** 40 }], 'limit'], [['alice', { after: 5 }], 'after'],
      ],
      rotate: [[[], 'id'], [[id, { overlap: -1 }], 'overlap'], [[id, { overlap: undefined }], 'overlap'], [[id, { overlap: new Date() }], 'overlap'], [[id, { expiresIn: 0 }], 'expiresIn']],
      revoke: [[[], 'id'], [[null], 'id']],
      revokeAll: [[[], 'owner'], [[{}], 'owner'], [[''], 'owner']],
      importHash: [[[], 'sha256'], [[{ sha256: 'x', owner: 'alice' }], 'sha256'], [[{ sha256: 'a'.repeat(64) }], 'owner']],
    };
    for (const [method, calls] of Object.entries(refused)) {
      for (const [given, field] of calls) {
        await assert.rejects(keys[method](...given), code('ERR_INVALID_ARGUMENT', field), `${method}(${inspect(given)})`);
      }
    }
    for (const call of [
      () => keys.issue({ owner: 'alice', scope: 'a' }), () => keys.issue({ owner: 'alice', expires_in: 1 }), () => keys.verify(secret, { scope: 'a' }),
      () => keys.get(id, { now: 5 }), () => keys.list('alice', { offset: 5 }), () => keys.rotate(id, { overlapp: 5 }), () => keys.revoke(id, { overlap: 5 }),
      () => keys.issue({ owner: 'alice', expiry: new Date() }), () => keys.rotate(id, { overlapp: 5n }),
    ]) {
      await assert.rejects(call(), code('ERR_UNKNOWN_OPTION'), String(call));
    }
    for (const text of [undefined, null, 5, {}, Buffer.from(secret)]) {
      assert.throws(() => keys.isWellFormed(text), code('ERR_INVALID_ARGUMENT', 'text'));
    }
    await assert.rejects(keys.issue({ owner: 'alice', expiresIn: new Date() }), { message: 'expiresIn is a Date: pass seconds' });
    await assert.rejects(keys.issue({ owner: 'alice', expiresAt: new Date() }), /"expiresAt": did you mean "expiresIn"/);
    const { metadata, owner } = await keys.issue({ owner: '\\ud800', metadata: { since: new Date(5000), pair: '\ud83d\ude00' } });
    assert.deepEqual([metadata, owner], [{ since: 5, pair: '\ud83d\ude00' }, '\\ud800']);
    assert.equal((await keys.list('alice')).keys.length, 1);
  });

  test('methods on a foreign this, and what only this package makes', async () => {
    for (const name of ['issue', 'verify', 'get', 'list', 'rotate', 'revoke', 'revokeAll', 'importHash', 'close']) {
      await assert.rejects(ApiKeys.prototype[name].call({}, 'x', {}), AuthwrightError, name);
    }
    assert.throws(() => ApiKeys.prototype.isWellFormed.call(undefined, ''), code('ERR_INVALID_ARGUMENT', 'this'));
    for (const call of [() => new ApiKey(), () => new IssuedKey(Symbol('internal'), '{}'), () => Object.create(ApiKey.prototype).id]) {
      assert.throws(call, code('ERR_INVALID_ARGUMENT'));
    }
  });

  test('processes and Workers share what is in a file', async () => {
    const url = urlOf('shared.db');
    const inProcess = async (owner) => {
      const child = spawn(process.execPath, [job, 'share', url, owner], { stdio: ['ignore', 'pipe', 'inherit'] });
      return [owner, await printed(child.stdout, child, 'close')];
    };
    const inWorker = async (owner) => {
      const worker = new Worker(job, { argv: ['share', url, owner], stdout: true });
      return [owner, await printed(worker.stdout, worker, 'exit')];
    };
    const all = await Promise.all([inProcess('p1'), inProcess('p2'), inWorker('w1'), inWorker('w2')]);
    const keys = new ApiKeys(url, format);
    for (const [owner, secrets] of all) {
      for (const secret of secrets) {
        assert.equal((await keys.verify(secret)).owner, owner);
      }
      assert.equal(await keys.revokeAll(owner), 5);
    }
    await keys.close();
  });
});

async function printed(stream, thing, end) {
  let text = '';
  stream.on('data', (chunk) => { text += chunk; });
  const [status] = await once(thing, end);
  assert.equal(status, 0);
  return JSON.parse(text);
}
