// Tokens.

'use strict';

const { invalid, result } = require('../errors.js');
const { attempt, describe, objectText } = require('../json.js');
const { native } = require('../load.js');
const { Document, internal, members, text } = require('../document.js');

/** The tokens of a login or a refresh, and what came with them. */
class Tokens extends Document {
  static fromJSON(document) {
    const given = typeof document === 'string' ? document : objectText(document, 'document');
    return new Tokens(internal, result(native.tokensRead(given)));
  }

  get accessToken() {
    return members(this).access_token;
  }

  get tokenType() {
    return members(this).token_type;
  }

  get refreshToken() {
    return members(this).refresh_token;
  }

  get expiresAt() {
    return members(this).expires_at;
  }

  get scope() {
    return members(this).scope;
  }

  get idToken() {
    return members(this).id_token;
  }

  get claims() {
    return members(this).claims;
  }

  get name() {
    return members(this).name;
  }

  get leniencies() {
    return members(this).leniencies;
  }

  get returnTo() {
    return members(this).return_to;
  }

  get clearCookie() {
    return members(this).clear_cookie;
  }

  get authorization() {
    return result(native.tokensAuthorization(text(this)));
  }

  // What console.log shows: nothing that is secret.
  [Symbol.for('nodejs.util.inspect.custom')](depth, options, inspect) {
    const { tokenType, expiresAt, scope } = this;
    return depth < 0 ? '[Tokens]' : `Tokens ${inspect({ tokenType, expiresAt, scope }, options)}`;
  }
}

function isTokens(value) {
  return attempt('tokens', () => value instanceof Tokens);
}

/** The document of an argument that must be Tokens. */
function textOfTokens(tokens) {
  if (!isTokens(tokens)) {
    throw invalid('tokens', `tokens must be Tokens, not ${describe(tokens)}: Tokens.fromJSON reads what was kept`);
  }
  return text(tokens);
}

module.exports = { Tokens, isTokens, textOfTokens };
