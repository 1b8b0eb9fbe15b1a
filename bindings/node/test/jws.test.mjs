// jws: signatures over any bytes.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { Key, KeySet, jws } from '../index.js';
import { code, secret } from './keys.mjs';

const key = Key.fromSecret(secret, { alg: 'HS256' });
const bytes = Buffer.from([0, 255, 46, 10, 128]);

describe('jws', () => {
  test('signs and verifies bytes and text', () => {
    for (const payload of [bytes, new Uint8Array(bytes), 'żółć', '', '{"not":"looked at","not":1}']) {
      const verified = jws.verify(jws.sign(payload, key, { headers: { typ: 'x', vendor: 'k' } }), key);
      assert.deepEqual(verified.payload, Buffer.from(payload));
      assert.ok(Buffer.isBuffer(verified.payload));
      assert.deepEqual(verified.header, { alg: 'HS256', typ: 'x', vendor: 'k' });
    }
  });

  test('detached, and unencoded', () => {
    for (const b64 of [true, false]) {
      const token = jws.sign(bytes, key, { detached: true, b64 });
      assert.match(token, /^[\w-]+\.\.[\w-]+$/);
      assert.deepEqual(jws.verify(token, key, { payload: bytes }).payload, bytes);
      assert.throws(() => jws.verify(token, key, { payload: 'another' }), code('ERR_SIGNATURE_INVALID'));
    }
    const unencoded = jws.sign('$02', key, { b64: false });
    assert.match(unencoded, /\.\$02\./);
    assert.equal(jws.verify(unencoded, key).payload.toString(), '$02');
  });

  test('key sets and algorithms', () => {
    const pair = Key.generate('RS256', { kid: 'r' });
    const token = jws.sign(bytes, pair, { algorithm: 'RS256' });
    assert.deepEqual(jws.verify(token, new KeySet([pair.publicKey()]), { algorithms: ['RS256'] }).payload, bytes);
    assert.deepEqual(jws.verify(token, pair.publicKey(), { algorithms: 'RS256' }).payload, bytes);
    assert.throws(() => jws.verify(token, pair.publicKey(), { algorithms: ['ES256'] }), code('ERR_ALGORITHM_NOT_ALLOWED'));
    assert.throws(() => jws.sign(bytes, pair.publicKey()), code('ERR_KEY_NOT_PRIVATE'));
  });

  test('misuse', () => {
    assert.throws(() => jws.sign(5, key), code('ERR_INVALID_ARGUMENT', 'payload'));
    assert.throws(() => jws.sign('x', {}), code('ERR_INVALID_ARGUMENT', 'key'));
    assert.throws(() => jws.sign('x', key, { b64: 'no' }), code('ERR_INVALID_ARGUMENT', 'b64'));
    assert.throws(() => jws.sign('x', key, { header: {} }), code('ERR_UNKNOWN_OPTION', 'header'));
    assert.throws(() => jws.sign('x', key, { headers: [] }), code('ERR_INVALID_ARGUMENT', 'headers'));
    assert.throws(() => jws.verify('x', key, { algorithms: 5 }), code('ERR_INVALID_ARGUMENT', 'algorithms'));
    assert.throws(() => jws.verify('x', key, { algorithms: [5] }), code('ERR_INVALID_ARGUMENT', 'algorithms'));
    assert.throws(() => jws.verify('x', key, { algorithms: ['none'] }), code('ERR_UNSUPPORTED_ALGORITHM'));
    assert.throws(() => jws.verify('x', key), code('ERR_TOKEN_MALFORMED'));
  });
});
