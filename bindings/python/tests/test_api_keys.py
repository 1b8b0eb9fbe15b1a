"""API keys, blocking and awaited, on stores of every kind."""

import asyncio
import copy
import gc
import hashlib
import json
import pathlib
import pickle
import re
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from conftest import SECRET
from host_stores import AsyncDictStore, DictStore, locked
from logins import Awaited

import authwright as aw

PEPPER = b"what only this site's processes know"
HOUR = timedelta(hours=1)
KINDS = [(way, place) for way in ("blocking", "awaited") for place in ("memory", "sqlite", "host")]

Make = Callable[..., Any]


@pytest.fixture(params=KINDS, ids=["-".join(kind) for kind in KINDS])
def make(request: pytest.FixtureRequest, tmp_path: pathlib.Path) -> Iterator[Make]:
    """What makes ApiKeys, or AsyncApiKeys whose methods are called as those of its twin, on one store."""
    way, place = request.param
    store: Any
    if place == "host":
        store = DictStore() if way == "blocking" else AsyncDictStore()
    else:
        store = aw.Store("memory:" if place == "memory" else f"sqlite:{tmp_path / 'keys.db'}")
    with asyncio.Runner() as runner:

        def made(**options: Any) -> Any:
            given = {"prefix": "acme", "environment": "live", "peppers": PEPPER, **options}
            if way == "blocking":
                return aw.ApiKeys(store, **given)
            return Awaited(runner, aw.AsyncApiKeys(store, **given))

        yield made
    store.close()


def test_the_life_of_a_key(make: Make) -> None:
    keys = make()
    begun = int(time.time())
    metadata = {"note": "é", "list": [1, 2.5, None, {"deep": True}], "big": 2**70}
    issued = keys.issue(owner="billing", scopes=["a:read", "a:write"], metadata=metadata, expires_in=90 * 24 * HOUR)
    assert isinstance(issued, aw.IssuedKey)
    assert isinstance(issued, aw.ApiKey)
    assert re.fullmatch(keys.pattern, issued.secret)
    assert issued.secret.startswith(f"acme_live_{issued.id}_")
    assert (issued.owner, issued.scopes, issued.metadata) == ("billing", ["a:read", "a:write"], metadata)
    assert begun <= issued.created_at <= time.time()
    assert issued.expires_at == issued.created_at + 90 * 24 * 3600
    assert issued.last4 == issued.secret[-4:]
    assert issued.metadata is issued.metadata
    assert issued.scopes is not issued.scopes
    assert (issued.revoked_at, issued.rotated_at, issued.last_used_at) == (None, None, None)

    caller = keys.verify(issued.secret, scopes=["a:read"])
    assert type(caller) is aw.ApiKey
    assert (caller.id, caller.owner, caller.metadata) == (issued.id, "billing", metadata)
    assert keys.verify(issued.secret.encode()).id == issued.id
    assert keys.verify(issued.secret, "a:write").id == issued.id
    assert keys.verify(issued.secret, {"a:write"}).id == issued.id
    with pytest.raises(aw.ApiKeyScopeError) as refused:
        keys.verify(issued.secret, scopes=("a:read", "b"))
    assert refused.value.field == "b"
    assert keys.get(issued.id).last_used_at >= begun

    fresh = keys.rotate(issued.id, overlap=HOUR)
    assert isinstance(fresh, aw.IssuedKey)
    assert fresh.id == issued.id
    assert fresh.rotated_at >= begun
    now = time.time()
    assert keys.verify(issued.secret).id == keys.verify(fresh.secret).id == issued.id
    assert keys.verify(fresh.secret, now=now + 3700).id == issued.id
    assert keys.verify(fresh.secret, now=datetime.now(UTC) + 2 * HOUR, timeout=HOUR).id == issued.id
    with pytest.raises(aw.ApiKeyInvalidError):
        keys.verify(issued.secret, now=now + 3700)
    with pytest.raises(aw.ApiKeyExpiredError):
        keys.verify(fresh.secret, now=issued.expires_at)

    page = keys.list("billing")
    assert isinstance(page, aw.ApiKeyPage)
    assert ([key.id for key in page.keys], page.next) == ([issued.id], None)
    assert keys.revoke(issued.id).revoked_at >= begun
    assert keys.revoke(issued.id, 1).id == issued.id
    with pytest.raises(aw.ApiKeyRevokedError):
        keys.verify(fresh.secret)
    with pytest.raises(aw.ApiKeyRevokedError):
        keys.rotate(issued.id)
    with pytest.raises(aw.ApiKeyNotFoundError):
        keys.get("nobodys")


def test_pages_and_all_of_an_owner(make: Make) -> None:
    keys = make()
    ids = {keys.issue("alice").id for _ in range(7)}
    other = keys.issue("böb").secret
    found, after = [], None
    while True:
        page = keys.list("alice", after=after, limit=3)
        assert len(page.keys) <= 3
        found += [key.id for key in page.keys]
        if (after := page.next) is None:
            break
    assert len(found) == len(ids)
    assert set(found) == ids
    assert json.loads(keys.list("alice", limit=2).to_json())["next"] == keys.list("alice", limit=2).next
    assert keys.revoke_all("alice", timeout=HOUR) == 7
    assert keys.revoke_all("alice") == 0
    assert keys.verify(other).owner == "böb"
    assert keys.list("nobody").keys == []


def test_imported_keys(make: Make) -> None:
    old = "sk_51H8xYzAbCdEfGhIjKlMnOpQrStUvWx"
    digest = hashlib.sha256(old.encode()).hexdigest()
    imported = make().import_hash(digest, "shop", scopes="orders", metadata={"from": "old"}, expires_in=60)
    assert (imported.owner, imported.scopes, imported.last4) == ("shop", ["orders"], None)
    with pytest.raises(aw.ApiKeyInvalidError):
        make().verify(old)
    assert make(accept_imported=True).verify(old, "orders").id == imported.id
    with pytest.raises(aw.InvalidArgumentError) as there:
        make().import_hash(sha256=digest, owner="shop")
    assert there.value.field == "sha256"
    with pytest.raises(aw.InvalidArgumentError) as foreign:
        make().rotate(imported.id)
    assert foreign.value.field == "id"
    # Who imports the same keys every night does not bring back one that was revoked.
    make().revoke(imported.id)
    with pytest.raises(aw.InvalidArgumentError) as there:
        make().import_hash(sha256=digest, owner="shop")
    assert there.value.field == "sha256"
    with pytest.raises(aw.ApiKeyRevokedError):
        make(accept_imported=True).verify(old, "orders")


def test_for_how_long_a_key_is_kept() -> None:
    """30 days after it was over; for ever if it was imported and revoked."""
    store, month = DictStore(), 30 * 24 * 3600
    keys = aw.ApiKeys(store, prefix="acme", environment="live", peppers=PEPPER)

    def kept_until(key: aw.ApiKey) -> int | None:
        ((_, record),) = [(name, record) for name, record in store.records.items() if name.endswith(f"/{key.id}")]
        return record.expires_at

    for key in (keys.issue("alice", expires_in=60), keys.import_hash("a" * 64, "alice", expires_in=60)):
        assert key.expires_at is not None
        assert kept_until(key) == (key.expires_at + month) * 1000
        revoked = keys.revoke(key.id)
        assert revoked.revoked_at is not None
        is_imported = key.id.startswith("imported-")
        assert kept_until(key) == (None if is_imported else (revoked.revoked_at + month) * 1000)


def test_peppers(make: Make) -> None:
    issued = make(peppers=aw.Key.from_secret(PEPPER)).issue("alice")
    # Under the last ones it moves to another, so that the one before is of no use any more.
    for peppers in (PEPPER, [PEPPER], bytearray(PEPPER), (SECRET, aw.Key.from_secret(PEPPER))):
        assert make(peppers=peppers).verify(issued.secret).id == issued.id
    with pytest.raises(aw.ApiKeyInvalidError):
        make(peppers=PEPPER).verify(issued.secret)
    for peppers, cls, said in [
        (b"short", aw.KeyTooWeakError, "32"),
        ([PEPPER, b""], aw.KeyTooWeakError, "empty"),
        (b"-----BEGIN PUBLIC KEY-----", aw.KeyFormatError, "PEM"),
        ([], aw.InvalidArgumentError, "pepper"),
        (5, aw.InvalidArgumentError, "peppers is int: pass a Key, bytes, or a list of them"),
        ([5], aw.InvalidArgumentError, "peppers is int"),
        (None, aw.InvalidArgumentError, "peppers is NoneType"),
        (PEPPER.decode(), aw.InvalidArgumentError, r"peppers is str: .* base64.b64decode\(...\) .* .encode\(\)"),
        ([PEPPER, PEPPER.decode()], aw.InvalidArgumentError, r"peppers is str: .* base64.b64decode\(...\)"),
        # Which one would be the newest?
        ({PEPPER, SECRET}, aw.InvalidArgumentError, "peppers is set: pass a Key, bytes, or a list of them"),
        (frozenset([PEPPER]), aw.InvalidArgumentError, "peppers is frozenset"),
        ({PEPPER: 1}, aw.InvalidArgumentError, "peppers is dict"),
        (iter([PEPPER]), aw.InvalidArgumentError, "peppers is list_iterator"),
        (aw.Key.generate("ES256"), aw.KeyMismatchError, "pepper|HS256|secret"),
    ]:
        with pytest.raises(cls, match=said) as refused:
            make(peppers=peppers)
        assert refused.value.field == "peppers"


def test_scopes_that_are_read_once_ask_for_nothing(make: Make) -> None:
    keys = make()
    secret = keys.issue("alice", scopes=["a"]).secret
    for scopes in ("a", ["a"], ("a",), {"a"}, frozenset(["a"]), [], ()):
        assert keys.verify(secret, scopes).owner == "alice"
    for scopes in (map(str, ["a"]), (name for name in "a"), iter([]), b"", b"a", {}, {"a": 1}, {}.keys(), None, 5):
        with pytest.raises(aw.InvalidArgumentError, match="pass str or a list of str") as refused:
            keys.verify(secret, scopes)
        assert refused.value.field == "scopes"
    with pytest.raises(aw.InvalidArgumentError, match="scopes is generator: pass a list"):
        keys.issue("alice", scopes=(name for name in "a"))


# Without a time zone, too: with one it would be no better.
@pytest.mark.parametrize("zone", [UTC, None])
def test_a_point_in_time_is_no_span(zone: Any, make: Make) -> None:
    keys, until = make(), datetime.now(zone) + timedelta(days=90)
    issued = keys.issue("alice")
    for option, call in [
        ("expires_in", lambda: keys.issue("alice", expires_in=until)),
        ("expires_in", lambda: keys.import_hash("a" * 64, "alice", expires_in=until)),
        ("overlap", lambda: keys.rotate(issued.id, overlap=until)),
        ("last_used_every", lambda: make(last_used_every=until)),
        ("cache_seconds", lambda: make(cache_seconds=until)),
        ("timeout", lambda: keys.get(issued.id, timeout=until)),
    ]:
        with pytest.raises(
            aw.InvalidArgumentError, match=f"{option} is (a )?datetime: pass seconds or a timedelta"
        ) as refused:
            call()
        assert refused.value.field == option


def test_none_is_no_timeout_and_no_limit(make: Make) -> None:
    keys = make()
    issued = keys.issue("alice")
    for field, call in [
        ("timeout", lambda: keys.issue("alice", timeout=None)),
        ("timeout", lambda: keys.verify(issued.secret, timeout=None)),
        ("timeout", lambda: keys.get(issued.id, timeout=None)),
        ("timeout", lambda: keys.get(issued.id, None)),
        ("timeout", lambda: keys.list("alice", timeout=None)),
        ("limit", lambda: keys.list("alice", limit=None)),
        ("timeout", lambda: keys.rotate(issued.id, timeout=None)),
        ("timeout", lambda: keys.revoke(issued.id, timeout=None)),
        ("timeout", lambda: keys.revoke_all("alice", timeout=None)),
        ("timeout", lambda: keys.import_hash("a" * 64, "alice", timeout=None)),
    ]:
        with pytest.raises(aw.InvalidArgumentError, match=f"{field} is NoneType") as refused:
            call()
        assert refused.value.field == field
    assert keys.get(issued.id).revoked_at is None


def test_a_misspelt_option_is_unknown_whatever_its_value(make: Make) -> None:
    keys = make()
    for option, call in [
        ("pepper", lambda: make(pepper=PEPPER)),
        ("expires_at", lambda: keys.issue("alice", expires_at=datetime.now(UTC))),
        ("meta", lambda: keys.issue("alice", metadata={"a": 1}, meta=object())),
        ("scope", lambda: keys.import_hash("a" * 64, "alice", scope=iter([]))),
        ("expire", lambda: keys.rotate("id", overlap=b"", expire=timedelta(milliseconds=1))),
    ]:
        with pytest.raises(aw.UnknownOptionError, match=f'no member "{option}"') as refused:
            call()
        assert refused.value.field == option


def test_values_that_no_option_takes(make: Make) -> None:
    keys = make()
    for field, said, call in [
        ("owner", "owner is bytes: pass str", lambda: keys.issue(b"alice")),
        ("prefix", "prefix is bytes: pass str", lambda: make(prefix=b"acme")),
        ("sha256", r"sha256 is bytes: .* hexdigest\(\)", lambda: keys.import_hash(bytes(32), "alice")),
        ("expires_in", "expires_in is Decimal, which no option takes", lambda: keys.issue("a", expires_in=Decimal(5))),
        (
            "metadata",
            r"metadata.plan.limits\[1\] is bytes",
            lambda: keys.issue("a", metadata={"plan": {"limits": [1, b""]}}),
        ),
        ("metadata", "metadata.at is a naive datetime", lambda: keys.issue("a", metadata={"at": datetime(2026, 1, 1)})),
        ("metadata", "metadata is list: pass a dict", lambda: keys.issue("a", metadata=[b""])),
        (
            "metadata",
            "metadata.n is timedelta, which has no form in JSON",
            lambda: keys.issue("a", metadata={"n": HOUR}),
        ),
    ]:
        with pytest.raises(aw.InvalidArgumentError, match=said) as refused:
            call()
        assert refused.value.field == field


def test_what_is_no_key(make: Make) -> None:
    keys = make()
    secret = keys.issue("alice").secret
    wrong = ["", " ", secret[:-1], secret + " ", secret[:-1] + "é", "\udc80" + secret, b"\xff", "x" * 1_000_000, "\0"]
    other = "1" if secret[20] == "0" else "0"
    wrong += [secret[:20] + other + secret[21:], keys.pattern, secret.upper()]
    for presented in wrong:
        with pytest.raises(aw.ApiKeyInvalidError) as refused:
            keys.verify(presented)
        assert (str(refused.value), refused.value.field) == ("the API key is not valid", None)
        assert not keys.is_well_formed(presented)
    assert keys.is_well_formed(secret)
    assert keys.is_well_formed(secret.encode())
    for presented in (None, 5, [secret]):
        with pytest.raises(aw.InvalidArgumentError) as invalid:
            keys.verify(presented)
        assert invalid.value.field == "presented"
        with pytest.raises(aw.InvalidArgumentError):
            keys.is_well_formed(presented)


def test_wrong_arguments(make: Make) -> None:
    keys = make()
    invalid: list[tuple[str, Callable[[], object]]] = [
        ("owner", lambda: keys.issue("")),
        ("owner", lambda: keys.issue(5)),
        ("owner", lambda: keys.issue(None)),
        ("owner", lambda: keys.issue("a\0b")),
        ("scopes", lambda: keys.issue("o", scopes=None)),
        ("scopes", lambda: keys.issue("o", scopes=["a b"])),
        ("metadata", lambda: keys.issue("o", metadata=None)),
        ("metadata", lambda: keys.issue("o", metadata=[1])),
        ("metadata", lambda: keys.issue("o", metadata="{}")),
        ("metadata", lambda: keys.issue("o", metadata={"a": object()})),
        ("metadata", lambda: keys.issue("o", metadata={"a": {1: 2}})),
        ("metadata", lambda: keys.issue("o", metadata={"a": float("nan")})),
        ("metadata", lambda: keys.issue("o", metadata={"a": timedelta(1)})),
        ("metadata", lambda: keys.issue("o", metadata={"a": {1, 2}})),
        ("metadata", lambda: keys.issue("o", metadata={"a": "\udc80"})),
        ("metadata", lambda: keys.issue("o", metadata={"a": "x" * 5000})),
        ("expires_in", lambda: keys.issue("o", expires_in=None)),
        ("expires_in", lambda: keys.issue("o", expires_in=0)),
        ("expires_in", lambda: keys.issue("o", expires_in=timedelta(seconds=0.5))),
        ("timeout", lambda: keys.issue("o", timeout=0)),
        ("timeout", lambda: keys.issue("o", timeout="5")),
        ("timeout", lambda: keys.verify("k", timeout=-1)),
        ("timeout", lambda: keys.verify("k", timeout=float("nan"))),
        ("timeout", lambda: keys.get("k", timedelta(0))),
        ("timeout", lambda: keys.get("k", 10**400)),
        # What nobody set must not ask for less.
        ("scopes", lambda: keys.verify("k", None)),
        ("scopes", lambda: keys.verify("k", scopes=None)),
        ("scopes", lambda: keys.verify("k", scopes=5)),
        ("scopes", lambda: keys.verify("k", scopes=[5])),
        ("scopes", lambda: keys.verify("k", scopes="a b")),
        ("now", lambda: keys.verify("k", now="now")),
        ("now", lambda: keys.verify("k", now=-1)),
        ("now", lambda: keys.verify("k", now=1 << 44)),
        ("id", lambda: keys.get(5)),
        ("id", lambda: keys.revoke(None)),
        ("id", lambda: keys.rotate(b"id")),
        ("overlap", lambda: keys.rotate("id", overlap=-1)),
        ("owner", lambda: keys.list(None)),
        ("after", lambda: keys.list("o", after=5)),
        ("limit", lambda: keys.list("o", limit=0)),
        ("limit", lambda: keys.list("o", limit=1001)),
        ("limit", lambda: keys.list("o", limit=2**80)),
        ("limit", lambda: keys.list("o", limit=True)),
        ("owner", lambda: keys.revoke_all(5)),
        ("sha256", lambda: keys.import_hash("abc", "o")),
        ("sha256", lambda: keys.import_hash(b"abc", "o")),
        ("prefix", lambda: make(prefix="Acme")),
        ("prefix", lambda: make(prefix=None)),
        ("last_used_every", lambda: make(last_used_every=59)),
        ("cache_seconds", lambda: make(cache_seconds=timedelta(minutes=2))),
    ]
    for field, call in invalid:
        with pytest.raises(aw.InvalidArgumentError) as caught:
            call()
        assert caught.value.field == field, caught.value
    for unknown in (
        lambda: keys.issue("o", scope="a"),
        lambda: keys.rotate("id", expires=5),
        lambda: keys.import_hash("0" * 64, "o", sope="a"),
        lambda: make(last_used=3600),
    ):
        with pytest.raises(aw.UnknownOptionError):
            unknown()
    assert keys.list("o").keys == []


def test_nothing_shows_a_secret(make: Make) -> None:
    keys = make()
    issued = keys.issue("alice", metadata={"a": "private"})
    hidden = issued.secret[-49:]
    for thing in (issued, keys.verify(issued.secret), keys.list("alice"), getattr(keys, "twin", keys)):
        assert hidden not in repr(thing)
        assert "private" not in repr(thing)
        with pytest.raises(TypeError):
            pickle.dumps(thing)
    assert repr(issued) == f"<authwright.IssuedKey {issued.id}>"
    assert "ApiKeys acme_live_" in repr(getattr(keys, "twin", keys))
    assert json.loads(issued.to_json())["secret"] == issued.secret
    assert "secret" not in json.loads(keys.get(issued.id).to_json())
    with pytest.raises(AttributeError):
        issued.owner = "mallory"
    with pytest.raises(AttributeError):
        keys.get(issued.id).secret  # noqa: B018


def test_metadata_is_what_json_says(make: Make) -> None:
    keys = make()
    day = datetime(2027, 1, 1, tzinfo=UTC)
    key = keys.get(keys.issue("alice", metadata={"at": day, "tuple": (1, 2)}).id)
    assert key.metadata == {"at": int(day.timestamp()), "tuple": [1, 2]}
    assert keys.get(keys.issue("alice").id).metadata == {}


def test_events(make: Make) -> None:
    told: list[dict[str, Any]] = []
    aw.on_event(told.append)
    try:
        issued = make().issue("alice")
        with pytest.raises(aw.ApiKeyInvalidError):
            make(peppers=SECRET).verify(issued.secret)
    finally:
        aw.on_event(None)
    assert told == [{"event": "api_key_pepper_unknown", "id": issued.id}]


@pytest.mark.parametrize("way", ["blocking", "awaited"])
def test_a_use_that_cannot_be_noted_keeps_no_check_waiting(way: str, tmp_path: pathlib.Path) -> None:
    options: Any = {"prefix": "acme", "environment": "live", "peppers": PEPPER}
    told: list[dict[str, Any]] = []
    aw.on_event(told.append)
    with aw.Store(f"sqlite:{tmp_path / 'keys.db'}") as store, asyncio.Runner() as runner:
        blocking = aw.ApiKeys(store, **options)
        keys: Any = blocking if way == "blocking" else Awaited(runner, aw.AsyncApiKeys(store, **options))
        issued = keys.issue("alice")
        try:
            with locked(tmp_path / "keys.db"):
                begun = time.monotonic()
                assert keys.verify(issued.secret, timeout=30).owner == "alice"
                assert time.monotonic() - begun < 2
                # For a while none is made, and nothing is told.
                assert keys.verify(issued.secret, timeout=30).owner == "alice"
                assert time.monotonic() - begun < 2
            assert told == [{"event": "api_key_use_not_noted", "id": issued.id, "code": "ERR_STORE_UNAVAILABLE"}]
            assert keys.verify(issued.secret).last_used_at is None
            assert keys.get(issued.id).last_used_at is None
            # Other ApiKeys note it.
            aw.ApiKeys(store, **options).verify(issued.secret)
            assert keys.get(issued.id).last_used_at >= issued.created_at
            assert len(told) == 1
        finally:
            aw.on_event(None)


def test_a_use_that_a_store_does_not_note_in_time() -> None:
    """A key that was found good is good, whatever becomes of the note."""

    class Stuck(AsyncDictStore):
        is_stuck = False

        async def put_if(self, key: str, expected: int | None, record: aw.Record) -> bool:
            while self.is_stuck:
                await asyncio.sleep(60)
            return await super().put_if(key, expected, record)

    async def main() -> None:
        store = Stuck()
        keys = aw.AsyncApiKeys(store, prefix="acme", environment="live", peppers=PEPPER)
        issued = await keys.issue("alice")
        store.is_stuck = True
        told: list[dict[str, Any]] = []
        aw.on_event(told.append)
        try:
            assert [(await keys.verify(issued.secret, timeout=0.3)).owner for _ in range(2)] == ["alice"] * 2
        finally:
            aw.on_event(None)
        assert told == [{"event": "api_key_use_not_noted", "id": issued.id, "code": "ERR_STORE_UNCERTAIN"}]

    asyncio.run(main())


def test_a_cache_sees_a_revocation_of_its_own_at_once(make: Make) -> None:
    one, other = make(cache_seconds=60), make()
    issued = one.issue("alice")
    one.verify(issued.secret)
    one.verify(issued.secret)
    other.revoke(issued.id)
    assert one.verify(issued.secret).revoked_at is None
    one.revoke(issued.id)
    with pytest.raises(aw.ApiKeyRevokedError):
        one.verify(issued.secret)


def test_who_closes_the_store(tmp_path: pathlib.Path) -> None:
    url = f"sqlite:{tmp_path / 'keys.db'}"
    options: Any = {"prefix": "acme", "environment": "live", "peppers": PEPPER}
    with aw.ApiKeys(url, **options) as keys:
        issued = keys.issue("alice")
    with pytest.raises(aw.ClosedError):
        keys.verify(issued.secret)

    async def main() -> None:
        async with aw.AsyncApiKeys(url, **options) as awaiting:
            assert (await awaiting.verify(issued.secret)).owner == "alice"
        with pytest.raises(aw.ClosedError):
            await awaiting.verify(issued.secret)

    asyncio.run(main())
    with aw.Store(url) as store:
        shared = aw.ApiKeys(store, **options)
        shared.close()
        assert shared.verify(issued.secret).owner == "alice"
    with pytest.raises(aw.ClosedError):
        shared.verify(issued.secret)


def test_what_a_store_may_be() -> None:
    options: Any = {"prefix": "acme", "environment": "live", "peppers": PEPPER}
    for cls in (aw.ApiKeys, aw.AsyncApiKeys):
        make: Any = cls
        for store, said in [
            (None, "NoneType, which has no method get"),
            ({}, "dict, which has no method put_if"),
            (b"memory:", "bytes"),
            (5, "int"),
        ]:
            with pytest.raises(aw.InvalidArgumentError, match=said) as refused:
                make(store, **options)
            assert refused.value.field == "store"
        for url in ("", "keys.db", "memory:x", "mysql://user:password@host"):
            with pytest.raises(aw.InvalidArgumentError) as refused:
                make(url, **options)
            assert "password" not in str(refused.value)
        with pytest.raises(TypeError):
            make("memory:", prefix="acme", environment="live")
    with pytest.raises(aw.InvalidArgumentError, match="environment"):
        aw.ApiKeys("memory:", prefix="acme", peppers=PEPPER)  # type: ignore[call-arg]


def test_many_threads(make: Make) -> None:
    keys = make()
    if isinstance(keys, Awaited):
        return
    issued = keys.issue("alice", scopes="a")
    raised: list[BaseException] = []
    barrier = threading.Barrier(12)

    def work(number: int) -> None:
        try:
            barrier.wait()
            for turn in range(20):
                assert keys.verify(issued.secret, "a").id == issued.id
                mine = keys.issue(f"owner-{number}", metadata={"turn": turn})
                assert keys.verify(mine.secret).metadata == {"turn": turn}
                with pytest.raises(aw.ApiKeyInvalidError):
                    keys.verify(mine.secret[:-8] + "AAAAAAAA")
            assert keys.revoke_all(f"owner-{number}") == 20
        except BaseException as error:
            raised.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not raised, raised


def test_many_tasks(tmp_path: pathlib.Path) -> None:
    async def main(store: Any) -> None:
        keys = aw.AsyncApiKeys(store, prefix="acme", environment="live", peppers=PEPPER)
        issued = await asyncio.gather(*(keys.issue("alice", metadata={"n": n}) for n in range(60)))
        callers = await asyncio.gather(*(keys.verify(one.secret) for one in issued))
        assert [caller.metadata["n"] for caller in callers] == list(range(60))
        assert sum(await asyncio.gather(*(keys.revoke_all("alice", 20) for _ in range(3)))) >= 60
        await keys.close()

    for store in ("memory:", f"sqlite:{tmp_path / 'keys.db'}", AsyncDictStore()):
        asyncio.run(main(store))


def test_threads_that_are_not_free(tmp_path: pathlib.Path) -> None:
    """A call that no thread is free for ends in its time, and is not made later."""

    async def main() -> None:
        loop, gate = asyncio.get_running_loop(), threading.Event()
        keys = aw.AsyncApiKeys(f"sqlite:{tmp_path / 'keys.db'}", prefix="acme", environment="live", peppers=PEPPER)
        busy = [loop.run_in_executor(None, gate.wait) for _ in range(64)]
        with pytest.raises(aw.DeadlineError, match="no thread"):
            await keys.issue("alice", timeout=0.2)
        cancelled = asyncio.create_task(keys.issue("alice"))
        await asyncio.sleep(0.05)
        cancelled.cancel()
        with pytest.raises(asyncio.CancelledError):
            await cancelled
        gate.set()
        await asyncio.gather(*busy)
        assert (await keys.list("alice")).keys == []
        await keys.close()

    asyncio.run(main())


def test_a_thread_that_is_free_late(tmp_path: pathlib.Path) -> None:
    """The time until then is taken off, and a wrong time is refused although no thread is free."""

    async def main() -> None:
        loop = asyncio.get_running_loop()
        loop.set_default_executor(ThreadPoolExecutor(1))
        keys = aw.AsyncApiKeys(f"sqlite:{tmp_path / 'keys.db'}", prefix="acme", environment="live", peppers=PEPPER)
        await keys.issue("alice")
        for wrong in (0, -1, float("nan"), "5"):
            busy = loop.run_in_executor(None, time.sleep, 0.05)
            with pytest.raises(aw.InvalidArgumentError):
                await keys.list("alice", timeout=wrong)  # type: ignore[arg-type]
            await busy
        with locked(tmp_path / "keys.db"):
            begun = time.monotonic()
            busy = loop.run_in_executor(None, time.sleep, 1.5)
            with pytest.raises((aw.StoreUnavailableError, aw.DeadlineError)):
                await keys.issue("alice", timeout=2)
            assert time.monotonic() - begun < 2.8
            await busy
        await keys.close()

    asyncio.run(main())


def test_garbage_is_collected() -> None:
    class Keeper(DictStore):
        keys: aw.ApiKeys

    store = Keeper()
    store.keys = aw.ApiKeys(store, prefix="acme", environment="live", peppers=PEPPER)
    gone = weakref.ref(store)
    del store
    gc.collect()
    assert gone() is None


def test_records() -> None:
    record = aw.Record(7, "secret text", owner="alice", expires_at=5)
    assert (record.version, record.value, record.owner, record.expires_at) == (7, "secret text", "alice", 5)
    assert record == aw.Record(7, "secret text", "alice", 5) == copy.copy(record) == pickle.loads(pickle.dumps(record))
    assert record != aw.Record(7, "secret text")
    assert record != 7
    assert "text" not in repr(record)
    make: Any = aw.Record
    for arguments, field in [
        (("7", "v"), "version"),
        ((True, "v"), "version"),
        ((-1, "v"), "version"),
        ((1.5, "v"), "version"),
        ((2**64, "v"), "version"),
        ((1, b"v"), "value"),
        ((1, None), "value"),
        ((1, "\udc80"), "value"),
        ((1, "v", 5), "owner"),
        ((1, "v", None, 1.5), "expires_at"),
        ((1, "v", None, -1), "expires_at"),
    ]:
        with pytest.raises(aw.InvalidArgumentError) as refused:
            make(*arguments)
        assert refused.value.field == field
