// Signer.

'use strict';

const { failure, invalid, result } = require('./errors.js');
const { describe, objectText } = require('./json.js');
const { keyHandle } = require('./key.js');
const { native } = require('./load.js');
const { flag, now, read, toDocument } = require('./options.js');

let partsOfSigner;
let handleOfPrepared;

/** Signs tokens with one key. Immutable: build one and keep it. */
class Signer {
  // A function of the addon's that carries the signer with it: the hot call.
  #sign;
  #parts;

  static {
    partsOfSigner = (value) => {
      if (typeof value === 'object' && value !== null && #parts in value) {
        return value.#parts;
      }
      throw invalid('this', `this must be a Signer, not ${describe(value)}`);
    };
  }

  constructor(key, options) {
    const { text, spelling } = toDocument(options);
    const handle = result(native.signerNew(keyHandle(key), text), spelling);
    this.#sign = result(native.signerSign(handle));
    // What a message says about options is respelt; the name of a claim never is.
    this.#parts = { handle, spelling: { text: spelling.text, name: (field) => field } };
  }

  sign(claims, options) {
    const { spelling } = partsOfSigner(this);
    const text = objectText(claims, 'claims');
    const at = options === undefined ? undefined : now(options);
    const token = at === undefined ? this.#sign(text) : this.#sign(text, at);
    if (typeof token === 'string') {
      return token;
    }
    throw failure(token, spelling);
  }

  async signAsync(claims, options) {
    const { handle, spelling } = partsOfSigner(this);
    return result(await result(native.signerSignAsync(handle, ...textAndTime(claims, options)), spelling), spelling);
  }

  prepare(claims, options) {
    const { handle, spelling } = partsOfSigner(this);
    return new Prepared(result(native.signerPrepare(handle, ...textAndTime(claims, options)), spelling));
  }

  finish(prepared, signature, options) {
    const { handle, spelling } = partsOfSigner(this);
    const isDer = flag(read(options, ['der']), 'der', false);
    return result(native.signerFinish(handle, handleOfPrepared(prepared), signature, isDer), spelling);
  }
}

/** A token without its signature: what `prepare` returns and `finish` takes. */
class Prepared {
  #handle;

  static {
    handleOfPrepared = (value) => (typeof value === 'object' && value !== null && #handle in value ? value.#handle : value);
  }

  constructor(handle) {
    this.signingInput = result(native.preparedSigningInput(handle));
    this.algorithm = result(native.preparedAlgorithm(handle));
    this.#handle = handle;
  }
}

// The arguments of the calls that are not hot. Without a time there is one less, and the addon asks the system's clock.
function textAndTime(claims, options) {
  const text = objectText(claims, 'claims');
  const at = now(options);
  return at === undefined ? [text] : [text, at];
}

module.exports = { Prepared, Signer };
