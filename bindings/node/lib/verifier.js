// Verifier and Token.

'use strict';

const { failure, invalid, result } = require('./errors.js');
const { describe, objectText, parse } = require('./json.js');
const { keysHandle } = require('./key.js');
const { native } = require('./load.js');
const { apart, callsOnly, complete, now, toDocument, waiting } = require('./options.js');
const { RemoteKeySet, sourceOf } = require('./remote-key-set.js');

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

/** Checks tokens against keys, or an issuer's, and a policy. Immutable: build one and keep it. */
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
  // Of an issuer's keys: the RemoteKeySet, and a function of the addon's that begins operations.
  #remoteKeys;
  #begin;

  static {
    isVerifier = (value) => typeof value === 'object' && value !== null && #verify in value;
  }

  constructor(keys, policy, mark) {
    const { text, spelling } = mark === fromDocument ? { text: policy } : toDocument(complete(policy));
    const source = sourceOf(keys);
    const handle = source === undefined ? keysHandle(keys) : source.handle;
    const { verify, places, numbers, begin } = result(native.verifierVerify(handle, text), spelling);
    this.#verify = verify;
    this.#places = places;
    this.#numbers = numbers;
    // What a message says about the policy is respelt; the name of a claim never is.
    this.#spelling = spelling === undefined ? source && callsOnly : { text: spelling.text, name: (field) => field };
    this.#remoteKeys = source && keys;
    this.#begin = begin;
  }

  static discover(issuer, options) {
    const [http, policy] = apart(options, 'http');
    if (typeof issuer !== 'string') {
      throw invalid('issuer', `issuer must be a URL as a string, not ${describe(issuer)}`);
    }
    return new Verifier(new RemoteKeySet(http === undefined ? { issuer } : { issuer, http }), policy);
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

  async verifyFetching(token, options) {
    if (!isVerifier(this)) {
      throw invalid('this', `this must be a Verifier, not ${describe(this)}`);
    }
    const { at, milliseconds, signal } = options === undefined ? UNHURRIED : waiting(options, SECONDS, ['now']);
    signal?.throwIfAborted();
    const source = sourceOf(this.#remoteKeys);
    if (source === undefined) {
      return at === undefined ? this.verify(token) : this.verify(token, { now: at });
    }
    // With another time than the clock's, `verify` would judge by the keys of that time.
    if (at === undefined) {
      try {
        return this.verify(token);
      } catch (error) {
        if (error.code !== 'ERR_KEYS_NEEDED') {
          throw error;
        }
      } finally {
        source.fetchAhead();
      }
    }
    const begin = (clock) => this.#begin(token, at, clock + milliseconds);
    const text = await source.drive(begin, signal, this.#spelling);
    const middle = text.indexOf(NUL);
    return new Token(parse(text.slice(middle + 1)), parse(text.slice(0, middle)));
  }

  get remoteKeys() {
    if (!isVerifier(this)) {
      throw invalid('this', `this must be a Verifier, not ${describe(this)}`);
    }
    return this.#remoteKeys;
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

// How long verifyFetching may take unless it is told.
const SECONDS = 10;
const UNHURRIED = { at: undefined, milliseconds: SECONDS * 1000, signal: undefined };

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
