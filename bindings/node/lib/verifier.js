// Verifier and Token.

'use strict';

const { failure, invalid, result } = require('./errors.js');
const { describe, parse } = require('./json.js');
const { isKeys, keysHandle } = require('./key.js');
const { native } = require('./load.js');
const { apart, callsOnly, complete, now, policyText, toDocument, waiting } = require('./options.js');

const NUL = '\0';
const fromDocument = Symbol('fromDocument');
let isVerifier;

// Loaded for those who have an issuer's keys.
const remote = () => require('./remote-key-set.js');

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
  // Of an issuer's keys: the RemoteKeySet, what that is made of, and a function of the addon's that begins operations.
  #remoteKeys;
  #source;
  #begin;

  static {
    isVerifier = (value) => typeof value === 'object' && value !== null && #verify in value;
  }

  constructor(keys, policy, mark) {
    const { text, spelling } = mark === fromDocument ? { text: policy } : toDocument(complete(policy));
    const source = isKeys(keys) ? undefined : remote().sourceOf(keys);
    const handle = source === undefined ? keysHandle(keys, 'a Key, a KeySet or a RemoteKeySet') : source.handle;
    const { verify, places, numbers, begin } = result(native.verifierVerify(handle, text), spelling);
    this.#verify = verify;
    this.#places = places;
    this.#numbers = numbers;
    // What a message says about the policy is respelt; the name of a claim never is.
    this.#spelling = spelling === undefined ? source && callsOnly : { text: spelling.text, name: (field) => field };
    this.#remoteKeys = source && keys;
    this.#source = source;
    this.#begin = begin;
  }

  static discover(issuer, options) {
    const [http, policy] = apart(options, 'http');
    if (typeof issuer !== 'string') {
      throw invalid('issuer', `issuer must be a URL as a string, not ${describe(issuer)}`);
    }
    const { RemoteKeySet } = remote();
    return new Verifier(new RemoteKeySet(http === undefined ? { issuer } : { issuer, http }), policy);
  }

  static fromPolicy(keys, policy) {
    return new Verifier(keys, typeof policy === 'string' ? policy : policyText(policy), fromDocument);
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
    const source = this.#source;
    if (source === undefined) {
      return at === undefined ? this.verify(token) : this.verify(token, { now: at });
    }
    // With another time than the clock's, `verify` would judge by the keys of that time.
    if (at === undefined) {
      try {
        const verified = this.verify(token);
        source.fetchAhead();
        return verified;
      } catch (error) {
        if (error.code !== 'ERR_KEYS_NEEDED') {
          throw error;
        }
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
const STRINGS = 7;

// The claims out of their text, where their names and places are known.
//
// One assignment for each of the first claims: tokens of one issuer have the same name at the same place, and the engine
// remembers for each assignment what it did last. In a loop, with another name each time, it would look each up.
function cutOut(text, names, places, numbers) {
  const claims = {};
  const count = names.length;
  const value = (index) => valueAt(text, places, numbers, index);
  if (count > 0) claims[names[0]] = value(0);
  if (count > 1) claims[names[1]] = value(1);
  if (count > 2) claims[names[2]] = value(2);
  if (count > 3) claims[names[3]] = value(3);
  if (count > 4) claims[names[4]] = value(4);
  if (count > 5) claims[names[5]] = value(5);
  if (count > 6) claims[names[6]] = value(6);
  if (count > 7) claims[names[7]] = value(7);
  if (count > 8) claims[names[8]] = value(8);
  if (count > 9) claims[names[9]] = value(9);
  if (count > 10) claims[names[10]] = value(10);
  if (count > 11) claims[names[11]] = value(11);
  for (let index = 12; index < count; index += 1) claims[names[index]] = value(index);
  return claims;
}

function valueAt(text, places, numbers, index) {
  const at = HEAD + 3 * index;
  switch (places[at]) {
    case STRING:
      return text.substring(places[at + 1], places[at + 2]);
    case INTEGER:
      return numbers[index];
    case STRINGS:
      return listAt(text, places, places[at + 1], places[at + 2]);
    case JSON_TEXT:
      return parse(text.substring(places[at + 1], places[at + 2]));
    case TRUE:
      return true;
    case FALSE:
      return false;
    default:
      return null;
  }
}

// A literal has room for its elements and no more: the first `push` would make room for seventeen.
function listAt(text, places, first, end) {
  const string = (at) => text.substring(places[at], places[at + 1]);
  switch (end - first) {
    case 2:
      return [string(first)];
    case 4:
      return [string(first), string(first + 2)];
    case 6:
      return [string(first), string(first + 2), string(first + 4)];
    case 8:
      return [string(first), string(first + 2), string(first + 4), string(first + 6)];
    default: {
      const list = [];
      for (let at = first; at < end; at += 2) list.push(string(at));
      return list;
    }
  }
}

/** Reads a token and checks nothing. */
function dangerousDecode(token) {
  const text = result(native.dangerousDecode(token));
  const middle = text.indexOf(NUL);
  return new UnverifiedToken(parse(text.slice(middle + 1)), parse(text.slice(0, middle)));
}

module.exports = { Token, UnverifiedToken, Verifier, dangerousDecode };
