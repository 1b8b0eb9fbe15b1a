// The built-in stores: where they block, whole calls run on another thread.

'use strict';

const { unlessAborted } = require('./abort.js');
const { DeadlineError, result } = require('./errors.js');
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
    const made = begin(this.#handle, at, milliseconds);
    return told(made instanceof Promise ? await unlessIdle(made, milliseconds, signal) : made, spelling);
  }

  /** Runs an operation on this store to its end: `begin` takes the deadline. */
  run(begin, { milliseconds, signal }, spelling) {
    signal?.throwIfAborted();
    return require('./driver.js').drive(this, (now) => begin(now + milliseconds), signal, spelling);
  }

  /** Copies what is in it to another. */
  async copyTo(target, waits) {
    await target.#closing;
    return this.make((source, now, milliseconds) => native.storeCopy(source, now, milliseconds, target.#handle), waits);
  }

  /** Carries out what an operation asks. */
  async ask(operation, { id, deadline }, { clock, stop }) {
    await this.#closing;
    const asked = native.operationAskStore(operation, id, clock(), this.#handle);
    result(asked instanceof Promise ? await unlessIdle(asked, deadline - clock(), stop) : asked);
  }

  async close() {
    this.#closing ??= native.storeClose(this.#handle);
    result(await this.#closing);
  }
}

/**
 * What a job on another thread comes to. It keeps to its time itself once it has begun; one that no thread was free for by
 * then, or until the signal aborted, never begins.
 */
async function unlessIdle(job, milliseconds, signal) {
  let timer;
  const late = new Promise((_, reject) => {
    const leave = () => native.storeLeave(job.ticket) && reject(new DeadlineError('no thread was free for the store in time'));
    timer = setTimeout(leave, Math.min(milliseconds, LONGEST_TIMER));
  });
  try {
    return await unlessAborted(signal, Promise.race([job, late]));
  } finally {
    clearTimeout(timer);
    if (signal?.aborted) {
      native.storeLeave(job.ticket);
    }
  }
}

// In milliseconds; a longer one would end at once.
const LONGEST_TIMER = 2 ** 31 - 1;

/** The result of a call, once what happened on the way is told. */
function told(made, spelling) {
  if (typeof made !== 'object' || Array.isArray(made)) {
    return result(made, spelling);
  }
  tellAll(made.events);
  return result(made.outcome, spelling);
}

module.exports = { BuiltInStore };
