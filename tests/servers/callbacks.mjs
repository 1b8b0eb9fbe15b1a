// What the authorization endpoint sends the browser back with, and how that can be wrong. A behaviour is `callback-`
// and the name of one of FAULTS.

const ATTACKER = 'https://attacker.example';
const HOSTILE = '<script>alert(1)</script>\r\nSet-Cookie: a=b\u0000\u001b[31m\u202e "quoted" \\ \ud83d\ude00';

const set = (name, value) => (pairs) => [...without(name)(pairs), [name, value]];
const without = (name) => (pairs) => pairs.filter(([other]) => other !== name);
const again =
  (name, value = '') =>
  (pairs) => [...pairs, [name, value || pairs.find(([other]) => other === name)?.[1] || '']];
const only = (pairs, ...names) => pairs.filter(([name]) => names.includes(name));

/** An error instead of a code. */
const refused =
  (error, description, uri) =>
  (pairs) => [
    ['error', error],
    ...(description === undefined ? [] : [['error_description', description]]),
    ...(uri === undefined ? [] : [['error_uri', uri]]),
    ...only(pairs, 'state', 'iss'),
  ];
const denied = refused('access_denied', 'The user said no.');

/** Each makes the parameters, as pairs in their order, from those that would be right. */
export const FAULTS = {
  // RFC 9207: mix-up.
  'iss-changed': set('iss', ATTACKER),
  'iss-stripped': without('iss'),
  'iss-empty': set('iss', ''),
  'iss-duplicated': again('iss', ATTACKER),
  'iss-slash': (pairs) => pairs.map(([name, value]) => [name, name === 'iss' ? `${value}/` : value]),
  'iss-unadvertised': (pairs) => pairs,
  'iss-unadvertised-changed': set('iss', ATTACKER),
  'iss-unadvertised-absent': without('iss'),

  error: denied,
  'error-bare': refused('access_denied'),
  'error-hostile': refused('access_denied', HOSTILE, 'javascript:alert(1)'),
  'error-long': refused('access_denied', 'no '.repeat(20_000)),
  'error-unknown': refused('user_cancelled_authorize'),
  'error-login-required': refused('login_required', 'The user is not logged in.'),
  'error-empty': refused(''),
  'error-and-code': (pairs) => [...denied(pairs), ...only(pairs, 'code')],
  'error-no-state': (pairs) => without('state')(denied(pairs)),
  'error-state-changed': (pairs) => set('state', 'another state')(denied(pairs)),
  'error-iss-changed': (pairs) => set('iss', ATTACKER)(denied(pairs)),
  'error-iss-stripped': (pairs) => without('iss')(denied(pairs)),

  // Login CSRF: the state is another's or nobody's.
  'state-changed': set('state', 'the state of somebody else'),
  'state-absent': without('state'),
  'state-empty': set('state', ''),
  'state-duplicated': again('state'),
  'state-duplicated-other': again('state', 'the state of somebody else'),
  'state-longer': (pairs) => pairs.map(([name, value]) => [name, name === 'state' ? `${value}A` : value]),
  'state-case': (pairs) => pairs.map(([name, value]) => [name, name === 'state' ? swapped(value) : value]),

  'code-absent': without('code'),
  'code-empty': set('code', ''),
  'code-duplicated': again('code'),
  'code-duplicated-other': again('code', 'another code'),
  'code-unknown': set('code', 'a code that nobody issued'),
  // A code that has every character that an encoder can get wrong.
  'code-odd': (pairs, { code }) => set('code', code(' +&=%#/?"'))(pairs),
  'code-long': (pairs, { code }) => set('code', code('a'.repeat(4000)))(pairs),
  // Of the attacker's own login, for the victim to finish: its PKCE challenge and its nonce are others.
  'code-injected': (pairs, { otherCode }) => set('code', otherCode())(pairs),
  'code-injected-pkce-ignored': (pairs, { otherCode }) => set('code', otherCode())(pairs),
  // PKCE downgrade: somebody has taken the challenge out of the URL. The provider refuses a verifier without one.
  'pkce-stripped': (pairs) => pairs,

  none: () => [],
  unknown: (pairs) => [...pairs, ['session_state', 'a.b'], ['authuser', '0'], ['prompt', 'consent']],
  many: (pairs) => [...pairs, ...Array.from({ length: 5000 }, (_, index) => [`p${index}`, 'x'])],
  'token-in-url': (pairs) => [...pairs, ['access_token', 'an access token'], ['token_type', 'Bearer']],
};

const swapped = (text) => text.replace(/[a-z]/i, (letter) => String.fromCharCode(letter.charCodeAt(0) ^ 32));

/** Those for which `iss` is not advertised in the metadata. */
export const isAdvertised = (fault) => !fault?.startsWith('iss-unadvertised');

/** What the browser is told: `{callback}`, a URL, or `{callback_url, form}`, what to post there. */
export const callbackOf = (redirectUri, mode, pairs, ending = '') => {
  const encoded = new URLSearchParams(pairs).toString();
  if (mode === 'form_post') return { callback_url: redirectUri, form: encoded };
  if (mode === 'fragment') return { callback: `${redirectUri}#${encoded}` };
  return { callback: `${redirectUri}${redirectUri.includes('?') ? '&' : '?'}${encoded}${ending}` };
};
