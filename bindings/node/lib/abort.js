// Signals: who ends a call before it is over.

'use strict';

const { getMaxListeners, defaultMaxListeners, setMaxListeners } = require('node:events');

/** Calls when the signal aborts, if there is one; what it returns ends that. */
function whenAborted(signal, call) {
  if (signal === undefined) {
    return () => {};
  }
  // Many calls may share one signal, and each stops listening when it ends.
  if (signal instanceof AbortSignal && getMaxListeners(signal) === defaultMaxListeners) {
    setMaxListeners(Infinity, signal);
  }
  signal.addEventListener('abort', call, { once: true });
  return () => signal.removeEventListener('abort', call);
}

/** What the promise comes to, or the signal's reason as soon as that aborts. What the promise stands for goes on. */
function unlessAborted(signal, promise) {
  if (signal === undefined) {
    return promise;
  }
  return new Promise((resolve, reject) => {
    const forget = whenAborted(signal, () => reject(signal.reason));
    promise.then(resolve, reject).finally(forget);
  });
}

module.exports = { unlessAborted, whenAborted };
