// Key, KeySet, Signer, Verifier, Token: what each does when it is used well.

import assert from 'node:assert/strict';
import { createHmac, createPrivateKey, createSign, generateKeyPairSync, sign as nodeSign } from 'node:crypto';
import { describe, test } from 'node:test';
import { inspect } from 'node:util';

import { Key, KeySet, Signer, Token, UnverifiedToken, Verifier, dangerousDecode } from '../index.js';
import { algorithms, audience, claims, code, encode, issuer, keyFor, now, secret } from './keys.mjs';

const hmac = Key.fromSecret(secret, { alg: 'HS256' });
const options = { issuer, audience, lifetime: 900 };
const policy = { issuer, audience };

describe('sign and verify', () => {
  for (const algorithm of algorithms) {
    test(algorithm, () => {
      const key = keyFor(algorithm);
      const token = new Signer(key, { ...options, algorithm }).sign(claims, { now });
      const verifying = key.algorithm?.startsWith('HS') ? key : key.publicKey();
      const verified = new Verifier(verifying, policy).verify(token, { now });
      assert.deepEqual(verified.claims, { ...claims, iss: issuer, aud: audience, iat: now, exp: now + 900 });
      assert.equal(verified.header.alg, algorithm);
      assert.equal(verified.header.typ, 'JWT');
      assert.equal(verified.header.kid, key.kid);
    });
  }

  test('the system clock is the default', () => {
    const token = new Signer(hmac, options).sign({ sub: 'alice' });
    const { iat, exp } = new Verifier(hmac, policy).verify(token).claims;
    assert.ok(Math.abs(iat - Date.now() / 1000) < 5);
    assert.equal(exp, iat + 900);
  });

  test('now may be a Date', () => {
    const token = new Signer(hmac, options).sign({}, { now: new Date(now * 1000 + 999) });
    const verifier = new Verifier(hmac, policy);
    assert.equal(verifier.verify(token, { now: new Date(now * 1000) }).claims.iat, now);
    assert.throws(() => verifier.verify(token, { now: new Date((now + 10_000) * 1000) }), code('ERR_TOKEN_EXPIRED'));
  });

  test('a token may be bytes', () => {
    const token = new Signer(hmac, options).sign({ sub: 'alice' }, { now });
    for (const bytes of [Buffer.from(token), new TextEncoder().encode(token), new TextEncoder().encode(token).buffer]) {
      assert.equal(new Verifier(hmac, policy).verify(bytes, { now }).claims.sub, 'alice');
    }
  });

  test('claims keep every kind of JSON value', () => {
    const values = {
      text: 'żółć 🔑 \u0000 " \\ \u2028',
      numbers: [0, -1, 1.5, 1e300, Number.MAX_SAFE_INTEGER],
      nested: { yes: true, no: false, nothing: null, empty: {}, list: [[], [[]]] },
      ['__proto__']: { polluted: true },
      constructor: 'x',
    };
    const token = new Signer(hmac, options).sign(values, { now });
    const verified = new Verifier(hmac, policy).verify(token, { now });
    const { iss, aud, iat, exp, ...rest } = verified.claims;
    assert.deepEqual(Object.entries(rest), Object.entries(values));
    assert.equal(Object.getPrototypeOf(verified.claims), Object.prototype);
    assert.equal({}.polluted, undefined);
  });

  test('Dates become seconds, undefined members are absent, toJSON is honoured', () => {
    const token = new Signer(hmac, { issuer, audience }).sign(
      { exp: new Date((now + 60) * 1000 + 500), nbf: undefined, who: { toJSON: (name) => `${name}!` }, list: [new Date(0)] },
      { now },
    );
    const verified = new Verifier(hmac, policy).verify(token, { now }).claims;
    assert.deepEqual(verified, { iss: issuer, aud: audience, iat: now, exp: now + 60, who: 'who!', list: [0] });
  });

  test('headers of every kind, in turn', () => {
    const verifier = new Verifier(hmac, policy);
    const kinds = [undefined, { vendor: 'a' }, { vendor: 'ü', deep: { list: [1, { a: 'b' }] } }, { vendor: 'a' }];
    for (const headers of [...kinds, ...kinds]) {
      const token = new Signer(hmac, { ...options, headers }).sign({}, { now });
      for (let turn = 0; turn < 3; turn += 1) {
        const { header } = verifier.verify(token, { now });
        assert.deepEqual(header, { alg: 'HS256', typ: 'JWT', ...headers });
        // What a caller does to one header is not seen in the next.
        header.alg = 'changed';
        if (header.deep) {
          header.deep.list.push('changed');
        }
      }
    }
  });

  test('signer options', () => {
    const signer = new Signer(hmac, {
      algorithm: 'HS256', issuer, audience: ['api', 'other'], subject: 'bob', lifetime: 60, typ: 'at+jwt', jwtId: true,
      headers: { someMember: 'kept_as_is', camelCase: true },
    });
    const verified = new Verifier(hmac, { ...policy, typ: 'application/AT+JWT', subject: ['eve', 'bob'] }).verify(signer.sign({}, { now }), { now });
    assert.deepEqual(verified.header, { alg: 'HS256', typ: 'at+jwt', someMember: 'kept_as_is', camelCase: true });
    assert.deepEqual(verified.claims.aud, ['api', 'other']);
    assert.equal(verified.claims.sub, 'bob');
    assert.notEqual(verified.claims.jti, new Verifier(hmac, policy).verify(signer.sign({}, { now }), { now }).claims.jti);
  });

  test('no expiration only when it is asked for', () => {
    assert.throws(() => new Signer(hmac, { issuer }).sign({}), code('ERR_CLAIM_MISSING', 'exp'));
    const token = new Signer(hmac, { issuer, dangerousNoExpiration: true }).sign({});
    assert.throws(() => new Verifier(hmac, { issuer }).verify(token), code('ERR_CLAIM_MISSING', 'exp'));
    assert.equal(new Verifier(hmac, { issuer, dangerousNoExpiration: true }).verify(token).claims.iss, issuer);
  });

  test('Token is a plain record', () => {
    const token = new Signer(hmac, options).sign({ sub: 'alice' }, { now });
    const verified = new Verifier(hmac, policy).verify(token, { now });
    assert.ok(verified instanceof Token);
    assert.deepEqual(Object.keys(verified), ['claims', 'header']);
    assert.deepEqual(structuredClone(verified), { ...verified });
  });
});

describe('policy', () => {
  const verify = (extra, payload = {}, at = now) =>
    new Verifier(hmac, { ...policy, ...extra }).verify(new Signer(hmac, options).sign(payload, { now }), { now: at });

  test('every member, in camelCase', () => {
    verify({ version: 1, algorithms: ['HS256'], required: ['sub'], claims: { tenant_id: ['a', 'b'] }, leeway: 0, maxTokenAge: 900,
      maxTokenBytes: 4096, compat: ['paddedBase64', 'stringDates'], dangerousNoExpiration: true, dangerousWeakKeys: true,
      subject: 'alice', typ: 'JWT' }, { sub: 'alice', tenant_id: 'a' });
    assert.throws(() => verify({ maxTokenAge: 10 }, {}, now + 100), code('ERR_TOKEN_TOO_OLD'));
    assert.throws(() => verify({ maxTokenBytes: 16 }), code('ERR_TOKEN_TOO_LARGE'));
    assert.throws(() => verify({ required: ['camelCase'] }), code('ERR_CLAIM_MISSING', 'camelCase'));
    assert.throws(() => verify({ claims: { camelCase: 1 } }, { camelCase: 2 }), code('ERR_CLAIM_MISMATCH', 'camelCase'));
    assert.throws(() => verify({ algorithms: ['HS512'] }), code('ERR_KEY_MISMATCH', 'algorithms'));
    const anyAudience = new Verifier(hmac, { issuer, dangerousAnyAudience: true });
    assert.equal(anyAudience.verify(new Signer(hmac, options).sign({}, { now }), { now }).claims.aud, audience);
  });

  test('compat as a list or as an object', () => {
    const parts = new Signer(hmac, options).sign({}, { now }).split('.');
    const body = parts.slice(0, 2).map((part) => part.padEnd(Math.ceil(part.length / 4) * 4, '=')).join('.');
    const padded = `${body}.${createHmac('sha256', secret).update(body).digest('base64').replaceAll('+', '-').replaceAll('/', '_')}`;
    assert.throws(() => new Verifier(hmac, policy).verify(padded, { now }), code('ERR_TOKEN_ENCODING'));
    for (const compat of [['paddedBase64'], { paddedBase64: true, stringDates: false }]) {
      assert.equal(new Verifier(hmac, { ...policy, compat }).verify(padded, { now }).claims.iss, issuer);
    }
    assert.throws(() => new Verifier(hmac, { ...policy, compat: { paddedBase64: false } }).verify(padded, { now }), code('ERR_TOKEN_ENCODING'));
  });

  test('fromPolicy takes the shared document, object or text', () => {
    const document = { issuer, audience, max_token_age: 60, dangerous_no_expiration: false, compat: ['padded_base64'] };
    const token = new Signer(hmac, options).sign({}, { now });
    for (const form of [document, JSON.stringify(document), ` ${JSON.stringify(document, undefined, 2)}\n`]) {
      const verifier = Verifier.fromPolicy(hmac, form);
      assert.equal(verifier.verify(token, { now }).claims.iss, issuer);
      assert.throws(() => verifier.verify(token, { now: now + 600 }), code('ERR_TOKEN_TOO_OLD'));
    }
    assert.throws(() => Verifier.fromPolicy(hmac, { maxTokenAge: 60 }), code('ERR_UNKNOWN_OPTION', 'maxTokenAge'));
    assert.throws(() => Verifier.fromPolicy(hmac, '{"version":2}'), code('ERR_POLICY_VERSION'));
    assert.throws(() => Verifier.fromPolicy(hmac, '{"issuer":"a","issuer":"b"}'), code('ERR_INVALID_ARGUMENT'));
  });
});

describe('Key', () => {
  test('generates, and is named as asked', () => {
    const key = Key.generate('ES256', { kid: '2026-11' });
    assert.deepEqual([key.kid, key.algorithm, key.isPrivate], ['2026-11', 'ES256', true]);
    assert.deepEqual([key.publicKey().kid, key.publicKey().isPrivate], ['2026-11', false]);
    const unnamed = Key.generate('EdDSA');
    assert.equal(unnamed.kid, unnamed.thumbprint());
    assert.equal(Key.generate('HS256').kid, undefined);
  });

  test('RSA of the size that was asked for', () => {
    const key = createPrivateKey(Key.generate('PS256', { bits: 3072 }).toPem({ private: true }));
    assert.equal(key.asymmetricKeyDetails.modulusLength, 3072);
  });

  test('survives every form', () => {
    const key = Key.generate('ES384', { kid: 'k' });
    const loaded = { alg: 'ES384', kid: 'k' };
    const forms = [
      Key.fromPem(key.toPem({ private: true }), loaded),
      Key.fromPem(Buffer.from(key.toPem({ private: true })), loaded),
      Key.fromDer(key.toDer({ private: true }), loaded),
      Key.fromJwk(key.toJwk({ private: true })),
      Key.fromJwk(JSON.stringify(key.toJwk({ private: true }))),
    ];
    for (const form of forms) {
      assert.deepEqual(form.toJwk({ private: true }), key.toJwk({ private: true }));
      assert.equal(form.thumbprint(), key.thumbprint());
    }
    assert.deepEqual(Key.fromPem(key.toPem(), loaded).toJwk(), key.toJwk());
    assert.equal('d' in key.toJwk(), false);
    assert.throws(() => key.publicKey().toJwk({ private: true }), code('ERR_KEY_NOT_PRIVATE'));
  });

  test('reads what Node writes, and the other way round', () => {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const key = Key.fromPem(privateKey.export({ type: 'pkcs8', format: 'pem' }));
    const token = new Signer(key, options).sign({}, { now });
    const verifier = new Verifier(Key.fromJwk(publicKey.export({ format: 'jwk' })), policy);
    assert.equal(verifier.verify(token, { now }).claims.iss, issuer);
    const input = `${encode({ alg: 'ES256' })}.${encode({ iss: issuer, aud: audience, exp: now + 1 })}`;
    const signature = nodeSign('sha256', Buffer.from(input), { key: createPrivateKey(key.toPem({ private: true })), dsaEncoding: 'ieee-p1363' });
    assert.equal(verifier.verify(`${input}.${signature.toString('base64url')}`, { now }).claims.iss, issuer);
  });

  test('encrypted PKCS#8 needs its password', () => {
    const { privateKey } = generateKeyPairSync('ed25519');
    const pem = privateKey.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'correct horse' });
    assert.equal(Key.fromPem(pem, { password: 'correct horse' }).isPrivate, true);
    assert.equal(Key.fromPem(pem, { password: Buffer.from('correct horse') }).isPrivate, true);
    assert.throws(() => Key.fromPem(pem), code('ERR_KEY_PASSWORD'));
    assert.throws(() => Key.fromPem(pem, { password: 'wrong' }), code('ERR_KEY_PASSWORD'));
  });

  test('a JWK keeps members that are unknown', () => {
    const jwk = { kty: 'oct', k: encode(secret), alg: 'HS256', 'https://vendor.example/tier': { gold: [1] } };
    assert.deepEqual(Key.fromJwk(jwk).toJwk({ private: true }), jwk);
  });

  test('shows no key material', () => {
    for (const key of [Key.generate('ES256', { kid: 'k' }), hmac]) {
      const shown = [inspect(key, { depth: 9, showHidden: true }), JSON.stringify(key), String(key), inspect({ key })].join();
      assert.doesNotMatch(shown, new RegExp(encode(secret).slice(0, 12)));
      assert.doesNotMatch(shown, /"d"|BEGIN/);
    }
    assert.match(inspect(Key.generate('ES256', { kid: 'k' })), /^Key \{ algorithm: 'ES256', kid: 'k', isPrivate: true \}$/);
  });
});

describe('KeySet', () => {
  const first = Key.generate('ES256', { kid: 'a' });
  const second = Key.generate('EdDSA', { kid: 'b' });

  test('is a list of keys', () => {
    const set = new KeySet([first.publicKey(), second.publicKey()]);
    assert.deepEqual([set.length, set.size], [2, 2]);
    assert.deepEqual(Array.from(set, (key) => key.kid), ['a', 'b']);
    assert.ok([...set].every((key) => key instanceof Key));
    assert.equal(new KeySet(new Set([first])).length, 1);
    assert.equal(new KeySet([]).length, 0);
    assert.match(inspect(set), /^KeySet \[/);
  });

  test('chooses by kid', () => {
    const verifier = new Verifier(new KeySet([first.publicKey(), second.publicKey()]), policy);
    for (const key of [first, second, first]) {
      const verified = verifier.verify(new Signer(key, options).sign({}, { now }), { now });
      assert.equal(verified.header.kid, key.kid);
    }
    const stranger = new Signer(Key.generate('ES256', { kid: 'c' }), options).sign({}, { now });
    assert.throws(() => verifier.verify(stranger, { now }), code('ERR_KEY_NOT_FOUND'));
  });

  test('exports public parts only', () => {
    const text = new KeySet([first, second, hmac]).toJson();
    assert.equal(typeof text, 'string');
    const { keys } = JSON.parse(text);
    assert.deepEqual(keys.map(({ kid, d, k }) => [kid, d, k]), [['a', undefined, undefined], ['b', undefined, undefined]]);
    assert.equal(KeySet.fromJson(text).length, 2);
    assert.equal(KeySet.fromJson(JSON.parse(text)).length, 2);
  });

  test('tells what it kept out of the way', () => {
    const set = KeySet.fromJson({ keys: [first.toJwk(), { kty: 'unheard-of', kid: 'x' }, { kty: 'EC', crv: 'P-256', x: 'AA', y: 'AA' }] });
    assert.equal(set.length, 1);
    assert.deepEqual(set.rejected.map(({ index, kid }) => [index, kid]), [[1, 'x'], [2, undefined]]);
    assert.match(set.rejected[1].error.code, /^ERR_KEY_/);
  });
});

describe('prepare and finish', () => {
  test('with a private key elsewhere, raw or DER', () => {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const key = Key.fromPem(publicKey.export({ type: 'spki', format: 'pem' }));
    const signer = new Signer(key, options);
    assert.throws(() => signer.sign({}), code('ERR_KEY_NOT_PRIVATE'));
    const prepared = signer.prepare({ sub: 'alice' }, { now });
    assert.equal(prepared.algorithm, 'ES256');
    assert.ok(prepared.signingInput instanceof Uint8Array);
    const der = createSign('sha256').update(prepared.signingInput).sign(privateKey);
    const raw = nodeSign('sha256', prepared.signingInput, { key: privateKey, dsaEncoding: 'ieee-p1363' });
    for (const token of [signer.finish(prepared, raw), signer.finish(prepared, der, { der: true }), signer.finish(prepared, new Uint8Array(raw).buffer)]) {
      assert.equal(new Verifier(key, policy).verify(token, { now }).claims.sub, 'alice');
    }
    raw[0] ^= 1;
    assert.throws(() => signer.finish(prepared, raw), code('ERR_SIGNATURE_INVALID'));
    assert.throws(() => signer.finish({ ...prepared }, raw), code('ERR_INVALID_ARGUMENT', 'prepared'));
  });
});

describe('dangerousDecode', () => {
  test('reads without a key, into another type', () => {
    const token = new Signer(hmac, options).sign({ sub: 'alice' }, { now });
    const decoded = dangerousDecode(`${token.slice(0, -4)}AAAA`);
    assert.ok(decoded instanceof UnverifiedToken);
    assert.ok(!(decoded instanceof Token));
    assert.equal(decoded.claims.sub, 'alice');
    assert.equal(decoded.header.alg, 'HS256');
    assert.equal(dangerousDecode(Buffer.from(token)).claims.sub, 'alice');
    assert.throws(() => dangerousDecode('a.b'), code('ERR_TOKEN_MALFORMED'));
  });
});
