// Client.

'use strict';

const { invalid, result } = require('../errors.js');
const { attempt, describe, parse } = require('../json.js');
const { keyHandle, listOfHandles } = require('../key.js');
const { native } = require('../load.js');
const { apart, complete, read, toDocument, waiting } = require('../options.js');
const { internal } = require('../document.js');
const { Login } = require('./login.js');
const { Tokens, isTokens, textOfTokens } = require('./tokens.js');

// How long a call may take unless it is told: several requests.
const SECONDS = 30;
const NUL = '\0';

let partsOf;

/** One registration at one provider. Immutable: build one and keep it. */
class Client {
  #source;

  static {
    partsOf = (value) => {
      if (typeof value === 'object' && value !== null && #source in value) {
        return value.#source;
      }
      throw invalid('this', `this must be a Client, not ${describe(value)}`);
    };
  }

  constructor(...given) {
    const options = given.length > 1 || typeof given[0] === 'string' ? withIssuer(...given) : given[0];
    const [sealKeys, clientKey, http, others] = apart(complete(options), 'sealKeys', 'clientKey', 'http');
    const { text, spelling } = toDocument(others);
    const seals = sealKeys === undefined ? [] : listOfHandles(sealKeys, 'sealKeys');
    const own = clientKey === undefined ? undefined : keyHandle(clientKey, 'clientKey');
    this.#source = new Source(result(native.oauthClientNew(text, seals, own), spelling), http, spelling);
  }

  get issuer() {
    return result(native.oauthClientIssuer(partsOf(this).handle));
  }

  get clientId() {
    return result(native.oauthClientId(partsOf(this).handle));
  }

  get remoteKeys() {
    return partsOf(this).remoteKeys();
  }

  async beginLogin(options) {
    const { handle } = partsOf(this);
    const [cookies, timeout, signal, others] = apart(options, 'cookies', 'timeout', 'signal');
    const { text, spelling } = toDocument(others);
    const begin = (deadline) => native.oauthClientBeginLogin(handle, text, cookies, deadline);
    return new Login(internal, await drive(this, begin, { timeout, signal }, spelling));
  }

  async finishLogin(...given) {
    const { handle } = partsOf(this);
    const { transaction, cookies, callback, ...others } =
      given.length > 1 || typeof given[0] === 'string' ? withTransaction(...given) : read(given[0], FINISHING);
    const brought = textOfCallback(callback);
    const begin = (deadline) => native.oauthClientFinishLogin(handle, transaction, cookies, brought, deadline);
    return new Tokens(internal, await drive(this, begin, others));
  }

  forgetLogin(options) {
    const { handle, spelling } = partsOf(this);
    const { cookies, callback } = read(options, ['cookies', 'callback']);
    return result(native.oauthClientForgetLogin(handle, cookies, textOfCallback(callback)), spelling);
  }

  async refresh(tokens, options) {
    const { handle } = partsOf(this);
    const [timeout, signal, others] = apart(options, 'timeout', 'signal');
    const [before, { text, spelling }] = [textOfTokens(tokens), toDocument(others)];
    const begin = (deadline) => native.oauthClientRefresh(handle, before, text, deadline);
    return new Tokens(internal, await drive(this, begin, { timeout, signal }, spelling));
  }

  async userinfo(tokens, options) {
    const { handle } = partsOf(this);
    const text = textOfTokens(tokens);
    const { User } = require('./user.js');
    const begin = (deadline) => native.oauthClientUserinfo(handle, text, deadline);
    return new User(internal, await drive(this, begin, options));
  }

  async revoke(tokens, options) {
    const { handle } = partsOf(this);
    const text = textOfTokens(tokens);
    await drive(this, (deadline) => native.oauthClientRevoke(handle, text, deadline), options);
  }

  async logoutUrl(...given) {
    const { handle } = partsOf(this);
    const [first, second] = given;
    const isOfTokens = given.length > 1 || isTokens(first);
    const [timeout, signal, others] = apart(isOfTokens ? second : first, 'timeout', 'signal');
    const { text, spelling } = toDocument(isOfTokens ? withHint(first, others) : others);
    const begin = (deadline) => native.oauthClientLogoutUrl(handle, text, deadline);
    return drive(this, begin, { timeout, signal }, spelling);
  }

  async verifyLogoutToken(token, options) {
    const { handle } = partsOf(this);
    const begin = (deadline) => native.oauthClientVerifyLogoutToken(handle, token, deadline);
    const text = await drive(this, begin, options);
    const middle = text.indexOf(NUL);
    const { Token } = require('../verifier.js');
    return new Token(parse(text.slice(middle + 1)), parse(text.slice(0, middle)));
  }

  tokenManager(tokens, options) {
    const { TokenManager } = require('./token-manager.js');
    return new TokenManager(internal, partsOf(this), textOfTokens(tokens), options);
  }

  [Symbol.for('nodejs.util.inspect.custom')](depth, options, inspect) {
    const shown = () => inspect({ issuer: this.issuer, clientId: this.clientId }, options);
    return depth < 0 ? '[Client]' : `Client ${shown()}`;
  }
}

const FINISHING = ['transaction', 'cookies', 'callback', 'timeout', 'signal'];

/** The options of a client whose issuer is an argument. */
function withIssuer(issuer, options) {
  return { issuer, ...alone(options, 'issuer') };
}

/** What `finishLogin` is told when the transaction and the callback are arguments. A session that has none gives none. */
function withTransaction(transaction, callback, options) {
  return { transaction, callback, ...read(options, ['timeout', 'signal']) };
}

/** The options of a logout, with the login's ID token where it has one. */
function withHint(tokens, options) {
  const { id_token: idTokenHint } = parse(textOfTokens(tokens));
  return { idTokenHint, ...alone(options, 'idTokenHint') };
}

// Options without one that is an argument already.
function alone(options, name) {
  const [again, others] = apart(options, name);
  if (again !== undefined) {
    throw invalid(name, `${name} is an argument already`);
  }
  if (others !== undefined && (typeof others !== 'object' || others === null || Array.isArray(others))) {
    throw invalid('options', `options must be an object, not ${describe(others)}`);
  }
  return others;
}

function textOfCallback(callback) {
  const isUrl = () => callback instanceof URL || callback instanceof URLSearchParams;
  return attempt('callback', () => (isUrl() ? String(callback) : callback));
}

// Runs an operation of the client's to its end.
async function drive(client, begin, options, spelling = partsOf(client).spelling) {
  const { milliseconds, signal } = waiting(options, SECONDS);
  signal?.throwIfAborted();
  return require('../driver.js').drive(partsOf(client), (now) => begin(now + milliseconds), signal, spelling);
}

/** What a Client is made of, for the driver and for its token managers. */
class Source {
  /** Set by the driver, when it is first needed. */
  transport;
  /** Those who wait for what another is doing. */
  wakers = new Set();

  #remoteKeys;

  constructor(handle, http, spelling) {
    this.handle = handle;
    this.spelling = spelling;
    this.http = http === undefined ? undefined : require('../http-options.js').readHttp(http);
  }

  /** The RemoteKeySet of its provider, always the same; `undefined` if that has no keys. */
  remoteKeys() {
    const { remoteKeysOf } = require('../remote-key-set.js');
    const handle = this.#remoteKeys === undefined ? result(native.oauthClientRemoteKeys(this.handle)) : undefined;
    this.#remoteKeys ??= handle && remoteKeysOf(handle, this);
    return this.#remoteKeys;
  }
}

module.exports = { Client };
