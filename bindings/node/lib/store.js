// Store, and what there is for every store: the sweep, and the tests that it passes.

'use strict';

const { BuiltInStore } = require('./built-in-store.js');
const { invalid, result } = require('./errors.js');
const { describe, parse } = require('./json.js');
const { native } = require('./load.js');
const { apart, complete, toDocument, waiting } = require('./options.js');

// How long a sweep, or all the checks, may take unless the call is told.
const SECONDS = 60;

// How long a copy may take.
const COPY_SECONDS = 600;

let storeOf;

/** A built-in store, by its URL. */
class Store {
  #store;

  static {
    storeOf = (value) => (typeof value === 'object' && value !== null && #store in value ? value.#store : undefined);
  }

  constructor(url, options) {
    const { text, spelling } = toDocument(complete(options));
    this.#store = new BuiltInStore(result(native.storeOpen(url, text), spelling));
  }

  async sweep(options) {
    return Number(await partsOf(this).make(native.storeSweep, waiting(options, SECONDS)));
  }

  async close() {
    await partsOf(this).close();
  }

  [Symbol.asyncDispose]() {
    return this.close();
  }

  // The URL may hold a password.
  [Symbol.for('nodejs.util.inspect.custom')]() {
    return '[Store]';
  }
}

function partsOf(value) {
  const store = storeOf(value);
  if (store === undefined) {
    throw invalid('this', `this must be a Store, not ${describe(value)}`);
  }
  return store;
}

/** What makes the calls of an argument that names a store, and what closes the store, if nobody else has it. */
function placeOf(argument) {
  if (typeof argument === 'string') {
    const opened = new Store(argument);
    return { store: storeOf(opened), own: opened };
  }
  const builtIn = storeOf(argument);
  if (builtIn !== undefined) {
    return { store: builtIn };
  }
  const { OwnStore } = require('./own-store.js');
  return { store: new OwnStore(argument) };
}

/** Removes what is over from any store. */
async function sweepStore(argument, options) {
  const waits = waiting(options, SECONDS);
  return Number(await withStore(argument, (store) => store.make(native.storeSweep, waits)));
}

/** Copies the records of a store in SQLite to another of the addon's. */
async function copyStore(source, target, options) {
  const waits = waiting(options, COPY_SECONDS);
  const [from, to] = [builtIn('source', source), builtIn('target', target)];
  try {
    return Number(await from.store.copyTo(to.store, waits));
  } finally {
    from.own?.close().catch(() => {});
    to.own?.close().catch(() => {});
  }
}

function builtIn(name, argument) {
  if (typeof argument !== 'string' && storeOf(argument) === undefined) {
    throw invalid(name, `${name} must be a URL or a Store, not ${describe(argument)}`);
  }
  return placeOf(argument);
}

/** Asks a store all that can be asked of it. */
async function checkStore(argument, options) {
  const [timeout, signal, others] = apart(options, 'timeout', 'signal');
  const { text, spelling } = toDocument(complete(others));
  const check = (deadline) => native.storeCheck(text, deadline);
  const waits = waiting({ timeout, signal }, SECONDS);
  const report = await withStore(argument, (store) => store.run(check, waits, spelling));
  const { run_id: runId, ...found } = parse(report);
  return { runId, ...found };
}

/** What a call comes to with an argument that names a store. One that failed does not wait for the end of closing. */
async function withStore(argument, call) {
  const { store, own } = placeOf(argument);
  let answer;
  try {
    answer = await call(store);
  } catch (error) {
    own?.close().catch(() => {});
    throw error;
  }
  await own?.close();
  return answer;
}

module.exports = { Store, checkStore, copyStore, placeOf, sweepStore };
