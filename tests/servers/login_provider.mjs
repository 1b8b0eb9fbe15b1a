// A certified OpenID provider (npm oidc-provider) on the loopback address for logins: with accounts, clients of every
// kind, and a user who needs no browser. README.md lists its clients and control calls.
//
//   node login_provider.mjs

import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';

import { Browser } from './browser.mjs';
import { loaded, makeCertificates } from './certificates.mjs';
import { announce, closed, control, endWithParent, listen, reopened } from './listener.mjs';
import { POST_LOGOUT_REDIRECT_URI, REDIRECT_URI, makeClients } from './login_clients.mjs';
import { makeKey } from './tokens.mjs';

// It tells people about its defaults with console.info, and stdout is for the one line.
console.info = console.error;
const packages = createRequire(new URL('../../target/servers/package.json', import.meta.url));
const main = packages.resolve('oidc-provider');
const { default: Provider } = await import(pathToFileURL(main));
const { createMemoryAdapter } = await import(pathToFileURL(join(dirname(main), 'adapters', 'memory_adapter.js')));

const ALGORITHMS = ['RS256', 'PS256', 'ES256', 'EdDSA'];
const ACCOUNTS = {
  alice: {
    email: 'alice@example.com',
    email_verified: true,
    name: 'Alice Liddell',
    picture: 'https://images.example/alice.png',
  },
  bob: { email: 'bob@example.com', email_verified: false, name: 'Bob' },
};
const COUNTED = {
  '/.well-known/openid-configuration': 'metadata',
  '/jwks': 'jwks',
  '/auth': 'authorize',
  '/token': 'token',
  '/me': 'userinfo',
  '/token/revocation': 'revocation',
  '/session/end': 'logout',
};
const LIFETIMES = { access_token: 3600, refresh_token: 86_400, id_token: 3600, code: 60 };
const CLIENT_AUTH_METHODS = [
  ...['none', 'client_secret_basic', 'client_secret_post', 'client_secret_jwt', 'private_key_jwt'],
  ...['tls_client_auth', 'self_signed_tls_client_auth'],
];

endWithParent();
const certificates = makeCertificates();
const initialKeys = ALGORITHMS.map((alg) => makeKey(alg));

let keys, lifetimes, counts, requests, logoutTokens, browsers, adapter, handler;

const findAccount = (context, accountId) => ({
  accountId,
  claims: () => ({ sub: accountId, ...(ACCOUNTS[accountId] ?? { name: accountId }) }),
});

/** What a client sent and was answered. oidc-provider has read the form by then. */
const record = async (context, next) => {
  await next();
  const { method, path, req, status, body, oidc } = context;
  const what = COUNTED[path];
  if (!what) return;
  counts[what] += 1;
  const form = method === 'POST' ? { ...oidc?.body } : {};
  const query = Object.fromEntries(new URLSearchParams(context.querystring));
  const error = body?.error && { error: body.error, error_description: body.error_description };
  if (requests.push({ what, method, url: req.url, headers: req.headers, query, form, status, ...error }) > 200) {
    requests.shift();
  }
};

/** A provider's keys are read once: rotation swaps the instance behind the listeners, as a rolling deployment does. */
const deploy = () => {
  const provider = new Provider(issuer, {
    adapter,
    findAccount,
    jwks: { keys: keys.map((key) => key.privateJwk) },
    cookies: { keys: ['a key that signs cookies'] },
    claims: { email: ['email', 'email_verified'], profile: ['name', 'picture'] },
    clientAuthMethods: CLIENT_AUTH_METHODS,
    pkce: { required: () => true },
    rotateRefreshToken: true,
    ttl: {
      AccessToken: () => lifetimes.access_token,
      AuthorizationCode: () => lifetimes.code,
      RefreshToken: () => lifetimes.refresh_token,
      IdToken: () => lifetimes.id_token,
      Interaction: 600,
      Session: 86_400,
      Grant: 86_400,
    },
    // RFC 8705, section 5: where clients go that have a certificate.
    discovery: {
      mtls_endpoint_aliases: {
        token_endpoint: `${mtlsUrl}/token`,
        revocation_endpoint: `${mtlsUrl}/token/revocation`,
        userinfo_endpoint: `${mtlsUrl}/me`,
      },
    },
    // Its own protection would keep back-channel logout tokens from the loopback address.
    fetch: (url, { dispatcher, ...options }) => fetch(url, options),
    features: {
      devInteractions: { enabled: true },
      revocation: { enabled: true },
      jwtUserinfo: { enabled: true },
      rpInitiatedLogout: { enabled: true },
      backchannelLogout: { enabled: true },
      mTLS: {
        enabled: true,
        tlsClientAuth: true,
        selfSignedTlsClientAuth: true,
        getCertificate: ({ socket }) => socket.getPeerX509Certificate?.(),
        certificateAuthorized: ({ socket }) => socket.authorized,
        certificateSubjectMatches: ({ socket }, property, expected) =>
          property === 'tls_client_auth_subject_dn' && `CN=${socket.getPeerCertificate().subject.CN}` === expected,
      },
    },
  });
  // A hybrid client without https is for tests only, and oidc-provider says how to allow it.
  const { invalidate } = provider.Client.Schema.prototype;
  provider.Client.Schema.prototype.invalidate = function (message, code) {
    if (!['implicit-force-https', 'implicit-forbid-localhost'].includes(code)) invalidate.call(this, message);
  };
  provider.use(record);
  provider.on('server_error', (context, error) => console.error(error));
  handler = provider.callback();
  return provider;
};

let provider;

const resetCounts = () => {
  counts = Object.fromEntries(Object.values(COUNTED).map((what) => [what, 0]));
  requests = [];
};

const reset = async () => {
  keys = initialKeys;
  lifetimes = { ...LIFETIMES };
  logoutTokens = [];
  browsers = new Map();
  adapter = createMemoryAdapter();
  resetCounts();
  provider = deploy();
  for (const { metadata } of clients.values()) await adapter('Client').upsert(metadata.client_id, metadata);
};

const answer = (request, response) => handler(request, response);
const server = createServer(answer);
const port = await listen(server);
const issuer = `http://127.0.0.1:${port}`;
const asking = { requestCert: true, rejectUnauthorized: false };
const secure = { ...loaded(certificates.server), ca: readFileSync(certificates.authority.certificate), ...asking };
const mtlsUrl = `https://127.0.0.1:${await listen(createSecureServer(secure, answer))}`;

/** The browser of that name, which keeps its session, or a new one. */
const browserOf = (name) => {
  if (name === undefined) return new Browser(issuer);
  if (!browsers.has(name)) browsers.set(name, new Browser(issuer));
  return browsers.get(name);
};

const controlUrl = await control({
  'POST /authorize': ({ url, login = 'alice', deny, session }) => {
    if (!url) throw new Error('which url?');
    return browserOf(session).authorize(url, { login, deny });
  },
  'POST /logout': ({ url, session }) => browserOf(session).logout(url),
  'POST /clients': async ({ client }) => {
    const asked = JSON.parse(client);
    const known = (await adapter('Client').find(asked.client_id)) ?? {};
    const metadata = { ...known, ...asked };
    await provider.Client.validate(metadata);
    await adapter('Client').upsert(metadata.client_id, metadata);
    return metadata;
  },
  'POST /rotate': ({ drop, alg = 'RS256' }) => {
    const key = makeKey(alg);
    keys = [key, ...keys.filter((old) => !drop || old.alg !== alg)];
    provider = deploy();
    return { kid: key.kid };
  },
  'POST /lifetimes': (wishes) => {
    for (const [name, seconds] of Object.entries(wishes)) {
      if (!Object.hasOwn(LIFETIMES, name)) throw new Error(`no lifetime ${name}; there are ${Object.keys(LIFETIMES)}`);
      lifetimes[name] = Number(seconds);
    }
    return lifetimes;
  },
  'POST /down': () => closed(server),
  'POST /up': () => reopened(server, port),
  'POST /reset': async () => {
    await reset();
    await reopened(server, port);
  },
  'POST /capture': ({ logout_token }) => {
    logoutTokens.push(logout_token);
  },
  'GET /logout_tokens': () => ({ logout_tokens: logoutTokens }),
  'GET /requests': ({ what }) => ({ requests: requests.filter((request) => !what || request.what === what) }),
  'GET /counts': () => counts,
  'GET /jwks': () => ({ keys: keys.map((key) => key.publicJwk) }),
});

const clients = makeClients(certificates, `${controlUrl}/capture`);
await reset();

/** What a program is configured with, in its own words, and the files of what it shows or signs with. */
const describe = ({ metadata, key, certificate }) => ({
  options: {
    issuer,
    client_id: metadata.client_id,
    client_secret: metadata.client_secret,
    token_endpoint_auth_method: metadata.token_endpoint_auth_method,
    redirect_uri: REDIRECT_URI,
    post_logout_redirect_uri: POST_LOGOUT_REDIRECT_URI,
    response_type: metadata.response_types[0] === 'code' ? undefined : metadata.response_types[0],
  },
  client_key: key,
  ...(certificate && {
    client_certificate: certificates[certificate].certificate,
    client_certificate_key: certificates[certificate].key,
  }),
});

announce({
  port,
  url: issuer,
  control: controlUrl,
  mtls_url: mtlsUrl,
  ca: certificates.authority.certificate,
  untrusted_client_certificate: certificates.untrustedClient.certificate,
  untrusted_client_key: certificates.untrustedClient.key,
  accounts: ACCOUNTS,
  clients: Object.fromEntries([...clients].map(([name, client]) => [name, describe(client)])),
});
