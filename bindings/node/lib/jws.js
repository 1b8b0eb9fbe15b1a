// jws: signatures over any bytes, and no claims.

'use strict';

const { invalid, result } = require('./errors.js');
const { attempt, objectText, parse } = require('./json.js');
const { keyHandle, keysHandle } = require('./key.js');
const { native } = require('./load.js');
const { apart, complete, flag, read } = require('./options.js');

function sign(payload, key, options) {
  const values = read(options, ['algorithm', 'headers', 'detached', 'b64']);
  const headers = values.headers === undefined ? undefined : objectText(values.headers, 'headers');
  const detached = flag(values, 'detached', false);
  const b64 = flag(values, 'b64', true);
  return result(native.jwsSign(payload, keyHandle(key), values.algorithm, headers, detached, b64));
}

function verify(token, keys, options) {
  const [payload, others] = apart(options, 'payload');
  // A list that was not set must not allow every algorithm. A payload that is not there is in the token.
  const { algorithms } = read(complete(others), ['algorithms', 'payload']);
  const list = attempt('algorithms', () => listOf(algorithms));
  const verified = result(native.jwsVerify(token, keysHandle(keys), list, payload));
  return { payload: verified.payload, header: parse(verified.header) };
}

// More names than there are algorithms are a mistake, and an array can claim to hold billions.
const MOST_NAMES = 64;

function listOf(algorithms) {
  if (typeof algorithms === 'string') {
    return [algorithms];
  }
  if (Array.isArray(algorithms) && algorithms.length > MOST_NAMES) {
    throw invalid('algorithms', `algorithms must not hold more than ${MOST_NAMES} names`);
  }
  return Array.isArray(algorithms) ? [...algorithms] : algorithms;
}

/** Signatures over any bytes, and no claims (RFC 7515, RFC 7797). */
exports.jws = Object.freeze({ sign, verify });
