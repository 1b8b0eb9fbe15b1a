// What a token endpoint can answer instead of RFC 6749's. A behaviour is `token-` and the name of one of DOCUMENTS or
// ERRORS, or of one of the ways in which any answer can come (faults.mjs); `refresh-` for the answer to a refresh.

const JSON_TYPE = 'application/json';
const FORM_TYPE = 'application/x-www-form-urlencoded';

export const json = (document, status = 200, headers = {}) => ({
  status,
  type: JSON_TYPE,
  headers,
  body: JSON.stringify(document),
});
const form = (document, status = 200) => ({
  status,
  type: FORM_TYPE,
  body: new URLSearchParams(
    Object.entries(document).filter(([, value]) => value !== undefined && value !== null),
  ).toString(),
});

/** An error of RFC 6749, section 5.2. */
export const oauthError = (error, error_description, status = 400, headers = {}) =>
  json({ error, error_description }, status, headers);

const set = (name, value) => (document) => json({ ...document, [name]: value });
const without = (name) => set(name, undefined);
const change = (name, make) => (document) => json({ ...document, [name]: make(document[name]) });
/** The document with a member in front that JSON.stringify would not write a second time. */
const twice = (name, value) => (document) => {
  const answer = json(document);
  return { ...answer, body: `{${JSON.stringify(name)}:${JSON.stringify(value)},${answer.body.slice(1)}` };
};

/** Tokens, oddly put. Each makes an answer from the document that would be right. */
export const DOCUMENTS = {
  form: (document) => form(document),
  'form-type-json': (document) => ({ ...form(document), type: JSON_TYPE }),
  'form-type-html': (document) => ({ ...form(document), type: 'text/html' }),
  'form-type-none': (document) => ({ ...form(document), type: undefined }),
  'form-duplicate': (document) => ({ ...form(document), body: `access_token=other&${form(document).body}` }),
  'json-type-form': (document) => ({ ...json(document), type: FORM_TYPE }),
  bom: (document) => ({ ...json(document), body: `\ufeff${JSON.stringify(document)}` }),
  extra: (document) => json({ ...document, created_at: 1, user: { id: 7, roles: ['a', null] }, ok: true }),

  'no-token-type': without('token_type'),
  'token-type-null': set('token_type', null),
  'token-type-lower': set('token_type', 'bearer'),
  'token-type-upper': set('token_type', 'BEARER'),
  'token-type-mac': set('token_type', 'mac'),
  'token-type-dpop': set('token_type', 'DPoP'),
  'token-type-number': set('token_type', 1),

  'expires-in-absent': without('expires_in'),
  'expires-in-null': set('expires_in', null),
  'expires-in-string': change('expires_in', String),
  'expires-in-float': set('expires_in', 3599.5),
  'expires-in-float-string': set('expires_in', '3599.5'),
  'expires-in-zero': set('expires_in', 0),
  'expires-in-negative': set('expires_in', -1),
  'expires-in-huge': (document) => {
    const answer = json({ ...document, expires_in: 0 });
    return { ...answer, body: answer.body.replace('"expires_in":0', '"expires_in":1e300') };
  },
  'expires-in-large': set('expires_in', Number.MAX_SAFE_INTEGER),
  'expires-in-text': set('expires_in', 'soon'),
  'expires-in-bool': set('expires_in', true),

  'scope-list': change('scope', (scope) => scope.split(' ')),
  'scope-comma': change('scope', (scope) => scope.replaceAll(' ', ',')),
  'scope-absent': without('scope'),
  'scope-null': set('scope', null),
  'scope-empty': set('scope', ''),
  'scope-reduced': change('scope', (scope) => scope.split(' ')[0]),
  'scope-other': set('scope', 'https://api.example/read openid'),
  'scope-number': set('scope', 1),

  'refresh-token-absent': without('refresh_token'),
  'refresh-token-null': set('refresh_token', null),
  'refresh-token-empty': set('refresh_token', ''),
  'refresh-token-number': set('refresh_token', 1),

  'access-token-absent': without('access_token'),
  'access-token-null': set('access_token', null),
  'access-token-empty': set('access_token', ''),
  'access-token-number': set('access_token', 1),
  'access-token-object': set('access_token', { token: 'a' }),
  // It would be sent in a header.
  'access-token-line-feed': set('access_token', 'a\r\nX-Injected: 1'),
  'access-token-non-ascii': set('access_token', 'tok\u00e9n'),

  'duplicate-access-token': twice('access_token', 'another access token'),
  'duplicate-id-token': twice('id_token', 'another.id.token'),
  'duplicate-other': (document) => twice('unknown', 1)({ unknown: 2, ...document }),
};

const REFUSED = { error: 'invalid_grant', error_description: 'The code is incorrect or expired.' };
const HOSTILE = 'no\r\nX-Injected: 1 <script>alert(1)</script> \u0000 \u202e';

/** Refusals, each as a real provider or a broken one puts it. */
export const ERRORS = {
  error: () => json(REFUSED, 400),
  'error-200': () => json(REFUSED),
  'error-200-form': () => form(REFUSED),
  'error-200-type-html': () => ({ ...form(REFUSED), type: 'text/html' }),
  'error-400-form': () => form(REFUSED, 400),
  'error-401': () => oauthError('invalid_client', 'Who are you?', 401, { 'WWW-Authenticate': 'Basic realm="token"' }),
  'error-403': () => json(REFUSED, 403),
  'error-400-type-html': () => ({ ...json(REFUSED, 400), type: 'text/html' }),
  'error-500': () => oauthError('server_error', 'The database is away.', 500),
  'error-and-token': (document) => json({ ...REFUSED, ...document }),
  'error-object': () => json({ error: FACEBOOK }, 400),
  'error-object-200': () => json({ error: FACEBOOK }),
  'error-number': () => json({ error: 42 }, 400),
  'error-null': () => json({ error: null }, 400),
  'error-empty': () => json({ error: '' }, 400),
  'error-hostile': () => oauthError('invalid_grant', HOSTILE),
  'error-long': () => oauthError('invalid_grant', 'no '.repeat(20_000)),
  // A provider that repeats what it was sent, secrets and all.
  'error-echo': (document, { form: sent, headers }) =>
    oauthError('invalid_grant', `${new URLSearchParams(sent)} ${headers.authorization ?? ''}`),
  'error-interaction': () => oauthError('interaction_required', 'AADSTS50076: use multi-factor authentication.'),
  'ok-false': () => json({ ok: false, error: 'invalid_code' }),
  'ok-true': (document) => json({ ok: true, ...document }),
  'empty-400': () => ({ status: 400, type: undefined, body: '' }),
  'empty-200': () => ({ status: 200, type: JSON_TYPE, body: '' }),
  'html-502': () => ({ status: 502, type: 'text/html', body: '<html><h1>Bad Gateway</h1></html>' }),
  'html-200': () => ({ status: 200, type: 'text/html', body: '<html>Sign in</html>' }),
  null: () => ({ status: 200, type: JSON_TYPE, body: 'null' }),
  'empty-object': () => json({}),
};

const FACEBOOK = {
  message: 'This authorization code has expired.',
  type: 'OAuthException',
  code: 100,
  error_subcode: 36007,
  fbtrace_id: 'AbCdEf',
};
