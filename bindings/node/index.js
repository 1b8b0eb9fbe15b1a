// authwright for Node. index.d.ts tells what everything is and does.
//
// This is CommonJS, because `require` of ES modules starts a loader that alone takes longer than all of this package.
// `import` finds every name, too: Node reads them off the list at the end.

'use strict';

const errors = require('./lib/errors.js');
const { Key, KeySet } = require('./lib/key.js');
const { version } = require('./lib/load.js');
const { Prepared, Signer } = require('./lib/signer.js');
const { Token, UnverifiedToken, Verifier, dangerousDecode } = require('./lib/verifier.js');

// What few programs want is loaded for those that do. The names are assigned, too, for `import` to find them.
function later(name, load) {
  Object.defineProperty(exports, name, { get: load, enumerable: true });
}

function onEvent(callback) {
  require('./lib/events.js').onEvent(callback);
}

function checkStore(store, options) {
  return require('./lib/store.js').checkStore(store, options);
}

function sweepStore(store, options) {
  return require('./lib/store.js').sweepStore(store, options);
}

function copyStore(source, target, options) {
  return require('./lib/store.js').copyStore(source, target, options);
}

// Few programs log users in, and each file is loaded for those that do.
exports.oauth = {
  get Client() {
    return require('./lib/oauth/client.js').Client;
  },
  get Login() {
    return require('./lib/oauth/login.js').Login;
  },
  get Tokens() {
    return require('./lib/oauth/tokens.js').Tokens;
  },
  get User() {
    return require('./lib/oauth/user.js').User;
  },
  get TokenManager() {
    return require('./lib/oauth/token-manager.js').TokenManager;
  },
};

exports.version = version;
exports.Key = Key;
exports.KeySet = KeySet;
exports.RemoteKeySet = undefined;
later('RemoteKeySet', () => require('./lib/remote-key-set.js').RemoteKeySet);
exports.onEvent = onEvent;
exports.Signer = Signer;
exports.Prepared = Prepared;
exports.Verifier = Verifier;
exports.Token = Token;
exports.UnverifiedToken = UnverifiedToken;
exports.dangerousDecode = dangerousDecode;
exports.jws = undefined;
later('jws', () => require('./lib/jws.js').jws);
exports.Store = undefined;
later('Store', () => require('./lib/store.js').Store);
exports.checkStore = checkStore;
exports.sweepStore = sweepStore;
exports.copyStore = copyStore;
exports.ApiKeys = undefined;
later('ApiKeys', () => require('./lib/api-keys.js').ApiKeys);
exports.ApiKey = undefined;
later('ApiKey', () => require('./lib/api-key.js').ApiKey);
exports.IssuedKey = undefined;
later('IssuedKey', () => require('./lib/api-key.js').IssuedKey);
exports.AuthwrightError = errors.AuthwrightError;
exports.InvalidArgumentError = errors.InvalidArgumentError;
exports.UnknownOptionError = errors.UnknownOptionError;
exports.PolicyVersionError = errors.PolicyVersionError;
exports.InternalError = errors.InternalError;
exports.KeyFormatError = errors.KeyFormatError;
exports.KeyInconsistentError = errors.KeyInconsistentError;
exports.KeyTooWeakError = errors.KeyTooWeakError;
exports.KeyPasswordError = errors.KeyPasswordError;
exports.KeyNotPrivateError = errors.KeyNotPrivateError;
exports.KeyMismatchError = errors.KeyMismatchError;
exports.UnsupportedAlgorithmError = errors.UnsupportedAlgorithmError;
exports.TokenMalformedError = errors.TokenMalformedError;
exports.TokenTooLargeError = errors.TokenTooLargeError;
exports.TokenEncodingError = errors.TokenEncodingError;
exports.TokenJsonError = errors.TokenJsonError;
exports.TokenCriticalError = errors.TokenCriticalError;
exports.TokenTypeError = errors.TokenTypeError;
exports.AlgorithmNotAllowedError = errors.AlgorithmNotAllowedError;
exports.KeyNotFoundError = errors.KeyNotFoundError;
exports.SignatureInvalidError = errors.SignatureInvalidError;
exports.TokenExpiredError = errors.TokenExpiredError;
exports.TokenNotYetValidError = errors.TokenNotYetValidError;
exports.TokenIssuedInFutureError = errors.TokenIssuedInFutureError;
exports.TokenTooOldError = errors.TokenTooOldError;
exports.IssuerMismatchError = errors.IssuerMismatchError;
exports.AudienceMismatchError = errors.AudienceMismatchError;
exports.SubjectMismatchError = errors.SubjectMismatchError;
exports.ClaimMissingError = errors.ClaimMissingError;
exports.ClaimTypeError = errors.ClaimTypeError;
exports.ClaimMismatchError = errors.ClaimMismatchError;
exports.KeysNeededError = errors.KeysNeededError;
exports.TransportError = errors.TransportError;
exports.TransportTlsError = errors.TransportTlsError;
exports.TransportUnsupportedError = errors.TransportUnsupportedError;
exports.DeadlineError = errors.DeadlineError;
exports.AddressRefusedError = errors.AddressRefusedError;
exports.UrlRefusedError = errors.UrlRefusedError;
exports.ResponseTooLargeError = errors.ResponseTooLargeError;
exports.ResponseStatusError = errors.ResponseStatusError;
exports.ResponseInvalidError = errors.ResponseInvalidError;
exports.MetadataInvalidError = errors.MetadataInvalidError;
exports.StateInvalidError = errors.StateInvalidError;
exports.ClosedError = errors.ClosedError;
exports.CallbackInvalidError = errors.CallbackInvalidError;
exports.StateMismatchError = errors.StateMismatchError;
exports.TransactionInvalidError = errors.TransactionInvalidError;
exports.TransactionExpiredError = errors.TransactionExpiredError;
exports.AuthorizationRefusedError = errors.AuthorizationRefusedError;
exports.GrantRefusedError = errors.GrantRefusedError;
exports.PkceUnsupportedError = errors.PkceUnsupportedError;
exports.ClientAuthUnsupportedError = errors.ClientAuthUnsupportedError;
exports.EndpointMissingError = errors.EndpointMissingError;
exports.IdTokenMissingError = errors.IdTokenMissingError;
exports.RefreshTokenMissingError = errors.RefreshTokenMissingError;
exports.RefreshUncertainError = errors.RefreshUncertainError;
exports.PersistFailedError = errors.PersistFailedError;
exports.ApiKeyInvalidError = errors.ApiKeyInvalidError;
exports.ApiKeyExpiredError = errors.ApiKeyExpiredError;
exports.ApiKeyRevokedError = errors.ApiKeyRevokedError;
exports.ApiKeyScopeError = errors.ApiKeyScopeError;
exports.ApiKeyNotFoundError = errors.ApiKeyNotFoundError;
exports.StoreUnavailableError = errors.StoreUnavailableError;
exports.StoreUncertainError = errors.StoreUncertainError;
exports.StoreConflictError = errors.StoreConflictError;
exports.StoreFullError = errors.StoreFullError;
exports.StoreCorruptError = errors.StoreCorruptError;
exports.StoreForeignError = errors.StoreForeignError;
exports.StoreVersionError = errors.StoreVersionError;
exports.StoreForkedError = errors.StoreForkedError;
