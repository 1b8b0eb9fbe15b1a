"""authwright signs and verifies JSON Web Tokens.

    import authwright as aw

    key = aw.Key.generate("ES256", kid="2026-11")
    signer = aw.Signer(key, issuer="https://id.example", audience="api", lifetime=900)
    token = signer.sign({"sub": "alice"})

    verifier = aw.Verifier(key.public_key(), issuer="https://id.example", audience="api")
    verified = verifier.verify(token)
    verified.claims["sub"]

Keys, signers and verifiers are checked once, when they are made, and immutable: make them at start-up and share them
between threads. They survive a fork. What fails raises a subclass of AuthwrightError, with the stable name of the
reason in `.code` and the claim, option or parameter at fault in `.field`.
"""

from . import errors, jws
from ._core import (
    HttpClient,
    Key,
    KeySet,
    Prepared,
    RemoteKeySet,
    Signer,
    Token,
    UnverifiedToken,
    Verifier,
    __version__,
    dangerous_decode,
    debug_build,
    on_event,
)
from .async_verifier import AsyncVerifier
from .errors import (
    AddressRefusedError,
    AlgorithmNotAllowedError,
    AudienceMismatchError,
    AuthwrightError,
    ClaimMismatchError,
    ClaimMissingError,
    ClaimTypeError,
    ClosedError,
    DeadlineError,
    InternalError,
    InvalidArgumentError,
    IssuerMismatchError,
    KeyFormatError,
    KeyInconsistentError,
    KeyMismatchError,
    KeyNotFoundError,
    KeyNotPrivateError,
    KeyPasswordError,
    KeysNeededError,
    KeyTooWeakError,
    MetadataInvalidError,
    PolicyVersionError,
    ResponseInvalidError,
    ResponseStatusError,
    ResponseTooLargeError,
    SignatureInvalidError,
    StateInvalidError,
    SubjectMismatchError,
    TokenCriticalError,
    TokenEncodingError,
    TokenExpiredError,
    TokenIssuedInFutureError,
    TokenJsonError,
    TokenMalformedError,
    TokenNotYetValidError,
    TokenTooLargeError,
    TokenTooOldError,
    TokenTypeError,
    TransportError,
    TransportTlsError,
    TransportUnsupportedError,
    UnknownOptionError,
    UnsupportedAlgorithmError,
    UrlRefusedError,
)

__all__ = [
    "AddressRefusedError",
    "AlgorithmNotAllowedError",
    "AsyncVerifier",
    "AudienceMismatchError",
    "AuthwrightError",
    "ClaimMismatchError",
    "ClaimMissingError",
    "ClaimTypeError",
    "ClosedError",
    "DeadlineError",
    "HttpClient",
    "InternalError",
    "InvalidArgumentError",
    "IssuerMismatchError",
    "Key",
    "KeyFormatError",
    "KeyInconsistentError",
    "KeyMismatchError",
    "KeyNotFoundError",
    "KeyNotPrivateError",
    "KeyPasswordError",
    "KeySet",
    "KeyTooWeakError",
    "KeysNeededError",
    "MetadataInvalidError",
    "PolicyVersionError",
    "Prepared",
    "RemoteKeySet",
    "ResponseInvalidError",
    "ResponseStatusError",
    "ResponseTooLargeError",
    "SignatureInvalidError",
    "Signer",
    "StateInvalidError",
    "SubjectMismatchError",
    "Token",
    "TokenCriticalError",
    "TokenEncodingError",
    "TokenExpiredError",
    "TokenIssuedInFutureError",
    "TokenJsonError",
    "TokenMalformedError",
    "TokenNotYetValidError",
    "TokenTooLargeError",
    "TokenTooOldError",
    "TokenTypeError",
    "TransportError",
    "TransportTlsError",
    "TransportUnsupportedError",
    "UnknownOptionError",
    "UnsupportedAlgorithmError",
    "UnverifiedToken",
    "UrlRefusedError",
    "Verifier",
    "__version__",
    "dangerous_decode",
    "errors",
    "jws",
    "on_event",
]

if debug_build:
    import warnings

    warnings.warn("this is a debug build of authwright: it is many times slower", RuntimeWarning, stacklevel=2)
    del warnings
del debug_build
