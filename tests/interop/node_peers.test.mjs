// Tokens from and to jose and jsonwebtoken, for every algorithm that they share with us.
//
// tests/interop/setup.sh installs the peers. One that is missing skips its tests; under AW_REQUIRE_ALL=1 it fails them.

import assert from 'node:assert/strict';
import { createPrivateKey, createPublicKey, createSecretKey } from 'node:crypto';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { Key, KeySet, Signer, Verifier } from '../../bindings/node/index.js';

const ISSUER = 'https://id.example';
const AUDIENCE = 'api';
const COMMON = ['HS', 'RS', 'PS', 'ES'].flatMap((family) => [256, 384, 512].map((bits) => `${family}${bits}`));
const require = createRequire(fileURLToPath(new URL('../../target/interop/package.json', import.meta.url)));

const jose = () => {
  const library = require('jose');
  const key = (jwk, algorithm) => library.importJWK(jwk, algorithm);
  const codes = {
    tampered: 'ERR_JWS_SIGNATURE_VERIFICATION_FAILED',
    expired: 'ERR_JWT_EXPIRED',
    audience: 'ERR_JWT_CLAIM_VALIDATION_FAILED',
    issuer: 'ERR_JWT_CLAIM_VALIDATION_FAILED',
  };
  return {
    sign: async (jwk, alg, claims) =>
      new library.SignJWT(claims).setProtectedHeader({ alg, typ: 'JWT' }).sign(await key(jwk, alg)),
    verify: async (jwk, alg, token) => {
      const options = { issuer: ISSUER, audience: AUDIENCE, algorithms: [alg] };
      return (await library.jwtVerify(token, await key(jwk, alg), options)).payload;
    },
    refusal: (what) => ({ code: codes[what] }),
    library,
  };
};

const jsonwebtoken = () => {
  const library = require('jsonwebtoken');
  const key = (jwk, make) =>
    jwk.kty === 'oct' ? createSecretKey(jwk.k, 'base64url') : make({ key: jwk, format: 'jwk' });
  const messages = {
    tampered: /invalid signature/,
    expired: /jwt expired/,
    audience: /jwt audience invalid/,
    issuer: /jwt issuer invalid/,
  };
  return {
    sign: async (jwk, algorithm, claims) => library.sign(claims, key(jwk, createPrivateKey), { algorithm }),
    verify: async (jwk, algorithm, token) =>
      library.verify(token, key(jwk, createPublicKey), { issuer: ISSUER, audience: AUDIENCE, algorithms: [algorithm] }),
    refusal: (what) => ({ message: messages[what] }),
    library,
  };
};

const PEERS = [
  ['jose', jose, [...COMMON, 'EdDSA', 'Ed25519']],
  ['jsonwebtoken', jsonwebtoken, COMMON],
];

const load = (name, make) => {
  try {
    return make();
  } catch (error) {
    if (error.code !== 'MODULE_NOT_FOUND') throw error;
    return new Error(`${name} is not installed (tests/interop/setup.sh installs it)`, { cause: error });
  }
};

const claims = (changes = {}) => {
  const now = Math.floor(Date.now() / 1000);
  return { iss: ISSUER, aud: AUDIENCE, sub: 'alice', iat: now, exp: now + 900, näme: 'Zoë ✓ "q"', ...changes };
};

const tampered = (token) => {
  const [header, payload, signature] = token.split('.');
  const text = Buffer.from(payload, 'base64url').toString().replace('alice', 'malice');
  return [header, Buffer.from(text).toString('base64url'), signature].join('.');
};

const asObject = (jwk) => (typeof jwk === 'string' ? JSON.parse(jwk) : jwk);

for (const [name, make, algorithms] of PEERS) {
  const peer = load(name, make);
  for (const algorithm of algorithms) {
    if (peer instanceof Error) {
      const missing = process.env.AW_REQUIRE_ALL === '1' ? {} : { skip: peer.message };
      test(`${name}, ${algorithm}`, missing, () => assert.fail(peer));
      continue;
    }
    const key = Key.generate(algorithm);
    const privateJwk = asObject(key.toJwk({ private: true }));
    const isSecret = privateJwk.kty === 'oct';
    const publicKey = isSecret ? key : key.publicKey();
    const publicJwk = isSecret ? privateJwk : asObject(publicKey.toJwk());
    const signer = new Signer(key, { algorithm });
    const verifier = new Verifier(publicKey, { issuer: ISSUER, audience: AUDIENCE });
    const past = { iat: claims().iat - 7200, exp: claims().iat - 3600 };

    test(`${name} accepts our ${algorithm} token`, async () => {
      const mine = claims();
      assert.deepEqual({ ...(await peer.verify(publicJwk, algorithm, signer.sign(mine))) }, mine);
    });

    test(`we accept ${name}'s ${algorithm} token`, async () => {
      const theirs = claims();
      assert.deepEqual({ ...verifier.verify(await peer.sign(privateJwk, algorithm, theirs)).claims }, theirs);
    });

    test(`${name} refuses what is wrong with our ${algorithm} token`, async () => {
      const wrong = {
        tampered: tampered(signer.sign(claims())),
        expired: signer.sign(claims(past)),
        audience: signer.sign(claims({ aud: 'billing' })),
        issuer: signer.sign(claims({ iss: 'https://id.example.evil' })),
      };
      for (const [what, token] of Object.entries(wrong)) {
        await assert.rejects(() => peer.verify(publicJwk, algorithm, token), peer.refusal(what), what);
      }
    });

    test(`we refuse what is wrong with ${name}'s ${algorithm} token`, async () => {
      const sign = (changes) => peer.sign(privateJwk, algorithm, claims(changes));
      const wrong = {
        ERR_SIGNATURE_INVALID: tampered(await sign()),
        ERR_TOKEN_EXPIRED: await sign(past),
        ERR_AUDIENCE_MISMATCH: await sign({ aud: 'billing' }),
        ERR_ISSUER_MISMATCH: await sign({ iss: 'https://id.example.evil' }),
      };
      for (const [code, token] of Object.entries(wrong)) {
        assert.throws(() => verifier.verify(token), { code });
      }
    });

    // Exported key sets hold no secrets.
    if (name === 'jose' && !isSecret) {
      test(`jose chooses our ${algorithm} key from our key set`, async () => {
        const published = asObject(new KeySet([Key.generate('ES256', { kid: 'another' }), key]).toJson());
        const choose = peer.library.createLocalJWKSet(published);
        const { payload } = await peer.library.jwtVerify(signer.sign(claims()), choose, { algorithms: [algorithm] });
        assert.equal(payload.sub, 'alice');
      });
    }
  }
}
