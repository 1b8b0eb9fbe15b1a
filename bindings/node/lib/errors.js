// The errors: one class for each code of the core's table, so that a program can branch by code or by class.

/** What every function of authwright throws. The code never changes; the message is for people. */
export class AuthwrightError extends Error {
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

// The table: number, code, class. A test compares it with the core's.
export const InvalidArgumentError = define(1, 'ERR_INVALID_ARGUMENT', 'InvalidArgumentError');
export const UnknownOptionError = define(2, 'ERR_UNKNOWN_OPTION', 'UnknownOptionError');
export const PolicyVersionError = define(3, 'ERR_POLICY_VERSION', 'PolicyVersionError');
export const InternalError = define(4, 'ERR_INTERNAL', 'InternalError');
export const KeyFormatError = define(101, 'ERR_KEY_FORMAT', 'KeyFormatError');
export const KeyInconsistentError = define(102, 'ERR_KEY_INCONSISTENT', 'KeyInconsistentError');
export const KeyTooWeakError = define(103, 'ERR_KEY_TOO_WEAK', 'KeyTooWeakError');
export const KeyPasswordError = define(104, 'ERR_KEY_PASSWORD', 'KeyPasswordError');
export const KeyNotPrivateError = define(105, 'ERR_KEY_NOT_PRIVATE', 'KeyNotPrivateError');
export const KeyMismatchError = define(106, 'ERR_KEY_MISMATCH', 'KeyMismatchError');
export const UnsupportedAlgorithmError = define(107, 'ERR_UNSUPPORTED_ALGORITHM', 'UnsupportedAlgorithmError');
export const TokenMalformedError = define(201, 'ERR_TOKEN_MALFORMED', 'TokenMalformedError');
export const TokenTooLargeError = define(202, 'ERR_TOKEN_TOO_LARGE', 'TokenTooLargeError');
export const TokenEncodingError = define(203, 'ERR_TOKEN_ENCODING', 'TokenEncodingError');
export const TokenJsonError = define(204, 'ERR_TOKEN_JSON', 'TokenJsonError');
export const TokenCriticalError = define(205, 'ERR_TOKEN_CRITICAL', 'TokenCriticalError');
export const TokenTypeError = define(206, 'ERR_TOKEN_TYPE', 'TokenTypeError');
export const AlgorithmNotAllowedError = define(301, 'ERR_ALGORITHM_NOT_ALLOWED', 'AlgorithmNotAllowedError');
export const KeyNotFoundError = define(302, 'ERR_KEY_NOT_FOUND', 'KeyNotFoundError');
export const SignatureInvalidError = define(303, 'ERR_SIGNATURE_INVALID', 'SignatureInvalidError');
export const TokenExpiredError = define(401, 'ERR_TOKEN_EXPIRED', 'TokenExpiredError');
export const TokenNotYetValidError = define(402, 'ERR_TOKEN_NOT_YET_VALID', 'TokenNotYetValidError');
export const TokenIssuedInFutureError = define(403, 'ERR_TOKEN_ISSUED_IN_FUTURE', 'TokenIssuedInFutureError');
export const TokenTooOldError = define(404, 'ERR_TOKEN_TOO_OLD', 'TokenTooOldError');
export const IssuerMismatchError = define(405, 'ERR_ISSUER_MISMATCH', 'IssuerMismatchError');
export const AudienceMismatchError = define(406, 'ERR_AUDIENCE_MISMATCH', 'AudienceMismatchError');
export const SubjectMismatchError = define(407, 'ERR_SUBJECT_MISMATCH', 'SubjectMismatchError');
export const ClaimMissingError = define(408, 'ERR_CLAIM_MISSING', 'ClaimMissingError');
export const ClaimTypeError = define(409, 'ERR_CLAIM_TYPE', 'ClaimTypeError');
export const ClaimMismatchError = define(410, 'ERR_CLAIM_MISMATCH', 'ClaimMismatchError');

/**
 * The error for a failure record of the addon: the code's number, the message and the field. `spelling` turns the names
 * of options into those that the program wrote.
 */
export function failure(record, spelling) {
  if (!Array.isArray(record)) {
    return new InternalError('the addon answered with neither a result nor an error');
  }
  const [number, message, field] = record;
  const type = classes.get(number) ?? AuthwrightError;
  return spelling === undefined
    ? new type(message, { field })
    : new type(spelling.text(message), { field: spelling.name(field) });
}

/** What the addon answered, unless that is a failure. */
export function result(outcome, spelling) {
  if (Array.isArray(outcome)) {
    throw failure(outcome, spelling);
  }
  return outcome;
}

/** The error for an argument that only JavaScript can judge. */
export function invalid(field, message, cause) {
  return new InvalidArgumentError(message, { field, cause });
}
