// TokenManager.

'use strict';

const { invalid, result } = require('../errors.js');
const { describe } = require('../json.js');
const { native } = require('../load.js');
const { flag, read, toDocument, waiting } = require('../options.js');
const { internal } = require('../document.js');
const { Tokens, textOfTokens } = require('./tokens.js');

// How long a call may take unless it is told.
const SECONDS = 30;

let partsOf;

/** One access token for all of a process, renewed before it ends. */
class TokenManager {
  #parts;

  static {
    partsOf = (value) => {
      if (typeof value === 'object' && value !== null && #parts in value) {
        return value.#parts;
      }
      throw invalid('this', `this must be a TokenManager, not ${describe(value)}`);
    };
  }

  constructor(mark, source, tokens, options) {
    if (mark !== internal) {
      throw invalid('TokenManager', 'a TokenManager is made by client.tokenManager');
    }
    const { renewBefore, onTokens } = read(options, ['renewBefore', 'onTokens']);
    if (onTokens !== undefined && typeof onTokens !== 'function') {
      throw invalid('onTokens', `onTokens must be a function, not ${describe(onTokens)}`);
    }
    const { text, spelling } = toDocument({ renewBefore, persist: onTokens !== undefined });
    const handle = result(native.tokenManagerNew(source.handle, tokens, text, Date.now()), spelling);
    this.#parts = { handle, source, spelling, hook: new Hook(onTokens) };
  }

  async tokens(options) {
    const { handle, source, spelling, hook } = partsOf(this);
    const { force: given, ...others } = read(options, ['force', 'timeout', 'signal']);
    const force = flag({ force: given }, 'force', false);
    const { milliseconds, signal } = waiting(others, SECONDS);
    signal?.throwIfAborted();
    const begin = (now) => native.tokenManagerTokens(handle, force, now + milliseconds);
    try {
      const text = await require('../driver.js').driveForAll(source, begin, signal, spelling, hook.keep);
      return new Tokens(internal, text);
    } catch (error) {
      throw hook.explain(error);
    }
  }

  get current() {
    return new Tokens(internal, result(native.tokenManagerCurrent(partsOf(this).handle)));
  }

  replace(tokens) {
    result(native.tokenManagerReplace(partsOf(this).handle, textOfTokens(tokens), Date.now()));
  }

  [Symbol.for('nodejs.util.inspect.custom')]() {
    return '[TokenManager]';
  }
}

/** The program's function that keeps new tokens. */
class Hook {
  #call;
  #failure;

  constructor(call) {
    this.#call = call;
  }

  /** Calls it; whether it has kept them. */
  keep = async (text) => {
    try {
      await this.#call.call(undefined, new Tokens(internal, text));
      return true;
    } catch (error) {
      this.#failure = error;
      return false;
    }
  };

  /** The core knows that it failed, and not why. */
  explain(error) {
    if (error?.code === 'ERR_PERSIST_FAILED' && error.cause === undefined) {
      error.cause = this.#failure;
    }
    return error;
  }
}

module.exports = { TokenManager };
