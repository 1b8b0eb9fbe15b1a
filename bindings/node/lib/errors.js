// The errors: one class for each code of the core's table, so that a program can branch by code or by class.

'use strict';

/** What every function of authwright throws. The code never changes; the message is for people. */
class AuthwrightError extends Error {
  constructor(message, { code = 'ERR_INTERNAL', field, cause } = {}) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    if (field !== undefined) {
      this.field = field;
    }
  }
}

const classes = new Map();

// The name is on the prototype, as with the built-in errors: the stack then begins with it.
function label(type, name) {
  Object.defineProperty(type.prototype, 'name', { value: name, writable: true, configurable: true });
}

function define(number, code, name) {
  const type = {
    [name]: class extends AuthwrightError {
      constructor(message, { field, cause } = {}) {
        super(message, { code, field, cause });
      }
    },
  }[name];
  label(type, name);
  classes.set(number, type);
  return type;
}

label(AuthwrightError, 'AuthwrightError');
exports.AuthwrightError = AuthwrightError;

// The table: number, code, class. A test compares it with the core's.
exports.InvalidArgumentError = define(1, 'ERR_INVALID_ARGUMENT', 'InvalidArgumentError');
exports.UnknownOptionError = define(2, 'ERR_UNKNOWN_OPTION', 'UnknownOptionError');
exports.PolicyVersionError = define(3, 'ERR_POLICY_VERSION', 'PolicyVersionError');
exports.InternalError = define(4, 'ERR_INTERNAL', 'InternalError');
exports.KeyFormatError = define(101, 'ERR_KEY_FORMAT', 'KeyFormatError');
exports.KeyInconsistentError = define(102, 'ERR_KEY_INCONSISTENT', 'KeyInconsistentError');
exports.KeyTooWeakError = define(103, 'ERR_KEY_TOO_WEAK', 'KeyTooWeakError');
exports.KeyPasswordError = define(104, 'ERR_KEY_PASSWORD', 'KeyPasswordError');
exports.KeyNotPrivateError = define(105, 'ERR_KEY_NOT_PRIVATE', 'KeyNotPrivateError');
exports.KeyMismatchError = define(106, 'ERR_KEY_MISMATCH', 'KeyMismatchError');
exports.UnsupportedAlgorithmError = define(107, 'ERR_UNSUPPORTED_ALGORITHM', 'UnsupportedAlgorithmError');
exports.TokenMalformedError = define(201, 'ERR_TOKEN_MALFORMED', 'TokenMalformedError');
exports.TokenTooLargeError = define(202, 'ERR_TOKEN_TOO_LARGE', 'TokenTooLargeError');
exports.TokenEncodingError = define(203, 'ERR_TOKEN_ENCODING', 'TokenEncodingError');
exports.TokenJsonError = define(204, 'ERR_TOKEN_JSON', 'TokenJsonError');
exports.TokenCriticalError = define(205, 'ERR_TOKEN_CRITICAL', 'TokenCriticalError');
exports.TokenTypeError = define(206, 'ERR_TOKEN_TYPE', 'TokenTypeError');
exports.AlgorithmNotAllowedError = define(301, 'ERR_ALGORITHM_NOT_ALLOWED', 'AlgorithmNotAllowedError');
exports.KeyNotFoundError = define(302, 'ERR_KEY_NOT_FOUND', 'KeyNotFoundError');
exports.SignatureInvalidError = define(303, 'ERR_SIGNATURE_INVALID', 'SignatureInvalidError');
exports.TokenExpiredError = define(401, 'ERR_TOKEN_EXPIRED', 'TokenExpiredError');
exports.TokenNotYetValidError = define(402, 'ERR_TOKEN_NOT_YET_VALID', 'TokenNotYetValidError');
exports.TokenIssuedInFutureError = define(403, 'ERR_TOKEN_ISSUED_IN_FUTURE', 'TokenIssuedInFutureError');
exports.TokenTooOldError = define(404, 'ERR_TOKEN_TOO_OLD', 'TokenTooOldError');
exports.IssuerMismatchError = define(405, 'ERR_ISSUER_MISMATCH', 'IssuerMismatchError');
exports.AudienceMismatchError = define(406, 'ERR_AUDIENCE_MISMATCH', 'AudienceMismatchError');
exports.SubjectMismatchError = define(407, 'ERR_SUBJECT_MISMATCH', 'SubjectMismatchError');
exports.ClaimMissingError = define(408, 'ERR_CLAIM_MISSING', 'ClaimMissingError');
exports.ClaimTypeError = define(409, 'ERR_CLAIM_TYPE', 'ClaimTypeError');
exports.ClaimMismatchError = define(410, 'ERR_CLAIM_MISMATCH', 'ClaimMismatchError');

/**
 * The error for a failure record of the addon: the code's number, the message and the field. `spelling` turns the names
 * of options into those that the program wrote.
 */
function failure(record, spelling) {
  if (!Array.isArray(record)) {
    return new exports.InternalError('the addon answered with neither a result nor an error');
  }
  const [number, message, field] = record;
  const type = classes.get(number) ?? AuthwrightError;
  return spelling === undefined
    ? new type(message, { field })
    : new type(spelling.text(message), { field: spelling.name(field) });
}

/** What the addon answered, unless that is a failure. */
function result(outcome, spelling) {
  if (Array.isArray(outcome)) {
    throw failure(outcome, spelling);
  }
  return outcome;
}

/** The error for an argument that only JavaScript can judge. */
function invalid(field, message, cause) {
  return new exports.InvalidArgumentError(message, { field, cause });
}

// For this package only.
exports.failure = failure;
exports.result = result;
exports.invalid = invalid;
