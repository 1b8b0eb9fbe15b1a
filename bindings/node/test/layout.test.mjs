// Claims are cut out of their text where their places are known, and parsed where not: the object must be the same.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { Key, Signer, Verifier, dangerousDecode } from '../index.js';
import { now, secret } from './keys.mjs';

const key = Key.fromSecret(secret, { alg: 'HS256' });
const options = { dangerousNoExpiration: true };
const signer = new Signer(key, options);
const sign = (claims) => signer.sign({ iat: now, ...claims }, { now });

/** Verifies a token again and again; each time the claims are what JSON.parse makes of them, order and all. */
function check(verifier, token, times = 3) {
  const expected = dangerousDecode(token);
  for (let turn = 0; turn < times; turn += 1) {
    const { claims, header } = verifier.verify(token, { now });
    assert.deepEqual(claims, expected.claims);
    assert.deepEqual(Object.entries(claims), Object.entries(expected.claims));
    assert.equal(JSON.stringify(claims), JSON.stringify(expected.claims));
    assert.equal(Object.getPrototypeOf(claims), Object.prototype);
    assert.deepEqual(header, expected.header);
  }
}

const kinds = {
  text: 'plain',
  long: 'x'.repeat(300),
  empty: '',
  escaped: 'quote " and \\ and \n',
  wide: 'żółć 🔑',
  zero: 0,
  negative: -7,
  fraction: 1.25,
  tiny: 5e-324,
  huge: 1.7976931348623157e308,
  safe: Number.MAX_SAFE_INTEGER,
  digits15: 999_999_999_999_999,
  year: 4_102_444_800,
  yes: true,
  no: false,
  nothing: null,
  list: [1, 'two', [3], { four: 4 }],
  strings: ['one', '', 'two three'],
  single: ['one'],
  pair: ['one', 'two'],
  four: ['one', 'two', 'three', 'four'],
  five: ['one', 'two', 'three', 'four', 'five'],
  quoted: ['one', '","', 'two'],
  none: [],
  lists: [['one'], ['two']],
  many: Array.from({ length: 60 }, (_, nth) => `${nth}`),
  tooMany: Array.from({ length: 70 }, (_, nth) => `${nth}`),
  object: { inner: { deep: ['x', null, { '': 0 }] } },
};

describe('layout', () => {
  const verifier = new Verifier(key, options);

  test('every kind of value, alone and together', () => {
    for (const [name, value] of Object.entries(kinds)) {
      check(verifier, sign({ [name]: value }), 40);
    }
    check(verifier, sign(kinds), 40);
    const { wide, ...ascii } = kinds;
    check(verifier, sign(ascii), 40);
  });

  test('names of every kind', () => {
    const names = [
      '__proto__', 'constructor', 'toString', 'hasOwnProperty', '__defineGetter__', '', ' ', '0', '10', '2', '1e3', '-1', 'a.b', 'quote"', 'ż',
      'length', 'then', 'toJSON2', 'https://claims.example/role', 'x'.repeat(500), '\u2028', 'null',
    ];
    for (const name of names) {
      check(verifier, sign(JSON.parse(`{${JSON.stringify(name)}:"v","b":1,"7":2}`)), 40);
      check(verifier, sign(JSON.parse(`{"a":0,${JSON.stringify(name)}:{"polluted":true}}`)), 40);
    }
    assert.equal({}.polluted, undefined);
  });

  test('claims whose names, order or kinds change from one to the next', () => {
    const tokens = [
      { a: 1, b: 'x' }, { b: 'x', a: 1 }, { a: 'x', b: 1 }, { a: [1], b: null }, { a: 1, b: 'x', c: true }, { a: 1 }, {}, { a: 1, c: 'x' },
    ].map(sign);
    let seed = 7;
    for (let round = 0; round < 3000; round += 1) {
      seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
      check(verifier, tokens[(seed >> 8) % tokens.length], 1);
    }
    for (const token of tokens) {
      check(verifier, token, 40);
    }
  });

  test('headers that change together with claims', () => {
    const signers = [undefined, { vendor: 'a' }, { vendor: { deep: [1] } }].map((headers) => new Signer(key, { ...options, headers }));
    for (let round = 0; round < 300; round += 1) {
      check(verifier, signers[round % 3].sign({ [`name${round % 4}`]: round }, { now }), 1 + (round % 3));
    }
  });

  test('many members, and long texts', () => {
    for (const count of [30, 31, 32, 33, 100]) {
      check(verifier, sign(Object.fromEntries(Array.from({ length: count }, (_, index) => [`n${index}`, index]))), 40);
    }
    for (const length of [1900, 2000, 2020, 2040, 2100, 20_000]) {
      check(verifier, sign({ pad: 'x'.repeat(length), last: 'y' }), 40);
    }
  });

  test('JSON with spaces between', async () => {
    const { createHmac } = await import('node:crypto');
    const encode = (text) => Buffer.from(text).toString('base64url');
    for (const text of ['{ "a" : "x" ,\n "b":\t[ 1 , 2 ] , "c" : 3 }', '{"a":"y","b":[],"c":0}', ' \n{"a":"","b":[[]],"c":12}\r\n']) {
      const input = `${encode('{"alg":"HS256"}')}.${encode(text)}`;
      check(verifier, `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`, 40);
    }
  });

  test('calls that end half-way on a full stack do not confuse those that follow', () => {
    const signers = ['a', 'b', 'c'].map((vendor) => new Signer(key, { ...options, headers: { vendor } }));
    const tokens = signers.map((one, index) => one.sign({ [`name${index}`]: index, same: 'x' }, { now }));
    const expected = tokens.map(dangerousDecode);
    let calls = 0;
    let wrong = 0;
    const verifyOne = (depth) => {
      const index = depth % tokens.length;
      const { claims, header } = verifier.verify(tokens[index], { now });
      calls += 1;
      if (JSON.stringify(claims) !== JSON.stringify(expected[index].claims) || header.vendor !== expected[index].header.vendor) {
        wrong += 1;
      }
    };
    const dive = (depth) => {
      try {
        dive(depth + 1);
      } catch {
        // The stack is full from here on down; on the way up there is a little more of it each time.
      }
      try {
        verifyOne(depth);
      } catch (error) {
        if (!(error instanceof RangeError) && error.code !== 'ERR_INVALID_ARGUMENT') {
          wrong += 1;
        }
      }
    };
    dive(0);
    assert.ok(calls > 100);
    assert.equal(wrong, 0);
  });
});
