// Key and KeySet.

'use strict';

const { types } = require('node:util');

const { failure, invalid, result } = require('./errors.js');
const { attempt, describe, objectText, parse } = require('./json.js');
const { native } = require('./load.js');
const { flag, read } = require('./options.js');

// Only this file can make a Key of a handle of the addon.
const internal = Symbol('internal');
let handleOfKey;
let handleOfSet;

/** A key of any type: private, public or secret. Immutable. */
class Key {
  #handle;

  static {
    handleOfKey = (value) => (isObject(value) && #handle in value ? value.#handle : undefined);
  }

  constructor(mark, handle) {
    if (mark !== internal) {
      throw invalid('Key', 'a Key is made by Key.generate, fromPem, fromDer, fromJwk or fromSecret');
    }
    this.#handle = handle;
  }

  static generate(alg, options) {
    return wrap(native.keyGenerate(...generating(alg, options)));
  }

  static async generateAsync(alg, options) {
    return wrap(await result(native.keyGenerateAsync(...generating(alg, options))));
  }

  static fromPem(data, options) {
    return wrap(native.keyFromPem(...loading(data, options)));
  }

  static async fromPemAsync(data, options) {
    return wrap(await result(native.keyFromPemAsync(...loading(data, options))));
  }

  static fromDer(data, options) {
    return wrap(native.keyFromDer(...loading(data, options)));
  }

  static fromJwk(jwk) {
    return wrap(native.keyFromJwk(typeof jwk === 'string' ? jwk : objectText(jwk, 'jwk')));
  }

  static fromSecret(secret, options) {
    const { alg, kid } = read(options, ['alg', 'kid']);
    return wrap(native.keyFromSecret(secret, alg, kid));
  }

  publicKey() {
    return wrap(native.keyPublic(keyHandle(this)));
  }

  toJwk(options) {
    return parse(result(native.keyToJwk(keyHandle(this), isPrivate(options))));
  }

  toPem(options) {
    return result(native.keyToPem(keyHandle(this), isPrivate(options)));
  }

  toDer(options) {
    return result(native.keyToDer(keyHandle(this), isPrivate(options)));
  }

  thumbprint() {
    return result(native.keyThumbprint(keyHandle(this)));
  }

  get kid() {
    return result(native.keyKid(keyHandle(this)));
  }

  get algorithm() {
    return result(native.keyAlgorithm(keyHandle(this)));
  }

  get isPrivate() {
    return result(native.keyIsPrivate(keyHandle(this)));
  }

  // What console.log shows: never key material.
  [Symbol.for('nodejs.util.inspect.custom')](depth, options, inspect) {
    const handle = handleOfKey(this);
    const shown = handle === undefined ? {} : { algorithm: this.algorithm, kid: this.kid, isPrivate: this.isPrivate };
    return depth < 0 ? '[Key]' : `Key ${inspect(shown, options)}`;
  }
}

/** Several keys, as a JWKS holds them. Immutable. */
class KeySet {
  #handle;

  static {
    handleOfSet = (value) => (isObject(value) && #handle in value ? value.#handle : undefined);
  }

  constructor(keys, mark) {
    this.#handle = mark === internal ? keys : result(native.keySetNew(listOfHandles(keys)));
  }

  static fromJson(jwks) {
    return new KeySet(result(native.keySetFromJson(typeof jwks === 'string' ? jwks : objectText(jwks, 'jwks')), spelling), internal);
  }

  toJson() {
    return result(native.keySetToJson(setHandle(this)));
  }

  get length() {
    return result(native.keySetLength(setHandle(this)));
  }

  get size() {
    return this.length;
  }

  *[Symbol.iterator]() {
    const handle = setHandle(this);
    const { length } = this;
    for (let index = 0; index < length; index += 1) {
      yield wrap(native.keySetKey(handle, index));
    }
  }

  get rejected() {
    const handle = setHandle(this);
    return Array.from({ length: result(native.keySetRejectedLength(handle)) }, (_, index) => {
      const { error, ...member } = result(native.keySetRejected(handle, index));
      return { ...member, error: failure(error) };
    });
  }

  [Symbol.for('nodejs.util.inspect.custom')](depth, options, inspect) {
    return depth < 0 || handleOfSet(this) === undefined ? '[KeySet]' : `KeySet ${inspect([...this], options)}`;
  }
}

/** The addon's handle of a Key. */
function keyHandle(key, name = 'key') {
  const handle = handleOfKey(key);
  if (handle === undefined) {
    throw invalid(name, `${name} must be a Key, not ${describe(key)}${hint(key)}`);
  }
  return handle;
}

/** Whether a value is a Key or a KeySet. */
function isKeys(value) {
  return (handleOfKey(value) ?? handleOfSet(value)) !== undefined;
}

/** The addon's handle of a Key or a KeySet. `kinds` is what else would do where it is called. */
function keysHandle(keys, kinds = 'a Key or a KeySet') {
  const handle = handleOfKey(keys) ?? handleOfSet(keys);
  if (handle === undefined) {
    throw invalid('keys', `keys must be ${kinds}, not ${describe(keys)}${hint(keys)}`);
  }
  return handle;
}

/** The KeySet of a handle of the addon. */
function setOf(handle) {
  return new KeySet(handle, internal);
}

function setHandle(set) {
  const handle = handleOfSet(set);
  if (handle === undefined) {
    throw invalid('keySet', `this must be a KeySet, not ${describe(set)}`);
  }
  return handle;
}

function isObject(value) {
  return typeof value === 'object' && value !== null;
}

// What people pass instead, and what to do about it.
function hint(value) {
  if (typeof value === 'string' || ArrayBuffer.isView(value)) {
    return ': make one with Key.fromPem, Key.fromJwk or Key.fromSecret';
  }
  if (types.isProxy(value) || !isObject(value)) {
    return '';
  }
  if (handleOfSet(value) !== undefined) {
    return ': a KeySet holds several, and one is wanted';
  }
  return Array.isArray(value)
    ? ': put several keys into new KeySet([...])'
    : ' (a Key does not pass through postMessage or JSON: send its JWK; and use one copy of this package)';
}

function wrap(outcome) {
  return new Key(internal, result(outcome, spelling));
}

// The core's hints name functions as the other languages spell them.
const spelling = {
  name: (field) => field,
  text: (message) => message.replace(/\bfrom_([a-z])(?=[a-z])/g, (_, letter) => `from${letter.toUpperCase()}`),
};

function generating(alg, options) {
  const { kid, bits } = read(options, ['kid', 'bits']);
  return [alg, kid, bits];
}

function loading(data, options) {
  const { alg, kid, password } = read(options, ['alg', 'kid', 'password']);
  return [data, alg, kid, password];
}

function isPrivate(options) {
  return flag(read(options, ['private']), 'private', false);
}

/** The addon's handles of several Keys, or of what `handleOf` takes for one. */
function listOfHandles(keys, name = 'keys', handleOf = (key) => keyHandle(key), what = 'Keys') {
  return attempt(name, () => {
    if (!isObject(keys) || typeof keys[Symbol.iterator] !== 'function') {
      throw invalid(name, `${name} must be an array of ${what}, not ${describe(keys)}`);
    }
    return Array.from(keys, (key) => handleOf(key));
  });
}

module.exports = { Key, KeySet, isKeys, keyHandle, keysHandle, listOfHandles, setOf };
