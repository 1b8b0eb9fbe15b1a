// JavaScript values to JSON text, without what JSON.stringify leaves out or changes in silence.

import { types } from 'node:util';

import { AuthwrightError, invalid } from './errors.js';

// Taken once, so that a program that patches JSON does not change what is signed.
const { parse, stringify } = JSON;
const { isArray } = Array;
const { getPrototypeOf, prototype: ordinary } = Object;

export { parse };

// The core's own limit; it also ends the walk through an object that refers to itself.
const MOST_LEVELS = 64;

/**
 * The JSON text of an object. Members that are `undefined` are absent, a Date becomes whole seconds since 1970 (a
 * NumericDate), `toJSON` is honoured. What JSON has no form for is refused: functions, symbols, BigInt, NaN,
 * infinities, `undefined` in an array, Maps, bytes and the like, and objects that refer to themselves.
 */
export function objectText(value, field) {
  if (typeof value !== 'object' || value === null) {
    throw invalid(field, `${field} must be an object, not ${describe(value)}`);
  }
  return attempt(field, () => {
    if (isArray(value)) {
      throw invalid(field, `${field} must be an object, not an array`);
    }
    return isPlainObject(value, 1) ? stringify(value) : stringify(copy(value, field, field, 1));
  });
}

/** Runs what may call into the program's own getters, proxies and `toJSON`, and gives what they throw a code. */
export function attempt(field, read) {
  try {
    return read();
  } catch (error) {
    throw error instanceof AuthwrightError ? error : invalid(field, `${field} could not be read`, error);
  }
}

/** What a value is, for a message. */
export function describe(value) {
  if (value === null) {
    return 'null';
  }
  switch (typeof value) {
    case 'undefined':
      return 'undefined';
    case 'object':
      return 'an object';
    default:
      return `a ${typeof value}`;
  }
}

// Whether JSON.stringify says all that there is to say: nothing but strings, finite numbers, booleans and null in
// ordinary objects and arrays. Nearly all claims are, and this look at them is much cheaper than a copy.
function isPlainObject(object, level) {
  if (getPrototypeOf(object) !== ordinary || object.toJSON !== undefined || level > MOST_LEVELS) {
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

// The same value in ordinary form, `undefined` where there is none. `field` is the member at the top that it is part of.
function copy(value, name, field, level) {
  switch (typeof value) {
    case 'undefined':
    case 'string':
    case 'boolean':
      return value;
    case 'number':
      if (!Number.isFinite(value)) {
        throw invalid(field, `${field} holds ${value}, which JSON cannot say`);
      }
      return value;
    case 'object':
      return value === null ? null : copyObject(value, name, field, level);
    default:
      throw invalid(field, `${field} holds a ${typeof value}, which JSON cannot say`);
  }
}

function copyObject(value, name, field, level) {
  if (level > MOST_LEVELS) {
    throw invalid(field, `${field} refers to itself, or is nested deeper than ${MOST_LEVELS} levels`);
  }
  if (types.isDate(value)) {
    return numericDate(value, field);
  }
  if (isUnspeakable(value)) {
    throw invalid(field, `${field} holds ${Object.prototype.toString.call(value)}, which JSON cannot say`);
  }
  if (typeof value.toJSON === 'function') {
    const spoken = value.toJSON(name);
    // What answers with itself has no other form than its members.
    if (spoken !== value) {
      return copy(spoken, name, field, level + 1);
    }
  }
  if (isArray(value)) {
    return copyArray(value, field, level);
  }
  const members = Object.create(null);
  for (const member of Object.keys(value)) {
    members[member] = copy(value[member], member, level === 1 ? member : field, level + 1);
  }
  return members;
}

function copyArray(array, field, level) {
  const items = [];
  for (let index = 0; index < array.length; index += 1) {
    const item = copy(array[index], String(index), field, level + 1);
    if (item === undefined) {
      throw invalid(field, `${field} holds undefined in an array, which JSON cannot say`);
    }
    items.push(item);
  }
  return items;
}

// What JSON.stringify would turn into `{}`, or into a list of bytes.
function isUnspeakable(value) {
  return (
    ArrayBuffer.isView(value) ||
    types.isAnyArrayBuffer(value) ||
    types.isBoxedPrimitive(value) ||
    types.isMap(value) ||
    types.isSet(value) ||
    types.isWeakMap(value) ||
    types.isWeakSet(value) ||
    types.isPromise(value) ||
    types.isRegExp(value) ||
    types.isNativeError(value)
  );
}

/** Whole seconds since 1970. */
export function numericDate(date, field) {
  const seconds = Math.floor(Date.prototype.getTime.call(date) / 1000);
  if (Number.isNaN(seconds)) {
    throw invalid(field, `${field} is an invalid Date`);
  }
  return seconds;
}
