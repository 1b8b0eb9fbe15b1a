// The Async twins: off the event loop, with the same results and the same codes.

import assert from 'node:assert/strict';
import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { describe, test } from 'node:test';
import { monitorEventLoopDelay } from 'node:perf_hooks';

import { Key, Signer, Verifier } from '../index.js';
import { audience, code, issuer, keyFor, now } from './keys.mjs';

const options = { issuer, audience, lifetime: 900 };

describe('async', () => {
  test('the event loop turns while RSA keys are made', async () => {
    // Two at once at most, so that a machine with two cores has one left for the loop.
    const delay = monitorEventLoopDelay({ resolution: 5 });
    let turns = 0;
    const timer = setInterval(() => { turns += 1; }, 5);
    delay.enable();
    const begin = performance.now();
    const key = await Key.generateAsync('RS256', { bits: 4096 });
    const elapsed = performance.now() - begin;
    delay.disable();
    clearInterval(timer);
    assert.equal(createPrivateKey(key.toPem({ private: true })).asymmetricKeyDetails.modulusLength, 4096);
    // Had it run on the loop, there would have been no turn at all.
    assert.ok(elapsed < 20 || turns > elapsed / 200, `${turns} turns in ${elapsed} ms, longest delay ${delay.max / 1e6} ms`);
  });

  test('signAsync signs as sign does', async () => {
    for (const algorithm of ['RS256', 'EdDSA', 'HS256']) {
      const key = keyFor(algorithm);
      const signer = new Signer(key, options);
      const token = await signer.signAsync({ sub: 'alice' }, { now });
      assert.equal(token, signer.sign({ sub: 'alice' }, { now }));
      const verifier = new Verifier(algorithm === 'HS256' ? key : key.publicKey(), { issuer, audience });
      assert.equal(verifier.verify(token, { now }).claims.sub, 'alice');
    }
  });

  test('the claims are taken when the call is made', async () => {
    const key = keyFor('RS256');
    const claims = { sub: 'alice' };
    const promise = new Signer(key, options).signAsync(claims);
    claims.sub = 'eve';
    assert.equal(new Verifier(key.publicKey(), { issuer, audience }).verify(await promise).claims.sub, 'alice');
  });

  test('fromPemAsync reads an encrypted key, and bytes are taken when the call is made', async () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const pem = Buffer.from(privateKey.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'secret' }));
    const promise = Key.fromPemAsync(pem, { password: 'secret', kid: 'k' });
    pem.fill(0);
    assert.deepEqual([(await promise).kid, (await promise).isPrivate], ['k', true]);
  });

  test('many at once', async () => {
    const signer = new Signer(keyFor('ES256'), options);
    const tokens = await Promise.all(Array.from({ length: 500 }, (_, index) => signer.signAsync({ index })));
    assert.equal(new Set(tokens).size, 500);
  });

  test('errors keep their codes, and are rejections', async () => {
    const pem = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-128-cbc', passphrase: 'p' });
    await assert.rejects(Key.fromPemAsync(pem, { password: 'wrong' }), code('ERR_KEY_PASSWORD'));
    await assert.rejects(Key.fromPemAsync(pem, { pasword: 'p' }), code('ERR_UNKNOWN_OPTION', 'pasword'));
    await assert.rejects(Key.generateAsync('RS256', { bits: 1024 }), { code: /^ERR_/ });
    await assert.rejects(Key.generateAsync('RS256', { bits: 2048.5 }), code('ERR_INVALID_ARGUMENT', 'bits'));
    const signer = new Signer(keyFor('RS256').publicKey(), { issuer });
    await assert.rejects(signer.signAsync({ exp: now }), code('ERR_KEY_NOT_PRIVATE'));
    await assert.rejects(signer.signAsync(5), code('ERR_INVALID_ARGUMENT', 'claims'));
    await assert.rejects(new Signer(keyFor('RS256'), { issuer }).signAsync({}), code('ERR_CLAIM_MISSING', 'exp'));
  });
});
