"""Stores as a program may write them: the smallest that are right; and a file that is locked."""

import contextlib
import pathlib
import subprocess
import sys
import threading
from collections.abc import Iterator

import authwright as aw

Page = tuple[list[tuple[str, aw.Record]], str | None]


class DictStore:
    """Records in a dict, for threads."""

    def __init__(self) -> None:
        self.records: dict[str, aw.Record] = {}
        self.lock = threading.Lock()
        self.is_closed = False

    def get(self, key: str) -> aw.Record | None:
        with self.lock:
            self.check()
            return self.records.get(key)

    def put_if(self, key: str, expected: int | None, record: aw.Record) -> bool:
        with self.lock:
            self.check()
            there = self.records.get(key)
            if (None if there is None else there.version) != expected:
                return False
            self.records[key] = record
            return True

    def delete_if(self, key: str, version: int) -> bool:
        with self.lock:
            self.check()
            there = self.records.get(key)
            if there is None or there.version != version:
                return False
            del self.records[key]
            return True

    def list(self, owner: str, after: str | None, limit: int) -> Page:
        with self.lock:
            self.check()
            found = sorted(key for key, record in self.records.items() if record.owner == owner and key > (after or ""))
            page = [(key, self.records[key]) for key in found[:limit]]
            return page, page[-1][0] if len(found) > limit else None

    def sweep(self, before: int, limit: int) -> int:
        with self.lock:
            self.check()
            over = [key for key, one in self.records.items() if one.expires_at is not None and one.expires_at < before]
            for key in over[:limit]:
                del self.records[key]
            return len(over[:limit])

    def check(self) -> None:
        if self.is_closed:
            raise aw.ClosedError("the store is closed")

    def close(self) -> None:
        self.is_closed = True


class AsyncDictStore:
    """The same for tasks."""

    def __init__(self) -> None:
        self.store = DictStore()

    @property
    def records(self) -> dict[str, aw.Record]:
        return self.store.records

    async def get(self, key: str) -> aw.Record | None:
        return self.store.get(key)

    async def put_if(self, key: str, expected: int | None, record: aw.Record) -> bool:
        return self.store.put_if(key, expected, record)

    async def delete_if(self, key: str, version: int) -> bool:
        return self.store.delete_if(key, version)

    async def list(self, owner: str, after: str | None, limit: int) -> Page:
        return self.store.list(owner, after, limit)

    async def sweep(self, before: int, limit: int) -> int:
        return self.store.sweep(before, limit)

    def close(self) -> None:
        self.store.close()


@contextlib.contextmanager
def locked(path: pathlib.Path) -> Iterator[None]:
    """Another process has the file locked: in this one, Python's SQLite and ours do not see each other's locks."""
    program = f"""
import sqlite3, sys
file = sqlite3.connect({str(path)!r}, isolation_level=None)
file.execute("BEGIN IMMEDIATE")
print("locked", flush=True)
sys.stdin.readline()
"""
    command = [sys.executable, "-c", program]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "locked\n"
        try:
            yield
        finally:
            holder.communicate("\n")
