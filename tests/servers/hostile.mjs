// A server of issuers that misbehave, each in its own way, over http and https. README.md lists the behaviours and the
// control calls.
//
//   node hostile.mjs

import { createHash, createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { createServer as createPlainServer } from 'node:net';

import { loaded, makeCertificates } from './certificates.mjs';
import { ANSWERS, KEYS, METADATA, octSecret, statusAnswer } from './faults.mjs';
import { announce, control, endWithParent, listen } from './listener.mjs';
import { chooseKey, claimsOf, makeKey, signToken } from './tokens.mjs';

const OPENID = '/.well-known/openid-configuration';
const OAUTH = '/.well-known/oauth-authorization-server';
const WHOLE = ['good', 'oauth-metadata', 'ms-template'];
// Any status works.
const STATUSES = ['201', '204', '304', '400', '401', '404', '404-html', '429', '500', '500-html', '503'];
const EITHER = [...Object.keys(ANSWERS), ...STATUSES.map((status) => `status-${status}`)];
const BEHAVIOURS = [
  ...WHOLE,
  ...[...Object.keys(METADATA), ...EITHER].map((fault) => `metadata-${fault}`),
  ...[...Object.keys(KEYS), ...EITHER].map((fault) => `jwks-${fault}`),
];
/** The tenant whose keys the `ms-template` issuer binds to it, as Microsoft does with the one of personal accounts. */
const CONSUMERS = '9188040d-6c67-4c5b-b112-36a304b66dad';
const TENANT = '11111111-2222-3333-4444-555555555555';

const listeners = {};
const issuers = new Map();
let instances = 0;

/** What a behaviour does to its target's document, or to how that is sent. */
const readBehaviour = (name) => {
  if (WHOLE.includes(name)) return { name };
  const [, target, fault] = name.match(/^(metadata|jwks)-(.+)$/) ?? [];
  const documents = target === 'metadata' ? METADATA : KEYS;
  const document = Object.hasOwn(documents, fault) ? documents[fault] : undefined;
  const send = Object.hasOwn(ANSWERS, fault ?? '') ? ANSWERS[fault] : statusAnswer(fault ?? '');
  if (!target || !(document || send)) throw new Error(`no behaviour ${name}; GET /behaviours lists them`);
  return { name, target, document, send };
};

/** One issuer: its keys, its behaviour, and what it was asked. */
class Issuer {
  constructor(listener, path, parameters) {
    this.listener = listener;
    this.base = `${listeners[listener]}/${path}`;
    this.behaviour = readBehaviour(path.split('/')[0]);
    this.parameters = parameters;
    this.keys = [makeKey(parameters.alg)];
    this.fetches = { metadata: 0, oauth_metadata: 0, jwks: 0, other: 0, not_modified: 0, followed: 0 };
    this.requests = [];
    if (this.behaviour.name === 'ms-template') this.consumers = makeKey('RS256');
  }

  get templated() {
    return this.behaviour.name === 'ms-template';
  }

  /** What a program is configured with. */
  get issuer() {
    return this.templated ? `${this.base}/common/v2.0` : this.base;
  }

  /** What the tokens and keys of a tenant name. */
  issuerOf(tenant) {
    return this.templated ? `${this.base}/${tenant}/v2.0` : this.base;
  }

  describe() {
    const oauth = this.behaviour.name === 'oauth-metadata';
    const origin = listeners[this.listener];
    return {
      behaviour: this.base.slice(origin.length + 1),
      listener: this.listener,
      issuer: this.issuer,
      metadata_url: oauth ? `${origin}${OAUTH}${this.base.slice(origin.length)}` : `${this.issuer}${OPENID}`,
      jwks_uri: `${this.base}/jwks`,
      ...(this.templated && { base: this.base, tenant: TENANT, consumers: CONSUMERS }),
    };
  }

  metadata(tenant) {
    const document = {
      issuer: this.issuerOf(['common', 'organizations'].includes(tenant) ? '{tenantid}' : tenant),
      authorization_endpoint: `${this.base}/authorize`,
      token_endpoint: `${this.base}/token`,
      jwks_uri: `${this.base}/jwks`,
      response_types_supported: ['code'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: ['ES256', 'RS256'],
    };
    const { target, document: change } = this.behaviour;
    return target === 'metadata' && change ? change(document) : document;
  }

  jwks() {
    let keys = this.keys.map((key) => key.publicJwk);
    if (this.templated) {
      const consumers = { ...this.consumers.publicJwk, issuer: this.issuerOf(CONSUMERS) };
      keys = [...keys.map((key) => ({ ...key, issuer: this.issuerOf('{tenantid}') })), consumers];
    }
    const { target, document: change } = this.behaviour;
    if (target !== 'jwks' || !change) return { keys };
    return change.document ? change.document(keys) : { keys: change(keys, this) };
  }

  token({ key, kid, alg, tid, ...claims }) {
    const tenant = this.templated ? { tid: tid ?? TENANT } : {};
    const content = claimsOf(this.issuerOf(tenant.tid), { ...tenant, ...claims });
    const header = { ...(alg && { alg }), ...(kid !== undefined && { kid }) };
    if (key === 'oct') return signToken(this.keys[0], content, { alg: 'HS256', kid: 'secret', ...header }, hmac);
    return signToken(key === 'consumers' ? this.consumers : chooseKey(this.keys, key), content, header);
  }
}

const hmac = (input) => createHmac('sha256', octSecret).update(input).digest();

/** The issuer of a path such as `jwks-drip/7`; those without a number are made when they are first asked for. */
const issuerAt = (listener, path) => {
  const name = `${listener} ${path}`;
  if (!issuers.has(name)) {
    if (path.includes('/')) throw new Error(`no issuer ${path}: POST /new makes one`);
    issuers.set(name, new Issuer(listener, path, {}));
  }
  return issuers.get(name);
};

const find = ({ listener = 'http', behaviour }) => {
  if (!listeners[listener]) throw new Error(`no listener ${listener}; there are ${Object.keys(listeners)}`);
  if (!behaviour) throw new Error('which behaviour?');
  return issuerAt(listener, behaviour);
};

/** Splits `/jwks-drip/7/jwks` into the issuer and what of it is asked for. */
const route = (listener, pathname) => {
  const wellKnown = [OAUTH, OPENID].find((prefix) => pathname.startsWith(`${prefix}/`));
  const ours = wellKnown ? pathname.slice(wellKnown.length) : pathname;
  const [, path, rest] = ours.match(/^\/([^/]+(?:\/\d+)?)(\/.*)?$/) ?? [];
  if (!path) return {};
  const issuer = issuerAt(listener, path);
  if (wellKnown) return { issuer, what: 'oauth_metadata' };
  if (rest === '/jwks') return { issuer, what: 'jwks' };
  if (rest === OPENID) return { issuer, what: 'metadata' };
  if (rest === '/followed/metadata') return { issuer, what: 'metadata', followed: true };
  if (rest === '/followed/jwks') return { issuer, what: 'jwks', followed: true };
  const tenant = issuer.templated && rest?.match(/^\/([^/]+)\/v2\.0(\/.*)$/);
  if (tenant?.[2] === OPENID) return { issuer, what: 'metadata', tenant: tenant[1] };
  return { issuer, what: 'other' };
};

const notFound = (response) => {
  response.writeHead(404, { 'Content-Type': 'text/html' });
  response.end('<html>Not Found</html>');
};

/** A right answer, with the headers that the issuer's parameters ask for. */
const sendWell = (issuer, what, answer, request, response) => {
  const { cache_control, age, etag } = issuer.parameters;
  const headers = { 'Content-Type': answer.type };
  if (cache_control) headers['Cache-Control'] = cache_control;
  if (age) headers.Age = age;
  if (etag) headers.ETag = `"${createHash('sha256').update(answer.body).digest('base64url')}"`;
  if (etag && request.headers['if-none-match'] === headers.ETag) {
    issuer.fetches.not_modified += 1;
    const { 'Content-Type': dropped, ...rest } = headers;
    response.writeHead(304, rest);
    response.end();
    return;
  }
  response.writeHead(200, { ...headers, 'Content-Length': Buffer.byteLength(answer.body) });
  response.end(answer.body);
};

const respond = (listener) => (request, response) => {
  const { pathname } = new URL(request.url, 'http://hostile');
  let routed;
  try {
    routed = route(listener, pathname);
  } catch {
    routed = {};
  }
  const { issuer, what, tenant, followed } = routed;
  if (!issuer) return notFound(response);
  issuer.fetches[followed ? 'followed' : what] += 1;
  if (issuer.requests.push({ method: request.method, url: request.url, headers: request.headers }) > 200) {
    issuer.requests.shift();
  }
  const { name, target, send } = issuer.behaviour;
  const isMetadata = what === 'metadata' || what === 'oauth_metadata';
  const mine = target === (isMetadata ? 'metadata' : what) && !followed;
  // A provider has its metadata in one place: one that has the other as well is asked for nothing twice.
  const elsewhere = what === (name === 'oauth-metadata' ? 'metadata' : 'oauth_metadata');
  if (what === 'other' || (elsewhere && !(mine && send))) return notFound(response);
  const answer = isMetadata
    ? { type: 'application/json', body: JSON.stringify(issuer.metadata(tenant)) }
    : { type: 'application/jwk-set+json', body: JSON.stringify(issuer.jwks()) };
  if (mine && send) {
    const well = `${issuer.base}/followed/${isMetadata ? 'metadata' : 'jwks'}`;
    return send(answer, response, { request, parameters: issuer.parameters, well });
  }
  return sendWell(issuer, what, answer, request, response);
};

const certificates = makeCertificates();
const secure = (certificate, more = {}) => ({ ...loaded(certificates[certificate]), ...more });
const servers = {
  http: [createServer, {}],
  https: [createSecureServer, secure('server')],
  wrong_name: [createSecureServer, secure('wrongName')],
  expired: [createSecureServer, secure('expired')],
  untrusted: [createSecureServer, secure('untrusted')],
  client_certificate: [
    createSecureServer,
    secure('server', { requestCert: true, ca: readFileSync(certificates.authority.certificate) }),
  ],
};

endWithParent();
for (const [name, [create, options]] of Object.entries(servers)) {
  const server = create({ ...options, keepAliveTimeout: 60_000 }, respond(name));
  server.on('clientError', (error, socket) => socket.destroy());
  listeners[name] = `${create === createServer ? 'http' : 'https'}://127.0.0.1:${await listen(server)}`;
}
// Connections that end before anything is said, and a port that nobody listens at.
const closing = await listen(createPlainServer((socket) => socket.on('error', () => {}).destroy()));
const nobody = createPlainServer();
const refused = await listen(nobody);
await new Promise((resolve) => nobody.close(resolve));

const controlUrl = await control({
  'POST /new': ({ listener = 'http', behaviour, ...parameters }) => {
    if (!listeners[listener]) throw new Error(`no listener ${listener}; there are ${Object.keys(listeners)}`);
    instances += 1;
    const path = `${behaviour}/${instances}`;
    const issuer = new Issuer(listener, path, parameters);
    issuers.set(`${listener} ${path}`, issuer);
    return issuer.describe();
  },
  'POST /become': ({ as, listener, behaviour, ...parameters }) => {
    const issuer = find({ listener, behaviour });
    issuer.behaviour = readBehaviour(as ?? issuer.behaviour.name);
    issuer.parameters = { ...issuer.parameters, ...parameters };
  },
  'POST /rotate': ({ listener, behaviour, drop, alg }) => {
    const issuer = find({ listener, behaviour });
    issuer.keys = [...(drop ? [] : issuer.keys), makeKey(alg ?? issuer.keys.at(-1).alg)];
    return { kid: issuer.keys.at(-1).kid };
  },
  'GET /token': ({ listener, behaviour, ...wishes }) => {
    const issuer = find({ listener, behaviour });
    return { token: issuer.token(wishes) };
  },
  'GET /issuer': (parameters) => find(parameters).describe(),
  'GET /fetches': (parameters) => find(parameters).fetches,
  'GET /requests': (parameters) => ({ requests: find(parameters).requests }),
  'GET /jwks': (parameters) => ({ keys: find(parameters).keys.map((key) => key.publicJwk) }),
  'GET /behaviours': () => ({ behaviours: BEHAVIOURS }),
});

announce({
  port: Number(new URL(listeners.http).port),
  url: listeners.http,
  control: controlUrl,
  listeners: { ...listeners, closed: `http://127.0.0.1:${closing}`, refused: `http://127.0.0.1:${refused}` },
  ca: certificates.authority.certificate,
  client_certificate: certificates.client.certificate,
  client_key: certificates.client.key,
  untrusted_client_certificate: certificates.untrustedClient.certificate,
  untrusted_client_key: certificates.untrustedClient.key,
});
