// jws: signatures over any bytes, and no claims.

import { result } from './errors.js';
import { attempt, objectText, parse } from './json.js';
import { keyHandle, keysHandle } from './key.js';
import { native } from './load.js';
import { flag, read } from './options.js';

function sign(payload, key, options) {
  const values = read(options, ['algorithm', 'headers', 'detached', 'b64']);
  const headers = values.headers === undefined ? undefined : objectText(values.headers, 'headers');
  const detached = flag(values, 'detached', false);
  const b64 = flag(values, 'b64', true);
  return result(native.jwsSign(payload, keyHandle(key), values.algorithm, headers, detached, b64));
}

function verify(token, keys, options) {
  const { algorithms, payload } = read(options, ['algorithms', 'payload']);
  const names = attempt('algorithms', () => (Array.isArray(algorithms) ? [...algorithms] : algorithms));
  const list = typeof names === 'string' ? [names] : names;
  const verified = result(native.jwsVerify(token, keysHandle(keys), list, payload));
  return { payload: verified.payload, header: parse(verified.header) };
}

/** Signatures over any bytes, and no claims (RFC 7515, RFC 7797). */
export const jws = Object.freeze({ sign, verify });
