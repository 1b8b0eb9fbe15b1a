"""The API keys of programs with an event loop."""

from ._core import ApiKeys, Operation, store_kind

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType
    from typing import Self, TypeVar, Unpack

    from ._core import (
        ApiKey,
        ApiKeyPage,
        IssuedKey,
        Store,
        StoreReport,
        _ApiKeysOptions,
        _Bytes,
        _CheckOptions,
        _Duration,
        _Instant,
        _IssueOptions,
        _Names,
        _Peppers,
        _RotateOptions,
    )
    from .stores import AsyncHostStore

    _Result = TypeVar("_Result")


class AsyncApiKeys:
    """The API keys of one prefix and environment, as ApiKeys, inside an event loop, which goes on meanwhile.

    `store` is a URL such as "sqlite:keys.db", a Store, or an object of the program's with the methods of
    authwright.stores.AsyncHostStore, which are awaited. What is in memory answers at once; SQLite and Redis are asked
    in a thread of the loop's executor, and who is cancelled leaves that thread to its end. All else is as for ApiKeys.

    It runs in asyncio's event loops.

    Raises what ApiKeys() raises.
    """

    __module__ = "authwright"
    __slots__ = ("__weakref__", "_host", "_is_memory", "_keys")

    _host: "AsyncHostStore | None"

    def __init__(
        self,
        store: "str | Store | AsyncHostStore",
        *,
        peppers: "_Peppers",
        **options: "Unpack[_ApiKeysOptions]",
    ) -> None:
        """Open the store, which connects to nothing yet."""
        self._keys = ApiKeys(store, peppers=peppers, **options)  # type: ignore[arg-type]
        kind = store_kind(self._keys)
        self._host = store if kind == "host" else None  # type: ignore[assignment]
        self._is_memory = kind == "memory"

    async def issue(self, owner: str, *, timeout: "_Duration" = 5, **options: "Unpack[_IssueOptions]") -> "IssuedKey":
        """Make a key, as ApiKeys.issue() does.

        Raises what ApiKeys.issue() raises.
        """
        return await self._ask(
            lambda left: self._keys.issue(owner, timeout=left, **options),
            lambda: Operation.issue_key(self._keys, owner, timeout, options),
            timeout,
        )

    async def verify(
        self,
        presented: "_Bytes",
        scopes: "_Names" = (),
        *,
        now: "_Instant | None" = None,
        timeout: "_Duration" = 5,
    ) -> "ApiKey":
        """Say whose key that is, if it is genuine and valid and has all these scopes, as ApiKeys.verify() does.

        Raises what ApiKeys.verify() raises.
        """
        return await self._ask(
            lambda left: self._keys.verify(presented, scopes, now=now, timeout=left),
            lambda: Operation.verify_key(self._keys, presented, scopes, now, timeout),
            timeout,
        )

    async def get(self, id: str, timeout: "_Duration" = 5) -> "ApiKey":  # noqa: A002
        """Say what is known of the key with this id, as ApiKeys.get() does.

        Raises what ApiKeys.get() raises.
        """
        return await self._ask(
            lambda left: self._keys.get(id, left), lambda: Operation.get_key(self._keys, id, timeout), timeout
        )

    async def list(
        self, owner: str, *, after: "str | None" = None, limit: int = 100, timeout: "_Duration" = 5
    ) -> "ApiKeyPage":
        """Give some of an owner's keys, as ApiKeys.list() does.

        Raises what ApiKeys.list() raises.
        """
        return await self._ask(
            lambda left: self._keys.list(owner, after=after, limit=limit, timeout=left),
            lambda: Operation.list_keys(self._keys, owner, after, limit, timeout),
            timeout,
        )

    async def rotate(
        self,
        id: str,  # noqa: A002
        *,
        timeout: "_Duration" = 5,
        **options: "Unpack[_RotateOptions]",
    ) -> "IssuedKey":
        """Give a key another secret, as ApiKeys.rotate() does.

        Raises what ApiKeys.rotate() raises.
        """
        return await self._ask(
            lambda left: self._keys.rotate(id, timeout=left, **options),
            lambda: Operation.rotate_key(self._keys, id, timeout, options),
            timeout,
        )

    async def revoke(self, id: str, timeout: "_Duration" = 5) -> "ApiKey":  # noqa: A002
        """End a key, for good, as ApiKeys.revoke() does.

        Raises what ApiKeys.revoke() raises.
        """
        return await self._ask(
            lambda left: self._keys.revoke(id, left), lambda: Operation.revoke_key(self._keys, id, timeout), timeout
        )

    async def revoke_all(self, owner: str, timeout: "_Duration" = 5) -> int:
        """End all keys of an owner, as ApiKeys.revoke_all() does.

        Raises what ApiKeys.revoke_all() raises.
        """
        return await self._ask(
            lambda left: self._keys.revoke_all(owner, left),
            lambda: Operation.revoke_keys(self._keys, owner, timeout),
            timeout,
        )

    async def import_hash(
        self, sha256: str, owner: str, *, timeout: "_Duration" = 5, **options: "Unpack[_IssueOptions]"
    ) -> "ApiKey":
        """Take in a key of another system by its SHA-256, as ApiKeys.import_hash() does.

        Raises what ApiKeys.import_hash() raises.
        """
        return await self._ask(
            lambda left: self._keys.import_hash(sha256, owner, timeout=left, **options),
            lambda: Operation.import_key(self._keys, sha256, owner, timeout, options),
            timeout,
        )

    def is_well_formed(self, text: "_Bytes", /) -> bool:
        """Say whether that is written as a key, as ApiKeys.is_well_formed() does. Does no I/O."""
        return self._keys.is_well_formed(text)

    @property
    def pattern(self) -> str:
        """A regular expression for scanners of source code and logs, without anchors."""
        return self._keys.pattern

    async def close(self) -> None:
        """Close the store, if it was given as a URL. Another one is its owner's to close."""
        import asyncio

        await asyncio.to_thread(self._keys.close)

    async def __aenter__(self) -> "Self":
        """Give itself."""
        return self

    async def __aexit__(
        self,
        kind: "type[BaseException] | None",
        error: "BaseException | None",
        traceback: "TracebackType | None",
        /,
    ) -> None:
        """Close it."""
        await self.close()

    def __repr__(self) -> str:
        """Tell what it is."""
        return repr(self._keys).replace("ApiKeys", "AsyncApiKeys", 1)

    async def _ask(
        self,
        call: "Callable[[_Duration], _Result]",
        begin: "Callable[[], Operation[_Result]]",
        timeout: "_Duration",
    ) -> "_Result":
        if self._is_memory:
            return call(timeout)
        # Not with the package: it needs asyncio, which takes longer to import than all of the rest.
        from . import _driver

        if self._host is None:
            return await _driver.in_thread(call, timeout)
        return await _driver.HostStore(self._host).run(begin())


async def sweep_async_store(store: "AsyncHostStore", timeout: "_Duration" = 60) -> int:
    """Remove what ended more than an hour ago from a store of the program's whose methods are awaited: how many.

    It is as sweep_store(). Raises what sweep_store() raises.
    """
    from . import _driver

    return await _driver.HostStore(store).run(Operation.sweep_store(store, timeout))


sweep_async_store.__module__ = "authwright"


async def check_async_store(
    store: "AsyncHostStore", *, timeout: "_Duration" = 60, **options: "Unpack[_CheckOptions]"
) -> "StoreReport":
    """Check a store of the program's whose methods are awaited, as check_store() does: a StoreReport.

    Raises what check_store() raises.
    """
    from . import _driver

    return await _driver.HostStore(store).run(Operation.check_store(store, timeout, options))


check_async_store.__module__ = "authwright"
