// Every wrong call gets an error with a code, whatever it is given, and nothing ever brings the process down.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import vm from 'node:vm';

import { ApiKeys, AuthwrightError, Key, KeySet, RemoteKeySet, Signer, Store, Verifier, checkStore, dangerousDecode, jws, oauth } from '../index.js';
import { native } from '../lib/load.js';
import { audience, claims, code, issuer, now, secret } from './keys.mjs';

const key = Key.fromSecret(secret, { alg: 'HS256' });
const signer = new Signer(key, { issuer, audience, lifetime: 900 });
const verifier = new Verifier(key, { issuer, audience });
const token = signer.sign(claims, { now });

const revoked = Proxy.revocable({}, {});
revoked.revoke();
const cyclic = {};
cyclic.self = { again: [cyclic] };

const client = new oauth.Client({
  authorizationEndpoint: 'https://id.example/authorize', tokenEndpoint: 'https://id.example/token', clientId: 'web',
  clientSecret: 's3cret', redirectUri: 'https://app.example/', sealKeys: [key],
  http: { fetch: () => Promise.reject(new Error('there is no network')) },
});
const tokens = oauth.Tokens.fromJSON({ access_token: 'a', refresh_token: 'r', expires_at: 1 });

const format = { prefix: 'acme', environment: 'live', peppers: [key] };
const apiKeys = new ApiKeys('memory:', format);
const store = new Store('memory:');

/** Values of every kind that nobody should pass. */
const strange = [
  undefined, null, true, 0, -1, 1.5, NaN, Infinity, 10n, '', 'text', '\0', '\ud800', Symbol('s'), () => {}, class {}, [], {}, [[]],
  new Date(NaN), /x/, new Map(), new Set([1]), new Error('x'), Promise.resolve(), new Uint8Array(3), Buffer.alloc(0),
  new Float64Array(2), new DataView(new ArrayBuffer(4)), new ArrayBuffer(5), new SharedArrayBuffer(6), new String('boxed'),
  Object.create(null), new Proxy({}, {}), revoked.proxy, cyclic, globalThis, key, signer, verifier, new KeySet([key]),
  { toString() { throw new Error('toString'); } }, { get a() { throw new Error('getter'); } }, { toJSON() { throw null; } },
];

describe('misuse', () => {
  test('no function crashes or throws anything but coded errors', () => {
    const functions = [
      (a, b) => Key.generate(a, b), (a, b) => Key.fromPem(a, b), (a, b) => Key.fromDer(a, b), (a) => Key.fromJwk(a),
      (a, b) => Key.fromSecret(a, b), (a) => key.toJwk(a), (a) => key.toPem(a), (a) => new KeySet(a), (a) => KeySet.fromJson(a),
      (a, b) => new Signer(a, b), (a) => new Signer(key, a), (a, b) => signer.sign(a, b), (a, b) => signer.prepare(a, b),
      (a, b) => signer.finish(a, b), (a, b) => new Verifier(a, b), (a) => new Verifier(key, a), (a, b) => Verifier.fromPolicy(a, b),
      (a) => Verifier.fromPolicy(key, a), (a, b) => verifier.verify(a, b), (a) => verifier.verify(token, a), (a) => dangerousDecode(a),
      (a, b) => jws.sign(a, b), (a) => jws.sign('x', key, a), (a, b) => jws.verify(a, b), (a) => jws.verify(token, key, a),
      (a) => new oauth.Client(a), (a) => new oauth.Client({ clientId: 'web', sealKeys: a, clientKey: a, http: a }),
      (a, b) => client.forgetLogin({ cookies: a, callback: b }), (a) => client.forgetLogin(a), (a) => oauth.Tokens.fromJSON(a),
      (a, b) => client.tokenManager(a, b), (a) => client.tokenManager(tokens, a), (a) => client.tokenManager(tokens, { onTokens: a }),
      (a, b) => new Store(a, b), (a) => new Store('memory:', a), (a, b) => new ApiKeys(a, b), (a) => new ApiKeys('memory:', { ...format, peppers: a }),
      (a) => new ApiKeys('memory:', a), (a) => apiKeys.isWellFormed(a),
      (a, b) => new oauth.TokenManager(a, b), (a, b) => new oauth.Login(a, b), (a) => client.tokenManager(tokens).replace(a),
    ];
    for (const [index, call] of functions.entries()) {
      for (const first of strange) {
        for (const second of strange) {
          expectCoded(() => call(first, second), `function ${index}`);
        }
      }
    }
  });

  test('the asynchronous ones reject, and never throw', async () => {
    for (const value of strange) {
      for (const call of [
        () => Key.generateAsync(value), () => Key.fromPemAsync(value), () => signer.signAsync(value), () => signer.signAsync({}, value),
        () => client.beginLogin(value), () => client.beginLogin({ returnTo: value }), () => client.finishLogin(value),
        () => client.finishLogin({ transaction: value, callback: value }), () => client.finishLogin({ cookies: value, callback: 'state=s' }),
        () => client.refresh(value), () => client.refresh(tokens, value), () => client.userinfo(value), () => client.userinfo(tokens, value),
        () => store.sweep(value), () => checkStore(value), () => checkStore(store, value), () => apiKeys.issue(value), () => apiKeys.issue({ owner: value }),
        () => apiKeys.issue({ owner: 'o', metadata: value, scopes: value }), () => apiKeys.verify(value), () => apiKeys.verify('k', value),
        () => apiKeys.verify('k', { scopes: value }), () => apiKeys.verify('k', { now: value }), () => apiKeys.verify('k', { signal: value }),
        () => apiKeys.get(value), () => apiKeys.get('id', value), () => apiKeys.list(value), () => apiKeys.list('o', value),
        () => apiKeys.list('o', { limit: value, after: value }), () => apiKeys.rotate(value), () => apiKeys.rotate('id', value),
        () => apiKeys.revoke(value), () => apiKeys.revokeAll(value), () => apiKeys.importHash(value), () => apiKeys.importHash({ sha256: value, owner: 'o' }),
        () => client.revoke(value), () => client.logoutUrl(value), () => client.verifyLogoutToken(value), () => client.tokenManager(tokens).tokens(value),
      ]) {
        let promise;
        assert.doesNotThrow(() => { promise = call(); });
        await promise.catch((error) => assert.ok(error instanceof AuthwrightError, `${error?.stack}`));
      }
    }
  });

  test("the addon's own functions survive strangers", () => {
    const others = [...strange, native.keyGenerate('ES256'), native.signerNew(native.keyGenerate('ES256'), '{}'), native.verifierVerify(native.keyGenerate('HS256'), '{}'), native.oauthClientNew('{}', [], undefined), native.storeOpen('memory:', '{}'), native.apiKeysNew('{"prefix":"a","environment":"b"}', [native.keyFromSecret(Buffer.alloc(32))]), native.storeCheck('{}', 2 ** 50)];
    for (const [name, call] of Object.entries(native)) {
      for (const first of others) {
        for (const second of others) {
          // Generating RSA keys of odd sizes is tried elsewhere; here it would only be slow.
          const outcome = call.call(first, first, second, first, second, first, second, first, second);
          if (outcome instanceof Promise) {
            outcome.catch(() => assert.fail(`${name} rejected`));
          }
        }
      }
    }
  });

  test('methods on a foreign this', () => {
    const calls = [
      () => Key.prototype.toJwk.call({}), () => Key.prototype.thumbprint.call(verifier), () => KeySet.prototype.toJson.call(key),
      () => Signer.prototype.sign.call(verifier, {}), () => Signer.prototype.sign.call(undefined, {}), () => Verifier.prototype.verify.call(null, token),
      () => Verifier.prototype.verify.call(new Proxy(verifier, {}), token), () => Signer.prototype.finish.call({}, {}, secret),
      () => Object.getOwnPropertyDescriptor(Key.prototype, 'kid').get.call({}), () => [...KeySet.prototype[Symbol.iterator].call([])],
      () => Object.create(Key.prototype).toPem(), () => new Key(), () => new Key(Symbol('internal'), {}),
    ];
    for (const call of calls) {
      assert.throws(call, code('ERR_INVALID_ARGUMENT'), String(call));
    }
  });

  test('misspelt and misplaced options', () => {
    assert.throws(() => new Verifier(key, { audiance: 'api' }), (error) => {
      assert.deepEqual([error.code, error.field], ['ERR_UNKNOWN_OPTION', 'audiance']);
      return /audience/.test(error.message);
    });
    assert.throws(() => new Verifier(key, { maxTokenAgee: 5 }), (error) => {
      assert.deepEqual([error.code, error.field], ['ERR_UNKNOWN_OPTION', 'maxTokenAgee']);
      return /maxTokenAgee/.test(error.message) && /"maxTokenAge"/.test(error.message) && !/max_token/.test(error.message);
    });
    assert.throws(() => new Verifier(key, { max_token_age: 5 }), code('ERR_UNKNOWN_OPTION', 'max_token_age'));
    assert.throws(() => new Verifier(key, { Issuer: 'x' }), code('ERR_UNKNOWN_OPTION', 'Issuer'));
    assert.throws(() => new Verifier(key, { ['__proto__']: 1 }), code('ERR_UNKNOWN_OPTION', '__proto__'));
    assert.throws(() => new Signer(key, { expiresIn: 5 }), code('ERR_UNKNOWN_OPTION', 'expiresIn'));
    assert.throws(() => signer.sign({}, { Now: 5 }), code('ERR_UNKNOWN_OPTION', 'Now'));
    assert.throws(() => verifier.verify(token, { issuer: 5 }), code('ERR_UNKNOWN_OPTION', 'issuer'));
    assert.throws(() => Key.generate('RS256', { size: 2048 }), code('ERR_UNKNOWN_OPTION', 'size'));
    assert.throws(() => key.toJwk(true), code('ERR_INVALID_ARGUMENT', 'options'));
    assert.throws(() => key.toJwk({ private: 'yes' }), code('ERR_INVALID_ARGUMENT', 'private'));
    for (const compat of [['paddedBase65'], { paddedBase65: true }]) {
      assert.throws(() => new Verifier(key, { compat }), (error) => {
        assert.deepEqual([error.code, error.field], ['ERR_UNKNOWN_OPTION', 'paddedBase65']);
        return /did you mean "paddedBase64"/.test(error.message);
      });
    }
    for (const compat of [['padded_base64'], { padded_base64: true }]) {
      assert.throws(() => new Verifier(key, { compat }), (error) => {
        assert.deepEqual([error.code, error.field], ['ERR_UNKNOWN_OPTION', 'padded_base64']);
        return /in JavaScript it is spelt paddedBase64/.test(error.message);
      });
    }
    for (const value of [5n, () => 'api', Buffer.from('api'), new Date()]) {
      assert.throws(() => new Verifier(key, { leeway: value, audiance: 'api' }), code('ERR_UNKNOWN_OPTION', 'audiance'));
      assert.throws(() => new Verifier(key, { audiance: value }), code('ERR_UNKNOWN_OPTION', 'audiance'));
    }
    assert.throws(() => new Verifier(key, { [Symbol('issuer')]: 'x' }), code('ERR_INVALID_ARGUMENT', 'options'));
  });

  test('options of wrong types are named as they were written', () => {
    for (const [name, value] of Object.entries({
      issuer: 5, audience: {}, algorithms: 7, leeway: '30', maxTokenAge: -1, maxTokenBytes: 'many', dangerousAnyAudience: 1, required: {}, claims: [],
      leeway_: 1,
    })) {
      assert.throws(() => new Verifier(key, { [name]: value }), (error) => error instanceof AuthwrightError && error.field === name, name);
    }
    for (const [name, value] of Object.entries({ jwtId: 'yes', lifetime: 1.5, headers: 5, issuer: ['a'], typ: 1, dangerousNoExpiration: 'x' })) {
      assert.throws(() => new Signer(key, { [name]: value }), code('ERR_INVALID_ARGUMENT', name), name);
    }
    assert.throws(() => new Verifier(key, { issuer: null }), code('ERR_INVALID_ARGUMENT', 'issuer'));
    assert.throws(() => new Verifier(key, { leeway: NaN }), code('ERR_INVALID_ARGUMENT', 'leeway'));
    assert.throws(() => new Verifier(key, { leeway: 10n }), code('ERR_INVALID_ARGUMENT', 'leeway'));
    assert.throws(() => new Verifier(key, { issuer: () => 'x' }), code('ERR_INVALID_ARGUMENT', 'issuer'));
  });

  test('a point in time is no span', async () => {
    const date = new Date(now * 1000);
    const spans = [
      ['leeway', (given) => new Verifier(key, given)], ['maxTokenAge', (given) => new Verifier(key, given)], ['lifetime', (given) => new Signer(key, given)],
      ['leeway', (given) => Verifier.fromPolicy(key, given)], ['lastUsedEvery', (given) => new ApiKeys('memory:', { ...format, ...given })],
      ['cacheSeconds', (given) => new ApiKeys('memory:', { ...format, ...given })], ['cooldown', (given) => new RemoteKeySet({ issuer, ...given })],
      ['outageLimit', (given) => new RemoteKeySet({ issuer, ...given })], ['timeout', (given) => new RemoteKeySet({ issuer, ...given })],
      ['timeout', (http) => new RemoteKeySet({ issuer, http })], ['connectTimeout', (http) => new RemoteKeySet({ issuer, http })],
      ['timeout', (given) => verifier.verifyFetching(token, given)], ['timeout', (given) => new oauth.Client({ issuer, clientId: 'web', ...given })],
      ['maxAge', (given) => client.beginLogin(given)], ['renewBefore', (given) => client.tokenManager(tokens, given)],
      ['expiresIn', (given) => apiKeys.issue({ owner: 'o', ...given })], ['expiresIn', (given) => apiKeys.importHash({ sha256: '', owner: 'o', ...given })],
      ['overlap', (given) => apiKeys.rotate('id', given)], ['timeout', (given) => store.sweep(given)], ['timeout', (given) => checkStore(store, given)],
    ];
    for (const [name, call] of spans) {
      for (const value of [date, new Date(NaN), vm.runInNewContext('new Date()')]) {
        const error = { code: 'ERR_INVALID_ARGUMENT', field: name, message: `${name} is a Date: pass seconds` };
        await assert.rejects(async () => call({ [name]: value }), error, String(call));
      }
    }
    const dated = signer.sign({ since: date, sub: 'alice' }, { now });
    assert.equal(new Verifier(key, { issuer, audience, claims: { since: date } }).verify(dated, { now: date }).claims.since, now);
    assert.ok(Verifier.fromPolicy(key, { issuer, audience, claims: { since: date } }).verify(dated, { now }));
  });

  test('null is an error everywhere', async () => {
    const calls = [
      ['timeout', (given) => verifier.verifyFetching(token, given)], ['signal', (given) => verifier.verifyFetching(token, given)],
      ['now', (given) => verifier.verify(token, given)], ['private', (given) => key.toJwk(given)], ['b64', (given) => jws.sign('x', key, given)],
      ['detached', (given) => jws.sign('x', key, given)], ['der', (given) => signer.finish(signer.prepare({}), secret, given)],
      ['force', (given) => client.tokenManager(tokens).tokens(given)], ['timeout', (given) => client.beginLogin(given)],
      ['timeout', (http) => new RemoteKeySet({ issuer, http })], ['timeout', (given) => apiKeys.get('id', given)], ['limit', (given) => apiKeys.list('o', given)],
      ['timeout', (given) => checkStore(store, given)], ['algorithms', (given) => jws.verify(token, key, given)], ['kid', (given) => Key.generate('HS256', given)],
    ];
    for (const [name, call] of calls) {
      await assert.rejects(async () => call({ [name]: null }), code('ERR_INVALID_ARGUMENT', name), String(call));
    }
  });

  test('undefined switches no check off', () => {
    for (const name of ['issuer', 'audience', 'leeway', 'maxTokenAge']) {
      assert.throws(() => new Verifier(key, { issuer, audience, [name]: undefined }), { code: 'ERR_INVALID_ARGUMENT', field: name });
      assert.throws(() => Verifier.fromPolicy(key, { issuer, audience, [name]: undefined }), { code: 'ERR_INVALID_ARGUMENT', field: name });
      assert.throws(() => new Verifier(key, { issuer, audience, [name]: { toJSON: () => undefined } }), { code: 'ERR_INVALID_ARGUMENT', field: name });
    }
    assert.throws(() => jws.verify(token, key, { algorithms: undefined }), { code: 'ERR_INVALID_ARGUMENT', field: 'algorithms' });
  });

  test('undefined is absent elsewhere, and what a prototype holds is not an option', () => {
    assert.equal(new Signer(key, { issuer, lifetime: 60, typ: undefined }).sign({}, { now: undefined }).split('.').length, 3);
    assert.equal(verifier.verify(token, { now }).claims.iss, new Verifier(key, Object.create({ misspelt: 1 }, {
      issuer: { value: issuer, enumerable: true }, audience: { value: audience, enumerable: true },
    })).verify(token, { now }).claims.iss);
    assert.ok(verifier.verify(new Signer(key, { issuer, audience, lifetime: 60 }).sign({}, { now: undefined }), undefined));
    assert.ok(jws.verify(token, key, { payload: undefined }));
  });

  test('claims that JSON cannot say are named', () => {
    const bad = {
      bigint: 10n, func: () => 1, symbol: Symbol('x'), nan: NaN, infinite: -Infinity, map: new Map([[1, 2]]), bytes: Buffer.from('x'),
      cyclic, hole: [undefined], nested: { deep: [1n] }, boxed: new Number(5), date: new Date(NaN), regexp: /x/, promise: Promise.resolve(1),
      thrown: { toJSON() { throw new Error('no'); } }, getter: { get a() { throw new Error('no'); } },
    };
    for (const [name, value] of Object.entries(bad)) {
      assert.throws(() => signer.sign({ [name]: value }), (error) => {
        assert.deepEqual([error.code, ['thrown', 'getter'].includes(name) ? name : error.field], ['ERR_INVALID_ARGUMENT', name], name);
        return true;
      });
    }
    const deep = JSON.parse(`${'['.repeat(70)}${']'.repeat(70)}`);
    assert.throws(() => signer.sign({ deep }), code('ERR_INVALID_ARGUMENT', 'deep'));
    for (const value of [undefined, null, 'text', 5, [], () => {}]) {
      assert.throws(() => signer.sign(value), code('ERR_INVALID_ARGUMENT', 'claims'));
    }
    assert.throws(() => signer.sign({ text: '\ud800' }), AuthwrightError);
  });

  test('claims that answer differently each time they are read', () => {
    let turn = 0;
    const shifting = new Proxy({ a: 1 }, { get: (target, name) => (name === 'a' ? [1, 'b', 10n, () => 0, NaN][turn++ % 5] : target[name]) });
    for (let round = 0; round < 20; round += 1) {
      expectCoded(() => signer.sign({ shifting }), 'shifting');
    }
  });

  test('objects of other realms are as good as ours', () => {
    const context = vm.createContext({});
    const bytes = vm.runInContext('new Uint8Array(64).fill(7)', context);
    assert.equal(bytes instanceof Uint8Array, false);
    assert.equal(Key.fromSecret(bytes, { alg: 'HS256' }).thumbprint(), key.thumbprint());
    assert.equal(Key.fromSecret(bytes.buffer).thumbprint(), key.thumbprint());
    const foreign = vm.runInContext(`({ sub: 'alice', list: [1, { a: null }], exp: new Date(${(now + 60) * 1000}) })`, context);
    const verified = verifier.verify(new Signer(key, { issuer, audience }).sign(foreign, { now }), { now: vm.runInContext(`new Date(${now * 1000})`, context) });
    assert.deepEqual([verified.claims.sub, verified.claims.exp], ['alice', now + 60]);
    assert.ok(new Verifier(key, vm.runInContext(`({ issuer: ['${issuer}'], audience: '${audience}' })`, context)).verify(token, { now }));
  });

  test('shared, detached and other memory', () => {
    const shared = new Uint8Array(new SharedArrayBuffer(64));
    assert.throws(() => Key.fromSecret(shared), code('ERR_INVALID_ARGUMENT', 'secret'));
    assert.throws(() => Key.fromSecret(shared.buffer), code('ERR_INVALID_ARGUMENT', 'secret'));
    assert.throws(() => verifier.verify(shared), code('ERR_INVALID_ARGUMENT', 'token'));
    const detached = new Uint8Array(64);
    structuredClone(detached.buffer, { transfer: [detached.buffer] });
    assert.throws(() => Key.fromSecret(detached), code('ERR_INVALID_ARGUMENT', 'secret'));
    assert.throws(() => verifier.verify(detached.buffer), code('ERR_INVALID_ARGUMENT', 'token'));
    assert.throws(() => Key.fromSecret(new Uint16Array(64)), code('ERR_INVALID_ARGUMENT', 'secret'));
    assert.throws(() => Key.fromSecret('a text of sufficient length for HS256'), (error) => /Buffer\.from/.test(error.message));
    const resizable = new ArrayBuffer(64, { maxByteLength: 128 });
    const view = new Uint8Array(resizable, 16);
    assert.equal(Key.fromSecret(view).toJwk({ private: true }).k.length, 64);
    resizable.resize(8);
    assert.throws(() => Key.fromSecret(view), AuthwrightError);
    const part = new Uint8Array(Buffer.concat([Buffer.alloc(10), secret, Buffer.alloc(10)]).buffer);
    assert.ok(part.length >= secret.length);
    assert.equal(Key.fromSecret(Buffer.concat([Buffer.alloc(9), secret]).subarray(9)).thumbprint(), key.thumbprint());
  });

  test('times', () => {
    for (const value of [1.5, NaN, Infinity, '5', 5n, null, {}, new Date(NaN), 2 ** 63, 1e300, true]) {
      assert.throws(() => verifier.verify(token, { now: value }), code('ERR_INVALID_ARGUMENT', 'now'));
      assert.throws(() => signer.sign({}, { now: value }), code('ERR_INVALID_ARGUMENT', 'now'));
    }
    assert.throws(() => verifier.verify(token, { now: -1 }), code('ERR_INVALID_ARGUMENT', 'now'));
    assert.throws(() => verifier.verify(token, { now: 0 }), code('ERR_TOKEN_ISSUED_IN_FUTURE'));
    assert.throws(() => verifier.verify(token, { now: 2 ** 53 }), code('ERR_TOKEN_EXPIRED'));
  });

  test('a token that is not ASCII is never read as if it were', () => {
    // Cut to one byte, U+0141 is U+0041: the letter A.
    for (let index = 0; index < token.length; index += 1) {
      const twin = String.fromCharCode(token.charCodeAt(index) + 0x100);
      assert.throws(() => verifier.verify(token.slice(0, index) + twin + token.slice(index + 1), { now }), AuthwrightError);
    }
    assert.throws(() => verifier.verify(`${token}\u0100`, { now }), AuthwrightError);
    assert.throws(() => verifier.verify(`${token}\0`, { now }), AuthwrightError);
  });

  test('tokens of every length around the stack buffer', () => {
    const big = (length) => signer.sign({ pad: 'x'.repeat(length) }, { now });
    for (let length = 2700; length < 3100; length += 7) {
      assert.equal(verifier.verify(big(length), { now }).claims.pad.length, length);
    }
    assert.throws(() => verifier.verify(big(60_000), { now }), code('ERR_TOKEN_TOO_LARGE'));
    assert.throws(() => verifier.verify('x'.repeat(2 ** 27), { now }), code('ERR_TOKEN_TOO_LARGE'));
    assert.throws(() => verifier.verify(Buffer.alloc(2 ** 27), { now }), code('ERR_TOKEN_TOO_LARGE'));
  });

  test('arrays that claim to hold billions', () => {
    const vast = new Array(4_000_000_000);
    for (const call of [
      () => jws.verify('x', key, { algorithms: vast }), () => new Verifier(key, { compat: vast }), () => new Verifier(key, { issuer: vast }),
      () => new KeySet(vast), () => signer.sign({ vast }), () => Key.fromJwk({ kty: 'oct', key_ops: vast }), () => KeySet.fromJson({ keys: vast }),
      () => new Verifier(key, { algorithms: vast }), () => new Signer(key, { audience: vast }), () => Verifier.fromPolicy(key, { claims: { vast } }),
    ]) {
      assert.throws(call, AuthwrightError, String(call));
    }
  });

  test('keys of the wrong kind get a hint', () => {
    for (const [value, hint] of [['-----BEGIN', /fromPem/], [secret, /fromSecret/], [[key], /KeySet/], [{ kty: 'oct' }, /Key/], [structuredClone({}), /postMessage/]]) {
      assert.throws(() => new Verifier(value), (error) => error.code === 'ERR_INVALID_ARGUMENT' && error.field === 'keys' && hint.test(error.message));
    }
    assert.throws(() => new Signer(new KeySet([key])), { ...code('ERR_INVALID_ARGUMENT', 'key'), message: /KeySet holds several/ });
    assert.throws(() => new Verifier({}), /a Key, a KeySet or a RemoteKeySet/);
    // The core's hints are spelt as functions are here.
    const pem = '-----BEGIN PRIVATE KEY-----';
    for (const [call, hint] of [
      [() => Key.fromSecret(Buffer.from(pem)), /fromPem, fromDer or fromJwk/], [() => KeySet.fromJson({ kty: 'oct', k: 'AAECAwQ' }), /fromJwk/],
      [() => Key.fromDer(Buffer.from(pem)), /fromPem/],
    ]) {
      assert.throws(call, ({ message }) => hint.test(message) && !message.includes('_'), String(call));
    }
    assert.throws(() => new KeySet([key, {}]), code('ERR_INVALID_ARGUMENT', 'key'));
    assert.throws(() => new KeySet(key), code('ERR_INVALID_ARGUMENT', 'keys'));
  });
});

function expectCoded(call, what) {
  try {
    call();
  } catch (error) {
    assert.ok(error instanceof AuthwrightError && /^ERR_/.test(error.code), `${what}: ${error?.stack}`);
    assert.notEqual(error.code, 'ERR_INTERNAL', `${what}: ${error.stack}`);
  }
}
