// The errors: one class for each code of the core's table, so that a program can branch by code or by class.

'use strict';

const NONE = Object.freeze({});

/** What every function of authwright throws. The code never changes; the message is for people. */
class AuthwrightError extends Error {
  // The third argument is for the classes below.
  constructor(message, options = NONE, code = options.code ?? 'ERR_INTERNAL') {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    if (options.field !== undefined) {
      this.field = options.field;
    }
    if (options.httpStatus !== undefined) {
      this.httpStatus = options.httpStatus;
    }
    if (options.providerError !== undefined) {
      this.providerError = options.providerError;
    }
    if (options.providerErrorDescription !== undefined) {
      this.providerErrorDescription = options.providerErrorDescription;
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
      constructor(message, options) {
        super(message, options, code);
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
exports.KeysNeededError = define(1001, 'ERR_KEYS_NEEDED', 'KeysNeededError');
exports.TransportError = define(1002, 'ERR_TRANSPORT', 'TransportError');
exports.TransportTlsError = define(1003, 'ERR_TRANSPORT_TLS', 'TransportTlsError');
exports.TransportUnsupportedError = define(1004, 'ERR_TRANSPORT_UNSUPPORTED', 'TransportUnsupportedError');
exports.DeadlineError = define(1005, 'ERR_DEADLINE', 'DeadlineError');
exports.AddressRefusedError = define(1006, 'ERR_ADDRESS_REFUSED', 'AddressRefusedError');
exports.UrlRefusedError = define(1007, 'ERR_URL_REFUSED', 'UrlRefusedError');
exports.ResponseTooLargeError = define(1008, 'ERR_RESPONSE_TOO_LARGE', 'ResponseTooLargeError');
exports.ResponseStatusError = define(1009, 'ERR_RESPONSE_STATUS', 'ResponseStatusError');
exports.ResponseInvalidError = define(1010, 'ERR_RESPONSE_INVALID', 'ResponseInvalidError');
exports.MetadataInvalidError = define(1011, 'ERR_METADATA_INVALID', 'MetadataInvalidError');
exports.StateInvalidError = define(1012, 'ERR_STATE_INVALID', 'StateInvalidError');
exports.ClosedError = define(1013, 'ERR_CLOSED', 'ClosedError');
exports.CallbackInvalidError = define(1014, 'ERR_CALLBACK_INVALID', 'CallbackInvalidError');
exports.StateMismatchError = define(1015, 'ERR_STATE_MISMATCH', 'StateMismatchError');
exports.TransactionInvalidError = define(1016, 'ERR_TRANSACTION_INVALID', 'TransactionInvalidError');
exports.TransactionExpiredError = define(1017, 'ERR_TRANSACTION_EXPIRED', 'TransactionExpiredError');
exports.AuthorizationRefusedError = define(1018, 'ERR_AUTHORIZATION_REFUSED', 'AuthorizationRefusedError');
exports.GrantRefusedError = define(1019, 'ERR_GRANT_REFUSED', 'GrantRefusedError');
exports.PkceUnsupportedError = define(1020, 'ERR_PKCE_UNSUPPORTED', 'PkceUnsupportedError');
exports.ClientAuthUnsupportedError = define(1021, 'ERR_CLIENT_AUTH_UNSUPPORTED', 'ClientAuthUnsupportedError');
exports.EndpointMissingError = define(1022, 'ERR_ENDPOINT_MISSING', 'EndpointMissingError');
exports.IdTokenMissingError = define(1023, 'ERR_ID_TOKEN_MISSING', 'IdTokenMissingError');
exports.RefreshTokenMissingError = define(1024, 'ERR_REFRESH_TOKEN_MISSING', 'RefreshTokenMissingError');
exports.RefreshUncertainError = define(1025, 'ERR_REFRESH_UNCERTAIN', 'RefreshUncertainError');
exports.PersistFailedError = define(1026, 'ERR_PERSIST_FAILED', 'PersistFailedError');
exports.ApiKeyInvalidError = define(2001, 'ERR_API_KEY_INVALID', 'ApiKeyInvalidError');
exports.ApiKeyExpiredError = define(2002, 'ERR_API_KEY_EXPIRED', 'ApiKeyExpiredError');
exports.ApiKeyRevokedError = define(2003, 'ERR_API_KEY_REVOKED', 'ApiKeyRevokedError');
exports.ApiKeyScopeError = define(2004, 'ERR_API_KEY_SCOPE', 'ApiKeyScopeError');
exports.ApiKeyNotFoundError = define(2005, 'ERR_API_KEY_NOT_FOUND', 'ApiKeyNotFoundError');
exports.StoreUnavailableError = define(2101, 'ERR_STORE_UNAVAILABLE', 'StoreUnavailableError');
exports.StoreUncertainError = define(2102, 'ERR_STORE_UNCERTAIN', 'StoreUncertainError');
exports.StoreConflictError = define(2103, 'ERR_STORE_CONFLICT', 'StoreConflictError');
exports.StoreFullError = define(2104, 'ERR_STORE_FULL', 'StoreFullError');
exports.StoreCorruptError = define(2105, 'ERR_STORE_CORRUPT', 'StoreCorruptError');
exports.StoreForeignError = define(2106, 'ERR_STORE_FOREIGN', 'StoreForeignError');
exports.StoreVersionError = define(2107, 'ERR_STORE_VERSION', 'StoreVersionError');
exports.StoreForkedError = define(2108, 'ERR_STORE_FORKED', 'StoreForkedError');

/**
 * The error for a failure record of the addon: the code's number, the message and the field; perhaps the record of a
 * cause, and what a server answered. `spelling` turns the names of options into those that the program wrote, and knows of a
 * value that the core could not be told: only a name that is unknown is worse.
 */
function failure(record, spelling) {
  if (!Array.isArray(record)) {
    return new exports.InternalError('the addon answered with neither a result nor an error');
  }
  const [number, message, field] = record;
  const type = classes.get(number) ?? AuthwrightError;
  const isUnknownOption = type === exports.UnknownOptionError;
  if (spelling?.fault !== undefined && !isUnknownOption) {
    return spelling.fault;
  }
  const options = { field: spelling === undefined ? field : spelling.name(field) };
  if (record.length > 3) {
    const [, , , cause, httpStatus, providerError, providerErrorDescription] = record;
    Object.assign(options, { httpStatus, providerError, providerErrorDescription });
    options.cause = cause === undefined ? undefined : failure(cause, spelling);
  }
  return new type(spelling === undefined ? message : spelling.text(message, isUnknownOption), options);
}

/** What the addon answered, unless that is a failure. */
function result(outcome, spelling) {
  if (Array.isArray(outcome)) {
    throw failure(outcome, spelling);
  }
  if (spelling?.fault !== undefined) {
    throw spelling.fault;
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
