// What a userinfo endpoint can answer. A behaviour is `userinfo-` and the name of one of FAULTS, or of one of the ways
// in which any answer can come (faults.mjs).

import { createHmac, createPublicKey } from 'node:crypto';

import { json } from './token_answers.mjs';
import { makeKey, signToken } from './tokens.mjs';

const set = (name, value) => (document) => json({ ...document, [name]: value });

/** The claims as a signed JWT (OpenID Connect Core, section 5.3.2), with something of it changed. */
const signed =
  (change = () => ({})) =>
  (document, provider) => {
    const key = provider.keys.at(-1);
    const claims = { iss: provider.issuer, aud: provider.options.client_id, ...document };
    const wrong = change({ claims, key });
    const token = signToken(wrong.key ?? key, wrong.claims ?? claims, { typ: 'JWT', ...wrong.header }, wrong.sign);
    return { status: 200, type: wrong.type ?? 'application/jwt', body: token };
  };
const claim =
  (name, value) =>
  ({ claims }) => ({ claims: { ...claims, [name]: value } });

const bearer = (error, description) => ({
  'WWW-Authenticate': `Bearer realm="userinfo", error="${error}", error_description="${description}"`,
});

export const FAULTS = {
  'other-sub': set('sub', 'mallory'),
  'no-sub': set('sub', undefined),
  'sub-empty': set('sub', ''),
  'sub-number': set('sub', 42),
  'email-verified-string': set('email_verified', 'true'),
  'no-email': (document) => json({ sub: document.sub }),
  nulls: (document) => json({ sub: document.sub, email: null, email_verified: null, name: null, picture: null }),
  'picture-object': set('picture', { data: { url: 'https://images.example/alice.png' } }),
  'duplicate-sub': (document) => {
    const answer = json(document);
    return { ...answer, body: `{"sub":"mallory",${answer.body.slice(1)}` };
  },
  jwt: signed(),
  'jwt-other-sub': signed(claim('sub', 'mallory')),
  'jwt-wrong-aud': signed(claim('aud', 'another client')),
  'jwt-no-aud': signed(claim('aud', undefined)),
  'jwt-wrong-iss': signed(claim('iss', 'https://other.example')),
  'jwt-no-iss': signed(claim('iss', undefined)),
  'jwt-expired': signed(claim('exp', 1)),
  'jwt-other-key': signed(({ key }) => ({ key: makeKey(key.alg, key.kid) })),
  'jwt-alg-none': signed(() => ({ header: { alg: 'none', kid: undefined }, sign: () => Buffer.alloc(0) })),
  'jwt-alg-hs256-public-key': signed(({ key }) => ({
    header: { alg: 'HS256' },
    sign: (input) =>
      createHmac('sha256', createPublicKey(key.privateKey).export({ type: 'spki', format: 'pem' }))
        .update(input)
        .digest(),
  })),
  'jwt-type-json': signed(() => ({ type: 'application/json' })),
  'json-type-jwt': (document) => ({ ...json(document), type: 'application/jwt' }),
  unauthorized: () => json({ error: 'invalid_token' }, 401, bearer('invalid_token', 'The token is over.')),
  'unauthorized-bare': () => ({ status: 401, body: '', headers: bearer('invalid_token', 'The token is over.') }),
  forbidden: () => json({ error: 'insufficient_scope' }, 403, bearer('insufficient_scope', 'The scope is too small.')),
  'error-200': () => json({ error: 'invalid_token', error_description: 'The token is over.' }),
  'error-object': () => json({ error: { message: 'Invalid OAuth access token.', code: 190 } }, 400),
  'ok-false': () => json({ ok: false, error: 'invalid_auth' }),
  'empty-object': () => json({}),
};
