"""What a store must have that a program writes itself, for ApiKeys and for AsyncApiKeys.

    class RowStore:
        def get(self, key): ...
        def put_if(self, key, expected, record): ...
        def delete_if(self, key, version): ...
        def list(self, owner, after, limit): ...
        def sweep(self, before, limit): ...

    report = aw.check_store(RowStore())
    assert report.passed, report

A store compares versions and keeps what it is given; it reads no clock and decides nothing. Keys and owners are 1 to
256 visible ASCII characters, of which upper and lower case are two; values are text of at most 65,536 bytes of UTF-8.
Each call changes one record or none, in one step, whatever others do at the same moment: it is called from many
threads, or tasks, at once.

What a method raises becomes StoreUnavailableError, or StoreUncertainError if it writes, and is its __cause__. A store
that knows better raises one of these, and only these keep their code: StoreUnavailableError if surely nothing has
changed, StoreUncertainError, StoreFullError, StoreCorruptError, ClosedError. What is returned and has another type is
InvalidArgumentError; a value that no store may keep, or that was not asked for, StoreCorruptError.

sweep_store() and sweep_async_store() of authwright call `sweep` until nothing is left: now and then, from one process.
"""

from collections.abc import Awaitable
from typing import Protocol

from ._core import Record

__all__ = ["AsyncHostStore", "HostStore"]


class HostStore(Protocol):
    """A store whose methods block."""

    def get(self, key: str, /) -> Record | None:
        """Find the record with this key, also one that is over."""

    def put_if(self, key: str, expected: int | None, record: Record, /) -> bool:
        """Keep the record if what is there has the version `expected`, or, with None, if nothing is there.

        Say whether it was kept. Once this has said so, the record outlives the process.
        """

    def delete_if(self, key: str, version: int, /) -> bool:
        """Remove the record if it has this version, and say whether it was removed."""

    def list(self, owner: str, after: str | None, limit: int, /) -> tuple[list[tuple[str, Record]], str | None]:
        """Give at most `limit` of the owner's records with their keys, and where the next page begins, or None.

        `after` is what another page gave so. Who follows it to the end has seen each record that was there all the time
        once, and none twice.
        """

    def sweep(self, before: int, limit: int, /) -> int:
        """Remove at most `limit` records whose `expires_at` is less than this; say how many were removed."""


class AsyncHostStore(Protocol):
    """The same store whose methods are awaited. A call that takes longer than its caller has is cancelled."""

    def get(self, key: str, /) -> Awaitable[Record | None]:
        """Find the record with this key, also one that is over."""

    def put_if(self, key: str, expected: int | None, record: Record, /) -> Awaitable[bool]:
        """Keep the record if what is there has the version `expected`, or, with None, if nothing is there."""

    def delete_if(self, key: str, version: int, /) -> Awaitable[bool]:
        """Remove the record if it has this version, and say whether it was removed."""

    def list(
        self, owner: str, after: str | None, limit: int, /
    ) -> Awaitable[tuple[list[tuple[str, Record]], str | None]]:
        """Give at most `limit` of the owner's records with their keys, and where the next page begins, or None."""

    def sweep(self, before: int, limit: int, /) -> Awaitable[int]:
        """Remove at most `limit` records whose `expires_at` is less than this; say how many were removed."""
