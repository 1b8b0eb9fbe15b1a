// Keys and the small things that several tests share.

import { Key } from '../index.js';

export const now = 1_800_000_000;
export const issuer = 'https://id.example';
export const audience = 'api';
export const secret = Buffer.alloc(64, 7);

/** Every algorithm, with how to make a key for it. */
export const algorithms = [
  'HS256', 'HS384', 'HS512', 'RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512',
  'ES256', 'ES384', 'ES512', 'ES256K', 'EdDSA', 'Ed25519',
];

/** The claims of a usual token. */
export const claims = {
  sub: 'alice',
  jti: '6b1f3c52-8a0e-4b6d-9a57-2f0d4c7e1b90',
  scope: 'read write',
  client_id: 'web-frontend',
  roles: ['admin', 'editor', 'viewer'],
};

const rsa = {};

/** One RSA key for each algorithm, made once: generating them is slow. */
export function keyFor(algorithm) {
  if (!/^[RP]S/.test(algorithm)) {
    return Key.generate(algorithm);
  }
  rsa.jwk ??= (({ alg, kid, ...rest }) => rest)(Key.generate('RS256').toJwk({ private: true }));
  return Key.fromJwk({ ...rsa.jwk, alg: algorithm });
}

/** What `assert.throws` compares an error with. */
export function code(name, field) {
  return field === undefined ? { code: name } : { code: name, field };
}

/** Base64url of text, or of the JSON text of anything else. */
export function encode(value) {
  return Buffer.from(typeof value === 'string' || value instanceof Uint8Array ? value : JSON.stringify(value)).toString('base64url');
}
