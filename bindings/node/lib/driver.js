// The driver: carries out what operations ask for. Loaded when the first one is.
//
// An operation of the addon says what to do next: send a request, keep tokens, ask a store, or wait until another operation
// of the same RemoteKeySet or Client has fetched what both need. That other one runs on this thread, too, for these belong
// to one; so who waits is woken by it here.

'use strict';

const { performance } = require('node:perf_hooks');

const { whenAborted } = require('./abort.js');
const { result } = require('./errors.js');
const { tell } = require('./events.js');
const { transportOf } = require('./http-options.js');
const { native } = require('./load.js');

/**
 * Begins an operation and runs it to its end. It keeps the process alive until then. `at` is the time that its clock
 * begins with, if that is not now.
 *
 * @returns what it ended with; rejects with its error, or with the signal's reason as soon as that aborts
 */
async function drive(source, begin, signal, spelling, at) {
  const clock = startClock(at);
  const stop = new AbortController();
  const forget = whenAborted(signal, () => stop.abort(signal.reason));
  try {
    const operation = result(begin(clock()), spelling);
    return await run(source, operation, { clock, stop: stop.signal, isBackground: false }, spelling);
  } finally {
    forget();
  }
}

/**
 * The same for an operation whose fruits are for others, too: when the signal aborts, only the waiting ends at once.
 * What was begun goes on, and keeps the process alive. `keep` is called with tokens to keep, and answers whether they
 * are kept.
 */
function driveForAll(source, begin, signal, spelling, keep) {
  return new Promise((resolve, reject) => {
    const clock = startClock();
    const leave = new AbortController();
    const forget = whenAborted(signal, () => {
      leave.abort(signal.reason);
      reject(signal.reason);
    });
    const operation = result(begin(clock()), spelling);
    const context = { clock, leave: leave.signal, stop: new AbortController().signal, isBackground: false, keep };
    run(source, operation, context, spelling).then(resolve, reject).finally(forget);
  });
}

/** Runs an operation that nobody waits for: its failures are events, and it does not keep the process alive. */
function driveInBackground(source, operation) {
  const context = { clock: startClock(), stop: new AbortController().signal, isBackground: true };
  run(source, operation, context).catch(() => {});
}

// `stop` ends everything, `leave` only waits: where both are given, requests come to their end.
async function run(source, operation, context, spelling) {
  const { clock, stop, leave = stop } = context;
  let isAnswered = false;
  try {
    for (;;) {
      const step = native.operationStep(operation, clock());
      tell(operation);
      if (isAnswered) {
        wake(source);
      }
      if (typeof step === 'number') {
        leave.throwIfAborted();
        await wait(source, step - clock(), leave, context.isBackground);
        leave.throwIfAborted();
      } else if (typeof step !== 'object' || Array.isArray(step)) {
        return result(step, spelling);
      } else {
        isAnswered = true;
        await carryOut(source, operation, step, context);
        stop.throwIfAborted();
      }
    }
  } finally {
    native.operationClose(operation);
    if (isAnswered) {
      wake(source);
    }
  }
}

async function carryOut(source, operation, step, context) {
  const { clock, stop } = context;
  if (step.tokens !== undefined) {
    const isKept = await keepInTime(step, context);
    result(native.operationPersisted(operation, step.id, clock(), isKept));
    return;
  }
  if (step.store !== undefined) {
    await source.ask(operation, step, context);
    return;
  }
  const outcome = await send(source, step, context);
  if (!stop.aborted) {
    await handOver(operation, step, outcome, clock());
    tell(operation);
  }
}

// The program's hook may hang, and the operation has an end.
async function keepInTime({ tokens, deadline }, { clock, keep }) {
  let timer;
  const late = new Promise((resolve) => {
    timer = setTimeout(resolve, Math.max(deadline - clock(), 1), false);
  });
  try {
    return await Promise.race([keep(tokens), late]);
  } finally {
    clearTimeout(timer);
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

// Until another has an answer that may be for both, the time is over or the signal aborts.
function wait({ wakers }, milliseconds, leave, isBackground) {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      wakers.delete(end);
      leave.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, Math.max(milliseconds, 1));
    if (isBackground) {
      timer.unref();
    }
    wakers.add(end);
    leave.addEventListener('abort', end);
  });
}

function wake({ wakers }) {
  for (const end of [...wakers]) {
    end();
  }
}

// Milliseconds since 1970, and never backwards: a clock that is set back must not make a wait longer.
function startClock(at = Date.now()) {
  const begin = at - performance.now();
  return () => Math.floor(begin + performance.now());
}

module.exports = { drive, driveForAll, driveInBackground };
