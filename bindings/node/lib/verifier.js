// Verifier and Token.

'use strict';

const { failure, invalid, result } = require('./errors.js');
const { describe, objectText, parse } = require('./json.js');
const { keysHandle } = require('./key.js');
const { native } = require('./load.js');
const { now, toDocument } = require('./options.js');

const NUL = '\0';
const fromDocument = Symbol('fromDocument');
let isVerifier;

/** A token that passed every check. */
class Token {
  constructor(claims, header) {
    this.claims = claims;
    this.header = header;
  }
}

/** A token of which nothing was checked but its form. Not a Token, so that it cannot be mistaken for one. */
class UnverifiedToken {
  constructor(claims, header) {
    this.claims = claims;
    this.header = header;
  }
}

/** Checks tokens against keys and a policy. Immutable: build one and keep it. */
class Verifier {
  // A function of the addon's that carries the verifier with it: the hot call.
  #verify;
  #spelling;
  // The header of the last token: its text, and what that was parsed to, if a shallow copy of it is a full one.
  #headerText;
  #header;

  static {
    isVerifier = (value) => typeof value === 'object' && value !== null && #verify in value;
  }

  constructor(keys, policy, mark) {
    const { text, spelling } = mark === fromDocument ? { text: policy } : toDocument(policy);
    this.#verify = result(native.verifierVerify(keysHandle(keys), text), spelling);
    // What a message says about the policy is respelt; the name of a claim never is.
    this.#spelling = spelling && { text: spelling.text, name: (field) => field };
    this.#headerText = undefined;
    this.#header = undefined;
  }

  static fromPolicy(keys, policy) {
    return new Verifier(keys, typeof policy === 'string' ? policy : objectText(policy, 'policy'), fromDocument);
  }

  verify(token, options) {
    if (!isVerifier(this)) {
      throw invalid('this', `this must be a Verifier, not ${describe(this)}`);
    }
    const at = options === undefined ? undefined : now(options);
    const outcome = at === undefined ? this.#verify(token) : this.#verify(token, at);
    if (typeof outcome !== 'string') {
      throw failure(outcome, this.#spelling);
    }
    const claims = outcome.charCodeAt(0) === 0 ? this.#takeHeader(outcome) : outcome;
    const header = this.#header === undefined ? parse(this.#headerText) : { ...this.#header };
    return new Token(parse(claims), header);
  }

  // The addon sends the header along when it is another than the last one: NUL, header, NUL, claims.
  #takeHeader(outcome) {
    const { header, claims } = split(outcome);
    const parsed = parse(header);
    this.#headerText = header;
    this.#header = Object.values(parsed).every((value) => typeof value !== 'object' || value === null) ? parsed : undefined;
    return claims;
  }
}

/** Reads a token and checks nothing. */
function dangerousDecode(token) {
  const { header, claims } = split(result(native.dangerousDecode(token)));
  return new UnverifiedToken(parse(claims), parse(header));
}

function split(text) {
  const middle = text.indexOf(NUL, 1);
  return { header: text.slice(1, middle), claims: text.slice(middle + 1) };
}

module.exports = { Token, UnverifiedToken, Verifier, dangerousDecode };
