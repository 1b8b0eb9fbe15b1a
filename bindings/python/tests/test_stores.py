"""Stores: built in, of the program's own, and wrong."""

import asyncio
import json
import multiprocessing
import os
import pathlib
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from host_stores import AsyncDictStore, DictStore, locked
from test_fork import in_children

import authwright as aw

PEPPER = b"what only this site's processes know"
OPTIONS: Any = {"prefix": "acme", "environment": "live", "peppers": PEPPER}


def test_stores_by_url(tmp_path: pathlib.Path) -> None:
    for url in ("memory:", f"sqlite:{tmp_path / 'keys.db'}"):
        with aw.Store(url) as store:
            assert repr(store) == f"<authwright.Store {url.partition(':')[0]}>"
            assert store.sweep() == 0
            assert store.sweep(timeout=5) == 0
            issued = aw.ApiKeys(store, **OPTIONS).issue("alice")
            assert aw.ApiKeys(store, **OPTIONS).verify(issued.secret).owner == "alice"
        for call in (store.sweep, lambda: aw.ApiKeys(store, **OPTIONS).issue("alice")):
            with pytest.raises(aw.ClosedError):
                call()
    assert "password" not in repr(aw.Store("redis://user:password@127.0.0.1:1"))
    full = aw.ApiKeys(aw.Store("memory:", max_records=1), **OPTIONS)
    full.issue("alice")
    with pytest.raises(aw.StoreFullError):
        full.issue("alice")


def test_wrong_stores_by_url() -> None:
    make: Any = aw.Store
    for call, field in [
        (lambda: make(5), "url"),
        (lambda: make("keys.db"), "url"),
        (lambda: make("memory:", max_records=0), "max_records"),
        (lambda: make("memory:", max_records="5"), "max_records"),
        (lambda: make("memory:", connections=5), "connections"),
        (lambda: make("memory:", max_records=None), "max_records"),
        (lambda: make("memory:").sweep(0), "timeout"),
        (lambda: aw.check_store(make("memory:"), timeout=0), "timeout"),
        (lambda: aw.check_store(5), "store"),  # type: ignore[arg-type]
        (lambda: aw.check_store(make("memory:"), racer=1), "racer"),
    ]:
        with pytest.raises(aw.InvalidArgumentError) as refused:
            call()
        assert refused.value.field == field
    with pytest.raises(aw.UnknownOptionError):
        make("memory:", max_record=5)
    with pytest.raises(aw.UnknownOptionError):
        aw.check_store("memory:", runid="a")  # type: ignore[call-arg]


def test_a_server_that_is_away() -> None:
    keys = aw.ApiKeys("redis://user:password@127.0.0.1:1", **OPTIONS)
    with pytest.raises(aw.StoreUnavailableError) as away:
        keys.issue("alice", timeout=1)
    assert "password" not in str(away.value)


def test_a_file_that_is_something_else(tmp_path: pathlib.Path) -> None:
    (tmp_path / "keys.db").write_bytes(b"no database at all, and long enough to be looked at as one" * 100)
    keys = aw.ApiKeys(f"sqlite:{tmp_path / 'keys.db'}", **OPTIONS)
    with pytest.raises((aw.StoreForeignError, aw.StoreCorruptError)):
        keys.issue("alice")
    assert (tmp_path / "keys.db").read_bytes().startswith(b"no database")


def test_one_check_alone() -> None:
    store = DictStore()
    report = aw.check_store(store, only="records/put_once")
    assert [check["name"] for check in report.checks] == ["records/put_once"]
    with pytest.raises(aw.InvalidArgumentError) as refused:
        aw.check_store(store, only="records/put_twice")
    assert refused.value.field == "only"


def test_what_a_check_left_open() -> None:
    report = aw.check_store(Returns("sweep", 0))
    notes = [check["note"] for check in report.checks if "note" in check]
    assert notes, report
    assert all(notes)
    assert not any("note" in check for check in aw.check_store("memory:").checks)


def test_the_checks_pass(tmp_path: pathlib.Path) -> None:
    own = DictStore()
    for store in ("memory:", aw.Store(f"sqlite:{tmp_path / 'keys.db'}"), own):
        report = aw.check_store(store)
        assert report.passed, report
        assert len(report.checks) > 40
        assert all(check["passed"] for check in report.checks)
        assert json.loads(report.to_json())["run_id"] == report.run_id
        assert "0 of" in repr(report)
    assert own.records == {}

    async def main() -> None:
        awaited = AsyncDictStore()
        report = await aw.check_async_store(awaited, timeout=60)
        assert report.passed, report
        assert awaited.records == {}
        for wrong in (5, "memory:", aw.Store("memory:")):
            with pytest.raises(
                aw.InvalidArgumentError, match="pass an object with the coroutine functions get, put_if"
            ):
                await aw.check_async_store(wrong)  # type: ignore[arg-type]
        with pytest.raises(aw.UnknownOptionError):
            await aw.check_async_store(awaited, runid="a")  # type: ignore[call-arg]

    asyncio.run(main())


def race(store: Any, racers: int, rounds: int = 15) -> None:
    """So many threads change the same records."""
    reports: list[aw.StoreReport] = []

    def work(racer: int) -> None:
        reports.append(aw.check_store(store, part="contend", run_id="threads", racer=racer, rounds=rounds))

    threads = [threading.Thread(target=work, args=(racer,)) for racer in range(1, racers + 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [report.passed for report in reports] == [True] * racers, reports
    settled = aw.check_store(store, part="settle", run_id="threads", racers=racers)
    assert settled.passed, settled


def test_threads_race(tmp_path: pathlib.Path) -> None:
    own = DictStore()
    for store in (aw.Store("memory:"), aw.Store(f"sqlite:{tmp_path / 'keys.db'}"), own):
        race(store, 6)
    assert own.records == {}


def test_tasks_race() -> None:
    class Slow(AsyncDictStore):
        async def get(self, key: str) -> aw.Record | None:
            await asyncio.sleep(0)
            return await super().get(key)

    async def main() -> None:
        store = Slow()
        runs: Any = {"run_id": "tasks", "rounds": 15}
        contend = (aw.check_async_store(store, part="contend", racer=racer, **runs) for racer in range(1, 7))
        for report in await asyncio.gather(*contend):
            assert report.passed, report
        settled = await aw.check_async_store(store, part="settle", run_id="tasks", racers=6)
        assert settled.passed, settled

    asyncio.run(main())


def test_what_a_racer_did_is_told_before_it_goes_on() -> None:
    told: list[dict[str, Any]] = []
    aw.on_event(told.append)
    try:
        aw.check_store(DictStore(), part="contend", run_id="one", racer=1, rounds=3)
    finally:
        aw.on_event(None)
    assert {event["event"] for event in told} == {"store_contention"}
    assert all(event["line"].startswith("1 ") for event in told)


class Forgets(DictStore):
    def put_if(self, _key: str, _expected: int | None, _record: aw.Record) -> bool:
        return True


class IgnoresVersions(DictStore):
    def put_if(self, key: str, _expected: int | None, record: aw.Record) -> bool:
        self.records[key] = record
        return True


class HidesWhatIsOver(DictStore):
    def get(self, key: str) -> aw.Record | None:
        there = super().get(key)
        over = there is not None and there.expires_at is not None and there.expires_at < time.time() * 1000
        return None if over else there


class ListsForEver(DictStore):
    def list(self, owner: str, _after: str | None, limit: int) -> Any:
        return super().list(owner, None, limit)[0], "again"


@pytest.mark.parametrize("wrong", [Forgets, IgnoresVersions, HidesWhatIsOver, ListsForEver])
def test_a_wrong_store_is_found(wrong: type[DictStore]) -> None:
    report = aw.check_store(wrong())
    assert not report.passed
    failed = [check for check in report.checks if not check["passed"]]
    assert failed
    assert all(check["expected"] and check["found"] for check in failed)
    assert failed[0]["name"] in repr(report)

    class Awaited(AsyncDictStore):
        def __init__(self) -> None:
            self.store = wrong()

    assert not asyncio.run(aw.check_async_store(Awaited())).passed


class Raises(DictStore):
    """Raises where it is told to."""

    def __init__(self, error: BaseException, *methods: str) -> None:
        super().__init__()
        self.error, self.methods, self.asked = error, methods, 0

    def check(self) -> None:
        self.asked += 1
        if sys._getframe(1).f_code.co_name in self.methods:
            raise self.error


class AwaitedRaises(AsyncDictStore):
    def __init__(self, error: BaseException, *methods: str) -> None:
        self.store = Raises(error, *methods)


def ways(error: BaseException, *methods: str) -> list[Callable[[], Any]]:
    """A key is issued on stores that raise, blocking and not."""

    async def main() -> Any:
        return await aw.AsyncApiKeys(AwaitedRaises(error, *methods), **OPTIONS).issue("alice")

    return [lambda: aw.ApiKeys(Raises(error, *methods), **OPTIONS).issue("alice"), lambda: asyncio.run(main())]


@pytest.mark.parametrize("way", [0, 1], ids=["blocking", "awaited"])
def test_what_a_store_raises(way: int) -> None:
    error = OSError("the password is swordfish")
    with pytest.raises(aw.StoreUncertainError) as uncertain:
        ways(error, "put_if")[way]()
    assert uncertain.value.__cause__ is error
    assert "OSError" in str(uncertain.value)
    assert "swordfish" not in str(uncertain.value)
    for raised in (
        aw.StoreUnavailableError("x"),
        aw.StoreUncertainError("x"),
        aw.StoreFullError("x"),
        aw.StoreCorruptError("x"),
        aw.ClosedError("x"),
    ):
        with pytest.raises(type(raised)) as passed_on:
            ways(raised, "put_if")[way]()
        assert passed_on.value.__cause__ is raised
    # A class of ours that says nothing about this store is any exception.
    for other in (
        aw.TokenExpiredError("x"),
        aw.InvalidArgumentError("x"),
        aw.DeadlineError("x"),
        aw.InternalError("x"),
        aw.StoreConflictError("x"),
        aw.StoreForeignError("x"),
        aw.StoreVersionError("x"),
        aw.StoreForkedError("x"),
    ):
        with pytest.raises(aw.StoreUncertainError) as uncertain:
            ways(other, "put_if")[way]()
        assert uncertain.value.__cause__ is other


@pytest.mark.parametrize("error", [KeyboardInterrupt(), SystemExit(3), GeneratorExit()])
def test_what_is_no_exception_comes_out_as_itself(error: BaseException) -> None:
    # asyncio itself lets these two out of the loop, and a task ends otherwise.
    for call in ways(error, "put_if", "get")[: 1 if isinstance(error, GeneratorExit) else 2]:
        with pytest.raises(type(error)) as out:
            call()
        assert out.value is error or not isinstance(error, SystemExit)
    store = Raises(error, "get")
    with pytest.raises(type(error)):
        aw.check_store(store)
    assert store.asked < 10, "nothing is asked after it"
    # Also where what is interrupted would not fail the call.
    keys = aw.ApiKeys(store := Raises(error), **OPTIONS)
    issued = keys.issue("alice")
    store.methods = ("put_if",)
    with pytest.raises(type(error)):
        keys.verify(issued.secret)


def test_a_read_that_raises() -> None:
    store = Raises(OSError("away"))
    keys = aw.ApiKeys(store, **OPTIONS)
    issued = keys.issue("alice")
    store.methods = ("get",)
    with pytest.raises(aw.StoreUnavailableError) as unavailable:
        keys.verify(issued.secret)
    assert isinstance(unavailable.value.__cause__, OSError)
    # What was used cannot be written down: the key is good all the same.
    store.methods = ("put_if",)
    told: list[dict[str, Any]] = []
    aw.on_event(told.append)
    try:
        assert keys.verify(issued.secret).owner == "alice"
    finally:
        aw.on_event(None)
    assert told == [{"event": "api_key_use_not_noted", "id": issued.id, "code": "ERR_STORE_UNCERTAIN"}]


class Returns(DictStore):
    """Returns something else."""

    def __init__(self, name: str, value: Any) -> None:
        super().__init__()
        if name:
            setattr(self, name, lambda *_: value)


GOOD = aw.Record(5, "v", "o")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("get", {"version": 5}),
        ("get", False),
        ("get", (5, "v")),
        ("put_if", None),
        ("put_if", 1),
        ("put_if", "yes"),
        ("list", None),
        ("list", []),
        ("list", ([],)),
        ("list", ([], None, None)),
        ("list", ([("key", 5)], None)),
        ("list", ([(5, GOOD)], None)),
        ("list", ([GOOD], None)),
        ("list", ({"key": GOOD}, None)),
        ("list", ([], 5)),
        ("list", (iter([]), None)),
    ],
)
def test_what_a_store_returns(name: str, value: Any) -> None:
    calls: dict[str, Callable[[Any], Any]] = {
        "get": lambda keys: keys.get("id"),
        "put_if": lambda keys: keys.issue("alice"),
        "list": lambda keys: keys.list("alice"),
    }
    with pytest.raises(aw.InvalidArgumentError, match=rf"store\.{name}\(\) returned .*: return a") as refused:
        calls[name](aw.ApiKeys(Returns(name, value), **OPTIONS))
    assert refused.value.field == "store"

    class Awaited(AsyncDictStore):
        def __getattribute__(self, method: str) -> Any:
            async def answer(*_: Any) -> Any:
                return value

            return answer if method == name else super().__getattribute__(method)

    async def main() -> Any:
        return await calls[name](aw.AsyncApiKeys(Awaited(), **OPTIONS))

    with pytest.raises(aw.InvalidArgumentError, match=rf"store\.{name}\(\) returned") as refused:
        asyncio.run(main())
    assert refused.value.field == "store"


def full_of_what_is_over(store: Any, count: int) -> None:
    """Records that ended two hours ago; one that ended half an hour ago; one that does not end."""
    now = int(time.time() * 1000)
    for number in range(count):
        store.records[f"k{number}"] = aw.Record(1, "v", "o", now - 7_200_000)
    store.records["late"] = aw.Record(1, "v", "o", now - 1_800_000)
    store.records["never"] = aw.Record(1, "v", "o")


def test_a_sweep_of_a_store_of_ones_own(tmp_path: pathlib.Path) -> None:
    store = DictStore()
    full_of_what_is_over(store, 1201)
    assert aw.sweep_store(store) == 1201
    assert set(store.records) == {"late", "never"}
    assert aw.sweep_store(store, timeout=timedelta(seconds=5)) == 0
    for built_in in ("memory:", f"sqlite:{tmp_path / 'keys.db'}", aw.Store("memory:")):
        assert aw.sweep_store(built_in) == 0

    async def main() -> None:
        awaited = AsyncDictStore()
        full_of_what_is_over(awaited, 1201)
        assert await aw.sweep_async_store(awaited) == 1201
        assert set(awaited.records) == {"late", "never"}
        assert await aw.sweep_async_store(awaited, 5) == 0
        for wrong, field in [((5,), "store"), (("memory:",), "store"), ((awaited, 0), "timeout")]:
            with pytest.raises(aw.InvalidArgumentError) as refused:
                await aw.sweep_async_store(*wrong)  # type: ignore[arg-type]
            assert refused.value.field == field
            assert "pass a URL" not in str(refused.value)
        error = OSError("away")
        with pytest.raises(aw.StoreUncertainError) as uncertain:
            await aw.sweep_async_store(AwaitedRaises(error, "sweep"))
        assert uncertain.value.__cause__ is error

    asyncio.run(main())
    wrong: Any
    for wrong, field in [((5,), "store"), (("keys.db",), "url"), ((store, -1), "timeout")]:
        with pytest.raises(aw.InvalidArgumentError) as refused:
            aw.sweep_store(*wrong)
        assert refused.value.field == field
    with pytest.raises(aw.StoreUncertainError) as uncertain:
        aw.sweep_store(Raises(error := OSError("away"), "sweep"))
    assert uncertain.value.__cause__ is error


@pytest.fixture(params=["memory", "sqlite", "redis", "host"])
def target(request: pytest.FixtureRequest, tmp_path: pathlib.Path) -> Iterator[Any]:
    """A store that others are copied to, of each kind in turn."""
    store: Any
    match request.param:
        case "host":
            store = DictStore()
        case "redis":
            store = aw.Store(request.getfixturevalue("redis"), namespace=uuid.uuid4().hex)
        case kind:
            store = aw.Store("memory:" if kind == "memory" else f"sqlite:{tmp_path / 'target.db'}")
    yield store
    store.close()


def test_a_copy_of_a_store(tmp_path: pathlib.Path, target: Any) -> None:
    url = f"sqlite:{tmp_path / 'keys.db'}"
    old, new = aw.ApiKeys(url, **OPTIONS), aw.ApiKeys(target, **OPTIONS)
    metadata = {"note": "é"}
    issued = {owner: old.issue(owner, scopes="a", metadata=metadata) for owner in ("alice", "bob", "carol")}
    for key in issued.values():
        old.verify(key.secret)
    assert aw.copy_store(url, target) == 3
    for owner, key in issued.items():
        there = new.verify(key.secret, "a")
        assert (there.id, there.owner, there.metadata) == (key.id, owner, metadata)
        assert there.to_json() == old.get(key.id).to_json()
        assert [one.id for one in new.list(owner).keys] == [key.id]
    assert aw.copy_store(aw.Store(url), target, timeout=timedelta(seconds=60)) == 0
    # What was changed since goes along, and what was changed there stays.
    old.revoke(issued["alice"].id)
    rotated = old.rotate(issued["bob"].id)
    new.revoke(issued["carol"].id)
    later = old.issue("dave")
    assert aw.copy_store(url, target) == 3
    for gone in (issued["alice"], issued["carol"]):
        with pytest.raises(aw.ApiKeyRevokedError):
            new.verify(gone.secret)
    with pytest.raises(aw.ApiKeyInvalidError):
        new.verify(issued["bob"].secret)
    assert [new.verify(secret).owner for secret in (rotated.secret, later.secret)] == ["bob", "dave"]
    assert aw.copy_store(url, target) == 0
    # The store that it was copied from is as it was.
    assert old.verify(issued["carol"].secret).owner == "carol"
    old.close()


def test_a_use_undoes_no_revocation_of_the_store_that_was_copied(tmp_path: pathlib.Path, target: Any) -> None:
    url = f"sqlite:{tmp_path / 'keys.db'}"
    with aw.ApiKeys(url, **OPTIONS) as old:
        new, issued = aw.ApiKeys(target, **OPTIONS), old.issue("alice")
        assert aw.copy_store(url, target) == 1
        # Within two milliseconds nobody knows which of two changes was the later one.
        time.sleep(0.005)
        old.revoke(issued.id)
        assert new.verify(issued.secret).last_used_at is None
        assert new.get(issued.id).last_used_at is not None
        assert aw.copy_store(url, target) == 1
        with pytest.raises(aw.ApiKeyRevokedError):
            new.verify(issued.secret)


def test_a_copy_without_the_pepper_is_of_no_use(tmp_path: pathlib.Path) -> None:
    url = f"sqlite:{tmp_path / 'keys.db'}"
    with aw.ApiKeys(url, **OPTIONS) as keys, aw.Store("memory:") as target:
        issued = keys.issue("alice")
        assert aw.copy_store(url, target) == 1
        with pytest.raises(aw.ApiKeyInvalidError):
            aw.ApiKeys(target, **{**OPTIONS, "peppers": b"what only another site's processes know"}).verify(
                issued.secret
            )
        assert aw.ApiKeys(target, **OPTIONS).verify(issued.secret).id == issued.id


def test_a_copy_of_what_is_no_file(tmp_path: pathlib.Path) -> None:
    url = f"sqlite:{tmp_path / 'keys.db'}"
    with aw.ApiKeys(url, **OPTIONS) as keys:
        keys.issue("alice")
    copy: Any = aw.copy_store
    own, memory = DictStore(), aw.Store("memory:")
    for arguments, field in [
        (("memory:", own), "source"),
        ((memory, own), "source"),
        ((own, memory), "source"),
        ((AsyncDictStore(), memory), "source"),
        ((5, memory), "source"),
        ((None, memory), "source"),
        (({}, memory), "source"),
        ((tmp_path / "keys.db", memory), "source"),
        ((b"memory:", memory), "source"),
        (("keys.db", memory), "url"),
        ((url, 5), "target"),
        ((url, None), "target"),
        ((url, {}), "target"),
        ((url, b"memory:"), "target"),
        ((url, "keys.db"), "url"),
        ((url, AsyncDictStore()), "store"),
        ((url, own, 0), "timeout"),
        ((url, own, -1), "timeout"),
        ((url, own, float("nan")), "timeout"),
        ((url, own, 3601), "timeout"),
        ((url, own, "5"), "timeout"),
        ((url, own, timedelta(0)), "timeout"),
    ]:
        with pytest.raises(aw.InvalidArgumentError) as refused:
            copy(*arguments)
        assert refused.value.field == field, arguments
    assert own.records == {}
    assert aw.copy_store(url, memory) == 1


def test_a_copy_of_or_to_a_store_that_is_closed(tmp_path: pathlib.Path) -> None:
    url = f"sqlite:{tmp_path / 'keys.db'}"
    with aw.ApiKeys(url, **OPTIONS) as keys:
        keys.issue("alice")
    source, memory, own = aw.Store(url), aw.Store("memory:"), DictStore()
    for store in (source, memory, own):
        store.close()
    for arguments in ((source, "memory:"), (url, memory), (url, own), (source, memory)):
        with pytest.raises(aw.ClosedError):
            aw.copy_store(*arguments)
    # Those that it was given are open still.
    with aw.Store(url) as source, aw.Store("memory:") as memory:
        assert [aw.copy_store(source, memory) for _ in range(2)] == [1, 0]


def test_a_copy_that_fails_leaves_what_was_copied(tmp_path: pathlib.Path) -> None:
    url = f"sqlite:{tmp_path / 'keys.db'}"
    with aw.ApiKeys(url, **OPTIONS) as keys:
        secrets = [keys.issue("alice").secret for _ in range(5)]

    class Slow(DictStore):
        seconds = 0.6

        def put_if(self, key: str, expected: int | None, record: aw.Record) -> bool:
            time.sleep(self.seconds)
            return super().put_if(key, expected, record)

    slow = Slow()
    with pytest.raises(aw.DeadlineError):
        aw.copy_store(url, slow, timeout=0.5)
    assert len(slow.records) == 1
    slow.seconds = 0
    assert aw.copy_store(url, slow) == 4
    assert {aw.ApiKeys(slow, **OPTIONS).verify(secret).owner for secret in secrets} == {"alice"}
    with aw.Store("memory:", max_records=3) as small, pytest.raises(aw.StoreFullError):
        aw.copy_store(url, small)
    with pytest.raises(aw.StoreUncertainError) as uncertain:
        aw.copy_store(url, Raises(error := OSError("away"), "put_if"))
    assert uncertain.value.__cause__ is error
    interrupted = Raises(KeyboardInterrupt(), "put_if")
    with pytest.raises(KeyboardInterrupt):
        aw.copy_store(url, interrupted)
    assert interrupted.asked == 1, "nothing is asked after it"
    with pytest.raises(aw.InvalidArgumentError, match=r"store\.put_if\(\) returned"):
        aw.copy_store(url, Returns("put_if", 1))
    with pytest.raises(aw.StoreUnavailableError) as away:
        aw.copy_store(url, "redis://user:password@127.0.0.1:1", timeout=1)
    assert "password" not in str(away.value)


def test_a_copy_between_files_that_others_write(tmp_path: pathlib.Path) -> None:
    source, target = tmp_path / "keys.db", tmp_path / "target.db"
    with aw.ApiKeys(f"sqlite:{source}", **OPTIONS) as keys:
        issued = keys.issue("alice")
    with aw.ApiKeys(f"sqlite:{target}", **OPTIONS) as keys:
        keys.issue("bob")
    # Who writes there is waited for, and who writes here is not.
    with locked(target):
        with pytest.raises(aw.StoreUnavailableError):
            aw.copy_store(f"sqlite:{source}", f"sqlite:{target}", timeout=1)
        copied: list[int] = []
        waiting = threading.Thread(
            target=lambda: copied.append(aw.copy_store(f"sqlite:{source}", f"sqlite:{target}", timeout=60))
        )
        waiting.start()
    waiting.join()
    assert copied == [1]
    with locked(source), aw.Store("memory:") as memory:
        assert aw.copy_store(f"sqlite:{source}", memory) == 1
        assert aw.ApiKeys(memory, **OPTIONS).verify(issued.secret).owner == "alice"


def test_a_copy_of_a_store_that_is_in_use(tmp_path: pathlib.Path) -> None:
    url = f"sqlite:{tmp_path / 'keys.db'}"
    with aw.ApiKeys(url, **OPTIONS) as old, aw.Store("memory:") as target:
        # The first one makes the file.
        new, secrets = aw.ApiKeys(target, **OPTIONS), [old.issue("alice").secret]
        writing = threading.Thread(target=lambda: secrets.extend(old.issue("alice").secret for _ in range(99)))
        writing.start()
        copied = 0
        while writing.is_alive():
            copied += aw.copy_store(url, target)
        copied += aw.copy_store(url, target)
        assert copied == len(secrets) == 100
        assert len({new.verify(secret).id for secret in secrets}) == 100


@pytest.mark.parametrize(
    ("value", "cls"),
    [
        (None, aw.InvalidArgumentError),
        (True, aw.InvalidArgumentError),
        ("1", aw.InvalidArgumentError),
        (-1, aw.StoreCorruptError),
        (2**70, aw.StoreCorruptError),
    ],
)
def test_what_a_sweep_returns(value: Any, cls: type[aw.AuthwrightError]) -> None:
    with pytest.raises(cls):
        aw.sweep_store(Returns("sweep", value))


def test_records_that_no_store_may_keep() -> None:
    for record in (aw.Record(2**53, "v"), aw.Record(1, "v" * 65_537), aw.Record(1, "v", "é"), aw.Record(1, "v", "")):
        with pytest.raises(aw.StoreCorruptError):
            aw.ApiKeys(Returns("get", record), **OPTIONS).get("id")


def test_a_store_for_the_other_kind() -> None:
    mixed: Any = (aw.ApiKeys(AsyncDictStore(), **OPTIONS), aw.AsyncApiKeys(DictStore(), **OPTIONS))  # type: ignore[arg-type]
    with pytest.raises(aw.InvalidArgumentError, match="AsyncApiKeys"):
        mixed[0].issue("alice")
    with pytest.raises(aw.InvalidArgumentError, match="ApiKeys is for one that blocks"):
        asyncio.run(mixed[1].issue("alice"))


def test_methods_that_call_back() -> None:
    """A store may be kept with what it is asked by."""

    class Nested(DictStore):
        inner = aw.ApiKeys("memory:", **OPTIONS)

        def get(self, key: str) -> aw.Record | None:
            self.inner.verify(self.inner.issue("inner").secret)
            return super().get(key)

    keys = aw.ApiKeys(Nested(), **OPTIONS)
    assert keys.verify(keys.issue("alice").secret).owner == "alice"


class Stuck(AsyncDictStore):
    """Its methods wait until they are cancelled."""

    def __init__(self, *methods: str) -> None:
        super().__init__()
        self.methods, self.entered, self.cancelled = methods, asyncio.Event(), 0

    async def wait(self, method: str) -> None:
        if method in self.methods:
            self.entered.set()
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                self.cancelled += 1
                raise

    async def get(self, key: str) -> aw.Record | None:
        await self.wait("get")
        return await super().get(key)

    async def put_if(self, key: str, expected: int | None, record: aw.Record) -> bool:
        await self.wait("put_if")
        return await super().put_if(key, expected, record)


def test_a_store_that_does_not_answer() -> None:
    async def main() -> None:
        for methods, cls in [(("get",), aw.StoreUnavailableError), (("put_if",), aw.StoreUncertainError)]:
            store = Stuck(*methods)
            keys = aw.AsyncApiKeys(store, **OPTIONS)
            begun = time.monotonic()
            with pytest.raises(cls) as late:
                await (keys.get("id", 0.3) if methods == ("get",) else keys.issue("alice", timeout=0.3))
            assert time.monotonic() - begun < 1
            assert isinstance(late.value.__cause__, TimeoutError)
            assert store.cancelled == 1

    asyncio.run(main())


def test_who_is_cancelled_takes_the_store_along() -> None:
    async def main() -> None:
        store = Stuck("put_if")
        issuing = asyncio.create_task(aw.AsyncApiKeys(store, **OPTIONS).issue("alice"))
        await store.entered.wait()
        issuing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await issuing
        assert store.cancelled == 1

    asyncio.run(main())


def test_the_loop_goes_on(tmp_path: pathlib.Path) -> None:
    async def main() -> None:
        keys = aw.AsyncApiKeys(f"sqlite:{tmp_path / 'keys.db'}", **OPTIONS)
        issued = await keys.issue("alice")
        with locked(tmp_path / "keys.db"):
            ticks, begun = 0, time.monotonic()
            waiting = asyncio.create_task(keys.issue("bob", timeout=0.5))
            while not waiting.done():
                await asyncio.sleep(0.01)
                ticks += 1
            with pytest.raises((aw.StoreUnavailableError, aw.DeadlineError)):
                await waiting
            assert time.monotonic() - begun < 3
            assert ticks > 5
            assert (await keys.get(issued.id)).owner == "alice"
        assert (await keys.issue("bob")).owner == "bob"
        await keys.close()

    asyncio.run(main())


def test_the_interpreter_is_free_meanwhile(tmp_path: pathlib.Path) -> None:
    """A thread that were attached would hold up all others while SQLite waits for a lock."""
    keys = aw.ApiKeys(f"sqlite:{tmp_path / 'keys.db'}", **OPTIONS)
    keys.issue("alice")
    issued: list[aw.IssuedKey] = []
    thread = threading.Thread(target=lambda: issued.append(keys.issue("bob", timeout=60)))
    with locked(tmp_path / "keys.db"):
        thread.start()
        for _ in range(30):
            time.sleep(0.01)
        assert not issued
    thread.join()
    assert issued[0].owner == "bob"


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_forks(tmp_path: pathlib.Path) -> None:
    used = aw.ApiKeys(f"sqlite:{tmp_path / 'used.db'}", **OPTIONS)
    unused = aw.ApiKeys(f"sqlite:{tmp_path / 'unused.db'}", **OPTIONS)
    memory, own = aw.ApiKeys("memory:", **OPTIONS), aw.ApiKeys(DictStore(), **OPTIONS)
    issued = {keys: keys.issue("alice").secret for keys in (used, memory, own)}

    def work() -> None:
        with pytest.raises(aw.StoreForkedError):
            used.verify(issued[used])
        with pytest.raises(aw.StoreForkedError):
            asyncio.run(aw.AsyncApiKeys(f"sqlite:{tmp_path / 'used.db'}", **OPTIONS).verify(issued[used]))
        assert unused.verify(unused.issue("child").secret).owner == "child"
        for keys in (memory, own):
            assert keys.verify(issued[keys]).owner == "alice"
            keys.revoke_all("alice")
        used.close()

    in_children(3, work)
    assert {keys.verify(secret).owner for keys, secret in issued.items()} == {"alice"}
    assert len(unused.list("child").keys) == 3


def verifies(url: str, secret: str, count: int) -> int:
    keys = aw.ApiKeys(url, **OPTIONS)
    return sum(keys.verify(keys.issue("shared").secret).owner == keys.verify(secret).owner for _ in range(count))


def test_processes_share_a_file(tmp_path: pathlib.Path) -> None:
    url = f"sqlite:{tmp_path / 'keys.db'}"
    with aw.ApiKeys(url, **OPTIONS) as keys:
        secret = keys.issue("shared").secret
        with multiprocessing.get_context("spawn").Pool(4) as pool:
            assert pool.starmap(verifies, [(url, secret, 25)] * 4) == [25] * 4
        assert keys.revoke_all("shared", 30) == 101


def contends(url: str, racer: int) -> str:
    return repr(aw.check_store(url, part="contend", run_id="processes", racer=racer, rounds=15))


def test_processes_race(tmp_path: pathlib.Path) -> None:
    url = f"sqlite:{tmp_path / 'keys.db'}"
    with multiprocessing.get_context("spawn").Pool(4) as pool:
        reports = pool.starmap(contends, [(url, racer) for racer in range(1, 5)])
    assert all("0 of" in report for report in reports), reports
    settled = aw.check_store(url, part="settle", run_id="processes", racers=4)
    assert settled.passed, settled


def test_an_interrupt_while_a_store_is_asked() -> None:
    """Ctrl-C, as a terminal sends it."""
    program = """
import os, signal, sys, time
sys.path.insert(0, %r)
import authwright as aw
from host_stores import DictStore

class Slow(DictStore):
    def put_if(self, key, expected, record):
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(5)

try:
    aw.ApiKeys(Slow(), prefix="acme", environment="live", peppers=b"x" * 32).issue("alice")
except KeyboardInterrupt:
    print("interrupted")
"""
    command = [sys.executable, "-W", "ignore", "-c", program % os.path.dirname(__file__)]  # noqa: PTH120
    begun = time.monotonic()
    said = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    assert said.stdout == "interrupted\n"
    assert time.monotonic() - begun < 5


@pytest.mark.parametrize("place", ["memory", "sqlite"])
def test_what_takes_long_heeds_an_interrupt(place: str, tmp_path: pathlib.Path) -> None:
    """Rounds that would take minutes end between two calls."""
    program = """
import os, signal, sys, threading
import authwright as aw

threading.Timer(0.5, lambda: os.kill(os.getpid(), signal.SIGINT)).start()
try:
    aw.check_store(sys.argv[1], timeout=60, part="contend", run_id="long", racer=1, rounds=1_000_000)
except KeyboardInterrupt:
    print("interrupted")
"""
    url = "memory:" if place == "memory" else f"sqlite:{tmp_path / 'keys.db'}"
    begun = time.monotonic()
    said = subprocess.run([sys.executable, "-c", program, url], capture_output=True, text=True, timeout=60, check=True)
    assert said.stdout == "interrupted\n"
    assert time.monotonic() - begun < 10
