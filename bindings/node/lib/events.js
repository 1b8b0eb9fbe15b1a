// Events: what happened, for a program's log and metrics.

'use strict';

const { invalid } = require('./errors.js');
const { describe, parse } = require('./json.js');
const { native } = require('./load.js');

let hook = null;

/** Sets the one function that is told what happens. */
function onEvent(callback) {
  if (callback !== null && typeof callback !== 'function') {
    throw invalid('callback', `onEvent takes a function, or null for none, not ${describe(callback)}`);
  }
  hook = callback;
}

/** Tells what has happened to an operation since the last time. */
function tell(operation) {
  const text = native.operationEvents(operation);
  if (typeof text === 'string') {
    tellAll(text);
  }
}

/** Tells of the events of a text that the core wrote. */
function tellAll(text) {
  if (hook === null) {
    return;
  }
  for (const event of parse(text)) {
    // A log that fails must not fail a verification.
    try {
      const done = hook?.(event);
      // Nobody waits for an async one, and one that fails must not be an unhandled rejection, which ends the process.
      if (typeof done?.then === 'function') {
        Promise.resolve(done).catch(warn);
      }
    } catch (error) {
      warn(error);
    }
  }
}

// What was thrown may be anything, and may fail itself when it is looked at.
function warn(error) {
  let warning = 'the function of onEvent failed';
  try {
    warning = error instanceof Error ? error : String(error);
  } catch {
    // Then that is all that can be said.
  }
  process.emitWarning(warning);
}

module.exports = { onEvent, tell, tellAll };
