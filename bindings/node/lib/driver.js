// The driver: carries out what operations ask for. Loaded when the first one is.
//
// An operation of the addon says what to do next: send a request, or wait until another operation of the same
// RemoteKeySet has fetched what both need. That other one runs on this thread, too, for a RemoteKeySet belongs to one; so
// who waits is woken by it here.

'use strict';

const { getMaxListeners, defaultMaxListeners, setMaxListeners } = require('node:events');
const { performance } = require('node:perf_hooks');

const { result } = require('./errors.js');
const { tell } = require('./events.js');
const { transportOf } = require('./http-options.js');
const { native } = require('./load.js');

/**
 * Begins an operation and runs it to its end. It keeps the process alive until then.
 *
 * @returns what it ended with; rejects with its error, or with the signal's reason as soon as that aborts
 */
async function drive(source, begin, signal, spelling) {
  const clock = startClock();
  const stop = new AbortController();
  const forward = () => stop.abort(signal.reason);
  if (signal !== undefined) {
    // Many calls may share one signal, and each stops listening when it ends.
    if (signal instanceof AbortSignal && getMaxListeners(signal) === defaultMaxListeners) {
      setMaxListeners(Infinity, signal);
    }
    signal.addEventListener('abort', forward, { once: true });
  }
  try {
    const operation = result(begin(clock()), spelling);
    return await run(source, operation, { clock, stop: stop.signal, isBackground: false }, spelling);
  } finally {
    signal?.removeEventListener('abort', forward);
  }
}

/** Runs an operation that nobody waits for: its failures are events, and it does not keep the process alive. */
function driveInBackground(source, operation) {
  const context = { clock: startClock(), stop: new AbortController().signal, isBackground: true };
  run(source, operation, context).catch(() => {});
}

async function run(source, operation, context, spelling) {
  const { clock, stop } = context;
  let hasFetched = false;
  try {
    for (;;) {
      const step = native.operationStep(operation, clock());
      tell(operation);
      if (typeof step === 'number') {
        await wait(source, step - clock(), context);
      } else if (typeof step !== 'object' || Array.isArray(step)) {
        return result(step, spelling);
      } else {
        hasFetched = true;
        const outcome = await send(source, step, context);
        if (!stop.aborted) {
          await handOver(operation, step, outcome, clock());
          tell(operation);
        }
      }
      stop.throwIfAborted();
    }
  } finally {
    native.operationClose(operation);
    if (hasFetched) {
      wake(source);
    }
  }
}

function send(source, request, { clock, stop, isBackground }) {
  source.transport ??= transportOf(source.http);
  return source.transport.send(request, { milliseconds: request.deadline - clock(), stop, isBackground });
}

// The addon reads an answer on another thread.
async function handOver(operation, { id }, outcome, now) {
  if (outcome.failure === undefined) {
    const { status, headers, body } = outcome;
    result(await result(native.operationResume(operation, id, now, status, headers, body)));
  } else {
    const { failure: kind, isSent, reason } = outcome;
    result(native.operationFail(operation, id, now, kind, isSent, reason));
  }
}

// Until the fetch of another has ended, the time is over or the signal aborts.
function wait({ wakers }, milliseconds, { stop, isBackground }) {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      wakers.delete(end);
      stop.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, Math.max(milliseconds, 1));
    if (isBackground) {
      timer.unref();
    }
    wakers.add(end);
    stop.addEventListener('abort', end);
  });
}

function wake({ wakers }) {
  for (const end of [...wakers]) {
    end();
  }
}

// Milliseconds since 1970, and never backwards: a clock that is set back must not make a wait longer.
function startClock() {
  const begin = Date.now() - performance.now();
  return () => Math.floor(begin + performance.now());
}

module.exports = { drive, driveInBackground };
