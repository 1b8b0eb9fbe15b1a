// Providers as they are known to be, where they differ from the specifications. A behaviour is `provider-` and the name
// of one of SHAPES. Where several ways are known, it is the one that a client is more likely to trip over.

import { createPublicKey, verify } from 'node:crypto';

import { json, oauthError } from './token_answers.mjs';

const USERS = {
  alice: {
    number: 583_231,
    email: 'alice@example.com',
    verified: true,
    name: 'Alice Liddell',
    picture: 'https://images.example/alice.png',
  },
  bob: { number: 4711, email: 'bob@example.com', verified: false, name: 'Bob', picture: null },
  mallory: { number: 666, email: 'mallory@attacker.example', verified: true, name: 'Mallory', picture: null },
};

export const known = (user) => {
  if (!Object.hasOwn(USERS, user)) throw new Error(`no user ${user}; there are ${Object.keys(USERS)}`);
  return USERS[user];
};

const profile = ({ user }) => {
  const { email, verified, name, picture } = known(user);
  return { email, email_verified: verified, name, picture: picture ?? undefined };
};

const SECRETS = ['client_secret_basic', 'client_secret_post'];
const APPLE = 'https://appleid.apple.com';
const TENANT = '11111111-2222-3333-4444-555555555555';
/** Apple's: half a year. */
const LONGEST_SECRET = 15_777_000;

const GENERIC = {
  openid: true,
  alg: 'ES256',
  methods: [...SECRETS, 'client_secret_jwt', 'private_key_jwt', 'none'],
  pkce: true,
  advertisesPkce: true,
  iss: true,
  revocation: true,
  logout: true,
  user: '/userinfo',
  subject: (user) => user,
  claims: () => ({}),
  /** The members of a token answer. */
  document: (document) => document,
  encode: (document) => json(document),
  refused: (error, description, status, headers) => oauthError(error, description, status, headers),
  /** What is answered where, by path, for a token that is good. */
  users: { '/userinfo': (grant, { shape }) => json({ sub: shape.subject(grant.user), ...profile(grant) }) },
  unauthorized: () => json({ error: 'invalid_token' }, 401, { 'WWW-Authenticate': 'Bearer error="invalid_token"' }),
  callback: (pairs) => pairs,
  ending: '',
  /** What the program is configured with beside the endpoints. */
  options: () => ({}),
};

/** OAuth only: no ID token, no metadata; the endpoints are configured. */
const PLAIN = { ...GENERIC, openid: false, iss: false, logout: false };

/** Whether a JWT is signed with a key, and what it says. */
const opened = (token, jwk) => {
  const [header, claims, signature] = token.split('.');
  const key = createPublicKey({ key: jwk, format: 'jwk' });
  const raw = Buffer.from(signature, 'base64url');
  const good = verify('sha256', `${header}.${claims}`, { key, dsaEncoding: 'ieee-p1363' }, raw);
  const read = (part) => JSON.parse(Buffer.from(part, 'base64url'));
  return { good, header: read(header), claims: read(claims) };
};

/** What Apple has against a client secret, or nothing. */
const appleObjects = (secret, provider) => {
  if (secret?.split('.').length !== 3) return 'the secret is no JWT';
  const { good, header, claims } = opened(secret, provider.clientKey.publicJwk);
  const now = Date.now() / 1000;
  if (!good || header.alg !== 'ES256') return 'the signature or alg is wrong';
  if (header.kid !== provider.clientKey.kid) return `kid is ${header.kid}`;
  if (claims.iss !== provider.parameters.team_id) return `iss is ${claims.iss}`;
  if (claims.sub !== provider.options.client_id) return `sub is ${claims.sub}`;
  if (![APPLE, provider.base].includes(claims.aud)) return `aud is ${claims.aud}`;
  if (!(claims.iat <= now + 5 && claims.exp > now)) return 'iat or exp is wrong';
  if (claims.exp - now > LONGEST_SECRET) return 'exp is too far away';
  return undefined;
};

export const SHAPES = {
  generic: GENERIC,
  oauth: PLAIN,

  google: {
    ...GENERIC,
    alg: 'RS256',
    methods: ['client_secret_post', 'client_secret_basic'],
    logout: false,
    subject: (user) => `1096${known(user).number}`,
    claims: (grant) => ({ azp: grant.client_id, hd: 'example.com', ...profile(grant) }),
    document: (document) => ({
      ...document,
      expires_in: 3599,
      scope: document.scope.replace(/\b(email|profile)\b/g, 'https://www.googleapis.com/auth/userinfo.$1'),
      // Only where it was asked for, and only at the first consent.
      refresh_token: undefined,
    }),
    callback: (pairs, grant) => [...pairs, ['scope', grant.scope], ['authuser', '0'], ['prompt', 'none']],
  },

  microsoft: {
    ...GENERIC,
    alg: 'RS256',
    methods: ['client_secret_post', 'private_key_jwt', 'client_secret_basic'],
    advertisesPkce: false,
    iss: false,
    revocation: false,
    tenant: TENANT,
    subject: (user) => `AAAAAAAAAAAAAAAAAAAAA${known(user).number}`,
    claims: (grant) => ({
      tid: TENANT,
      oid: `00000000-0000-0000-0000-000000${known(grant.user).number}`,
      preferred_username: known(grant.user).email,
      ver: '2.0',
      name: known(grant.user).name,
      email: known(grant.user).email,
    }),
    document: (document) => ({ ...document, ext_expires_in: document.expires_in }),
    refused: (error, description, status) =>
      json(
        {
          error,
          error_description: `AADSTS70000: ${description}\r\nTrace ID: 0000\r\nTimestamp: 2026-01-01 00:00:00Z`,
          error_codes: [70_000],
          timestamp: '2026-01-01 00:00:00Z',
          trace_id: '0000',
          error_uri: 'https://login.microsoftonline.com/error?code=70000',
        },
        status,
      ),
    users: {
      '/userinfo': (grant, { shape }) =>
        json({
          sub: shape.subject(grant.user),
          name: known(grant.user).name,
          email: known(grant.user).email,
          picture: 'https://graph.microsoft.com/v1.0/me/photo/$value',
        }),
    },
    callback: (pairs) => [...pairs, ['session_state', '9c1b0a4c-0000-0000-0000-000000000000']],
    options: (provider) => ({ tenant: 'common', issuer: `${provider.base}/common/v2.0` }),
  },

  // `name` and `email` come by form_post only, and the user's name once, beside the code and not in a token.
  apple: {
    ...GENERIC,
    alg: 'RS256',
    methods: ['client_secret_post'],
    advertisesPkce: false,
    iss: false,
    logout: false,
    user: undefined,
    users: {},
    subject: (user) => `001234.${known(user).number}.0001`,
    claims: ({ user }) => ({
      email: known(user).email,
      email_verified: String(known(user).verified),
      is_private_email: 'false',
      nonce_supported: true,
    }),
    objects: appleObjects,
    refused: (error) => json({ error }, 400),
    mode: (grant) => {
      const named = /\b(name|email)\b/.test(grant.scope);
      if (named && grant.response_mode !== 'form_post') throw new Error('response_mode must be form_post');
    },
    callback: (pairs, grant, provider) => {
      if (provider.seen.has(grant.user) || !grant.scope.includes('name')) return pairs;
      provider.seen.add(grant.user);
      const [firstName, lastName = ''] = known(grant.user).name.split(' ');
      return [...pairs, ['user', JSON.stringify({ name: { firstName, lastName }, email: known(grant.user).email })]];
    },
    // A profile that does not trust its metadata has the endpoints itself.
    options: (provider, endpoints) => ({
      ...endpoints,
      jwks_uri: `${provider.base}/jwks`,
      team_id: provider.parameters.team_id,
      client_secret: undefined,
    }),
  },

  github: {
    ...PLAIN,
    methods: SECRETS,
    iss: true,
    options: (provider) => ({ issuer: provider.base }),
    user: '/user',
    subject: (user) => String(known(user).number),
    document: ({ access_token, scope }) => ({ access_token, scope: scope.replaceAll(' ', ','), token_type: 'bearer' }),
    // JSON only for those who ask for it.
    encode: (document, { accept = '' }) =>
      accept.includes('application/json')
        ? json(document)
        : { status: 200, type: 'application/x-www-form-urlencoded', body: new URLSearchParams(document).toString() },
    refused: () =>
      json({
        error: 'bad_verification_code',
        error_description: 'The code passed is incorrect or expired.',
        error_uri: 'https://docs.github.com/apps/troubleshooting-authorization-request-errors',
      }),
    // Without a public address, `email` is null, and the others are asked for elsewhere.
    users: {
      '/user': ({ user }, _, { headers }) =>
        headers['user-agent']
          ? json({
              login: user,
              id: known(user).number,
              avatar_url: known(user).picture,
              name: known(user).name,
              email: null,
              type: 'User',
            })
          : { status: 403, type: 'text/html', body: 'Request forbidden by administrative rules.' },
      '/user/emails': ({ user }) =>
        json([
          { email: `${user}@users.noreply.example`, primary: false, verified: true, visibility: null },
          { email: known(user).email, primary: true, verified: known(user).verified, visibility: 'private' },
        ]),
    },
    unauthorized: () => json({ message: 'Bad credentials', documentation_url: 'https://docs.github.com/rest' }, 401),
  },

  facebook: {
    ...PLAIN,
    methods: ['client_secret_post'],
    revocation: false,
    user: '/me',
    subject: (user) => String(known(user).number),
    document: ({ access_token }) => ({ access_token, token_type: 'bearer', expires_in: 5_183_944 }),
    refused: (_, message) => json({ error: { message, type: 'OAuthException', code: 100, fbtrace_id: 'AbCdEf' } }, 400),
    users: {
      // Only what is asked for.
      '/me': ({ user }, _, { query }) => {
        const { number, name, email, picture } = known(user);
        const all = {
          id: String(number),
          name,
          email,
          picture: picture && { data: { height: 50, width: 50, is_silhouette: false, url: picture } },
        };
        const fields = ['id', ...(query.fields ?? 'name').split(',').map((field) => field.replace(/[.{(].*/, ''))];
        return json(Object.fromEntries(Object.entries(all).filter(([field]) => fields.includes(field))));
      },
    },
    unauthorized: () =>
      json({ error: { message: 'Invalid OAuth access token.', type: 'OAuthException', code: 190 } }, 400, {
        'WWW-Authenticate': 'OAuth "Facebook Platform" "invalid_token" "Invalid OAuth access token."',
      }),
    ending: '#_=_',
    options: (_, { userinfo_endpoint: endpoint }) => ({
      userinfo_endpoint: `${endpoint}?fields=id,name,email,picture`,
    }),
  },

  gitlab: {
    ...GENERIC,
    alg: 'RS256',
    methods: SECRETS,
    iss: false,
    logout: false,
    subject: (user) => String(known(user).number),
    claims: (grant) => ({ sub_legacy: 'a hash', nickname: grant.user, groups_direct: [], ...profile(grant) }),
    document: (document) => ({ ...document, expires_in: 7200, created_at: Math.floor(Date.now() / 1000) }),
  },

  slack: {
    ...GENERIC,
    alg: 'RS256',
    methods: ['client_secret_post', 'client_secret_basic'],
    advertisesPkce: false,
    iss: false,
    revocation: false,
    logout: false,
    user: '/api/openid.connect.userInfo',
    // PKCE is for clients that have no secret.
    refuses: ({ client_secret, code_verifier }) => client_secret !== undefined && code_verifier !== undefined,
    subject: (user) => `U0${known(user).number}`,
    claims: (grant) => ({ 'https://slack.com/team_id': 'T0', ...profile(grant) }),
    document: ({ access_token, id_token }) => ({ ok: true, access_token, token_type: 'Bearer', id_token }),
    refused: (error) => json({ ok: false, error: error === 'invalid_grant' ? 'invalid_code' : error }),
    users: {
      '/api/openid.connect.userInfo': (grant, { shape }) =>
        json({ ok: true, sub: shape.subject(grant.user), 'https://slack.com/team_id': 'T0', ...profile(grant) }),
    },
    unauthorized: () => json({ ok: false, error: 'invalid_auth' }),
  },

  linkedin: {
    ...GENERIC,
    alg: 'RS256',
    methods: ['client_secret_post'],
    pkce: false,
    advertisesPkce: false,
    iss: false,
    revocation: false,
    logout: false,
    subject: (user) => `li${known(user).number}`,
    claims: (grant) => ({ nonce: undefined, locale: 'en_US', ...profile(grant) }),
    document: ({ access_token, id_token, scope }) => ({
      access_token,
      id_token,
      expires_in: 5_184_000,
      scope: scope.replaceAll(' ', ','),
    }),
    users: {
      '/userinfo': (grant, { shape }) =>
        json({
          sub: shape.subject(grant.user),
          ...profile(grant),
          email_verified: String(known(grant.user).verified),
          locale: { country: 'US', language: 'en' },
        }),
    },
  },

  discord: {
    ...PLAIN,
    methods: SECRETS,
    user: '/users/@me',
    subject: (user) => `80351110${known(user).number}`,
    document: (document) => ({ ...document, expires_in: 604_800 }),
    users: {
      '/users/@me': ({ user }, { shape }) =>
        json({
          id: shape.subject(user),
          username: user,
          global_name: known(user).name,
          discriminator: '0',
          avatar: known(user).picture && '8342729096ea3675442027381ff50dfe',
          email: known(user).email,
          verified: known(user).verified,
        }),
    },
    unauthorized: () => json({ message: '401: Unauthorized', code: 0 }, 401),
  },

  imgur: {
    ...PLAIN,
    methods: ['client_secret_post'],
    pkce: false,
    revocation: false,
    user: '/3/account/me',
    subject: (user) => String(known(user).number),
    document: (document, { user }) => ({
      ...document,
      expires_in: 315_360_000,
      token_type: 'bearer',
      scope: null,
      account_id: known(user).number,
      account_username: user,
    }),
    refused: (error, description, status = 400) =>
      json({ data: { error: description, request: '/oauth2/token', method: 'POST' }, success: false, status }, status),
    users: {
      '/3/account/me': ({ user }) =>
        json({ data: { id: known(user).number, url: user, avatar: known(user).picture }, success: true, status: 200 }),
    },
    unauthorized: () => json({ data: { error: 'The access token is invalid.' }, success: false, status: 401 }, 401),
  },
};
