# The types of the extension module. Documentation is in the docstrings: help(authwright.Verifier).

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, Self, TypeAlias, final

from typing_extensions import Buffer

from .errors import AuthwrightError

__all__ = [
    "Key",
    "KeySet",
    "Prepared",
    "Signer",
    "Token",
    "UnverifiedToken",
    "Verified",
    "Verifier",
    "__version__",
    "dangerous_decode",
    "debug_build",
    "error_table",
    "jws_sign",
    "jws_verify",
]

__version__: str
debug_build: bool

_Bytes: TypeAlias = str | Buffer
_Names: TypeAlias = str | list[str] | tuple[str, ...] | set[str] | frozenset[str]
# Seconds, or a duration.
_Seconds: TypeAlias = int | timedelta
# Seconds since 1970, or an aware datetime.
_Instant: TypeAlias = float | datetime
_Mapping: TypeAlias = Mapping[str, Any]

@final
class Key:
    @staticmethod
    def generate(alg: str, *, kid: str | None = None, bits: int | None = None) -> Key: ...
    @staticmethod
    def from_pem(
        data: _Bytes, *, alg: str | None = None, kid: str | None = None, password: _Bytes | None = None
    ) -> Key: ...
    @staticmethod
    def from_der(
        data: _Bytes, *, alg: str | None = None, kid: str | None = None, password: _Bytes | None = None
    ) -> Key: ...
    @staticmethod
    def from_jwk(jwk: _Mapping | _Bytes, /) -> Key: ...
    @staticmethod
    def from_secret(secret: _Bytes, *, alg: str | None = None, kid: str | None = None) -> Key: ...
    def public_key(self) -> Key: ...
    def to_jwk(self, private: bool = False) -> dict[str, Any]: ...
    def to_pem(self, private: bool = False) -> str: ...
    def to_der(self, private: bool = False) -> bytes: ...
    def thumbprint(self) -> str: ...
    @property
    def kid(self) -> str | None: ...
    @property
    def algorithm(self) -> str | None: ...
    @property
    def is_private(self) -> bool: ...

@final
class KeySet:
    def __new__(cls, keys: Iterable[Key], /) -> Self: ...
    @staticmethod
    def from_json(jwks: _Mapping | _Bytes, /) -> KeySet: ...
    def to_json(self) -> str: ...
    @property
    def rejected(self) -> list[tuple[int, str | None, AuthwrightError]]: ...
    def __len__(self) -> int: ...
    def __iter__(self) -> Iterator[Key]: ...

@final
class Signer:
    def __new__(
        cls,
        key: Key,
        /,
        *,
        algorithm: str = ...,
        issuer: str = ...,
        audience: _Names = ...,
        subject: str = ...,
        lifetime: _Seconds = ...,
        typ: str = ...,
        headers: _Mapping = ...,
        jwt_id: bool = ...,
        dangerous_no_expiration: bool = ...,
        dangerous_weak_keys: bool = ...,
    ) -> Self: ...
    def sign(self, claims: _Mapping, now: _Instant | None = None) -> str: ...
    def prepare(self, claims: _Mapping, now: _Instant | None = None) -> Prepared: ...
    def finish(self, prepared: Prepared, signature: _Bytes, der: bool = False) -> str: ...

@final
class Prepared:
    @property
    def signing_input(self) -> bytes: ...
    @property
    def algorithm(self) -> str: ...

@final
class Verifier:
    def __new__(
        cls,
        keys: Key | KeySet,
        /,
        *,
        version: int = ...,
        issuer: _Names = ...,
        audience: _Names = ...,
        subject: _Names = ...,
        typ: _Names = ...,
        algorithms: _Names = ...,
        required: _Names = ...,
        claims: _Mapping = ...,
        leeway: _Seconds = ...,
        max_token_age: _Seconds = ...,
        max_token_bytes: int = ...,
        compat: _Names | Mapping[str, bool] = ...,
        dangerous_any_audience: bool = ...,
        dangerous_no_expiration: bool = ...,
        dangerous_weak_keys: bool = ...,
    ) -> Self: ...
    @staticmethod
    def from_policy(keys: Key | KeySet, policy: _Mapping | _Bytes, /) -> Verifier: ...
    def verify(self, token: _Bytes, now: _Instant | None = None) -> Token: ...

@final
class Token:
    @property
    def claims(self) -> dict[str, Any]: ...
    @property
    def header(self) -> dict[str, Any]: ...

@final
class UnverifiedToken:
    @property
    def claims(self) -> dict[str, Any]: ...
    @property
    def header(self) -> dict[str, Any]: ...

@final
class Verified:
    @property
    def payload(self) -> bytes: ...
    @property
    def header(self) -> dict[str, Any]: ...

def dangerous_decode(token: _Bytes, /) -> UnverifiedToken: ...
def jws_sign(
    payload: _Bytes,
    key: Key,
    *,
    algorithm: str | None = None,
    headers: _Mapping | None = None,
    detached: bool = False,
    b64: bool = True,
) -> str: ...
def jws_verify(
    token: _Bytes, keys: Key | KeySet, *, algorithms: _Names | None = None, payload: _Bytes | None = None
) -> Verified: ...
def error_table() -> list[tuple[int, str, str, str, str]]: ...
