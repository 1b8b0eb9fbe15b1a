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
  // What the addon told last: which turn that was, the header (its text, and the object if a shallow copy of it is a full
  // one), and the names of the claims.
  #turn = -1;
  #headerText;
  #header;
  #names;

  static {
    isVerifier = (value) => typeof value === 'object' && value !== null && #verify in value;
  }

  constructor(keys, policy, mark) {
    const { text, spelling } = mark === fromDocument ? { text: policy } : toDocument(policy);
    this.#verify = result(native.verifierVerify(keysHandle(keys), text), spelling);
    // What a message says about the policy is respelt; the name of a claim never is.
    this.#spelling = spelling && { text: spelling.text, name: (field) => field };
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
    const claims = this.#claims(outcome) ?? this.#ask(token, at);
    return new Token(claims, this.#header === undefined ? parse(this.#headerText) : { ...this.#header });
  }

  // The claims of an answer; `undefined` if it builds on news that were missed.
  #claims(answer) {
    const kind = answer.charCodeAt(0);
    if (kind === NEWS) {
      return this.#learn(answer);
    }
    if (turnOf(answer) !== this.#turn) {
      return undefined;
    }
    return kind === PACKED ? unpack(answer, this.#names) : parse(answer.slice(BODY));
  }

  #learn(answer) {
    const middle = answer.indexOf(NUL, BODY);
    const headerText = answer.slice(BODY, middle);
    const header = parse(headerText);
    const claims = parse(answer.slice(middle + 1));
    this.#names = Object.keys(claims);
    this.#headerText = headerText;
    this.#header = Object.values(header).every((value) => typeof value !== 'object' || value === null) ? header : undefined;
    // Last, so that what comes to nothing half-way (a full stack, say) was not learnt.
    this.#turn = turnOf(answer);
    return claims;
  }

  // The same once more, with everything there is to tell.
  #ask(token, at) {
    const outcome = this.#verify(token, at ?? Math.floor(Date.now() / 1000), true);
    if (typeof outcome !== 'string') {
      throw failure(outcome, this.#spelling);
    }
    return this.#learn(outcome);
  }
}

// How an answer begins, where its rest does, and the tags of packed values: src/verifier.rs and src/packed.rs tell what they
// mean.
const NEWS = 0;
const PACKED = 1;
const BODY = 3;
const STRING = 1;
const INTEGER = 2;
const JSON_TEXT = 3;
const TRUE = 4;
const NULL = 6;

function turnOf(answer) {
  return answer.charCodeAt(1) | (answer.charCodeAt(2) << 8);
}

// Claims of which the names are known. `undefined` if they do not fit.
function unpack(answer, names) {
  const claims = {};
  let at = BODY;
  for (let index = 0; index < names.length; index += 1) {
    const name = names[index];
    const tag = answer.charCodeAt(at);
    if (tag === STRING || tag === JSON_TEXT) {
      const start = at + 3;
      at = start + (answer.charCodeAt(at + 1) | (answer.charCodeAt(at + 2) << 8));
      const text = answer.substring(start, at);
      claims[name] = tag === STRING ? text : parse(text);
    } else if (tag === INTEGER) {
      claims[name] =
        answer.charCodeAt(at + 1) +
        answer.charCodeAt(at + 2) * 0x100 +
        answer.charCodeAt(at + 3) * 0x1_0000 +
        answer.charCodeAt(at + 4) * 0x100_0000 +
        answer.charCodeAt(at + 5) * 0x1_0000_0000;
      at += 6;
    } else {
      claims[name] = tag === NULL ? null : tag === TRUE;
      at += 1;
    }
  }
  return at === answer.length ? claims : undefined;
}

/** Reads a token and checks nothing. */
function dangerousDecode(token) {
  const text = result(native.dangerousDecode(token));
  const middle = text.indexOf(NUL);
  return new UnverifiedToken(parse(text.slice(middle + 1)), parse(text.slice(0, middle)));
}

module.exports = { Token, UnverifiedToken, Verifier, dangerousDecode };
