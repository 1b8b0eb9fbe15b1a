// What a Client and ApiKeys answer with: read-only views of documents that the core wrote.

'use strict';

const { invalid } = require('./errors.js');
const { describe, parse } = require('./json.js');

// Only this package makes them.
const internal = Symbol('internal');
let partsOf;

/** The members may be secrets, so they are no properties that a log would print. */
class Document {
  #text;
  #members;

  static {
    partsOf = (value) => {
      if (typeof value === 'object' && value !== null && #text in value) {
        return { text: value.#text, members: value.#members };
      }
      throw invalid('this', `this must be what this package answered with, not ${describe(value)}`);
    };
  }

  constructor(mark, text) {
    if (mark !== internal) {
      throw invalid('constructor', 'an object of this class is what this package answers with');
    }
    this.#text = text;
    this.#members = parse(text);
    Object.values(this.#members).filter(Array.isArray).forEach(Object.freeze);
  }

  toJSON() {
    return parse(partsOf(this).text);
  }

  [Symbol.for('nodejs.util.inspect.custom')]() {
    return `[${this.constructor.name}]`;
  }
}

/** The members, in the core's spelling. */
function members(document) {
  return partsOf(document).members;
}

/** The text that the core wrote. */
function text(document) {
  return partsOf(document).text;
}

module.exports = { Document, internal, members, text };
