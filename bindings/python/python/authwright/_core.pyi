# The types of the extension module. Documentation is in the docstrings: help(authwright.Verifier).

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from types import TracebackType
from typing import (
    Any,
    ClassVar,
    Generic,
    Literal,
    Required,
    Self,
    TypeAlias,
    TypedDict,
    TypeVar,
    Unpack,
    final,
    overload,
)

from typing_extensions import Buffer, disjoint_base

from .errors import AuthwrightError
from .stores import AsyncHostStore, HostStore

__all__ = [
    "ApiKey",
    "ApiKeyPage",
    "ApiKeys",
    "Client",
    "HttpClient",
    "IssuedKey",
    "Key",
    "KeySet",
    "Login",
    "Operation",
    "Outcome",
    "Persist",
    "Prepared",
    "Record",
    "RemoteKeySet",
    "Request",
    "Signer",
    "Store",
    "StoreOutcome",
    "StoreReport",
    "StoreRequest",
    "Token",
    "TokenManager",
    "Tokens",
    "UnverifiedToken",
    "User",
    "Verified",
    "Verifier",
    "Wait",
    "__version__",
    "check_store",
    "copy_store",
    "dangerous_decode",
    "debug_build",
    "error_table",
    "jws_sign",
    "jws_verify",
    "on_event",
    "seconds",
    "store_kind",
    "sweep_store",
]

__version__: str
debug_build: bool

_Bytes: TypeAlias = str | Buffer
_Names: TypeAlias = str | list[str] | tuple[str, ...] | set[str] | frozenset[str]
# Whole seconds, or a duration.
_Seconds: TypeAlias = int | timedelta
# The same with fractions.
_Duration: TypeAlias = float | timedelta
# Seconds since 1970, or an aware datetime.
_Instant: TypeAlias = float | datetime
_Mapping: TypeAlias = Mapping[str, Any]
# The first one is the newest.
_Peppers: TypeAlias = Key | Buffer | Sequence[Key | Buffer]

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
class RemoteKeySet:
    def __new__(
        cls,
        *,
        http: HttpClient | None = None,
        issuer: str = ...,
        jwks_uri: str = ...,
        metadata_url: str = ...,
        cooldown: _Seconds = ...,
        outage_limit: _Seconds = ...,
        timeout: _Seconds = ...,
    ) -> Self: ...
    def refresh(self) -> None: ...
    def key_set(self) -> KeySet: ...
    @property
    def issuer(self) -> str | None: ...
    @property
    def http(self) -> HttpClient: ...
    def export_state(self, key: Key, /) -> str: ...
    def import_state(self, text: _Bytes, keys: Key | Iterable[Key], /) -> None: ...
    def close(self) -> None: ...
    def __enter__(self) -> Self: ...
    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
        /,
    ) -> None: ...

@final
class HttpClient:
    def __new__(
        cls,
        *,
        ca: _Bytes = ...,
        client_certificate: _Bytes = ...,
        client_key: _Bytes = ...,
        proxy: str = ...,
        connect_timeout: _Seconds = ...,
        timeout: _Seconds = ...,
    ) -> Self: ...
    def close(self) -> None: ...
    def __enter__(self) -> Self: ...
    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
        /,
    ) -> None: ...

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

class _Policy(TypedDict, total=False):
    version: int
    issuer: _Names
    audience: _Names
    subject: _Names
    typ: _Names
    algorithms: _Names
    required: _Names
    claims: _Mapping
    leeway: _Seconds
    max_token_age: _Seconds
    max_token_bytes: int
    compat: _Names | Mapping[str, bool]
    profile: Literal["id_token", "logout_token"]
    dangerous_any_audience: bool
    dangerous_no_expiration: bool
    dangerous_weak_keys: bool

@final
class Verifier:
    def __new__(cls, keys: Key | KeySet | RemoteKeySet, /, **policy: Unpack[_Policy]) -> Self: ...
    @staticmethod
    def discover(issuer: str, /, *, http: HttpClient | None = None, **policy: Unpack[_Policy]) -> Verifier: ...
    @staticmethod
    def from_policy(keys: Key | KeySet | RemoteKeySet, policy: _Mapping | _Bytes, /) -> Verifier: ...
    def verify(self, token: _Bytes, now: _Instant | None = None) -> Token: ...
    def verify_fetching(self, token: _Bytes, now: _Instant | None = None, timeout: _Duration = 10) -> Token: ...
    @property
    def remote_keys(self) -> RemoteKeySet | None: ...

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
def on_event(hook: Callable[[dict[str, Any]], object] | None, /) -> None: ...

class _ClientOptions(TypedDict, total=False):
    provider: str
    tenant: str
    team_id: str
    metadata_url: str
    authorization_endpoint: str
    token_endpoint: str
    userinfo_endpoint: str
    revocation_endpoint: str
    end_session_endpoint: str
    jwks_uri: str
    user: _Mapping
    client_id: str
    client_secret: str
    redirect_uri: str
    post_logout_redirect_uri: str
    scope: _Names
    response_type: Literal["code", "code id_token"]
    response_mode: Literal["query", "form_post"]
    token_endpoint_auth_method: str
    token_endpoint_auth_signing_alg: str
    id_token_algorithms: _Names
    leeway: _Seconds
    timeout: _Seconds
    strict: bool
    dangerous_no_pkce: bool
    dangerous_no_nonce: bool

class _LoginOptions(TypedDict, total=False):
    scope: _Names
    return_to: str
    prompt: str
    login_hint: str
    max_age: _Seconds
    acr_values: _Names
    ui_locales: str
    parameters: Mapping[str, str]

class _RefreshOptions(TypedDict, total=False):
    scope: _Names

class _ManagerOptions(TypedDict, total=False):
    renew_before: _Seconds

class _LogoutOptions(TypedDict, total=False):
    id_token_hint: str
    post_logout_redirect_uri: str
    state: str
    logout_hint: str
    ui_locales: str

@final
class Client:
    def __new__(
        cls,
        issuer: str | None = None,
        *,
        seal_keys: Key | Iterable[Key] | None = None,
        client_key: Key | None = None,
        http: HttpClient | None = None,
        **options: Unpack[_ClientOptions],
    ) -> Self: ...
    def begin_login(
        self, *, cookies: _Bytes | None = None, timeout: _Duration = 30, **options: Unpack[_LoginOptions]
    ) -> Login: ...
    @overload
    def finish_login(
        self, transaction: _Bytes | None, callback: _Bytes, *, cookies: None = None, timeout: _Duration = 30
    ) -> Tokens: ...
    @overload
    def finish_login(
        self,
        transaction: None = None,
        callback: _Bytes | None = ...,
        *,
        cookies: _Bytes | None,
        timeout: _Duration = 30,
    ) -> Tokens: ...
    def forget_login(self, cookies: _Bytes | None, callback: _Bytes, /) -> str | None: ...
    def refresh(self, tokens: Tokens, *, timeout: _Duration = 30, **options: Unpack[_RefreshOptions]) -> Tokens: ...
    def userinfo(self, tokens: Tokens, timeout: _Duration = 30) -> User: ...
    def revoke(self, tokens: Tokens, timeout: _Duration = 30) -> None: ...
    def logout_url(
        self, tokens: Tokens | None = None, *, timeout: _Duration = 30, **options: Unpack[_LogoutOptions]
    ) -> str: ...
    def verify_logout_token(self, token: _Bytes, timeout: _Duration = 30) -> Token: ...
    def token_manager(
        self,
        tokens: Tokens,
        *,
        on_tokens: Callable[[Tokens], object] | None = None,
        **options: Unpack[_ManagerOptions],
    ) -> TokenManager: ...
    @property
    def issuer(self) -> str | None: ...
    @property
    def client_id(self) -> str: ...
    @property
    def remote_keys(self) -> RemoteKeySet | None: ...
    @property
    def http(self) -> HttpClient: ...

@final
class Login:
    @property
    def url(self) -> str: ...
    @property
    def transaction(self) -> str: ...
    @property
    def cookie(self) -> str: ...
    @property
    def stale_cookies(self) -> list[str]: ...

@final
class Tokens:
    @staticmethod
    def from_json(text: _Mapping | _Bytes, /) -> Tokens: ...
    def to_json(self) -> str: ...
    @property
    def access_token(self) -> str: ...
    @property
    def token_type(self) -> str: ...
    @property
    def authorization(self) -> str: ...
    @property
    def refresh_token(self) -> str | None: ...
    @property
    def expires_at(self) -> int | None: ...
    @property
    def scope(self) -> list[str]: ...
    @property
    def id_token(self) -> str | None: ...
    @property
    def claims(self) -> dict[str, Any] | None: ...
    @property
    def name(self) -> str | None: ...
    @property
    def leniencies(self) -> list[str]: ...
    @property
    def return_to(self) -> str | None: ...
    @property
    def clear_cookie(self) -> str | None: ...

@final
class User:
    @property
    def subject(self) -> str: ...
    @property
    def email(self) -> str | None: ...
    @property
    def email_verified(self) -> bool | None: ...
    @property
    def name(self) -> str | None: ...
    @property
    def picture(self) -> str | None: ...
    @property
    def claims(self) -> dict[str, Any]: ...
    def to_json(self) -> str: ...

@final
class TokenManager:
    def tokens(self, force: bool = False, timeout: _Duration = 30) -> Tokens: ...
    @property
    def current(self) -> Tokens: ...
    def replace(self, tokens: Tokens, /) -> None: ...

class _StoreOptions(TypedDict, total=False):
    max_records: int
    namespace: str
    connections: int

@final
class Store:
    def __new__(cls, url: str, **options: Unpack[_StoreOptions]) -> Self: ...
    def sweep(self, timeout: _Duration = 60) -> int: ...
    def close(self) -> None: ...
    def __enter__(self) -> Self: ...
    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
        /,
    ) -> None: ...

@final
class Record:
    __hash__: ClassVar[None]  # type: ignore[assignment]
    def __new__(cls, version: int, value: str, owner: str | None = None, expires_at: int | None = None) -> Self: ...
    @property
    def version(self) -> int: ...
    @property
    def value(self) -> str: ...
    @property
    def owner(self) -> str | None: ...
    @property
    def expires_at(self) -> int | None: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __getnewargs__(self) -> tuple[int, str, str | None, int | None]: ...

class _CheckOptions(TypedDict, total=False):
    part: Literal["check", "contend", "settle"]
    run_id: str
    collects_by_itself: bool
    only: str
    racer: int
    rounds: int
    racers: int
    killed: int
    acknowledged: list[str]

@final
class StoreReport:
    @property
    def passed(self) -> bool: ...
    @property
    def run_id(self) -> str: ...
    @property
    def checks(self) -> list[dict[str, Any]]: ...
    def to_json(self) -> str: ...

def sweep_store(store: str | Store | HostStore, timeout: _Duration = 60) -> int: ...
def copy_store(source: str | Store, target: str | Store | HostStore, timeout: _Duration = 600) -> int: ...
def check_store(
    store: str | Store | HostStore, *, timeout: _Duration = 60, **options: Unpack[_CheckOptions]
) -> StoreReport: ...

class _ApiKeysOptions(TypedDict, total=False):
    prefix: Required[str]
    environment: Required[str]
    last_used_every: _Seconds
    accept_imported: bool
    cache_seconds: _Seconds

class _IssueOptions(TypedDict, total=False):
    scopes: _Names
    metadata: _Mapping
    expires_in: _Seconds

class _RotateOptions(TypedDict, total=False):
    overlap: _Seconds
    expires_in: _Seconds

@disjoint_base
class ApiKey:
    @property
    def id(self) -> str: ...
    @property
    def owner(self) -> str: ...
    @property
    def scopes(self) -> list[str]: ...
    @property
    def metadata(self) -> dict[str, Any]: ...
    @property
    def created_at(self) -> int: ...
    @property
    def expires_at(self) -> int | None: ...
    @property
    def revoked_at(self) -> int | None: ...
    @property
    def rotated_at(self) -> int | None: ...
    @property
    def last_used_at(self) -> int | None: ...
    @property
    def last4(self) -> str | None: ...
    def to_json(self) -> str: ...

@final
class IssuedKey(ApiKey):
    @property
    def secret(self) -> str: ...

@final
class ApiKeyPage:
    @property
    def keys(self) -> list[ApiKey]: ...
    @property
    def next(self) -> str | None: ...
    def to_json(self) -> str: ...

@final
class ApiKeys:
    def __new__(
        cls,
        store: str | Store | HostStore,
        *,
        peppers: _Peppers,
        **options: Unpack[_ApiKeysOptions],
    ) -> Self: ...
    def issue(self, owner: str, *, timeout: _Duration = 5, **options: Unpack[_IssueOptions]) -> IssuedKey: ...
    def verify(
        self, presented: _Bytes, scopes: _Names = (), *, now: _Instant | None = None, timeout: _Duration = 5
    ) -> ApiKey: ...
    def get(self, id: str, timeout: _Duration = 5) -> ApiKey: ...  # noqa: A002
    def list(self, owner: str, *, after: str | None = None, limit: int = 100, timeout: _Duration = 5) -> ApiKeyPage: ...
    def rotate(self, id: str, *, timeout: _Duration = 5, **options: Unpack[_RotateOptions]) -> IssuedKey: ...  # noqa: A002
    def revoke(self, id: str, timeout: _Duration = 5) -> ApiKey: ...  # noqa: A002
    def revoke_all(self, owner: str, timeout: _Duration = 5) -> int: ...
    def import_hash(
        self, sha256: str, owner: str, *, timeout: _Duration = 5, **options: Unpack[_IssueOptions]
    ) -> ApiKey: ...
    def is_well_formed(self, text: _Bytes, /) -> bool: ...
    @property
    def pattern(self) -> str: ...
    def close(self) -> None: ...
    def __enter__(self) -> Self: ...
    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
        /,
    ) -> None: ...

# What follows is for authwright/_driver.py only, and for what uses it.

_Result = TypeVar("_Result")

@final
class Operation(Generic[_Result]):
    @staticmethod
    def verify(
        verifier: Verifier, token: _Bytes, now: _Instant | None, timeout: _Duration, /
    ) -> Token | Operation[Token]: ...
    @staticmethod
    def refresh(keys: RemoteKeySet, /) -> Operation[None]: ...
    @staticmethod
    def refresh_ahead(keys: RemoteKeySet, /) -> Operation[None] | None: ...
    @staticmethod
    def begin_login(
        client: Client, cookies: _Bytes | None, timeout: _Duration, options: _LoginOptions, /
    ) -> Operation[Login]: ...
    @staticmethod
    def finish_login(
        client: Client,
        transaction: _Bytes | None,
        callback: _Bytes | None,
        cookies: _Bytes | None,
        timeout: _Duration,
        /,
    ) -> Operation[Tokens]: ...
    @staticmethod
    def refresh_tokens(
        client: Client, tokens: Tokens, timeout: _Duration, options: _RefreshOptions, /
    ) -> Operation[Tokens]: ...
    @staticmethod
    def userinfo(client: Client, tokens: Tokens, timeout: _Duration, /) -> Operation[User]: ...
    @staticmethod
    def revoke(client: Client, tokens: Tokens, timeout: _Duration, /) -> Operation[None]: ...
    @staticmethod
    def logout_url(
        client: Client, tokens: Tokens | None, timeout: _Duration, options: _LogoutOptions, /
    ) -> Operation[str]: ...
    @staticmethod
    def verify_logout_token(client: Client, token: _Bytes, timeout: _Duration, /) -> Operation[Token]: ...
    @staticmethod
    def tokens(manager: TokenManager, force: bool, timeout: _Duration, /) -> Tokens | Operation[Tokens]: ...
    @staticmethod
    def issue_key(keys: ApiKeys, owner: str, timeout: _Duration, options: _IssueOptions, /) -> Operation[IssuedKey]: ...
    @staticmethod
    def verify_key(
        keys: ApiKeys, presented: _Bytes, scopes: _Names, now: _Instant | None, timeout: _Duration, /
    ) -> Operation[ApiKey]: ...
    @staticmethod
    def get_key(keys: ApiKeys, id: str, timeout: _Duration, /) -> Operation[ApiKey]: ...  # noqa: A002
    @staticmethod
    def list_keys(
        keys: ApiKeys, owner: str, after: str | None, limit: int, timeout: _Duration, /
    ) -> Operation[ApiKeyPage]: ...
    @staticmethod
    def rotate_key(
        keys: ApiKeys,
        id: str,  # noqa: A002
        timeout: _Duration,
        options: _RotateOptions,
        /,
    ) -> Operation[IssuedKey]: ...
    @staticmethod
    def revoke_key(keys: ApiKeys, id: str, timeout: _Duration, /) -> Operation[ApiKey]: ...  # noqa: A002
    @staticmethod
    def revoke_keys(keys: ApiKeys, owner: str, timeout: _Duration, /) -> Operation[int]: ...
    @staticmethod
    def import_key(
        keys: ApiKeys, sha256: str, owner: str, timeout: _Duration, options: _IssueOptions, /
    ) -> Operation[ApiKey]: ...
    @staticmethod
    def sweep_store(store: AsyncHostStore, timeout: _Duration, /) -> Operation[int]: ...
    @staticmethod
    def check_store(store: AsyncHostStore, timeout: _Duration, options: _CheckOptions, /) -> Operation[StoreReport]: ...
    def step(self) -> Request | Persist | StoreRequest | Wait | None: ...
    def resume(self, request: Request, outcome: Outcome, /) -> None: ...
    def resume_persist(self, persist: Persist, reason: str | None, /) -> None: ...
    def resume_store(self, request: StoreRequest, outcome: StoreOutcome, /) -> None: ...
    @property
    def result(self) -> _Result: ...
    def close(self) -> None: ...

@final
class Persist:
    @property
    def tokens(self) -> Tokens: ...

@final
class Request:
    @property
    def method(self) -> str: ...
    @property
    def url(self) -> str: ...
    @property
    def headers(self) -> list[tuple[str, str]]: ...
    @property
    def body(self) -> bytes | None: ...
    @property
    def max_body_bytes(self) -> int: ...
    @property
    def public_only(self) -> bool: ...
    @property
    def needs_client_certificate(self) -> bool: ...
    @property
    def seconds_left(self) -> float: ...
    def send(self, client: HttpClient, /) -> Outcome: ...

@final
class StoreRequest:
    @property
    def seconds_left(self) -> float: ...
    def call(self, store: AsyncHostStore, /) -> object: ...
    def answer(self, value: object, /) -> StoreOutcome: ...
    def not_awaitable(self, value: object, /) -> StoreOutcome: ...
    def failed(self, error: Exception, /) -> StoreOutcome: ...

@final
class StoreOutcome: ...

def seconds(timeout: _Duration, /) -> float: ...
def store_kind(keys: ApiKeys, /) -> Literal["memory", "blocking", "host"]: ...

@final
class Wait:
    @property
    def seconds_left(self) -> float: ...
    def notify(self, call: Callable[[], object], /) -> None: ...

@final
class Outcome:
    @staticmethod
    def answer(status: int, headers: list[tuple[str, str]], body: _Bytes, /) -> Outcome: ...
    @staticmethod
    def transport(reason: str, /, *, sent: bool) -> Outcome: ...
    @staticmethod
    def tls(reason: str, /) -> Outcome: ...
    @staticmethod
    def deadline(*, sent: bool) -> Outcome: ...
    @staticmethod
    def too_large() -> Outcome: ...
    @staticmethod
    def unsupported(what: str, /) -> Outcome: ...
