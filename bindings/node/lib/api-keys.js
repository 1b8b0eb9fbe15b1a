// ApiKeys.

'use strict';

const { types } = require('node:util');

const { ApiKey, IssuedKey } = require('./api-key.js');
const { internal } = require('./document.js');
const { invalid, result } = require('./errors.js');
const { attempt, describe, parse } = require('./json.js');
const { Key, isKeys, keyHandle, listOfHandles } = require('./key.js');
const { native } = require('./load.js');
const { apart, complete, read, toDocument, waiting } = require('./options.js');
const { placeOf } = require('./store.js');

// How long a call may take unless it is told.
const SECONDS = 5;

// How many keys a page has unless the call is told.
const PAGE = 100;

// More scopes than there could ever be are a mistake, and an array can claim to hold billions.
const MOST_SCOPES = 1000;

// The last day of a Date, and further than anybody means, in seconds.
const LAST_DAY = 8_640_000_000_000;

// What most checks are told.
const ORDINARY = Object.freeze({ scopes: Object.freeze([]), milliseconds: SECONDS * 1000 });

let partsOf;

/** The API keys of one prefix and environment, on a store. */
class ApiKeys {
  #parts;

  static {
    partsOf = (value) => {
      if (typeof value === 'object' && value !== null && #parts in value) {
        return value.#parts;
      }
      throw invalid('this', `this must be ApiKeys, not ${describe(value)}`);
    };
  }

  constructor(store, options) {
    const [peppers, others] = apart(complete(options), 'peppers');
    const { text, spelling } = toDocument(others);
    const pepperHandles = peppers === undefined ? [] : handlesOfPeppers(peppers);
    const handle = result(native.apiKeysNew(text, pepperHandles), spelling);
    this.#parts = { handle, ...placeOf(store) };
  }

  async issue(options) {
    const { waits, text, spelling } = writing(options);
    return new IssuedKey(internal, await make(this, native.apiKeysIssue, waits, spelling, text));
  }

  async verify(presented, options) {
    const { scopes, ...waits } = options === undefined ? ORDINARY : checking(options);
    return new ApiKey(internal, await make(this, native.apiKeysVerify, waits, undefined, presented, scopes));
  }

  async get(id, options) {
    return new ApiKey(internal, await make(this, native.apiKeysGet, waiting(options, SECONDS), undefined, id));
  }

  async list(owner, options) {
    const { after, limit = PAGE, ...others } = read(options, ['after', 'limit', 'timeout', 'signal']);
    const text = await make(this, native.apiKeysList, waiting(others, SECONDS), undefined, owner, after, limit);
    const { keys, next } = parse(text);
    return { keys: keys.map((key) => new ApiKey(internal, JSON.stringify(key))), next };
  }

  async rotate(id, options) {
    const { waits, text, spelling } = writing(options);
    return new IssuedKey(internal, await make(this, native.apiKeysRotate, waits, spelling, id, text));
  }

  async revoke(id, options) {
    return new ApiKey(internal, await make(this, native.apiKeysRevoke, waiting(options, SECONDS), undefined, id));
  }

  async revokeAll(owner, options) {
    return Number(await make(this, native.apiKeysRevokeAll, waiting(options, SECONDS), undefined, owner));
  }

  async importHash(options) {
    const { waits, text, spelling } = writing(options);
    return new ApiKey(internal, await make(this, native.apiKeysImportHash, waits, spelling, text));
  }

  isWellFormed(text) {
    return result(native.apiKeysIsWellFormed(partsOf(this).handle, text));
  }

  get pattern() {
    return result(native.apiKeysPattern(partsOf(this).handle));
  }

  async close() {
    await partsOf(this).own?.close();
  }

  [Symbol.asyncDispose]() {
    return this.close();
  }

  [Symbol.for('nodejs.util.inspect.custom')](depth, options, inspect) {
    return depth < 0 ? '[ApiKeys]' : `ApiKeys ${inspect({ pattern: this.pattern }, options)}`;
  }
}

function handlesOfPeppers(peppers) {
  // One is likely, and bytes would be taken for a list of numbers.
  if (isBytes(peppers) || isKeys(peppers)) {
    throw invalid('peppers', 'peppers must be an array, newest first: [pepper]');
  }
  if (typeof peppers === 'string') {
    throw invalid('peppers', `peppers must be an array of bytes or Keys, not a string: ${DECODE}`);
  }
  return listOfHandles(peppers, 'peppers', pepperHandle, 'bytes or Keys');
}

// A pepper is a secret of raw bytes, so that these will do.
function pepperHandle(pepper) {
  if (!isBytes(pepper)) {
    if (typeof pepper === 'string' || Array.isArray(pepper)) {
      throw invalid('peppers', `a pepper must be bytes or a Key, not ${describe(pepper)}: ${DECODE}`);
    }
    return keyHandle(pepper, 'peppers');
  }
  try {
    return keyHandle(Key.fromSecret(pepper));
  } catch (error) {
    // It knows of no peppers.
    throw new error.constructor(`a pepper is refused: ${error.message}`, { field: 'peppers' });
  }
}

const DECODE = "where it is kept as text, [Buffer.from(text, 'base64')]";

function isBytes(value) {
  return ArrayBuffer.isView(value) || types.isAnyArrayBuffer(value);
}

/** Makes a call of the addon's with the store of these keys. */
function make(keys, call, waits, spelling, ...given) {
  const { store, handle } = partsOf(keys);
  return store.make((...place) => call(...place, handle, ...given), waits, spelling);
}

/**
 * What a call is told that writes. An option that is `undefined` is refused: a key must not be good for ever because a
 * variable was not set.
 */
function writing(options) {
  const [timeout, signal, others] = apart(options, 'timeout', 'signal');
  return { waits: waiting({ timeout, signal }, SECONDS), ...toDocument(complete(others)) };
}

/** What a check is told. Scopes that are `undefined` are refused: nothing must be allowed because a variable was not set. */
function checking(options) {
  const [timeout, signal, now, others] = apart(options, 'timeout', 'signal', 'now');
  const { scopes } = read(complete(others), ['scopes', 'timeout', 'signal', 'now']);
  const { at, ...waits } = waiting({ timeout, signal, now }, SECONDS, ['now']);
  if (at !== undefined && !(at >= 0 && at <= LAST_DAY)) {
    throw invalid('now', 'now must be seconds since 1970, and not before');
  }
  return { scopes: listOfScopes(scopes), at: at === undefined ? undefined : at * 1000, ...waits };
}

function listOfScopes(scopes = []) {
  const list = attempt('scopes', () => {
    const isList = Array.isArray(scopes) && scopes.length <= MOST_SCOPES;
    return isList ? Array.from(scopes) : [scopes];
  });
  if (!list.every((scope) => typeof scope === 'string')) {
    throw invalid('scopes', `scopes must be a string, or an array of at most ${MOST_SCOPES} strings`);
  }
  return list;
}

module.exports = { ApiKeys };
