// The errors. A test compares the codes with the core's table.

/** The stable codes. They are the same in every language that authwright speaks. */
export type ErrorCode =
  | 'ERR_INVALID_ARGUMENT'
  | 'ERR_UNKNOWN_OPTION'
  | 'ERR_POLICY_VERSION'
  | 'ERR_INTERNAL'
  | 'ERR_KEY_FORMAT'
  | 'ERR_KEY_INCONSISTENT'
  | 'ERR_KEY_TOO_WEAK'
  | 'ERR_KEY_PASSWORD'
  | 'ERR_KEY_NOT_PRIVATE'
  | 'ERR_KEY_MISMATCH'
  | 'ERR_UNSUPPORTED_ALGORITHM'
  | 'ERR_TOKEN_MALFORMED'
  | 'ERR_TOKEN_TOO_LARGE'
  | 'ERR_TOKEN_ENCODING'
  | 'ERR_TOKEN_JSON'
  | 'ERR_TOKEN_CRITICAL'
  | 'ERR_TOKEN_TYPE'
  | 'ERR_ALGORITHM_NOT_ALLOWED'
  | 'ERR_KEY_NOT_FOUND'
  | 'ERR_SIGNATURE_INVALID'
  | 'ERR_TOKEN_EXPIRED'
  | 'ERR_TOKEN_NOT_YET_VALID'
  | 'ERR_TOKEN_ISSUED_IN_FUTURE'
  | 'ERR_TOKEN_TOO_OLD'
  | 'ERR_ISSUER_MISMATCH'
  | 'ERR_AUDIENCE_MISMATCH'
  | 'ERR_SUBJECT_MISMATCH'
  | 'ERR_CLAIM_MISSING'
  | 'ERR_CLAIM_TYPE'
  | 'ERR_CLAIM_MISMATCH'
  | 'ERR_KEYS_NEEDED'
  | 'ERR_TRANSPORT'
  | 'ERR_TRANSPORT_TLS'
  | 'ERR_TRANSPORT_UNSUPPORTED'
  | 'ERR_DEADLINE'
  | 'ERR_ADDRESS_REFUSED'
  | 'ERR_URL_REFUSED'
  | 'ERR_RESPONSE_TOO_LARGE'
  | 'ERR_RESPONSE_STATUS'
  | 'ERR_RESPONSE_INVALID'
  | 'ERR_METADATA_INVALID'
  | 'ERR_STATE_INVALID'
  | 'ERR_CLOSED'
  | 'ERR_CALLBACK_INVALID'
  | 'ERR_STATE_MISMATCH'
  | 'ERR_TRANSACTION_INVALID'
  | 'ERR_TRANSACTION_EXPIRED'
  | 'ERR_AUTHORIZATION_REFUSED'
  | 'ERR_GRANT_REFUSED'
  | 'ERR_PKCE_UNSUPPORTED'
  | 'ERR_CLIENT_AUTH_UNSUPPORTED'
  | 'ERR_ENDPOINT_MISSING'
  | 'ERR_ID_TOKEN_MISSING'
  | 'ERR_REFRESH_TOKEN_MISSING'
  | 'ERR_REFRESH_UNCERTAIN'
  | 'ERR_PERSIST_FAILED'
  | 'ERR_API_KEY_INVALID'
  | 'ERR_API_KEY_EXPIRED'
  | 'ERR_API_KEY_REVOKED'
  | 'ERR_API_KEY_SCOPE'
  | 'ERR_API_KEY_NOT_FOUND'
  | 'ERR_STORE_UNAVAILABLE'
  | 'ERR_STORE_UNCERTAIN'
  | 'ERR_STORE_CONFLICT'
  | 'ERR_STORE_FULL'
  | 'ERR_STORE_CORRUPT'
  | 'ERR_STORE_FOREIGN'
  | 'ERR_STORE_VERSION'
  | 'ERR_STORE_FORKED';

/** What the constructors of the errors take. */
export interface ErrorOptions {
  /** The claim, header member, option or argument at fault. */
  field?: string;
  cause?: unknown;
  /** The status of a server's answer. */
  httpStatus?: number;
  /** The `error` of a server's answer. */
  providerError?: string;
  /** The `error_description` of a server's answer. */
  providerErrorDescription?: string;
}

/**
 * What every function of authwright throws, and what its promises are rejected with.
 *
 * Branch on `code` (or on the class): it never changes. The message is English for people, and never holds secrets, key
 * material or whole tokens.
 */
export class AuthwrightError extends Error {
  constructor(message?: string, options?: ErrorOptions & { code?: ErrorCode });
  /** The stable code. */
  readonly code: ErrorCode;
  /** The claim, header member, option or argument at fault, where one can be named. Options are named as they were written. */
  readonly field?: string;
  /** The status of the server's answer, where one led to this error. */
  readonly httpStatus?: number;
  /** The `error` member of the server's answer (RFC 6749 section 5.2), as it wrote it. */
  readonly providerError?: string;
  /** The `error_description` member of the server's answer, as it wrote it. */
  readonly providerErrorDescription?: string;
}

/** An argument or option has a type or value that can never work. */
export class InvalidArgumentError extends AuthwrightError {
  constructor(message?: string, options?: ErrorOptions);
  readonly code: 'ERR_INVALID_ARGUMENT';
}

/** An option or policy member is not one that authwright knows. */
export class UnknownOptionError extends AuthwrightError {
  constructor(message?: string, options?: ErrorOptions);
  readonly code: 'ERR_UNKNOWN_OPTION';
}

/** The policy document asks for a version that this release does not know. */
export class PolicyVersionError extends AuthwrightError {
  constructor(message?: string, options?: ErrorOptions);
  readonly code: 'ERR_POLICY_VERSION';
}

/** authwright failed in a way that no input should be able to cause. */
export class InternalError extends AuthwrightError {
  constructor(message?: string, options?: ErrorOptions);
  readonly code: 'ERR_INTERNAL';
}

/** The key, key set or certificate is not in a form that authwright reads. */
export class KeyFormatError extends AuthwrightError {
  constructor(message?: string, options?: ErrorOptions);
  readonly code: 'ERR_KEY_FORMAT';
}

/** The parts of the key do not belong together. */
export class KeyInconsistentError extends AuthwrightError {
  constructor(message?: string, options?: ErrorOptions);
  readonly code: 'ERR_KEY_INCONSISTENT';
}

/** The key is too short for its algorithm. */
export class KeyTooWeakError extends AuthwrightError {
  constructor(message?: string, options?: ErrorOptions);
  readonly code: 'ERR_KEY_TOO_WEAK';
}

/** The private key is encrypted and the password is missing or wrong. */
export class KeyPasswordError extends AuthwrightError {
  constructor(message?: string, options?: ErrorOptions);
  readonly code: 'ERR_KEY_PASSWORD';
}

/** The operation needs a private key and was given a public one. */
export class KeyNotPrivateError extends AuthwrightError {
  constructor(message?: string, options?: ErrorOptions);
  readonly code: 'ERR_KEY_NOT_PRIVATE';
}

/** The key is of another type, or meant for another algorithm or use, than was asked for. */
export class KeyMismatchError extends AuthwrightError {
  constructor(message?: string, options?: ErrorOptions);
  readonly code: 'ERR_KEY_MISMATCH';
}

/** The algorithm or curve is unknown to authwright, or not available from the crypto provider it was built with. */
export class UnsupportedAlgorithmError extends AuthwrightError {
  constructor(message?: string, options?: ErrorOptions);
  readonly code: 'ERR_UNSUPPORTED_ALGORITHM';
}

/** The token is not a compact JWS: three segments and a header that names its algorithm. */
export class TokenMalformedError extends AuthwrightError {
  constructor(message?: string, options?: ErrorOptions);
  readonly code: 'ERR_TOKEN_MALFORMED';
}

/** The token is longer than the policy's max_token_bytes. */
export class TokenTooLargeError extends AuthwrightError {
  constructor(message?: string, options?: ErrorOptions);
  readonly code: 'ERR_TOKEN_TOO_LARGE';
}

/** A segment is not base64url without padding in its one canonical form. */
export class TokenEncodingError extends AuthwrightError {
  constructor(message?: string, options?: ErrorOptions);
  readonly code: 'ERR_TOKEN_ENCODING';
}

/** The header or the claims are not one strict JSON object. */
export class TokenJsonError extends AuthwrightError {
  constructor(message?: string, options?: ErrorOptions);
  readonly code: 'ERR_TOKEN_JSON';
}

/** The header's crit is malformed or names an extension that is not understood. */
export class TokenCriticalError extends AuthwrightError {
  constructor(message?: string, options?: ErrorOptions);
  readonly code: 'ERR_TOKEN_CRITICAL';
}

/** The header's typ is not the one expected, or is missing. */
export class TokenTypeError extends AuthwrightError {
  constructor(message?: string, options?: ErrorOptions);
  readonly code: 'ERR_TOKEN_TYPE';
}

/** The token's alg is not one that both the key and the policy allow. */
export class AlgorithmNotAllowedError extends AuthwrightError {
  constructor(message?: string, options?: ErrorOptions);
  readonly code: 'ERR_ALGORITHM_NOT_ALLOWED';
}

/** No key of the set fits the token's kid and alg. */
export class KeyNotFoundError extends AuthwrightError {
  constructor(message?: string, options?: ErrorOptions);
  readonly code: 'ERR_KEY_NOT_FOUND';
}

/** The signature does not fit the token and the key. */
export class SignatureInvalidError extends AuthwrightError {
  constructor(message?: string, options?: ErrorOptions);
  readonly code: 'ERR_SIGNATURE_INVALID';
}

/** The token's exp, and the leeway, are over. */
export class TokenExpiredError extends AuthwrightError {
  constructor(message?: string, options?: ErrorOptions);
  readonly code: 'ERR_TOKEN_EXPIRED';
}

/** The token's nbf is still to come. */
export class TokenNotYetValidError extends AuthwrightError {
  constructor(message?: string, options?: ErrorOptions);
  readonly code: 'ERR_TOKEN_NOT_YET_VALID';
}

/** The token's iat lies in the future. */
export class TokenIssuedInFutureError extends AuthwrightError {
  constructor(message?: string, options?: ErrorOptions);
  readonly code: 'ERR_TOKEN_ISSUED_IN_FUTURE';
}

/** The token was issued longer ago than the policy's max_token_age. */
export class TokenTooOldError extends AuthwrightError {
  constructor(message?: string, options?: ErrorOptions);
  readonly code: 'ERR_TOKEN_TOO_OLD';
}

/** The token's iss is not an expected issuer. */
export class IssuerMismatchError extends AuthwrightError {
  constructor(message?: string, options?: ErrorOptions);
  readonly code: 'ERR_ISSUER_MISMATCH';
}

/** The token's aud holds no expected audience, or none is expected and the token has one. */
export class AudienceMismatchError extends AuthwrightError {
  constructor(message?: string, options?: ErrorOptions);
  readonly code: 'ERR_AUDIENCE_MISMATCH';
}

/** The token's sub is not an expected subject. */
export class SubjectMismatchError extends AuthwrightError {
  constructor(message?: string, options?: ErrorOptions);
  readonly code: 'ERR_SUBJECT_MISMATCH';
}

/** A claim that the policy needs is not in the token. */
export class ClaimMissingError extends AuthwrightError {
  constructor(message?: string, options?: ErrorOptions);
  readonly code: 'ERR_CLAIM_MISSING';
}

/** A claim has a type or range that its definition does not allow. */
export class ClaimTypeError extends AuthwrightError {
  constructor(message?: string, options?: ErrorOptions);
  readonly code: 'ERR_CLAIM_TYPE';
}

/** A claim does not have a value that the policy expects. */
export class ClaimMismatchError extends AuthwrightError {
  constructor(message?: string, options?: ErrorOptions);
  readonly code: 'ERR_CLAIM_MISMATCH';
}

/** The issuer's keys that this token needs are not here: never fetched, too old, or asked for too lately to ask again. */
export class KeysNeededError extends AuthwrightError {
  constructor(message?: string, options?: ErrorOptions);
  readonly code: 'ERR_KEYS_NEEDED';
}

/** A request got no answer: the name did not resolve, or connecting, sending or receiving failed. */
export class TransportError extends AuthwrightError {
  constructor(message?: string, options?: ErrorOptions);
  readonly code: 'ERR_TRANSPORT';
}

/** No secure connection: the server's certificate is not trusted, expired, or for another name. */
export class TransportTlsError extends AuthwrightError {
  constructor(message?: string, options?: ErrorOptions);
  readonly code: 'ERR_TRANSPORT_TLS';
}

/** The transport cannot do what the request asks for. */
export class TransportUnsupportedError extends AuthwrightError {
  constructor(message?: string, options?: ErrorOptions);
  readonly code: 'ERR_TRANSPORT_UNSUPPORTED';
}

/** The time for the operation or the request was over. */
export class DeadlineError extends AuthwrightError {
  constructor(message?: string, options?: ErrorOptions);
  readonly code: 'ERR_DEADLINE';
}

/** A URL that came from outside leads to a special-use address: loopback, private, link-local and the like. */
export class AddressRefusedError extends AuthwrightError {
  constructor(message?: string, options?: ErrorOptions);
  readonly code: 'ERR_ADDRESS_REFUSED';
}

/** A URL is not one that authwright sends requests to: https, or http to a loopback address; no user, no fragment. */
export class UrlRefusedError extends AuthwrightError {
  constructor(message?: string, options?: ErrorOptions);
  readonly code: 'ERR_URL_REFUSED';
}

/** A server's answer is longer than is read. */
export class ResponseTooLargeError extends AuthwrightError {
  constructor(message?: string, options?: ErrorOptions);
  readonly code: 'ERR_RESPONSE_TOO_LARGE';
}

/** A server answered with a status that is no success; a redirect, which is never followed, ends here too. */
export class ResponseStatusError extends AuthwrightError {
  constructor(message?: string, options?: ErrorOptions);
  readonly code: 'ERR_RESPONSE_STATUS';
}

/** A server's answer is not what was asked for: another content type, not strict JSON, or without usable content. */
export class ResponseInvalidError extends AuthwrightError {
  constructor(message?: string, options?: ErrorOptions);
  readonly code: 'ERR_RESPONSE_INVALID';
}

/** A provider's metadata lacks a member, has one that cannot be used, or is another issuer's. */
export class MetadataInvalidError extends AuthwrightError {
  constructor(message?: string, options?: ErrorOptions);
  readonly code: 'ERR_METADATA_INVALID';
}

/** An exported state does not open: made with another key, for another issuer or URL, or altered. */
export class StateInvalidError extends AuthwrightError {
  constructor(message?: string, options?: ErrorOptions);
  readonly code: 'ERR_STATE_INVALID';
}

/** What would use a connection was closed. */
export class ClosedError extends AuthwrightError {
  constructor(message?: string, options?: ErrorOptions);
  readonly code: 'ERR_CLOSED';
}

/** The callback is not an authorization response: no code, a parameter twice, or no URL, query or form at all. */
export class CallbackInvalidError extends AuthwrightError {
  constructor(message?: string, options?: ErrorOptions);
  readonly code: 'ERR_CALLBACK_INVALID';
}

/** The callback's state is not the one that this login began with. */
export class StateMismatchError extends AuthwrightError {
  constructor(message?: string, options?: ErrorOptions);
  readonly code: 'ERR_STATE_MISMATCH';
}

/** The login's transaction is missing, altered, sealed with another key, or of another client or redirect URI. */
export class TransactionInvalidError extends AuthwrightError {
  constructor(message?: string, options?: ErrorOptions);
  readonly code: 'ERR_TRANSACTION_INVALID';
}

/** The login took longer than its transaction lasts: ten minutes. */
export class TransactionExpiredError extends AuthwrightError {
  constructor(message?: string, options?: ErrorOptions);
  readonly code: 'ERR_TRANSACTION_EXPIRED';
}

/** The provider did not authorize: the user cancelled, or it found an error. */
export class AuthorizationRefusedError extends AuthwrightError {
  constructor(message?: string, options?: ErrorOptions);
  readonly code: 'ERR_AUTHORIZATION_REFUSED';
}

/** The token endpoint answered with an error. */
export class GrantRefusedError extends AuthwrightError {
  constructor(message?: string, options?: ErrorOptions);
  readonly code: 'ERR_GRANT_REFUSED';
}

/** The provider says that it does not support PKCE with S256. */
export class PkceUnsupportedError extends AuthwrightError {
  constructor(message?: string, options?: ErrorOptions);
  readonly code: 'ERR_PKCE_UNSUPPORTED';
}

/** The provider supports no client authentication that this client has credentials for. */
export class ClientAuthUnsupportedError extends AuthwrightError {
  constructor(message?: string, options?: ErrorOptions);
  readonly code: 'ERR_CLIENT_AUTH_UNSUPPORTED';
}

/** The provider has no endpoint for what was asked. */
export class EndpointMissingError extends AuthwrightError {
  constructor(message?: string, options?: ErrorOptions);
  readonly code: 'ERR_ENDPOINT_MISSING';
}

/** The scope has openid, and the answer has no ID token. */
export class IdTokenMissingError extends AuthwrightError {
  constructor(message?: string, options?: ErrorOptions);
  readonly code: 'ERR_ID_TOKEN_MISSING';
}

/** There is no refresh token. */
export class RefreshTokenMissingError extends AuthwrightError {
  constructor(message?: string, options?: ErrorOptions);
  readonly code: 'ERR_REFRESH_TOKEN_MISSING';
}

/** A refresh was sent and its answer was lost: the refresh token may have been replaced by one that nobody knows. */
export class RefreshUncertainError extends AuthwrightError {
  constructor(message?: string, options?: ErrorOptions);
  readonly code: 'ERR_REFRESH_UNCERTAIN';
}

/** The program's hook did not keep the new tokens. */
export class PersistFailedError extends AuthwrightError {
  constructor(message?: string, options?: ErrorOptions);
  readonly code: 'ERR_PERSIST_FAILED';
}

/** The API key is not one that was issued, or not for this prefix and environment. */
export class ApiKeyInvalidError extends AuthwrightError {
  constructor(message?: string, options?: ErrorOptions);
  readonly code: 'ERR_API_KEY_INVALID';
}

/** The API key is genuine, and its time is over. */
export class ApiKeyExpiredError extends AuthwrightError {
  constructor(message?: string, options?: ErrorOptions);
  readonly code: 'ERR_API_KEY_EXPIRED';
}

/** The API key is genuine, and was revoked. */
export class ApiKeyRevokedError extends AuthwrightError {
  constructor(message?: string, options?: ErrorOptions);
  readonly code: 'ERR_API_KEY_REVOKED';
}

/** The API key is genuine and valid, and lacks a scope that was asked for. */
export class ApiKeyScopeError extends AuthwrightError {
  constructor(message?: string, options?: ErrorOptions);
  readonly code: 'ERR_API_KEY_SCOPE';
}

/** There is no API key with this id. */
export class ApiKeyNotFoundError extends AuthwrightError {
  constructor(message?: string, options?: ErrorOptions);
  readonly code: 'ERR_API_KEY_NOT_FOUND';
}

/** The store cannot be asked; nothing has changed. */
export class StoreUnavailableError extends AuthwrightError {
  constructor(message?: string, options?: ErrorOptions);
  readonly code: 'ERR_STORE_UNAVAILABLE';
}

/** The store was asked to change something and did not say whether it has. */
export class StoreUncertainError extends AuthwrightError {
  constructor(message?: string, options?: ErrorOptions);
  readonly code: 'ERR_STORE_UNCERTAIN';
}

/** Others changed the same record again and again. */
export class StoreConflictError extends AuthwrightError {
  constructor(message?: string, options?: ErrorOptions);
  readonly code: 'ERR_STORE_CONFLICT';
}

/** The store has no room; nothing has changed. */
export class StoreFullError extends AuthwrightError {
  constructor(message?: string, options?: ErrorOptions);
  readonly code: 'ERR_STORE_FULL';
}

/** The store, or a record in it, is not as it was written. */
export class StoreCorruptError extends AuthwrightError {
  constructor(message?: string, options?: ErrorOptions);
  readonly code: 'ERR_STORE_CORRUPT';
}

/** The file or database holds something else than authwright's records; it was not touched. */
export class StoreForeignError extends AuthwrightError {
  constructor(message?: string, options?: ErrorOptions);
  readonly code: 'ERR_STORE_FOREIGN';
}

/** The store was written by a newer release of authwright; it was not touched. */
export class StoreVersionError extends AuthwrightError {
  constructor(message?: string, options?: ErrorOptions);
  readonly code: 'ERR_STORE_VERSION';
}

/** The store was opened by the parent process, and its connections cannot be shared with a child. */
export class StoreForkedError extends AuthwrightError {
  constructor(message?: string, options?: ErrorOptions);
  readonly code: 'ERR_STORE_FORKED';
}
