// Options: one object, read strictly. A misspelt option must never mean "no check".

'use strict';

const { types } = require('node:util');

const { UnknownOptionError, invalid } = require('./errors.js');
const { attempt, describe, memberText, numericDate, objectText, stringify } = require('./json.js');

/** The options of a function that has only these. Absent ones are `undefined`. */
function read(options, known) {
  const values = Object.create(null);
  for (const [name, value] of members(options)) {
    if (!known.includes(name)) {
      throw new UnknownOptionError(`${JSON.stringify(name)} is not an option here; it knows ${known.join(', ')}`, {
        field: name,
      });
    }
    values[name] = value;
  }
  return values;
}

/** An option that is true or false. */
function flag(values, name, otherwise) {
  const value = values[name] === undefined ? otherwise : values[name];
  if (typeof value !== 'boolean') {
    throw invalid(name, `${name} must be true or false, not ${describe(value)}`);
  }
  return value;
}

/** The `now` of an options object: seconds, or `undefined` for the system's clock. */
function now(options) {
  const value = read(options, ['now']).now;
  return value === undefined ? undefined : seconds(value);
}

/** The options of a call that may wait: until when, and who may end it. */
function waiting(options, otherwise, known = []) {
  const values = read(options, ['timeout', 'signal', ...known]);
  return {
    at: values.now === undefined ? undefined : seconds(values.now),
    milliseconds: limit(values, 'timeout', otherwise),
    signal: abortSignal(values),
  };
}

/** Whole seconds since 1970, of a number or a Date. */
function seconds(value) {
  if (types.isDate(value)) {
    return numericDate(value, 'now');
  }
  if (!Number.isInteger(value)) {
    throw invalid('now', `now must be whole seconds since 1970, or a Date, not ${describe(value)}`);
  }
  return value;
}

/**
 * Options as the document that the core reads: the same members in snake_case. Only names of members are respelt, and
 * those of `compat` and `user`; never a value, and nothing inside `claims`, `required` or `headers`.
 *
 * The core tells which names there are, so a value that has no form in JSON is `null` in the document, which the core
 * refuses. What was wrong with it is the `fault` of the spelling, which stands for every error but that of a name.
 */
function toDocument(options) {
  const texts = [];
  const unspoken = [];
  const written = new Map();
  let fault;
  for (const [name, value] of members(options)) {
    const snake = respell(name, written);
    try {
      const text = optionText(NESTED.includes(snake) ? attempt(name, () => respelt(value, written, name)) : value, name);
      texts.push(`${stringify(snake)}:${text}`);
    } catch (error) {
      // A misspelt name within an option is one, too.
      if (error instanceof UnknownOptionError) {
        throw error;
      }
      fault ??= error;
      unspoken.push(`${stringify(snake)}:null`);
    }
  }
  // Last, for the core stops at the first that is wrong.
  return { text: `{${[...texts, ...unspoken].join(',')}}`, spelling: { ...spellingOf(written), fault } };
}

// The JSON text of one option. None is a point in time, and as a span one would last for decades.
function optionText(value, name) {
  refuseDate(value, name);
  return memberText(value, name);
}

function refuseDate(value, name) {
  if (types.isDate(value)) {
    throw invalid(name, `${name} is a Date: pass seconds`);
  }
}

/** The text of a policy's document, whose members are spelt as the core spells them. */
function policyText(policy) {
  if (typeof policy === 'object' && policy !== null) {
    attempt('policy', () => Object.keys(complete(policy)).forEach((name) => refuseDate(policy[name], name)));
  }
  return objectText(policy, 'policy');
}

/** Some options, and last the others without them: they are read elsewhere. */
function apart(options, ...names) {
  return attempt('options', () => {
    if (typeof options !== 'object' || options === null || Array.isArray(options)) {
      return [...names.map(() => undefined), options];
    }
    refuseOther(options);
    const others = { ...options };
    const values = names.map((name) => (Object.hasOwn(others, name) ? others[name] : undefined));
    names.forEach((name) => delete others[name]);
    return [...values, others];
  });
}

/**
 * Options of which none is `undefined`: elsewhere that means absent, but an environment variable that is not set must never
 * switch a check off, nor make what lasts for ever.
 */
function complete(options) {
  if (typeof options === 'object' && options !== null) {
    const unset = attempt('options', () => Object.keys(options).find((name) => options[name] === undefined));
    if (unset !== undefined) {
      throw invalid(unset, `${unset} is undefined: is a variable not set? Leave the option out if it is not wanted`);
    }
  }
  return options;
}

// Members that consist of options themselves.
const NESTED = ['compat', 'user'];

// A list of names, or an object.
function respelt(value, written, field) {
  if (Array.isArray(value)) {
    // More than there could ever be is a mistake, and an array can claim to hold billions.
    if (value.length > 64) {
      throw invalid(field, `${field} must not hold more than 64 names`);
    }
    return value.map((name) => (typeof name === 'string' ? respell(name, written) : name));
  }
  if (typeof value !== 'object' || value === null || types.isDate(value)) {
    return value;
  }
  return Object.fromEntries(members(value).map(([name, member]) => [respell(name, written), member]));
}

// A name in the core's spelling. One that is in it already is of a document for another language, and so may be its values.
function respell(name, written) {
  if (name.includes('_')) {
    throw new UnknownOptionError(`${stringify(name)} is not an option: in JavaScript it is spelt ${toCamel(name)}`, {
      field: name,
    });
  }
  const snake = toSnake(name);
  written.set(snake, name);
  return snake;
}

// The members that are there: own and enumerable, so that a polluted prototype adds none.
function members(options) {
  if (options === undefined) {
    return [];
  }
  if (typeof options !== 'object' || options === null) {
    throw invalid('options', `options must be an object, not ${describe(options)}`);
  }
  return attempt('options', () => {
    if (Array.isArray(options)) {
      throw invalid('options', 'options must be an object, not an array');
    }
    refuseOther(options);
    if (Object.getOwnPropertySymbols(options).length > 0) {
      throw invalid('options', 'options must have names, not symbols, for members');
    }
    return Object.keys(options)
      .map((name) => [name, options[name]])
      .filter(([, value]) => value !== undefined);
  });
}

// Tokens, a Key, a URL, an AbortSignal: what keeps its members to itself would be read as no options at all.
function refuseOther(options) {
  const prototype = Object.getPrototypeOf(options);
  const isOrdinary = prototype === null || Object.getPrototypeOf(prototype) === null;
  if (!isOrdinary && Object.keys(options).length === 0) {
    throw invalid('options', `options must be an object of options, not ${Object.prototype.toString.call(options)}`);
  }
}

function toSnake(name) {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

function toCamel(name) {
  return name.replace(/_+([a-z0-9])/g, (_, letter) => letter.toUpperCase());
}

/** A time limit in seconds, as milliseconds. */
function limit(values, name, otherwise) {
  const value = values[name] === undefined ? otherwise : values[name];
  refuseDate(value, name);
  if (typeof value !== 'number' || !(value > 0 && value <= LONGEST)) {
    throw invalid(name, `${name} must be seconds: more than 0, and at most ${LONGEST}`);
  }
  return Math.ceil(value * 1000);
}

// Beyond it, a wait without an end is meant.
const LONGEST = 3600;

/** An AbortSignal, or `undefined`. */
function abortSignal(values) {
  const { signal } = values;
  const isSignal = () => typeof signal.aborted === 'boolean' && typeof signal.addEventListener === 'function';
  if (signal !== undefined && (signal === null || !attempt('signal', isSignal))) {
    throw invalid('signal', `signal must be an AbortSignal, not ${describe(signal)}`);
  }
  return signal;
}

// What the core may name though the program did not write it.
const NAMES = [
  'authorization_endpoint',
  'client_id',
  'client_key',
  'client_secret',
  'dangerous_any_audience',
  'dangerous_no_expiration',
  'dangerous_no_nonce',
  'dangerous_no_pkce',
  'dangerous_weak_keys',
  'end_session_endpoint',
  'jwks_uri',
  'jwt_id',
  'max_token_age',
  'max_token_bytes',
  'metadata_url',
  'outage_limit',
  'padded_base64',
  'redirect_uri',
  'response_mode',
  'return_to',
  'revocation_endpoint',
  'run_id',
  'seal_keys',
  'string_dates',
  'team_id',
  'token_endpoint',
  'token_endpoint_auth_method',
  'userinfo_endpoint',
  'verify_fetching',
];

/** Turns names that the core reports into those that the program wrote. */
function spellingOf(written) {
  const names = new Map(NAMES.map((name) => [name, toCamel(name)]));
  for (const [snake, name] of written) {
    names.set(snake, name);
  }
  return {
    name: (field) => names.get(field) ?? field,
    // What is said about a name that is unknown is about options alone; elsewhere a word may be that of a server or a claim.
    text: (message, isUnknownOption) =>
      message.replace(/[A-Za-z0-9]*(?:_[A-Za-z0-9]+)+/g, (word) => names.get(word) ?? (isUnknownOption ? toCamel(word) : word)),
  };
}

/** For who wrote a document in snake_case: only what a program calls is respelt. */
const callsOnly = {
  name: (field) => field,
  text: (message) => message.replaceAll('verify_fetching', 'verifyFetching'),
};

module.exports = { apart, callsOnly, complete, flag, limit, now, policyText, read, toDocument, waiting };
