// Client.

'use strict';

const { invalid, result } = require('../errors.js');
const { attempt, describe, parse } = require('../json.js');
const { keyHandle, listOfHandles } = require('../key.js');
const { native } = require('../load.js');
const { apart, complete, read, toDocument, waiting } = require('../options.js');
const { internal } = require('./document.js');
const { Login } = require('./login.js');
const { Tokens, textOfTokens } = require('./tokens.js');

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

  constructor(options) {
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

  async beginLogin(options) {
    const { handle } = partsOf(this);
    const [cookies, timeout, signal, others] = apart(options, 'cookies', 'timeout', 'signal');
    const { text, spelling } = toDocument(others);
    const begin = (deadline) => native.oauthClientBeginLogin(handle, text, cookies, deadline);
    return new Login(internal, await drive(this, begin, { timeout, signal }, spelling));
  }

  async finishLogin(options) {
    const { handle } = partsOf(this);
    const { transaction, cookies, callback, ...others } = read(options, FINISHING);
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

  async logoutUrl(options) {
    const { handle } = partsOf(this);
    const [timeout, signal, others] = apart(options, 'timeout', 'signal');
    const { text, spelling } = toDocument(others);
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

  constructor(handle, http, spelling) {
    this.handle = handle;
    this.spelling = spelling;
    this.http = http === undefined ? undefined : require('../http-options.js').readHttp(http);
  }
}

module.exports = { Client };
