// One provider of the quirks server: it issues codes and tokens, keeps what it was asked, and puts its oddities on top
// of what would be right.

import { createHash, randomBytes } from 'node:crypto';

import { callbackOf, FAULTS as CALLBACKS, isAdvertised } from './callbacks.mjs';
import { objectionTo } from './client_authentication.mjs';
import { idToken } from './id_tokens.mjs';
import { known, SHAPES } from './provider_shapes.mjs';
import { readBehaviours } from './quirky_behaviours.mjs';
import { metadataOf } from './quirky_metadata.mjs';
import { json } from './token_answers.mjs';
import { makeKey } from './tokens.mjs';

const OPENID = '/.well-known/openid-configuration';
const WHATS = ['metadata', 'jwks', 'authorize', 'token', 'userinfo', 'revoke', 'logout', 'followed', 'other'];
const REDIRECT_URI = 'https://app.example/callback';
const FORM_TYPE = 'application/x-www-form-urlencoded';
const TEAM = 'TEAM000001';

const random = (prefix) => `${prefix}-${randomBytes(24).toString('base64url')}`;
const send = (response, { status = 200, type, headers = {}, body = '' }) => {
  const described = type === undefined ? {} : { 'Content-Type': type };
  response.writeHead(status, { ...described, 'Content-Length': Buffer.byteLength(body), ...headers });
  response.end(body);
};
const htmlSafe = (text) => text.replace(/[&<>"]/g, (one) => `&#${one.charCodeAt(0)};`);

export class QuirkyProvider {
  #codes = new Map();
  #accessTokens = new Map();
  #refreshTokens = new Map();
  #revoked = [];

  constructor(origin, path, behaviour, parameters) {
    this.path = path;
    this.base = `${origin}/${path}`;
    this.parameters = { team_id: TEAM, ...parameters };
    this.faults = readBehaviours(behaviour);
    this.shape = this.faults.provider?.make ?? SHAPES.generic;
    this.keys = [makeKey(parameters.alg ?? this.shape.alg)];
    this.clientKey = makeKey('ES256', 'CLIENTKEY1');
    this.options = {
      client_id: parameters.client_id ?? 'client',
      client_secret: parameters.client_secret ?? 'a secret of the quirky client',
      redirect_uri: parameters.redirect_uri ?? REDIRECT_URI,
    };
    this.requests = [];
    this.counts = Object.fromEntries(WHATS.map((what) => [what, 0]));
    /** The users who have been here, for what is told once. */
    this.seen = new Set();
  }

  /** Behaves in another way from here on, at the same URL and with the same tokens. */
  become(behaviour, parameters) {
    if (behaviour !== undefined) this.faults = readBehaviours(behaviour);
    this.parameters = { ...this.parameters, ...parameters };
  }

  get issuer() {
    return this.issuerOf({});
  }

  issuerOf() {
    return this.shape.tenant ? `${this.base}/${this.shape.tenant}/v2.0` : this.base;
  }

  get advertised() {
    return this.shape.iss && isAdvertised(this.faults.callback?.name);
  }

  /** The metadata; Microsoft's, at the tenant for everybody, has a template for an issuer. */
  metadata(tenant = 'common') {
    const named = tenant === 'common' ? '{tenantid}' : tenant;
    const issuer = this.shape.tenant ? `${this.base}/${named}/v2.0` : this.base;
    const document = metadataOf({ issuer, base: this.base, shape: this.shape, advertised: this.advertised });
    return this.faults.metadata?.make?.(document) ?? document;
  }

  /** What a program is configured with, in the library's words, and what a test wants to know beside it. */
  describe() {
    const { shape, base } = this;
    const endpoints = {
      authorization_endpoint: `${base}/authorize`,
      token_endpoint: `${base}/token`,
      userinfo_endpoint: shape.user && `${base}${shape.user}`,
      revocation_endpoint: shape.revocation ? `${base}/revoke` : undefined,
    };
    const profile = this.faults.provider?.name;
    return {
      behaviour: this.path,
      base,
      issuer: this.issuer,
      metadata_url: `${base}${shape.tenant ? '/common/v2.0' : ''}${OPENID}`,
      jwks_uri: `${base}/jwks`,
      options: {
        ...(profile && !['oauth', 'generic'].includes(profile) && { provider: profile }),
        ...(shape.openid ? { issuer: base } : endpoints),
        ...this.options,
        ...shape.options(this, endpoints),
      },
      endpoints,
      client_key: this.clientKey.privateJwk,
      team_id: this.parameters.team_id,
    };
  }

  /** The fault of a place, as often as `times` says it is there. */
  #fault(place) {
    const fault = this.faults[place];
    if (!fault) return {};
    fault.used = (fault.used ?? 0) + 1;
    return fault.used > Number(this.parameters.times ?? Infinity) ? {} : fault;
  }

  record({ what, method, url, headers, body = '' }, query) {
    this.counts[what] += 1;
    const form = headers['content-type']?.startsWith(FORM_TYPE) ? Object.fromEntries(new URLSearchParams(body)) : {};
    const request = { what, method, url, headers, query: Object.fromEntries(query), form, body };
    if (this.requests.push(request) > 200) this.requests.shift();
    return request;
  }

  // The browser's part.

  /**
   * What the browser is sent back with. Throws what a provider shows the user and does not send back, because the
   * client or the redirect URI is wrong.
   */
  authorize(parameters, { user = 'alice', fault: asked, set } = {}) {
    const query = Object.fromEntries(parameters);
    if (new Set(parameters.keys()).size !== [...parameters.keys()].length) throw new Error('a duplicate parameter');
    if (query.client_id !== this.options.client_id) throw new Error(`client_id is ${query.client_id}`);
    if (query.redirect_uri !== this.options.redirect_uri) throw new Error(`redirect_uri is ${query.redirect_uri}`);
    const types = (query.response_type ?? '').split(' ').sort().join(' ');
    if (!['code', 'code id_token'].includes(types)) throw new Error(`response_type is ${query.response_type}`);
    known(user);
    const name = asked ?? this.faults.callback?.name;
    if (asked && !Object.hasOwn(CALLBACKS, asked)) {
      throw new Error(`no fault ${asked}; there are ${Object.keys(CALLBACKS)}`);
    }
    const hybrid = types === 'code id_token';
    const mode = query.response_mode ?? (hybrid ? 'fragment' : 'query');
    const grant = this.#grant(query, user);
    this.shape.mode?.(grant);
    if (name === 'pkce-stripped') grant.code_challenge = undefined;
    const code = this.#code(grant);
    const front = this.#fault('hybrid').make;
    let pairs = [
      ['code', code],
      ['state', query.state],
      ['iss', this.shape.iss ? this.issuer : undefined],
      ['id_token', hybrid ? (idToken(this, grant, front, { code }) ?? undefined) : undefined],
    ].filter(([, value]) => value !== undefined);
    pairs = this.shape.callback(pairs, grant, this);
    const tools = {
      code: (suffix) => this.#code(grant, suffix),
      // The attacker's own session at the provider: another browser, user, challenge and nonce.
      otherCode: () => {
        const theirs = name.endsWith('pkce-ignored') ? undefined : 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM';
        const other = { ...query, nonce: query.nonce && 'the nonce of the attacker', code_challenge: theirs };
        return this.#code({ ...this.#grant(other, 'mallory'), lax: theirs === undefined });
      },
    };
    if (name) pairs = CALLBACKS[name](pairs, tools);
    for (const [member, value] of Object.entries(set ? JSON.parse(set) : {})) {
      pairs = pairs.filter(([other]) => other !== member);
      if (value !== null) pairs.push([member, value]);
    }
    return callbackOf(query.redirect_uri, mode, pairs, this.shape.ending);
  }

  #grant(query, user) {
    const { client_id, redirect_uri, nonce, acr_values, code_challenge, code_challenge_method, response_mode } = query;
    return {
      ...{ user, client_id, redirect_uri, nonce, acr_values, code_challenge, code_challenge_method, response_mode },
      scope: query.scope ?? '',
      auth_time: Math.floor(Date.now() / 1000),
      access: new Set(),
    };
  }

  #code(grant, suffix = '') {
    const code = random('code') + suffix;
    this.#codes.set(code, { grant, used: false });
    return code;
  }

  // The program's part.

  answer(request, response, { url, rest, body }) {
    const { method, headers } = request;
    const what = this.#what(rest);
    const record = this.record({ what, method, url: request.url, headers, body }, url.searchParams);
    const well = (path) => `${this.base}/followed/${path}`;
    const finish = (fault, good, path) => {
      if (fault.send) return fault.send(good, response, { request, parameters: this.parameters, well: well(path) });
      return send(response, good);
    };
    switch (what === 'followed' ? rest.slice('/followed/'.length) : what) {
      case 'metadata': {
        if (!this.shape.openid) break;
        return finish(this.#fault('metadata'), json(this.metadata(rest.match(/^\/([^/]+)\/v2/)?.[1])), 'metadata');
      }
      case 'jwks': {
        if (!this.shape.openid) break;
        const fault = this.#fault('jwks');
        const keys = this.#jwks();
        const document = fault.make?.document?.(keys) ?? { keys: fault.make ? fault.make(keys, this) : keys };
        return finish(fault, { ...json(document), type: 'application/jwk-set+json' }, 'jwks');
      }
      case 'authorize':
        return this.#page(response, url.searchParams);
      case 'token':
        return this.#token(record, response, finish, what === 'followed');
      case 'userinfo':
        return this.#userinfo(record, what === 'followed' ? this.shape.user : rest, response, finish);
      case 'revoke':
        return this.#revoke(record, response, finish);
      case 'logout':
        return send(response, { type: 'text/html', body: '<html>Goodbye</html>' });
      default:
    }
    return send(response, { status: 404, type: 'text/html', body: '<html>Not Found</html>' });
  }

  #what(rest) {
    // A provider with tenants has metadata at each of them.
    const path = this.shape.tenant ? rest.replace(/^\/[^/]+\/v2\.0(?=\/\.)/, '') : rest;
    if (path === OPENID) return 'metadata';
    if (path.startsWith('/followed/')) return 'followed';
    if (Object.hasOwn(this.shape.users, rest)) return 'userinfo';
    return ['jwks', 'authorize', 'token', 'revoke', 'logout'].find((what) => rest === `/${what}`) ?? 'other';
  }

  #jwks() {
    const keys = this.keys.map((key) => key.publicJwk);
    return this.shape.tenant ? keys.map((key) => ({ ...key, issuer: `${this.base}/{tenantid}/v2.0` })) : keys;
  }

  /** For a real browser: it is sent back at once. */
  #page(response, parameters) {
    try {
      const user = parameters.get('login_hint') ?? 'alice';
      const { callback, callback_url, form } = this.authorize(parameters, { user });
      if (callback) return send(response, { status: 302, headers: { Location: callback } });
      const inputs = [...new URLSearchParams(form)].map(
        ([name, value]) => `<input type="hidden" name="${htmlSafe(name)}" value="${htmlSafe(value)}">`,
      );
      const body = `<form method="post" action="${htmlSafe(callback_url)}">${inputs.join('')}
        <button>Continue</button></form><script>document.forms[0].submit()</script>`;
      return send(response, { type: 'text/html; charset=utf-8', body });
    } catch (error) {
      return send(response, { status: 400, type: 'text/plain', body: error.message });
    }
  }

  #token(record, response, finish, followed) {
    const { form, headers } = record;
    const refreshing = form.grant_type === 'refresh_token';
    const place = refreshing ? 'refresh' : 'token';
    const fault = followed ? {} : this.#fault(place);
    if (fault.name === 'unread') return response.socket.destroy();
    const objection = objectionTo(this, record) ?? (refreshing && fault.name === 'refused' ? REFUSED : undefined);
    const { grant, refused } = objection ? { refused: objection } : this.#exchange(form, fault);
    if (refused) return send(response, this.shape.refused(refused.error, refused.description, refused.status));
    const good = this.#document(grant, form, fault, refreshing);
    if (fault.name === 'lost') return response.socket.resetAndDestroy();
    if (typeof fault.make === 'function') return send(response, fault.make(good, record));
    return finish(fault, this.shape.encode(good, headers), 'token');
  }

  /** The grant of a code or a refresh token, or what is wrong with it. A code and a rotated token work once. */
  #exchange(form, fault) {
    const invalid = (description) => ({ refused: { error: 'invalid_grant', description, status: 400 } });
    if (form.grant_type === 'authorization_code') {
      const code = this.#codes.get(form.code);
      if (!code) return invalid('The code is unknown.');
      const { grant } = code;
      if (code.used) {
        this.#end(grant);
        return invalid('The code was used before.');
      }
      code.used = true;
      if (form.redirect_uri !== grant.redirect_uri) return invalid('The redirect URI is another one.');
      if (this.shape.pkce && !grant.lax && !proves(grant, form.code_verifier)) return invalid('PKCE failed.');
      return { grant };
    }
    if (form.grant_type !== 'refresh_token') {
      return { refused: { error: 'unsupported_grant_type', description: form.grant_type, status: 400 } };
    }
    const grant = this.#refreshTokens.get(form.refresh_token);
    if (!grant || grant.over) return invalid('The refresh token is unknown or revoked.');
    if (grant.refresh !== form.refresh_token) {
      this.#end(grant);
      return invalid('The refresh token was used before; all tokens of this login are revoked.');
    }
    if (!['kept', 'omitted'].includes(fault.name)) grant.refresh = undefined;
    return { grant };
  }

  #document(grant, form, fault, refreshing) {
    const seconds = Number(this.parameters.expires_in ?? 3600);
    const access_token = random('access');
    this.#accessTokens.set(access_token, { grant, until: Date.now() + seconds * 1000 });
    grant.access.add(access_token);
    grant.refresh ??= random('refresh');
    this.#refreshTokens.set(grant.refresh, grant);
    const wrong = this.#fault(refreshing ? 'refresh-id-token' : 'id-token').make;
    const id_token =
      this.shape.openid && grant.scope.split(' ').includes('openid')
        ? idToken(this, grant, wrong, { access_token, refreshed: refreshing })
        : undefined;
    const document = {
      access_token,
      token_type: 'Bearer',
      expires_in: seconds,
      refresh_token: refreshing && fault.name === 'omitted' ? undefined : grant.refresh,
      scope: form.scope ?? grant.scope,
      id_token,
    };
    return this.shape.document(document, grant);
  }

  #userinfo(record, rest, response, finish) {
    const [, token] = record.headers.authorization?.match(/^Bearer (.+)$/) ?? [];
    const { grant, until } = this.#accessTokens.get(token) ?? {};
    if (!grant || grant.over || until < Date.now()) return send(response, this.shape.unauthorized());
    const fault = this.#fault('userinfo');
    const good = this.shape.users[rest](grant, this, record);
    if (fault.make) return send(response, fault.make(JSON.parse(good.body), this));
    return finish(fault, good, 'userinfo');
  }

  #revoke(record, response, finish) {
    const fault = this.#fault('revoke');
    const refused = objectionTo(this, record);
    if (refused) return send(response, this.shape.refused(refused.error, refused.description, refused.status));
    if (fault.make) return send(response, fault.make());
    const { token } = record.form;
    this.#revoked.push(token);
    const grant = this.#refreshTokens.get(token);
    if (grant) this.#end(grant);
    this.#accessTokens.delete(token);
    // RFC 7009, section 2.2: the body does not matter.
    return finish(fault, json({}), 'revoke');
  }

  #end(grant) {
    grant.over = true;
  }

  /** What the provider still honours, and what was revoked. */
  grants() {
    const alive = (map) => [...map].filter(([, entry]) => !(entry.grant ?? entry).over);
    return {
      codes_used: [...this.#codes.values()].filter(({ used }) => used).length,
      access_tokens: alive(this.#accessTokens).map(([token]) => token),
      refresh_tokens: alive(this.#refreshTokens)
        .filter(([token, grant]) => grant.refresh === token)
        .map(([token]) => token),
      revoked: this.#revoked,
    };
  }
}

const REFUSED = { error: 'invalid_grant', description: 'The refresh token is revoked.', status: 400 };

/** RFC 7636, section 4.6; without a challenge, a verifier is a sign of a downgrade (RFC 9700, section 2.1.1). */
const proves = ({ code_challenge: challenge, code_challenge_method: method }, verifier) => {
  if (challenge === undefined) return verifier === undefined;
  if (verifier === undefined || method !== 'S256') return false;
  return createHash('sha256').update(verifier, 'ascii').digest('base64url') === challenge;
};
