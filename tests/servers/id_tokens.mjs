// ID tokens of the quirky providers, and the ways in which one can be wrong. A behaviour is `id-token-` and the name of
// one of FAULTS; `hybrid-` for the one that comes with the callback; `refresh-id-token-` for the one that comes with a
// refresh.

import { createHash, createHmac, createPublicKey } from 'node:crypto';

import { makeKey, signToken } from './tokens.mjs';

const HASHES = { RS256: 'sha256', PS256: 'sha256', ES256: 'sha256', EdDSA: 'sha512' };
const OTHER = 'https://other.example';

/** The left half of the hash of an access token or a code (OpenID Connect Core, section 3.1.3.6). */
const leftHalf = (alg, text) => {
  const digest = createHash(HASHES[alg]).update(text, 'ascii').digest();
  return digest.subarray(0, digest.length / 2).toString('base64url');
};

const set =
  (name, value) =>
  ({ claims }) => ({ claims: { ...claims, [name]: value } });
const without = (name) => set(name, undefined);
const change =
  (name, make) =>
  ({ claims }) => ({ claims: { ...claims, [name]: make(claims[name]) } });
const later =
  (name, seconds) =>
  ({ claims, now }) => ({ claims: { ...claims, [name]: now + seconds } });
const audiences =
  (...more) =>
  ({ claims }) => ({ claims: { ...claims, aud: [claims.aud, ...more] } });
const header = (members) => () => ({ header: members });
const text = (value) => () => ({ text: value });

/** Each answers what is other than right: `claims`, `header`, `key`, `sign`, or the `text` in place of the token. */
export const FAULTS = {
  'wrong-nonce': set('nonce', 'the nonce of somebody else'),
  'no-nonce': without('nonce'),
  'nonce-number': set('nonce', 1),
  'wrong-iss': set('iss', OTHER),
  'no-iss': without('iss'),
  'iss-slash': change('iss', (iss) => `${iss}/`),
  'iss-no-scheme': change('iss', (iss) => iss.replace(/^https?:\/\//, '')),
  'wrong-aud': set('aud', 'another client'),
  'no-aud': without('aud'),
  'aud-list': audiences(),
  'aud-list-azp': (context) => ({ claims: { ...audiences('api')(context).claims, azp: context.claims.aud } }),
  'aud-list-no-azp': audiences('api'),
  'aud-list-wrong-azp': (context) => ({ claims: { ...audiences('api')(context).claims, azp: 'api' } }),
  'right-azp': ({ claims }) => ({ claims: { ...claims, azp: claims.aud } }),
  'wrong-azp': set('azp', 'another client'),
  'other-client': ({ claims }) => ({ claims: { ...claims, aud: 'another client', azp: 'another client' } }),
  expired: ({ claims, now }) => ({ claims: { ...claims, iat: now - 7200, exp: now - 3600 } }),
  'no-exp': without('exp'),
  'exp-string': change('exp', String),
  'iat-future': later('iat', 3600),
  'no-iat': without('iat'),
  'nbf-future': later('nbf', 3600),
  'other-sub': set('sub', 'mallory'),
  'no-sub': without('sub'),
  'sub-empty': set('sub', ''),
  'sub-number': set('sub', 42),
  'wrong-at-hash': set('at_hash', 'AAAAAAAAAAAAAAAAAAAAAA'),
  'no-at-hash': without('at_hash'),
  'wrong-c-hash': set('c_hash', 'AAAAAAAAAAAAAAAAAAAAAA'),
  'no-c-hash': without('c_hash'),
  'no-auth-time': without('auth_time'),
  'old-auth-time': later('auth_time', -86_400),
  'auth-time-string': change('auth_time', String),
  'other-acr': set('acr', 'urn:example:password'),
  'no-acr': without('acr'),
  'email-verified-string': set('email_verified', 'true'),
  'alg-none': () => ({ header: { alg: 'none', kid: undefined }, sign: () => Buffer.alloc(0) }),
  // The public key's own text as the secret: what a verifier would take that lets the token choose.
  'alg-hs256-public-key': ({ key }) => ({
    header: { alg: 'HS256' },
    sign: (input) => {
      const pem = createPublicKey(key.privateKey).export({ type: 'spki', format: 'pem' });
      return createHmac('sha256', pem).update(input).digest();
    },
  }),
  'alg-hs256-client-secret': ({ secret }) => ({
    header: { alg: 'HS256', kid: undefined },
    sign: (input) => createHmac('sha256', secret).update(input).digest(),
  }),
  'other-key': ({ key }) => ({ key: makeKey(key.alg, key.kid) }),
  'unknown-kid': ({ key }) => ({ key: makeKey(key.alg) }),
  'no-kid': header({ kid: undefined }),
  'typ-at-jwt': header({ typ: 'at+jwt' }),
  crit: header({ crit: ['b64'], b64: true }),
  // An access token of the same provider, in the place of the ID token.
  'access-token': ({ claims: { iss, sub, aud, iat, exp } }) => ({
    claims: { iss, sub, aud, iat, exp, client_id: aud, scope: 'openid', jti: 'an access token' },
    header: { typ: 'at+jwt' },
  }),
  absent: text(undefined),
  null: text(null),
  empty: text(''),
  number: text(42),
  garbage: text('not.a.jwt'),
  encrypted: text('eyJhbGciOiJkaXIiLCJlbmMiOiJBMTI4R0NNIn0..AAAAAAAAAAAAAAAA.AAAA.AAAAAAAAAAAAAAAAAAAAAA'),
};

/**
 * An ID token for a grant: with `access_token` or `code`, also their hashes. Claims that are undefined are not in it.
 */
export const idToken = (provider, grant, fault, { access_token, code, refreshed } = {}) => {
  const key = provider.keys.at(-1);
  const now = Math.floor(Date.now() / 1000);
  const claims = {
    iss: provider.issuerOf(grant),
    sub: provider.shape.subject(grant.user),
    aud: grant.client_id,
    iat: now,
    exp: now + 3600,
    auth_time: grant.auth_time,
    // OpenID Connect Core, section 12.2: one that comes with a refresh should have none.
    nonce: refreshed ? undefined : grant.nonce,
    acr: grant.acr_values?.split(' ')[0],
    at_hash: access_token && leftHalf(key.alg, access_token),
    c_hash: code && leftHalf(key.alg, code),
    ...provider.shape.claims(grant),
  };
  const context = { claims, now, key, secret: provider.options.client_secret };
  const wrong = fault?.(context) ?? {};
  if (Object.hasOwn(wrong, 'text')) return wrong.text;
  return signToken(wrong.key ?? key, wrong.claims ?? claims, { typ: 'JWT', ...wrong.header }, wrong.sign);
};
