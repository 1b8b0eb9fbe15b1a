// Keys and the tokens that they sign, with node:crypto only: what is under test must not make its own evidence.

import { constants, createPrivateKey, generateKeyPairSync, randomUUID, sign as signature } from 'node:crypto';

const KINDS = {
  RS256: { type: 'rsa', parameters: { modulusLength: 2048 }, hash: 'sha256' },
  PS256: { type: 'rsa', parameters: { modulusLength: 2048 }, hash: 'sha256', padding: constants.RSA_PKCS1_PSS_PADDING },
  ES256: { type: 'ec', parameters: { namedCurve: 'P-256' }, hash: 'sha256' },
  EdDSA: { type: 'ed25519', hash: null },
};

/** A new key: its parts as JWKs, and what signs with it. */
export const makeKey = (alg = 'ES256', kid = randomUUID()) => {
  const kind = KINDS[alg];
  if (!kind) throw new Error(`no alg ${alg}; there are ${Object.keys(KINDS)}`);
  // Not KeyObject.export: it holds the key's lock, which the job that generated the key takes once more when a garbage
  // collection within the export ends it. Node then waits for itself, once in some thousand keys.
  const format = { publicKeyEncoding: { format: 'jwk' }, privateKeyEncoding: { format: 'jwk' } };
  const { privateKey, publicKey } = generateKeyPairSync(kind.type, { ...kind.parameters, ...format });
  const named = { kid, alg, use: 'sig' };
  return {
    alg,
    kid,
    privateKey: createPrivateKey({ key: privateKey, format: 'jwk' }),
    privateJwk: { ...privateKey, ...named },
    publicJwk: { ...publicKey, ...named },
  };
};

const encoded = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');

const signWith = (key) => (input) => {
  const { hash, padding } = KINDS[key.alg];
  const salt = padding && { padding, saltLength: constants.RSA_PSS_SALTLEN_DIGEST };
  return signature(hash, input, { key: key.privateKey, dsaEncoding: 'ieee-p1363', ...salt });
};

/** A compact JWS. `sign` makes another signature than the key's own. */
export const signToken = (key, claims, header = {}, sign = signWith(key)) => {
  const input = `${encoded({ typ: 'at+jwt', alg: key.alg, kid: key.kid, ...header })}.${encoded(claims)}`;
  return `${input}.${sign(Buffer.from(input)).toString('base64url')}`;
};

/**
 * Which key signs a token, as the control endpoints' `key` names it: `current`, `previous`, `forged` (another key under
 * the current one's kid) or `unpublished` (another key under a kid of its own).
 */
export const chooseKey = (keys, name = 'current') => {
  const current = keys.at(-1);
  const choices = {
    current: () => current,
    previous: () => keys.at(-2),
    forged: () => makeKey(current.alg, current.kid),
    unpublished: () => makeKey(current.alg),
  };
  if (!Object.hasOwn(choices, name)) throw new Error(`no key ${name}; there are ${Object.keys(choices)}`);
  const chosen = choices[name]();
  if (!chosen) throw new Error('there is no previous key: rotate first');
  return chosen;
};

/** The claims of an access token (RFC 9068); `exp` is in seconds from now. */
export const claimsOf = (issuer, { sub = 'alice', aud = 'api', exp = 600, ...more } = {}) => {
  const now = Math.floor(Date.now() / 1000);
  return { iss: issuer, sub, aud, client_id: 'demo', iat: now, exp: now + Number(exp), jti: randomUUID(), ...more };
};
