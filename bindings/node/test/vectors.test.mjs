// The corpus: every vector of tests/vectors through this front end. The format is told in tests/vectors/README.md.

import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { describe, test } from 'node:test';

import { Key, KeySet, Signer, Verifier, dangerousDecode, jws } from '../index.js';

const FEWEST = 400;
const folder = new URL('../../../tests/vectors/', import.meta.url);
const files = readdirSync(folder).filter((name) => name.endsWith('.json') && name !== 'schema.json').sort();
let count = 0;

for (const name of files) {
  const file = JSON.parse(readFileSync(new URL(name, folder), 'utf8'));
  describe(name, () => {
    for (const vector of file.vectors) {
      count += 1;
      test(vector.id, () => check(vector, file));
    }
  });
}

test(`the corpus has at least ${FEWEST} vectors`, () => {
  assert.ok(count >= FEWEST, `${count} vectors`);
});

function check(vector, file) {
  const expect =
    process.env.AW_PROVIDER === 'ring' && vector.requires ? { error: 'ERR_UNSUPPORTED_ALGORITHM' } : vector.expect;
  for (const form of forms(vector)) {
    compare(attempt(() => operations[vector.operation ?? 'verify'](vector, file, form)), expect);
  }
}

// The token or payload as bytes and, where it is UTF-8, as a string too: both ways in must give the same answer.
function forms({ operation, input }) {
  if (input === undefined || operation === 'sign') {
    return [input];
  }
  const read = bytes(input);
  const text = read.toString('utf8');
  return Buffer.from(text).equals(read) ? [read, text] : [read];
}

function attempt(operation) {
  try {
    return operation();
  } catch (error) {
    if (error.code === undefined || !error.code.startsWith('ERR_') || error.name !== error.constructor.name) {
      throw error;
    }
    return { error: error.code, field: error.field, message: error.message };
  }
}

const operations = {
  verify(vector, file, token) {
    return new Verified(Verifier.fromPolicy(keysOf(vector, file), vector.policy ?? {}).verify(token, { now: vector.now }));
  },

  sign(vector, file, claims) {
    const key = keysOf(vector, file);
    const token = new Signer(key, camelCase(vector.options ?? {})).sign(claims, { now: vector.now });
    if (vector.policy !== undefined) {
      Verifier.fromPolicy(verifying(key), vector.policy).verify(token, { now: vector.now });
    }
    return new Verified(dangerousDecode(token));
  },

  jws_verify(vector, file, token) {
    const payload = vector.payload === undefined ? undefined : bytes(vector.payload);
    return new Verified(jws.verify(token, keysOf(vector, file), { ...vector.options, payload }));
  },

  jws_sign(vector, file, payload) {
    const key = keysOf(vector, file);
    const token = jws.sign(payload, key, vector.options);
    const verified = jws.verify(token, verifying(key), vector.options?.detached ? { payload } : {});
    assert.deepEqual(verified.payload, Buffer.from(payload));
    return { token, header: verified.header };
  },

  import(vector, file) {
    const keys = keysOf(vector, file);
    if (keys instanceof KeySet) {
      return { set: { length: keys.length, jwks: JSON.parse(keys.toJson()) } };
    }
    return {
      key: {
        get kid() { return keys.kid ?? null; },
        get algorithm() { return keys.algorithm ?? null; },
        get is_private() { return keys.isPrivate; },
        get thumbprint() { return keys.thumbprint(); },
        get jwk() { return keys.toJwk(); },
        get private_jwk() { return keys.toJwk({ private: true }); },
      },
    };
  },

  decode(vector, file, token) {
    return new Verified(dangerousDecode(token));
  },
};

class Verified {
  constructor({ claims, header, payload }) {
    Object.assign(this, { claims, header, payload });
  }
}

function keysOf(vector, file) {
  const form = typeof vector.keys === 'string' ? file.keys[vector.keys] : vector.keys;
  const { jwk, jwks, pem, der, secret, ...options } = form;
  if (jwk !== undefined) {
    return Key.fromJwk(jwk);
  }
  if (jwks !== undefined) {
    return KeySet.fromJson(jwks);
  }
  if (pem !== undefined) {
    return Key.fromPem(pem, options);
  }
  return der !== undefined
    ? Key.fromDer(Buffer.from(der, 'base64'), options)
    : Key.fromSecret(Buffer.from(secret, 'base64url'), options);
}

function verifying(key) {
  return key.toJwk({ private: key.isPrivate }).kty === 'oct' ? key : key.publicKey();
}

function bytes(form) {
  if (typeof form === 'string') {
    return Buffer.from(form);
  }
  if (form.base64 !== undefined) {
    return Buffer.from(form.base64, 'base64');
  }
  return Buffer.from(form.parts.map((part) => (typeof part === 'string' ? part : part.repeat.repeat(part.times))).join(''));
}

function camelCase(options) {
  return Object.fromEntries(Object.entries(options).map(([name, value]) => [toCamel(name), value]));
}

function toCamel(name) {
  return name.replace(/_([a-z0-9])/g, (_, letter) => letter.toUpperCase());
}

function compare(actual, expect) {
  if (expect.error !== undefined || actual.error !== undefined) {
    assert.equal(actual.error, expect.error, actual.message);
    if (expect.field !== undefined) {
      assert.ok([expect.field, toCamel(expect.field)].includes(actual.field), `field ${actual.field}, not ${expect.field}`);
    }
    return;
  }
  for (const member of ['claims', 'header', 'token']) {
    if (expect[member] !== undefined) {
      assertSame(actual[member], expect[member], member);
    }
  }
  if (expect.payload !== undefined) {
    assert.deepEqual(actual.payload, bytes(expect.payload));
  }
  for (const part of ['key', 'set']) {
    for (const [member, value] of Object.entries(expect[part] ?? {})) {
      assertSame(actual[part][member], value, `${part}.${member}`);
    }
  }
}

// JSON equality: members in any order, and numbers by value (so that -0 is 0).
function assertSame(actual, expected, place) {
  if (typeof expected !== 'object' || expected === null) {
    assert.ok(actual === expected, `${place}: ${JSON.stringify(actual)}, not ${JSON.stringify(expected)}`);
    return;
  }
  assert.ok(typeof actual === 'object' && actual !== null && Array.isArray(actual) === Array.isArray(expected), place);
  assert.deepEqual(Object.keys(actual).sort(), Object.keys(expected).sort(), place);
  for (const name of Object.keys(expected)) {
    assertSame(actual[name], expected[name], `${place}.${name}`);
  }
}
