// authwright for Node. index.d.ts tells what everything is and does.

export {
  AuthwrightError,
  InvalidArgumentError,
  UnknownOptionError,
  PolicyVersionError,
  InternalError,
  KeyFormatError,
  KeyInconsistentError,
  KeyTooWeakError,
  KeyPasswordError,
  KeyNotPrivateError,
  KeyMismatchError,
  UnsupportedAlgorithmError,
  TokenMalformedError,
  TokenTooLargeError,
  TokenEncodingError,
  TokenJsonError,
  TokenCriticalError,
  TokenTypeError,
  AlgorithmNotAllowedError,
  KeyNotFoundError,
  SignatureInvalidError,
  TokenExpiredError,
  TokenNotYetValidError,
  TokenIssuedInFutureError,
  TokenTooOldError,
  IssuerMismatchError,
  AudienceMismatchError,
  SubjectMismatchError,
  ClaimMissingError,
  ClaimTypeError,
  ClaimMismatchError,
} from './lib/errors.js';
export { jws } from './lib/jws.js';
export { Key, KeySet } from './lib/key.js';
export { version } from './lib/load.js';
export { Prepared, Signer } from './lib/signer.js';
export { Token, UnverifiedToken, Verifier, dangerousDecode } from './lib/verifier.js';
