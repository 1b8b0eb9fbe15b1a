// The errors: the classes are the core's table, and every failure is one of them.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import * as authwright from '../index.js';
import { native } from '../lib/load.js';

const { AuthwrightError, Key, Signer, Verifier } = authwright;
const table = native.codes().trim().split('\n').map((line) => line.split(' '));

describe('errors', () => {
  test("the classes are those of the core's table", () => {
    for (const [, code, name] of table) {
      const type = authwright[name];
      assert.equal(typeof type, 'function', `${name} is not exported`);
      const error = new type('message', { field: 'f', cause: 1 });
      assert.ok(error instanceof AuthwrightError && error instanceof Error);
      assert.deepEqual([error.name, error.code, error.message, error.field, error.cause], [name, code, 'message', 'f', 1]);
      assert.match(error.stack, new RegExp(`^${name}: message\n`));
    }
    const exported = Object.keys(authwright).filter((name) => name.endsWith('Error')).sort();
    assert.deepEqual(exported, [...table.map(([, , name]) => name), 'AuthwrightError'].sort());
  });

  test('numbers lead to the right class', async () => {
    const { failure } = await import('../lib/errors.js');
    for (const [number, code, name] of table) {
      const error = failure([Number(number), 'message', undefined]);
      assert.deepEqual([error.constructor.name, error.code, Object.keys(error)], [name, code, ['code']]);
    }
    assert.equal(failure([99_999, 'message', undefined]).code, 'ERR_INTERNAL');
    assert.equal(failure(undefined).code, 'ERR_INTERNAL');
  });

  test("a cause, and a server's answer", async () => {
    const { failure } = await import('../lib/errors.js');
    const error = failure([1001, 'outer', undefined, [1009, 'inner', undefined, undefined, 400, 'invalid', 'words']]);
    assert.deepEqual({ ...error }, { code: 'ERR_KEYS_NEEDED' });
    assert.ok(error.cause instanceof authwright.ResponseStatusError && !('cause' in error.cause));
    const { code, httpStatus, providerError, providerErrorDescription } = error.cause;
    assert.deepEqual([code, httpStatus, providerError, providerErrorDescription], ['ERR_RESPONSE_STATUS', 400, 'invalid', 'words']);
  });

  test('an error carries its code, its field and a stack that leads to the caller', () => {
    const key = Key.fromSecret(Buffer.alloc(32, 1));
    const token = new Signer(key, { lifetime: 60 }).sign({}, { now: 1_000_000 });
    try {
      new Verifier(key).verify(token, { now: 2_000_000 });
      assert.fail();
    } catch (error) {
      assert.ok(error instanceof authwright.TokenExpiredError);
      assert.deepEqual([error.code, error.field], ['ERR_TOKEN_EXPIRED', 'exp']);
      assert.match(error.stack, /errors\.test\.mjs/);
      assert.deepEqual(Object.keys(error), ['code', 'field']);
    }
  });

  test('the same from a promise', async () => {
    await assert.rejects(Key.fromPemAsync('nonsense'), (error) => error instanceof authwright.KeyFormatError);
    await assert.rejects(Key.generateAsync('none'), { code: 'ERR_UNSUPPORTED_ALGORITHM', name: 'UnsupportedAlgorithmError' });
  });
});
