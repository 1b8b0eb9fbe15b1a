// Verification with an issuer's keys: one fetch for all who wait, each of whom may leave.

import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { AuthwrightError, Key, KeySet, RemoteKeySet, Token, Verifier, onEvent } from '../index.js';
import { audience, code, keyFor, now } from './keys.mjs';
import { startHostile } from './servers.mjs';

const secret = Key.fromSecret(Buffer.alloc(32, 9));
let hostile;
before(async () => {
  hostile = await startHostile();
});
after(() => hostile.close());

async function verifierOf(issuer, options = {}) {
  return new Verifier(new RemoteKeySet({ issuer: issuer.url, ...options }), { audience });
}

describe('an issuer', () => {
  test('its URL is all that a verifier needs', async () => {
    const issuer = await hostile.new();
    const verifier = Verifier.discover(issuer.url, { audience });
    const token = await issuer.token();
    assert.throws(() => verifier.verify(token), { ...code('ERR_KEYS_NEEDED'), message: /verifyFetching/ });
    const verified = await verifier.verifyFetching(token);
    assert.ok(verified instanceof Token);
    assert.deepEqual([verified.claims.sub, verified.header.alg], ['alice', 'ES256']);
    assert.deepEqual(verifier.verify(token), verified);
    assert.deepEqual(await verifier.verifyFetching(Buffer.from(token)), verified);
    const { remoteKeys } = verifier;
    assert.ok(remoteKeys instanceof RemoteKeySet && remoteKeys.keySet() instanceof KeySet);
    assert.deepEqual([remoteKeys.issuer, remoteKeys.keySet().length], [issuer.url, 1]);
    assert.equal((await issuer.fetches()).jwks, 1);
  });

  test('a token is judged as always', async () => {
    const issuer = await hostile.new();
    const verifier = Verifier.discover(issuer.url, { audience });
    const token = await issuer.token();
    await assert.rejects(verifier.verifyFetching(token, { now: 4_000_000_000 }), code('ERR_TOKEN_EXPIRED', 'exp'));
    await assert.rejects(verifier.verifyFetching(token, { now: new Date(1_000_000_000_000) }), { code: /^ERR_TOKEN/ });
    await assert.rejects(verifier.verifyFetching('nonsense'), code('ERR_TOKEN_MALFORMED'));
    await assert.rejects(verifier.verifyFetching(await issuer.token({ key: 'forged' })), code('ERR_SIGNATURE_INVALID'));
    const other = new Verifier(verifier.remoteKeys, { audience: 'other' });
    await assert.rejects(other.verifyFetching(token), code('ERR_AUDIENCE_MISMATCH', 'aud'));
    assert.equal(Verifier.fromPolicy(verifier.remoteKeys, { audience, max_token_age: 60 }).verify(token).claims.sub, 'alice');
    assert.throws(() => new Verifier(verifier.remoteKeys, { issuer: 'https://other.example' }), code('ERR_INVALID_ARGUMENT', 'issuer'));
    assert.equal((await issuer.fetches()).jwks, 1);
  });

  test('a new key is picked up', async () => {
    const issuer = await hostile.new();
    const verifier = await verifierOf(issuer, { cooldown: 1 });
    await verifier.verifyFetching(await issuer.token());
    await issuer.rotate();
    await sleep(1400);
    assert.equal((await verifier.verifyFetching(await issuer.token())).claims.sub, 'alice');
    assert.equal(verifier.remoteKeys.keySet().length, 2);
  });

  test('an error says what the issuer answered', async () => {
    const verifier = await verifierOf(await hostile.new('metadata-status-500'));
    // Its header is {"alg":"ES256","kid":"k"}: what is no token needs no keys.
    await assert.rejects(verifier.verifyFetching('eyJhbGciOiJFUzI1NiIsImtpZCI6ImsifQ.e30.c2ln'), (error) => {
      assert.ok(error instanceof AuthwrightError && error.cause instanceof AuthwrightError);
      const { name, httpStatus, providerError, providerErrorDescription } = error.cause;
      assert.equal(error.code, 'ERR_KEYS_NEEDED');
      assert.deepEqual([name, httpStatus, providerError, providerErrorDescription], ['ResponseStatusError', 500, 'server_error', 'the database is away']);
      return true;
    });
  });

  test('fixed keys are never fetched', async () => {
    const key = keyFor('ES256');
    const verifier = new Verifier(key.publicKey());
    assert.equal(verifier.remoteKeys, undefined);
    await assert.rejects(verifier.verifyFetching('a.b.c'), code('ERR_TOKEN_ENCODING'));
    await assert.rejects(verifier.verifyFetching('a.b.c', { now, signal: AbortSignal.abort('enough') }), (reason) => reason === 'enough');
  });
});

describe('many who wait', () => {
  test('a hundred first verifications cause one fetch', async () => {
    const issuer = await hostile.new('jwks-slow', 'http', { ms: 200 });
    const first = await verifierOf(issuer);
    const second = new Verifier(first.remoteKeys, { audience });
    const token = await issuer.token();
    const calls = Array.from({ length: 100 }, (_, index) => (index % 2 === 0 ? first : second).verifyFetching(token));
    const all = await Promise.all([...calls, first.remoteKeys.refresh()]);
    assert.equal(all.filter((verified) => verified?.claims.sub === 'alice').length, 100);
    const { metadata, jwks } = await issuer.fetches();
    assert.deepEqual({ metadata, jwks }, { metadata: 1, jwks: 1 });
  });

  test('one who fetches for all may leave, and another takes over', async () => {
    const issuer = await hostile.new('jwks-slow', 'http', { ms: 300 });
    const verifier = await verifierOf(issuer);
    const token = await issuer.token();
    const leader = new AbortController();
    const reason = new Error('the client has gone');
    const left = assert.rejects(verifier.verifyFetching(token, { signal: leader.signal }), (error) => error === reason);
    const rest = Promise.all(Array.from({ length: 20 }, () => verifier.verifyFetching(token)));
    await sleep(100);
    leader.abort(reason);
    await left;
    assert.equal((await rest).length, 20);
    assert.ok((await issuer.fetches()).jwks <= 2);
  });

  test('one who fetches for all has less time than they', async () => {
    const issuer = await hostile.new('jwks-slow', 'http', { ms: 400 });
    const verifier = await verifierOf(issuer);
    const token = await issuer.token();
    const hasty = [
      assert.rejects(verifier.remoteKeys.refresh({ timeout: 0.1 }), code('ERR_DEADLINE')),
      assert.rejects(verifier.verifyFetching(token, { timeout: 0.15 }), code('ERR_KEYS_NEEDED')),
    ];
    const patient = verifier.verifyFetching(token);
    await Promise.all(hasty);
    assert.equal((await patient).claims.sub, 'alice');
  });

  test('one who waits may leave', async () => {
    const issuer = await hostile.new('jwks-slow', 'http', { ms: 300 });
    const verifier = await verifierOf(issuer);
    const token = await issuer.token();
    const leader = verifier.verifyFetching(token);
    const begin = performance.now();
    await assert.rejects(verifier.verifyFetching(token, { signal: AbortSignal.timeout(50) }), { name: 'TimeoutError' });
    await assert.rejects(verifier.verifyFetching(token, { timeout: 0.05 }), (error) => {
      assert.deepEqual([error.code, error.cause.code], ['ERR_KEYS_NEEDED', 'ERR_DEADLINE']);
      return true;
    });
    assert.ok(performance.now() - begin < 250);
    await leader;
    assert.equal((await issuer.fetches()).jwks, 1);
  });

  test('all leave at one signal, without a warning', async () => {
    const issuer = await hostile.new('jwks-silent');
    const verifier = await verifierOf(issuer);
    const token = await issuer.token();
    const warnings = [];
    process.on('warning', (warning) => warnings.push(warning));
    const all = new AbortController();
    const calls = Array.from({ length: 50 }, () => assert.rejects(verifier.verifyFetching(token, { signal: all.signal }), { name: 'AbortError' }));
    await sleep(50);
    all.abort();
    await Promise.all(calls);
    assert.deepEqual(warnings, []);
    // Gone before it began: nothing is asked.
    const { jwks } = await issuer.fetches();
    await assert.rejects(verifier.verifyFetching(token, { signal: all.signal }), { name: 'AbortError' });
    await assert.rejects(verifier.remoteKeys.refresh({ signal: all.signal }), { name: 'AbortError' });
    assert.equal((await issuer.fetches()).jwks, jwks);
  });
});

describe('RemoteKeySet', () => {
  test('refresh', async () => {
    const issuer = await hostile.new();
    const remote = new RemoteKeySet({ issuer: issuer.url });
    assert.equal(await remote.refresh(), undefined);
    assert.equal(remote.keySet().length, 1);
    await assert.rejects(remote.refresh(), code('ERR_KEYS_NEEDED'));
    const silent = new RemoteKeySet({ issuer: (await hostile.new('metadata-silent')).url });
    await assert.rejects(silent.refresh({ timeout: 0.1 }), code('ERR_DEADLINE'));
    const broken = new RemoteKeySet({ issuer: (await hostile.new('jwks-empty')).url });
    await assert.rejects(broken.refresh(), code('ERR_RESPONSE_INVALID'));
  });

  test('its state starts another one warm', async () => {
    const issuer = await hostile.new();
    const first = await verifierOf(issuer);
    const token = await issuer.token();
    assert.throws(() => first.remoteKeys.exportState(secret), code('ERR_KEYS_NEEDED'));
    await first.verifyFetching(token);
    const state = first.remoteKeys.exportState(secret);
    const second = await verifierOf(issuer);
    assert.throws(() => second.remoteKeys.importState(state, Key.fromSecret(Buffer.alloc(32, 1))), code('ERR_STATE_INVALID'));
    second.remoteKeys.importState(state, [Key.fromSecret(Buffer.alloc(32, 1)), secret]);
    assert.equal(second.verify(token).claims.sub, 'alice');
    const third = await verifierOf(issuer);
    third.remoteKeys.importState(state, secret);
    assert.equal(third.verify(token).claims.sub, 'alice');
    const other = new RemoteKeySet({ issuer: `${issuer.url}/other` });
    assert.throws(() => other.importState(state, secret), code('ERR_STATE_INVALID'));
    assert.throws(() => first.remoteKeys.exportState(Key.generate('ES256')), code('ERR_KEY_MISMATCH'));
    assert.throws(() => first.remoteKeys.exportState('secret'), code('ERR_INVALID_ARGUMENT', 'key'));
    assert.throws(() => first.remoteKeys.importState(5, secret), code('ERR_INVALID_ARGUMENT', 'state'));
    assert.throws(() => first.remoteKeys.importState(state), code('ERR_INVALID_ARGUMENT', 'keys'));
  });

  test('closed, it fetches no more', async () => {
    const issuer = await hostile.new('jwks-slow', 'http', { ms: 100 });
    const token = await issuer.token();
    const verifier = await verifierOf(issuer);
    const underWay = verifier.verifyFetching(token);
    verifier.remoteKeys.close();
    await assert.rejects(verifier.verifyFetching(token), code('ERR_CLOSED'));
    assert.equal((await underWay).claims.sub, 'alice');
    assert.equal(verifier.verify(token).claims.sub, 'alice');
    verifier.remoteKeys.close();
    const remote = new RemoteKeySet({ issuer: issuer.url });
    remote[Symbol.dispose]();
    await assert.rejects(remote.refresh(), code('ERR_CLOSED'));
  });

  test('what it shows of itself', async () => {
    const { inspect } = await import('node:util');
    assert.equal(inspect(new RemoteKeySet({ issuer: 'https://id.example' })), "RemoteKeySet { issuer: 'https://id.example' }");
    assert.equal(inspect(Object.create(RemoteKeySet.prototype)), '[RemoteKeySet]');
    assert.equal(JSON.stringify(new RemoteKeySet({ issuer: 'https://id.example' })), '{}');
    assert.equal(new RemoteKeySet({ jwksUri: 'https://id.example/keys' }).issuer, undefined);
  });
});

describe('fetching ahead', () => {
  const { now: systemNow } = Date;
  const later = (seconds) => {
    Date.now = () => systemNow() + seconds * 1000;
  };
  afterEach(() => {
    Date.now = systemNow;
    onEvent(null);
  });

  test('keys that are due are fetched in the background; a failure is an event', async () => {
    const issuer = await hostile.new('good', 'http', { cache_control: 'max-age=60' });
    const verifier = await verifierOf(issuer);
    const token = await issuer.token();
    const events = [];
    const arrived = (count) => new Promise((resolve) => {
      onEvent((event) => events.push(event) >= count && resolve());
    });
    let told = arrived(1);
    await verifier.verifyFetching(token);
    await told;
    later(10);
    await verifier.verifyFetching(token);
    await sleep(50);
    assert.equal((await issuer.fetches()).jwks, 1);
    later(57);
    told = arrived(2);
    await Promise.all(Array.from({ length: 10 }, () => verifier.verifyFetching(token)));
    await told;
    assert.equal((await issuer.fetches()).jwks, 2);
    later(115);
    await issuer.become('jwks-status-500');
    told = arrived(3);
    await verifier.verifyFetching(token);
    await told;
    assert.equal(verifier.verify(token).claims.sub, 'alice');
    assert.deepEqual(events.map(({ event }) => event), ['keys_refreshed', 'keys_refreshed', 'keys_refresh_failed']);
    assert.deepEqual([events[0].issuer, events[0].keys, events[2].code], [issuer.url, 1, 'ERR_RESPONSE_STATUS']);
  });

  test('a hook that fails, fails nothing else', async () => {
    const issuer = await hostile.new();
    const warned = new Promise((resolve) => process.once('warning', resolve));
    onEvent(() => {
      throw new Error('the log is full');
    });
    const verifier = await verifierOf(issuer);
    assert.equal((await verifier.verifyFetching(await issuer.token())).claims.sub, 'alice');
    assert.equal((await warned).message, 'the log is full');
    for (const callback of [undefined, 5, {}]) {
      assert.throws(() => onEvent(callback), code('ERR_INVALID_ARGUMENT', 'callback'));
    }
  });
});

describe('misuse', () => {
  const pass = { issuer: 'https://id.example' };

  test('options', () => {
    for (const [options, name, field] of [
      [undefined, 'ERR_INVALID_ARGUMENT', 'issuer'],
      [null, 'ERR_INVALID_ARGUMENT', 'options'],
      [[], 'ERR_INVALID_ARGUMENT', 'options'],
      ['https://id.example', 'ERR_INVALID_ARGUMENT', 'options'],
      [{ issuer: undefined }, 'ERR_INVALID_ARGUMENT', 'issuer'],
      [{ issuer: undefined, jwksUri: 'https://id.example/keys' }, 'ERR_INVALID_ARGUMENT', 'issuer'],
      [{ issuer: 'http://id.example' }, 'ERR_URL_REFUSED', 'issuer'],
      [{ ...pass, jwksUri: 'http://id.example' }, 'ERR_URL_REFUSED', 'jwksUri'],
      [{ ...pass, jwks_uri: 'https://id.example' }, 'ERR_UNKNOWN_OPTION', 'jwks_uri'],
      [{ ...pass, jwksUrl: 'https://id.example' }, 'ERR_UNKNOWN_OPTION', 'jwksUrl'],
      [{ ...pass, cooldown: 0 }, 'ERR_INVALID_ARGUMENT', 'cooldown'],
      [{ ...pass, outageLimit: -1 }, 'ERR_INVALID_ARGUMENT', 'outageLimit'],
      [{ ...pass, http: null }, 'ERR_INVALID_ARGUMENT', 'options'],
      [{ ...pass, http: { timout: 1 } }, 'ERR_UNKNOWN_OPTION', 'timout'],
      [{ ...pass, http: { timeout: 0 } }, 'ERR_INVALID_ARGUMENT', 'timeout'],
      [{ ...pass, http: { connectTimeout: '1' } }, 'ERR_INVALID_ARGUMENT', 'connectTimeout'],
      [{ ...pass, http: { ca: undefined } }, 'ERR_INVALID_ARGUMENT', 'ca'],
      [{ ...pass, http: { ca: 'no certificate' } }, 'ERR_INVALID_ARGUMENT', 'ca'],
      [{ ...pass, http: { ca: Buffer.from('-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----') } }, 'ERR_INVALID_ARGUMENT', 'ca'],
      [{ ...pass, http: { ca: 5 } }, 'ERR_INVALID_ARGUMENT', 'ca'],
      [{ ...pass, http: { clientCertificate: 'c' } }, 'ERR_INVALID_ARGUMENT', 'clientKey'],
      [{ ...pass, http: { clientKey: 'k' } }, 'ERR_INVALID_ARGUMENT', 'clientCertificate'],
      [{ ...pass, http: { clientCertificate: 'c', clientKey: 'k' } }, 'ERR_INVALID_ARGUMENT', 'clientCertificate'],
      [{ ...pass, http: { lookup: '127.0.0.1' } }, 'ERR_INVALID_ARGUMENT', 'lookup'],
      [{ ...pass, http: { agent: {} } }, 'ERR_INVALID_ARGUMENT', 'agent'],
      [{ ...pass, http: { agent: null } }, 'ERR_INVALID_ARGUMENT', 'agent'],
      [{ ...pass, http: { fetch: 'fetch' } }, 'ERR_INVALID_ARGUMENT', 'fetch'],
      [{ ...pass, http: { fetch, ca: 'x' } }, 'ERR_INVALID_ARGUMENT', 'ca'],
    ]) {
      assert.throws(() => new RemoteKeySet(options), code(name, field), JSON.stringify(options));
    }
  });

  test('of a client certificate, the key must be its own', () => {
    const [clientCertificate, ca] = [hostile.pem('client_certificate'), hostile.pem('ca')];
    const clientKey = Key.generate('ES256').toPem({ private: true });
    assert.throws(() => new RemoteKeySet({ ...pass, http: { ca, clientCertificate, clientKey } }), code('ERR_INVALID_ARGUMENT', 'clientKey'));
    assert.throws(() => new RemoteKeySet({ ...pass, http: { clientCertificate, clientKey: 'x' } }), code('ERR_INVALID_ARGUMENT', 'clientKey'));
  });

  test('calls', async () => {
    for (const issuer of [undefined, null, 5, new URL('https://id.example')]) {
      assert.throws(() => Verifier.discover(issuer), code('ERR_INVALID_ARGUMENT', 'issuer'));
    }
    assert.throws(() => Verifier.discover('id.example'), code('ERR_URL_REFUSED', 'issuer'));
    assert.throws(() => Verifier.discover('https://id.example', { audience: undefined }), code('ERR_INVALID_ARGUMENT', 'audience'));
    assert.throws(() => Verifier.discover('https://id.example', { audiance: 'api' }), code('ERR_UNKNOWN_OPTION', 'audiance'));
    assert.throws(() => Verifier.discover('https://id.example', { max_token_age: 5 }), code('ERR_UNKNOWN_OPTION', 'max_token_age'));
    assert.throws(() => Verifier.discover('https://id.example', { http: 5 }), code('ERR_INVALID_ARGUMENT', 'options'));
    assert.throws(() => Verifier.discover('https://id.example', 'api'), code('ERR_INVALID_ARGUMENT', 'options'));

    const verifier = Verifier.discover('https://id.example');
    for (const [options, name, field] of [
      [5, 'ERR_INVALID_ARGUMENT', 'options'],
      [{ timeuot: 1 }, 'ERR_UNKNOWN_OPTION', 'timeuot'],
      [{ timeout: 0 }, 'ERR_INVALID_ARGUMENT', 'timeout'],
      [{ timeout: Infinity }, 'ERR_INVALID_ARGUMENT', 'timeout'],
      [{ timeout: '1' }, 'ERR_INVALID_ARGUMENT', 'timeout'],
      [{ signal: null }, 'ERR_INVALID_ARGUMENT', 'signal'],
      [{ signal: new AbortController() }, 'ERR_INVALID_ARGUMENT', 'signal'],
      [{ now: 1.5 }, 'ERR_INVALID_ARGUMENT', 'now'],
    ]) {
      await assert.rejects(verifier.verifyFetching('a.b.c', options), code(name, field));
    }
    await assert.rejects(verifier.verifyFetching(5, { now }), code('ERR_INVALID_ARGUMENT', 'token'));
    await assert.rejects(verifier.verifyFetching(), code('ERR_INVALID_ARGUMENT', 'token'));
    await assert.rejects(verifier.remoteKeys.refresh({ now: 1 }), code('ERR_UNKNOWN_OPTION', 'now'));
    await assert.rejects(Verifier.prototype.verifyFetching.call({}, 'a.b.c'), code('ERR_INVALID_ARGUMENT', 'this'));
    assert.throws(() => Verifier.prototype.remoteKeys, code('ERR_INVALID_ARGUMENT', 'this'));
    assert.throws(() => RemoteKeySet.prototype.issuer, code('ERR_INVALID_ARGUMENT', 'this'));
    assert.throws(() => RemoteKeySet.prototype.close.call(verifier), code('ERR_INVALID_ARGUMENT', 'this'));
    assert.throws(() => new Verifier({}), code('ERR_INVALID_ARGUMENT', 'keys'));
    assert.throws(() => verifier.remoteKeys.keySet(), { ...code('ERR_KEYS_NEEDED'), message: /verifyFetching/ });
  });
});
