// Verifier and Token.

'use strict';

const { failure, invalid, result } = require('./errors.js');
const { describe, objectText, parse } = require('./json.js');
const { keysHandle } = require('./key.js');
const { native } = require('./load.js');
const { complete, now, toDocument } = require('./options.js');

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
  // A function of the addon's that carries the verifier with it: the hot call. It writes where the claims stand in their text
  // to the two arrays.
  #verify;
  #places;
  #numbers;
  #spelling;
  // What the addon told last: which turn that was, the header (its text, and the object if a shallow copy of it is a full
  // one), and the names of the claims.
  #turn = 0;
  #headerText;
  #header;
  #names;

  static {
    isVerifier = (value) => typeof value === 'object' && value !== null && #verify in value;
  }

  constructor(keys, policy, mark) {
    const { text, spelling } = mark === fromDocument ? { text: policy } : toDocument(complete(policy));
    const { verify, places, numbers } = result(native.verifierVerify(keysHandle(keys), text), spelling);
    this.#verify = verify;
    this.#places = places;
    this.#numbers = numbers;
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
    const answer = at === undefined ? this.#verify(token) : this.#verify(token, at);
    if (typeof answer !== 'string') {
      throw failure(answer, this.#spelling);
    }
    const claims = this.#claims(answer) ?? this.#ask(token, at);
    return new Token(claims, this.#header === undefined ? parse(this.#headerText) : { ...this.#header });
  }

  // The claims of an answer; `undefined` if it builds on news that were missed.
  #claims(answer) {
    if (answer.charCodeAt(0) === 0) {
      return this.#learn(answer);
    }
    const places = this.#places;
    if (places[TURN] !== this.#turn) {
      return undefined;
    }
    return places[IS_LAID_OUT] === 1 ? cutOut(answer, this.#names, places, this.#numbers) : parse(answer);
  }

  // The addon tells the header, too, when that or the names of the claims have changed: NUL, header, NUL, claims.
  #learn(answer) {
    const middle = answer.indexOf(NUL, 1);
    const headerText = answer.slice(1, middle);
    const header = parse(headerText);
    const claims = parse(answer.slice(middle + 1));
    this.#names = Object.keys(claims);
    this.#headerText = headerText;
    this.#header = Object.values(header).every((value) => typeof value !== 'object' || value === null) ? header : undefined;
    // Last, so that what comes to nothing half-way (a full stack, say) was not learnt.
    this.#turn = this.#places[TURN];
    return claims;
  }

  // The same once more, with everything there is to tell.
  #ask(token, at) {
    const answer = this.#verify(token, at ?? Math.floor(Date.now() / 1000), true);
    if (typeof answer !== 'string') {
      throw failure(answer, this.#spelling);
    }
    return this.#learn(answer);
  }
}

// What the places are: src/layout.rs tells more.
const TURN = 0;
const IS_LAID_OUT = 1;
const HEAD = 2;
const STRING = 1;
const INTEGER = 2;
const JSON_TEXT = 3;
const TRUE = 4;
const FALSE = 5;

// The claims out of their text, where their names and places are known.
function cutOut(text, names, places, numbers) {
  const claims = {};
  for (let index = 0, at = HEAD; index < names.length; index += 1, at += 3) {
    const kind = places[at];
    if (kind === STRING) {
      claims[names[index]] = text.substring(places[at + 1], places[at + 2]);
    } else if (kind === INTEGER) {
      claims[names[index]] = numbers[index];
    } else if (kind === JSON_TEXT) {
      claims[names[index]] = parse(text.substring(places[at + 1], places[at + 2]));
    } else {
      claims[names[index]] = kind === TRUE ? true : kind === FALSE ? false : null;
    }
  }
  return claims;
}

/** Reads a token and checks nothing. */
function dangerousDecode(token) {
  const text = result(native.dangerousDecode(token));
  const middle = text.indexOf(NUL);
  return new UnverifiedToken(parse(text.slice(middle + 1)), parse(text.slice(0, middle)));
}

module.exports = { Token, UnverifiedToken, Verifier, dangerousDecode };
