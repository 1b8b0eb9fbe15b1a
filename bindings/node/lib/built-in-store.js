// The built-in stores: where they block, whole calls run on another thread.

'use strict';

const { unlessAborted } = require('./abort.js');
const { result } = require('./errors.js');
const { tellAll } = require('./events.js');
const { native } = require('./load.js');

/** A store of the addon's. It is also what the driver has of it. */
class BuiltInStore {
  /** Nothing of a store's waits for another. */
  wakers = new Set();

  #handle;
  // What is asked after `close` must not overtake it on another thread.
  #closing;

  constructor(handle) {
    this.#handle = handle;
  }

  /** Makes a call: `begin` passes its arguments on to the addon, which takes this store, the time and the milliseconds first. */
  async make(begin, { at = Date.now(), milliseconds, signal }, spelling) {
    signal?.throwIfAborted();
    if (this.#closing !== undefined) {
      await this.#closing;
    }
    const begun = begin(this.#handle, at, milliseconds);
    return begun instanceof Promise ? unlessAborted(signal, begun.then((made) => told(made, spelling))) : told(begun, spelling);
  }

  /** Runs an operation on this store to its end: `begin` takes the deadline. */
  run(begin, { milliseconds, signal }, spelling) {
    signal?.throwIfAborted();
    return require('./driver.js').drive(this, (now) => begin(now + milliseconds), signal, spelling);
  }

  /** Carries out what an operation asks. */
  async ask(operation, { id }, { clock, stop }) {
    await this.#closing;
    const asked = native.operationAskStore(operation, id, clock(), this.#handle);
    result(await (asked instanceof Promise ? unlessAborted(stop, asked) : asked));
  }

  async close() {
    this.#closing ??= native.storeClose(this.#handle);
    result(await this.#closing);
  }
}

/** The result of a call, once what happened on the way is told. */
function told(made, spelling) {
  if (typeof made !== 'object' || Array.isArray(made)) {
    return result(made, spelling);
  }
  tellAll(made.events);
  return result(made.outcome, spelling);
}

module.exports = { BuiltInStore };
