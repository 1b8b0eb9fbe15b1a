// A program's own store: an object that answers the five calls.

'use strict';

const { whenAborted } = require('./abort.js');
const { AuthwrightError, invalid, result } = require('./errors.js');
const { attempt, describe } = require('./json.js');
const { native } = require('./load.js');

const METHODS = ['get', 'putIf', 'deleteIf', 'list', 'sweep'];

/** Makes calls with a store of the program's. */
class OwnStore {
  #store;

  constructor(store) {
    this.#store = attempt('store', () => checked(store));
  }

  /** Makes a call: `begin` passes its arguments on to the addon, which takes no store, the time and the milliseconds first. */
  make(begin, waiting, spelling) {
    return this.#drive((now) => begin(undefined, now, waiting.milliseconds), waiting, spelling);
  }

  /** Runs an operation on this store to its end: `begin` takes the deadline. */
  run(begin, waiting, spelling) {
    return this.#drive((now) => begin(now + waiting.milliseconds), waiting, spelling);
  }

  async #drive(begin, { at, signal }, spelling) {
    signal?.throwIfAborted();
    const asking = new Asking(this.#store);
    try {
      return await require('./driver.js').drive(asking, begin, signal, spelling, at);
    } catch (error) {
      // The signal's reason is the program's.
      throw signal?.aborted ? error : asking.explain(error);
    }
  }
}

function checked(store) {
  const isObject = (typeof store === 'object' && store !== null) || typeof store === 'function';
  const missing = isObject ? METHODS.find((name) => typeof store[name] !== 'function') : '';
  if (missing !== undefined) {
    const but = isObject ? `: it has no ${missing}` : `, not ${describe(store)}`;
    throw invalid('store', `store must be a URL, a Store, or an object with ${METHODS.join(', ')}${but}`);
  }
  return store;
}

/** One call of ours under way: what the driver has of the store. */
class Asking {
  /** Nothing of a store's waits for another. */
  wakers = new Set();

  #store;
  // What a method failed with last.
  #thrown;

  constructor(store) {
    this.#store = store;
  }

  /** Carries out what an operation asks. */
  async ask(operation, step, { clock, stop }) {
    const answer = await this.#within(step, clock, stop);
    if (stop.aborted) {
      return;
    }
    if (Failure.is(answer)) {
      result(native.operationFailStore(operation, step.id, clock(), answer.code, answer.reason));
    } else {
      result(native.operationResumeStore(operation, step.id, clock(), answer));
    }
  }

  /** The core knows that the store failed, and not why. */
  explain(error) {
    if (this.#thrown !== undefined && error.cause === undefined && ITS_OWN.has(error.code)) {
      error.cause = this.#thrown.error;
    }
    return error;
  }

  // The store may hang. It gets less than all of the time, so that the core has a rest in which to say what that means.
  async #within(step, clock, stop) {
    const leave = new AbortController();
    let timer;
    let forget;
    const gone = new Promise((resolve) => {
      const end = (reason) => {
        leave.abort(reason);
        resolve(this.#failed(reason));
      };
      const late = () => end(new DOMException('the time for the store is over', 'TimeoutError'));
      timer = setTimeout(late, Math.max(SHARE * (step.deadline - clock()), 1));
      forget = whenAborted(stop, () => end(stop.reason));
    });
    try {
      return await Promise.race([this.#answer(step, leave.signal), gone]);
    } finally {
      clearTimeout(timer);
      forget();
    }
  }

  async #answer(step, signal) {
    try {
      return READ[step.store](await CALL[step.store](this.#store, step, { signal }), step);
    } catch (error) {
      return Failure.is(error) ? error : this.#failed(error);
    }
  }

  #failed(error) {
    this.#thrown = { error };
    return failureOf(error);
  }
}

const SHARE = 0.9;

/** What the core is told of a store that did not answer, or not what it was asked. */
class Failure {
  #isOne = true;

  constructor(code, reason) {
    this.code = code;
    this.reason = reason;
  }

  /** Asks nothing of what may be anything. */
  static is(value) {
    return typeof value === 'object' && value !== null && #isOne in value;
  }
}

// What a store may say itself. The other errors tell of calls that it is no part of, or that only a built-in one has.
const ITS_OWN = new Set(['ERR_STORE_UNAVAILABLE', 'ERR_STORE_UNCERTAIN', 'ERR_STORE_FULL', 'ERR_STORE_CORRUPT', 'ERR_CLOSED']);

// What an exception says may hold what the store keeps, so that only its class is named.
function failureOf(error) {
  try {
    // A DOMException has its name of its own.
    const name = error instanceof DOMException ? error.name : error.constructor.name;
    const code = error instanceof AuthwrightError && ITS_OWN.has(error.code) ? error.code : undefined;
    return new Failure(code, /^[\w$]{1,64}$/.test(name) ? name : UNNAMED);
  } catch {
    return new Failure(undefined, UNNAMED);
  }
}

const UNNAMED = 'an exception';

const CALL = {
  get: (store, { key }, options) => store.get(key, options),
  putIf: (store, { key, expected, record }, options) => store.putIf(key, expected, record, options),
  deleteIf: (store, { key, version }, options) => store.deleteIf(key, version, options),
  list: (store, { owner, after, limit }, options) => store.list(owner, after, limit, options),
  sweep: (store, { before, limit }, options) => store.sweep(before, limit, options),
};

// What was answered, as the addon reads it: copied once, so that it is what was looked at. Here it must be of the right types;
// the core refuses what is too long, too large or too much, which is cut only where a copy of all of it would cost memory.
const READ = {
  get: (answer) => (isNothing(answer) ? undefined : recordOf(answer, 'get', '')),
  putIf: (answer) => expected('putIf', '', 'true or false', answer, typeof answer === 'boolean'),
  deleteIf: (answer) => expected('deleteIf', '', 'true or false', answer, typeof answer === 'boolean'),
  list: (answer, { limit }) => pageOf(answer, limit),
  sweep: (answer) => expected('sweep', '', 'how many records it has removed, a whole number', answer, Number.isInteger(answer)),
};

function pageOf(answer, limit) {
  const { entries, next } = expected('list', '', 'an object with entries and next', answer, isObject(answer));
  expected('list', 'a page whose entries', 'an array', entries, Array.isArray(entries));
  const length = Math.min(entries.length, limit + 1);
  const items = [isNothing(next) ? undefined : textOf(next, 'list', 'a page whose next')];
  for (let index = 0; index < length; index += 1) {
    const entry = entries[index];
    const { key, record } = expected('list', 'an entry that', 'an object with a key and a record', entry, isObject(entry));
    items.push(textOf(key, 'list', 'an entry whose key'), ...recordOf(record, 'list', 'an entry whose record'));
  }
  return items;
}

function recordOf(answer, method, part) {
  const what = `an object with a version and a value${part === '' ? ', or undefined' : ''}`;
  const { version, value, owner, expiresAt } = expected(method, part, what, answer, isObject(answer));
  return [
    expected(method, 'a record whose version', 'a whole number', version, Number.isInteger(version)),
    textOf(value, method, 'a record whose value'),
    isNothing(owner) ? undefined : textOf(owner, method, 'a record whose owner'),
    isNothing(expiresAt)
      ? undefined
      : expected(method, 'a record whose expiresAt', 'a whole number', expiresAt, Number.isInteger(expiresAt)),
  ];
}

// As many bytes at least, and so more than any text may have.
const TOO_MANY_CHARACTERS = 65_537;

function textOf(text, method, part) {
  expected(method, part, 'a string', text, typeof text === 'string');
  return text.slice(0, TOO_MANY_CHARACTERS);
}

// `part` is the part of the answer that the value is, as in "a record whose value"; it is '' for all of it.
function expected(method, part, what, value, isIt) {
  if (!isIt) {
    const found = part === '' ? describe(value) : `${part} is ${describe(value)}`;
    throw new Failure('ERR_INVALID_ARGUMENT', `store.${method} answered with ${found}: it must be ${what}`);
  }
  return value;
}

// Databases say null for what is not there.
function isNothing(value) {
  return value === undefined || value === null;
}

// No array: that is what a query answers with, and it has a method `entries`.
function isObject(value) {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

module.exports = { OwnStore };
