// JavaScript values to JSON text, without what JSON.stringify leaves out or changes in silence.

'use strict';

const { AuthwrightError, invalid } = require('./errors.js');

// Taken once, so that a program that patches JSON does not change what is signed.
const { parse, stringify } = JSON;
const { isArray } = Array;
const { getPrototypeOf, prototype: ordinary } = Object;

// The core's own limit; it also ends the walk through an object that refers to itself.
const MOST_LEVELS = 64;

/**
 * The JSON text of an object. Members that are `undefined` are absent, a Date becomes whole seconds since 1970 (a
 * NumericDate), `toJSON` is honoured. What JSON has no form for is refused: functions, symbols, BigInt, NaN,
 * infinities, `undefined` in an array, Maps, bytes and the like, and objects that refer to themselves.
 */
function objectText(value, field) {
  if (typeof value !== 'object' || value === null) {
    throw invalid(field, `${field} must be an object, not ${describe(value)}`);
  }
  try {
    if (isPlainObject(value, 1)) {
      return stringify(value);
    }
  } catch {
    // A getter or a proxy threw: the copy finds where.
  }
  return attempt(field, () => {
    if (isArray(value)) {
      throw invalid(field, `${field} must be an object, not an array`);
    }
    return stringify(require('./json-copy.js').copy(value, field, field, 1));
  });
}

/** The JSON text of one member of a document, in the same way. `undefined` is refused. */
function memberText(value, field) {
  const text = plainText(value) ?? attempt(field, () => stringify(require('./json-copy.js').copy(value, field, field, 2)));
  if (text === undefined) {
    throw invalid(field, `${field} is undefined`);
  }
  if (LONE_SURROGATE.test(text)) {
    throw invalid(field, `${field} holds half of a surrogate pair, which UTF-8 cannot say`);
  }
  return text;
}

// As JSON.stringify writes it: an escape whose backslash is not escaped itself.
const LONE_SURROGATE = /(?<!\\)(?:\\\\)*\\ud[89a-f][0-9a-f]{2}/;

function plainText(value) {
  try {
    return isPlain(value, 1) ? stringify(value) : undefined;
  } catch {
    // A getter or a proxy threw: the copy finds where.
    return undefined;
  }
}

/** Runs what may call into the program's own getters, proxies and `toJSON`, and gives what they throw a code. */
function attempt(field, read) {
  try {
    return read();
  } catch (error) {
    throw error instanceof AuthwrightError ? error : invalid(field, `${field} could not be read`, error);
  }
}

/** What a value is, for a message. */
function describe(value) {
  if (value === null) {
    return 'null';
  }
  switch (typeof value) {
    case 'undefined':
      return 'undefined';
    case 'object':
      return isList(value) ? 'an array' : 'an object';
    default:
      return `a ${typeof value}`;
  }
}

// A proxy that was revoked does not even tell that.
function isList(value) {
  try {
    return isArray(value);
  } catch {
    return false;
  }
}

// Whether JSON.stringify says all that there is to say: nothing but strings, finite numbers, booleans and null in
// ordinary objects and arrays. Nearly all claims are, and this look at them is much cheaper than a copy.
function isPlainObject(object, level) {
  const prototype = getPrototypeOf(object);
  if ((prototype !== ordinary && prototype !== null) || object.toJSON !== undefined || level > MOST_LEVELS) {
    return false;
  }
  for (const name in object) {
    if (!isPlain(object[name], level)) {
      return false;
    }
  }
  return true;
}

// Comparisons one by one, and not a switch: V8 turns each into a look at the value's map.
function isPlain(value, level) {
  if (typeof value === 'string' || typeof value === 'boolean') {
    return true;
  }
  if (typeof value === 'number') {
    return Number.isFinite(value);
  }
  if (typeof value === 'object') {
    return value === null || (isArray(value) ? isPlainArray(value, level + 1) : isPlainObject(value, level + 1));
  }
  return false;
}

function isPlainArray(array, level) {
  if (array.toJSON !== undefined || level > MOST_LEVELS) {
    return false;
  }
  for (let index = 0; index < array.length; index += 1) {
    if (!isPlain(array[index], level)) {
      return false;
    }
  }
  return true;
}

/** Whole seconds since 1970. */
function numericDate(date, field) {
  const seconds = Math.floor(Date.prototype.getTime.call(date) / 1000);
  if (Number.isNaN(seconds)) {
    throw invalid(field, `${field} is an invalid Date`);
  }
  return seconds;
}

module.exports = { MOST_LEVELS, attempt, describe, memberText, numericDate, objectText, parse, stringify };
