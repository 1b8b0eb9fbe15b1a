// RemoteKeySet.

'use strict';

const { invalid, result } = require('./errors.js');
const { describe } = require('./json.js');
const { Key, keyHandle, listOfHandles, setOf } = require('./key.js');
const { native } = require('./load.js');
const { apart, complete, toDocument, waiting } = require('./options.js');

// More than the operation gives itself, which follows from the set's own timeout.
const LONGEST_REFRESH = 3600;

// Only this package makes one of a source.
const ofSource = Symbol('ofSource');
let sourceOf;

/** The keys of one issuer, fetched from it and kept up to date. */
class RemoteKeySet {
  #source;

  static {
    sourceOf = (value) => (typeof value === 'object' && value !== null && #source in value ? value.#source : undefined);
  }

  constructor(options, mark) {
    if (mark === ofSource) {
      this.#source = options;
      return;
    }
    const [http, others] = apart(options, 'http');
    const { text, spelling } = toDocument(complete(others));
    this.#source = new Source(result(native.remoteKeySetNew(text), spelling), spelling);
    this.#source.http = http === undefined ? undefined : require('./http-options.js').readHttp(http);
  }

  get issuer() {
    return result(native.remoteKeySetIssuer(source(this).handle));
  }

  keySet() {
    const { handle, spelling } = source(this);
    return setOf(result(native.remoteKeySetKeySet(handle, Date.now()), spelling));
  }

  async refresh(options) {
    const { handle, spelling } = source(this);
    const { milliseconds, signal } = waiting(options, LONGEST_REFRESH);
    signal?.throwIfAborted();
    const begin = (now) => native.remoteKeySetRefresh(handle, now, now + milliseconds);
    await source(this).drive(begin, signal, spelling);
  }

  exportState(key) {
    const { handle, spelling } = source(this);
    return result(native.remoteKeySetExport(handle, keyHandle(key)), spelling);
  }

  importState(state, keys) {
    const handles = keys instanceof Key ? [keyHandle(keys)] : listOfHandles(keys);
    result(native.remoteKeySetImport(source(this).handle, state, handles, Date.now()));
  }

  close() {
    const { handle } = source(this);
    result(native.remoteKeySetClose(handle));
    source(this).transport?.close();
  }

  [Symbol.dispose]() {
    this.close();
  }

  [Symbol.for('nodejs.util.inspect.custom')](depth, options, inspect) {
    const isOne = sourceOf(this) !== undefined;
    return depth < 0 || !isOne ? '[RemoteKeySet]' : `RemoteKeySet ${inspect({ issuer: this.issuer }, options)}`;
  }
}

/** What a RemoteKeySet is made of, for those who fetch on its behalf. */
class Source {
  /** Set by the driver, when it is first needed. */
  transport;
  /** How requests are sent, if the program said it. */
  http;
  /** Those who wait for the fetch of another. */
  wakers = new Set();

  constructor(handle, spelling) {
    this.handle = handle;
    this.spelling = spelling;
    this.refreshAhead = result(native.remoteKeySetRefreshAhead(handle));
  }

  /** Runs an operation to its end. The driver, and what it needs of Node, is loaded when the first one is. */
  drive(begin, signal, spelling) {
    return require('./driver.js').drive(this, begin, signal, spelling);
  }

  /** Fetches what is due, while the keys at hand serve. */
  fetchAhead() {
    const operation = this.refreshAhead(Date.now());
    if (operation !== undefined) {
      require('./driver.js').driveInBackground(this, operation);
    }
  }
}

/** The keys that a Client verifies with. Who waits for a fetch of the one is woken by the other. */
function remoteKeysOf(handle, { http, spelling, wakers }) {
  return new RemoteKeySet(Object.assign(new Source(handle, spelling), { http, wakers }), ofSource);
}

function source(value) {
  const found = sourceOf(value);
  if (found === undefined) {
    throw invalid('this', `this must be a RemoteKeySet, not ${describe(value)}`);
  }
  return found;
}

module.exports = { RemoteKeySet, remoteKeysOf, sourceOf };
