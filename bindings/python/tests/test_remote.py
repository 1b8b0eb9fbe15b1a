"""Keys of a live issuer, with calls that block."""

import pickle
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import issuer as issuers
import pytest
from issuer import METADATA, Issuer

import authwright as aw

SECRET = aw.Key.from_secret(b"a secret of at least thirty-two bytes")


@pytest.fixture
def events() -> Iterator[list[dict[str, Any]]]:
    told: list[dict[str, Any]] = []
    aw.on_event(told.append)
    yield told
    aw.on_event(None)


def in_threads(count: int, call: Callable[[], object]) -> list[object]:
    """What the calls returned or raised."""
    barrier, ends = threading.Barrier(count), []

    def work() -> None:
        barrier.wait()
        try:
            ends.append(call())
        except Exception as error:
            ends.append(error)

    threads = [threading.Thread(target=work) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return ends


def test_an_issuers_url_is_enough(issuer: Issuer) -> None:
    verifier = aw.Verifier.discover(issuer.url, audience="api")
    token = issuer.token()
    with pytest.raises(aw.KeysNeededError) as raised:
        verifier.verify(token)
    assert raised.value.__cause__ is None
    assert issuer.requests == []
    assert verifier.verify_fetching(token).claims["sub"] == "alice"
    assert verifier.verify(token).claims["iss"] == issuer.url
    assert [path for path, _ in issuer.requests] == [METADATA, "/jwks"]
    assert verifier.remote_keys is verifier.remote_keys
    assert verifier.remote_keys is not None
    assert verifier.remote_keys.issuer == issuer.url
    assert issuer.url in repr(verifier.remote_keys)
    with pytest.raises(aw.AudienceMismatchError):
        aw.Verifier(verifier.remote_keys, audience="other").verify(token)
    assert aw.Verifier.from_policy(verifier.remote_keys, {"audience": "api"}).verify(token).claims["sub"] == "alice"


def test_fixed_keys_need_no_fetching(verifier: aw.Verifier, token: str) -> None:
    assert verifier.remote_keys is None
    assert verifier.verify_fetching(token, 1_800_000_000).claims["sub"] == "alice"
    with pytest.raises(aw.TokenExpiredError):
        verifier.verify_fetching(token, now=1_900_000_000, timeout=timedelta(seconds=1))


def test_a_token_may_be_judged_at_another_time(issuer: Issuer) -> None:
    verifier = aw.Verifier.discover(issuer.url, audience="api")
    token = issuer.token()
    with pytest.raises(aw.TokenExpiredError):
        verifier.verify_fetching(token, now=time.time() + 10_000)
    assert issuer.fetches() == 1
    # The keys' time is not judged by that `now`.
    assert verifier.verify_fetching(token, now=time.time() + 300).claims["sub"] == "alice"
    with pytest.raises(aw.TokenIssuedInFutureError):
        verifier.verify_fetching(token, now=1_000_000_000)
    assert issuer.fetches() == 1


def test_one_fetch_for_a_hundred_threads(issuer: Issuer) -> None:
    verifier = aw.Verifier.discover(issuer.url, audience="api")
    token, issuer.delay = issuer.token(), 0.2
    ends = in_threads(100, lambda: verifier.verify_fetching(token).claims["sub"])
    assert ends == ["alice"] * 100
    assert [path for path, _ in issuer.requests] == [METADATA, "/jwks"]


def test_one_failure_for_a_hundred_threads(issuer: Issuer) -> None:
    verifier = aw.Verifier.discover(issuer.url, audience="api")
    token, issuer.delay, issuer.answer = issuer.token(), 0.2, (500, {}, "")
    ends = in_threads(100, lambda: verifier.verify_fetching(token))
    assert {type(end) for end in ends} == {aw.KeysNeededError}
    assert len(issuer.requests) == 1


def test_other_threads_run_meanwhile(issuer: Issuer) -> None:
    verifier = aw.Verifier.discover(issuer.url, audience="api")
    token, issuer.delay = issuer.token(), 0.3
    thread = threading.Thread(target=verifier.verify_fetching, args=(token,))
    thread.start()
    longest, before = 0.0, time.perf_counter()
    while thread.is_alive():
        now = time.perf_counter()
        longest, before = max(longest, now - before), now
    assert longest < 0.2


def test_why_the_keys_are_not_here(issuer: Issuer) -> None:
    verifier = aw.Verifier.discover(issuer.url, audience="api")
    body = '{"error": "server_error", "error_description": "the database is away"}'
    issuer.answer = (503, {"Content-Type": "application/json"}, body)
    with pytest.raises(aw.KeysNeededError) as raised:
        verifier.verify_fetching(issuer.token())
    error, cause = raised.value, raised.value.__cause__
    assert (error.http_status, error.provider_error, error.provider_error_description) == (None, None, None)
    assert isinstance(cause, aw.ResponseStatusError)
    assert (cause.http_status, cause.provider_error) == (503, "server_error")
    assert cause.provider_error_description == "the database is away"
    again = pickle.loads(pickle.dumps(cause))
    assert (again.http_status, again.provider_error, again.code) == (503, "server_error", "ERR_RESPONSE_STATUS")
    # It is not asked again at once.
    with pytest.raises(aw.KeysNeededError) as raised:
        verifier.verify(issuer.token())
    assert isinstance(raised.value.__cause__, aw.ResponseStatusError)
    assert len(issuer.requests) == 1


def test_an_issuer_that_nobody_listens_for() -> None:
    with issuers.running() as gone:
        pass
    verifier = aw.Verifier.discover(gone.url, audience="api")
    with pytest.raises(aw.KeysNeededError) as raised:
        verifier.verify_fetching(gone.token())
    assert isinstance(raised.value.__cause__, aw.TransportError)


def test_every_wait_ends(issuer: Issuer) -> None:
    verifier = aw.Verifier.discover(issuer.url, audience="api")
    token, issuer.delay = issuer.token(), 3
    begun = time.monotonic()
    ends = in_threads(3, lambda: verifier.verify_fetching(token, timeout=0.5))
    assert time.monotonic() - begun < 1
    assert {type(end) for end in ends} <= {aw.KeysNeededError, aw.DeadlineError}


@pytest.mark.parametrize("timeout", [0, -1, True, "5", float("nan"), float("inf"), 10**400, 3601, timedelta(0), [1]])
def test_a_timeout_is_seconds(verifier: aw.Verifier, token: str, timeout: Any) -> None:
    with pytest.raises(aw.InvalidArgumentError) as raised:
        verifier.verify_fetching(token, timeout=timeout)
    assert raised.value.field == "timeout"


def test_wrong_arguments() -> None:
    url = "https://id.example"
    for make, cls, field in [
        (lambda: aw.RemoteKeySet(), aw.InvalidArgumentError, "issuer"),
        (lambda: aw.RemoteKeySet(isuer=url), aw.UnknownOptionError, "isuer"),  # type: ignore[call-arg]
        (lambda: aw.RemoteKeySet(issuer="http://id.example"), aw.UrlRefusedError, "issuer"),
        (lambda: aw.RemoteKeySet(issuer=None), aw.InvalidArgumentError, "issuer"),  # type: ignore[arg-type]
        (lambda: aw.RemoteKeySet(issuer=url, timeout=0), aw.InvalidArgumentError, "timeout"),
        (lambda: aw.RemoteKeySet(issuer=url, timeout=timedelta(seconds=0.5)), aw.InvalidArgumentError, "timeout"),
        (lambda: aw.RemoteKeySet(issuer=url, http="x"), aw.InvalidArgumentError, "http"),  # type: ignore[arg-type]
        (lambda: aw.HttpClient(tiemout=5), aw.UnknownOptionError, "tiemout"),  # type: ignore[call-arg]
        (lambda: aw.HttpClient(time_out=object()), aw.UnknownOptionError, "time_out"),  # type: ignore[call-arg]
        (lambda: aw.HttpClient(ca=b"\xff"), aw.InvalidArgumentError, "ca"),
        (lambda: aw.HttpClient(ca="no PEM"), aw.InvalidArgumentError, "ca"),
        (lambda: aw.HttpClient(ca=5), aw.InvalidArgumentError, "ca"),  # type: ignore[arg-type]
        (lambda: aw.HttpClient(proxy=None), aw.InvalidArgumentError, "proxy"),  # type: ignore[arg-type]
        (lambda: aw.Verifier.discover("id.example"), aw.UrlRefusedError, "issuer"),
        (lambda: aw.Verifier.discover(5), aw.InvalidArgumentError, "issuer"),  # type: ignore[arg-type]
        (lambda: aw.Verifier.discover(url, audiance="a"), aw.UnknownOptionError, "audiance"),  # type: ignore[call-arg]
        (lambda: aw.Verifier.discover(url, issuer="https://other.example"), aw.InvalidArgumentError, "issuer"),
        (lambda: aw.Verifier("keys"), aw.InvalidArgumentError, "keys"),  # type: ignore[arg-type]
        (lambda: aw.jws.verify("a.b.c", aw.RemoteKeySet(issuer=url)), aw.InvalidArgumentError, "keys"),  # type: ignore[arg-type]
        (lambda: aw.RemoteKeySet(issuer=url).import_state("x", "x"), aw.InvalidArgumentError, "keys"),  # type: ignore[arg-type]
        (lambda: aw.RemoteKeySet(issuer=url).import_state(5, SECRET), aw.InvalidArgumentError, "text"),  # type: ignore[arg-type]
        (lambda: aw.RemoteKeySet(issuer=url).import_state("x", SECRET), aw.StateInvalidError, None),
        (lambda: aw.RemoteKeySet(issuer=url).import_state("x", [SECRET, "x"]), aw.InvalidArgumentError, "keys"),  # type: ignore[list-item]
        (lambda: aw.on_event("hook"), aw.InvalidArgumentError, "hook"),  # type: ignore[arg-type]
    ]:
        with pytest.raises(cls) as raised:
            make()
        assert raised.value.field == field, raised.value


def test_close(issuer: Issuer) -> None:
    with aw.RemoteKeySet(issuer=issuer.url) as keys:
        verifier = aw.Verifier(keys, audience="api")
        verifier.verify_fetching(issuer.token())
        issuer.rotate()
    # What is here serves on.
    with pytest.raises(aw.ClosedError):
        verifier.verify_fetching(issuer.token())
    with pytest.raises(aw.ClosedError):
        keys.refresh()
    assert issuer.fetches() == 1


def test_close_of_the_client(issuer: Issuer) -> None:
    with aw.HttpClient(timeout=5, proxy="none") as http:
        keys = aw.RemoteKeySet(issuer=issuer.url, http=http)
        assert keys.http is http
    with pytest.raises(aw.ClosedError):
        keys.refresh()
    assert issuer.requests == []
    # The one that serves the others is another.
    aw.RemoteKeySet(issuer=issuer.url).refresh()


def test_refresh_and_the_keys_at_hand(issuer: Issuer) -> None:
    keys = aw.RemoteKeySet(issuer=issuer.url)
    with pytest.raises(aw.KeysNeededError):
        keys.key_set()
    keys.refresh()
    assert [key.kid for key in keys.key_set()] == [issuer.keys[0].kid]
    with pytest.raises(aw.KeysNeededError):
        keys.refresh()
    issuer.answer = (200, {"Content-Type": "text/html"}, "<html>")
    with pytest.raises(aw.ResponseInvalidError):
        aw.RemoteKeySet(issuer=issuer.url).refresh()


def test_export_and_import(issuer: Issuer) -> None:
    keys = aw.RemoteKeySet(issuer=issuer.url)
    with pytest.raises(aw.KeysNeededError):
        keys.export_state(SECRET)
    keys.refresh()
    state = keys.export_state(SECRET)
    newer = aw.Key.from_secret(b"another secret of at least thirty-two bytes")
    for secrets in (SECRET, [newer, SECRET], iter([SECRET])):
        warm = aw.Verifier.discover(issuer.url, audience="api")
        assert warm.remote_keys is not None
        warm.remote_keys.import_state(state, secrets)
        assert warm.verify(issuer.token()).claims["sub"] == "alice"
    assert issuer.fetches() == 1
    for url, secret in [(issuer.url, newer), ("https://other.example", SECRET)]:
        with pytest.raises(aw.StateInvalidError):
            aw.RemoteKeySet(issuer=url).import_state(state, secret)
    with pytest.raises(aw.KeyMismatchError):
        keys.export_state(aw.Key.generate("ES256"))
    with pytest.raises(aw.InvalidArgumentError):
        keys.export_state("secret")  # type: ignore[arg-type]


def test_events(issuer: Issuer, events: list[dict[str, Any]]) -> None:
    aw.RemoteKeySet(issuer=issuer.url).refresh()
    issuer.answer = (500, {}, "")
    with pytest.raises(aw.ResponseStatusError):
        aw.RemoteKeySet(issuer=issuer.url).refresh()
    assert [event["event"] for event in events] == ["keys_refreshed", "keys_refresh_failed"]
    assert (events[0]["issuer"], events[0]["keys"]) == (issuer.url, 1)
    assert events[1]["code"] == "ERR_RESPONSE_STATUS"
    aw.on_event(None)
    with pytest.raises(aw.ResponseStatusError):
        aw.RemoteKeySet(issuer=issuer.url).refresh()
    assert len(events) == 2


def test_a_hook_that_fails_harms_nothing(issuer: Issuer, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Any] = []
    monkeypatch.setattr(sys, "unraisablehook", seen.append)

    def hook(_: dict[str, Any]) -> None:
        raise SystemExit("no")

    aw.on_event(hook)
    try:
        aw.RemoteKeySet(issuer=issuer.url).refresh()
    finally:
        aw.on_event(None)
    assert [(one.exc_type, one.object) for one in seen] == [(SystemExit, hook)]


def test_a_hook_may_use_what_it_is_told_of(issuer: Issuer) -> None:
    keys = aw.RemoteKeySet(issuer=issuer.url)
    seen: list[int] = []

    def hook(_: dict[str, Any]) -> None:
        seen.append(len(keys.key_set()))
        aw.on_event(None)

    aw.on_event(hook)
    keys.refresh()
    assert seen == [1]
