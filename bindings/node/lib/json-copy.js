// The slow way to JSON: a copy of what is not in ordinary form, or the error that says why there is none.

'use strict';

const { types } = require('node:util');

const { invalid } = require('./errors.js');
const { MOST_LEVELS, numericDate } = require('./json.js');

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
  if (Array.isArray(value)) {
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

exports.copy = copy;
