"""One refresh at a time: for threads, tasks, processes; and for those who are cancelled."""

import asyncio
import contextlib
import functools
import gc
import http.server
import json
import pathlib
import socket
import sys
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from concurrent import futures
from datetime import timedelta
from typing import Any

import pytest
from issuer import Server
from logins import SEAL_KEY, Awaited, Make, clients, log_in, of, over
from test_fork import get, gunicorn, in_children

import authwright as aw

pytestmark = pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")


@pytest.fixture
def odd(quirks: Any) -> Any:
    """A provider that rotates refresh tokens, and takes 300 ms for it."""
    return quirks.new("refresh-slow", ms=300)


@pytest.fixture
def held(make: Make, odd: Any) -> tuple[Any, aw.oauth.Tokens]:
    """A client, and tokens whose access token is over."""
    client = make(**of(odd))
    return client, over(log_in(client, odd))


def refreshes(odd: Any) -> int:
    return sum(request["form"]["grant_type"] == "refresh_token" for request in odd.requests("token"))


def at_once(count: int, call: Callable[[], Any]) -> list[Any]:
    """What as many threads get, or what they raise."""
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


def many(manager: Any, count: int = 50, **options: Any) -> list[Any]:
    """What so many threads or tasks get at once."""
    if isinstance(manager, Awaited):
        calls = (manager.twin.tokens(**options) for _ in range(count))

        async def gathered() -> list[Any]:
            return await asyncio.gather(*calls, return_exceptions=True)

        return manager._runner.run(gathered())
    return at_once(count, lambda: manager.tokens(**options))


def test_one_refresh_for_all(held: Any, odd: Any) -> None:
    client, tokens = held
    kept: list[aw.oauth.Tokens] = []
    manager = client.token_manager(tokens, on_tokens=kept.append)
    manager = Awaited(client._runner, manager) if isinstance(client, Awaited) else manager
    ends = many(manager)
    assert refreshes(odd) == 1
    assert {end.access_token for end in ends} == {kept[0].access_token}
    assert len(kept) == 1
    assert isinstance(kept[0], aw.oauth.Tokens)
    assert kept[0].refresh_token != tokens.refresh_token
    assert manager.current.access_token == manager.tokens().access_token == kept[0].access_token
    assert kept[0].claims["sub"] == "alice"
    # For a server that refuses the access token all the same.
    assert manager.tokens(force=True).access_token != kept[0].access_token
    manager.replace(tokens)
    assert manager.current.access_token == tokens.access_token


def test_tokens_that_are_valid_cost_nothing(make: Make, quirks: Any) -> None:
    odd = quirks.new()
    client = make(**of(odd))
    tokens = log_in(client, odd)
    manager = client.token_manager(tokens, renew_before=timedelta(seconds=10))
    manager = Awaited(client._runner, manager) if isinstance(client, Awaited) else manager
    for _ in range(100):
        assert manager.tokens().access_token == tokens.access_token
    assert refreshes(odd) == 0


def test_one_failure_for_all(held: Any, odd: Any) -> None:
    client, tokens = held
    odd.become("refresh-refused")
    manager = client.token_manager(tokens)
    manager = Awaited(client._runner, manager) if isinstance(client, Awaited) else manager
    ends = many(manager)
    assert {type(end) for end in ends} == {aw.GrantRefusedError}
    assert {end.provider_error for end in ends} == {"invalid_grant"}
    assert refreshes(odd) == 1
    with pytest.raises(aw.GrantRefusedError):
        manager.tokens()
    assert refreshes(odd) == 1


def test_a_refresh_token_whose_fate_is_unknown_is_not_sent_again(held: Any, odd: Any) -> None:
    client, tokens = held
    odd.become("refresh-lost")
    manager = client.token_manager(tokens)
    manager = Awaited(client._runner, manager) if isinstance(client, Awaited) else manager
    ends = [*many(manager, 10), *many(manager, 3)]
    assert {type(end) for end in ends} == {aw.RefreshUncertainError}
    assert refreshes(odd) == 1


class TokenEndpoint(http.server.BaseHTTPRequestHandler):
    answer = b'{"access_token": "new", "token_type": "Bearer", "expires_in": 3600, "refresh_token": "second"}'

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(self.answer)))
        self.end_headers()
        self.wfile.write(self.answer)

    def log_message(self, *_: object) -> None:
        """Says nothing."""


@contextlib.contextmanager
def without_room() -> Iterator[Server]:
    """A server that connections to hang, until it serves: the one place in its backlog is taken."""
    server = Server(("127.0.0.1", 0), TokenEndpoint, bind_and_activate=False)
    server.server_bind()
    server.socket.listen(0)
    with server, contextlib.ExitStack() as fillers:
        for _ in range(4):
            filler = fillers.enter_context(socket.socket())
            filler.setblocking(False)
            filler.connect_ex(server.server_address)
        yield server


def test_what_was_never_connected_was_not_sent(make: Make) -> None:
    with without_room() as server:
        url = f"http://127.0.0.1:{server.server_address[1]}"
        client = make(client_id="web", authorization_endpoint=url, token_endpoint=f"{url}/token", timeout=1)
        tokens = aw.oauth.Tokens.from_json(
            {"access_token": "old", "refresh_token": "first", "expires_at": 1_700_000_000}
        )
        manager = client.token_manager(tokens)
        manager = Awaited(client._runner, manager) if isinstance(client, Awaited) else manager
        begun = time.monotonic()
        for call in (lambda: client.refresh(tokens), manager.tokens):
            with pytest.raises((aw.DeadlineError, aw.TransportError)):
                call()
        assert time.monotonic() - begun < 5
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            # A refresh that failed is left alone for 5 seconds.
            time.sleep(5.1)
            assert manager.tokens().access_token == "new"
        finally:
            server.shutdown()
            thread.join()


def test_a_thread_that_never_came_free_sent_nothing(odd: Any) -> None:
    """All threads of the loop's executor are busy for longer than the request may take."""
    with clients("built-in") as make:
        client = make(**{**of(odd), "timeout": 1})
        tokens = over(log_in(client, odd))
        free = threading.Event()

        async def work() -> None:
            loop = asyncio.get_running_loop()
            with futures.ThreadPoolExecutor(1) as executor:
                loop.set_default_executor(executor)
                loop.run_in_executor(None, free.wait, 30)
                with pytest.raises(aw.DeadlineError):
                    await client.twin.refresh(tokens)
                free.set()
                assert refreshes(odd) == 0
                assert (await client.twin.refresh(tokens)).access_token != tokens.access_token

        client._runner.run(work())
        assert refreshes(odd) == 1


def test_a_hook_that_fails_is_asked_again(held: Any, odd: Any) -> None:
    """By a call that is at least 5 seconds later."""
    client, tokens = held
    handed: list[str] = []
    problems: list[BaseException] = [OSError("the disk is full: " + tokens.access_token)]

    def keep(new: aw.oauth.Tokens) -> None:
        handed.append(new.access_token)
        if problems:
            raise problems.pop()

    manager = client.token_manager(tokens, on_tokens=keep)
    manager = Awaited(client._runner, manager) if isinstance(client, Awaited) else manager
    with pytest.raises(aw.PersistFailedError) as failed:
        manager.tokens()
    assert isinstance(failed.value.__cause__, OSError)
    # What the exception says may hold anything.
    assert tokens.access_token not in str(failed.value)
    assert manager.current.access_token == tokens.access_token
    with pytest.raises(aw.PersistFailedError) as again:
        manager.tokens()
    assert again.value.__cause__ is failed.value.__cause__
    assert len(handed) == 1
    time.sleep(5.1)
    assert manager.tokens().access_token == handed[0] == handed[1]
    assert (len(handed), refreshes(odd)) == (2, 1)


@pytest.mark.parametrize("kind", ["built-in", "httpx", "aiohttp"])
def test_a_hook_that_hangs_is_given_up(kind: str, odd: Any) -> None:
    handed: list[str] = []

    async def keep(new: aw.oauth.Tokens) -> None:
        handed.append(new.access_token)
        if len(handed) == 1:
            await asyncio.Event().wait()

    with clients(kind) as make:
        client = make(**of(odd))
        manager = Awaited(client._runner, client.token_manager(over(log_in(client, odd)), on_tokens=keep))
        begun = time.monotonic()
        with pytest.raises(aw.PersistFailedError) as failed:
            manager.tokens(timeout=timedelta(seconds=2))
        assert time.monotonic() - begun < 3
        assert isinstance(failed.value.__cause__, TimeoutError)
        time.sleep(5.1)
        assert manager.tokens().access_token == handed[0] == handed[1]
    assert (len(handed), refreshes(odd)) == (2, 1)


def test_a_hook_that_asks_for_tokens_itself_waits_no_longer_than_it_says(held: Any) -> None:
    client, tokens = held
    manager: Any = None

    def keep(_: aw.oauth.Tokens) -> None:
        with pytest.raises(aw.DeadlineError):
            manager.tokens(timeout=0.1)

    if isinstance(client, Awaited):
        pytest.skip("a coroutine is waited for by its own loop")
    manager = client.token_manager(tokens, on_tokens=keep)
    assert manager.tokens().access_token != tokens.access_token


def test_a_coroutine_function_as_hook(quirks: Any) -> None:
    odd = quirks.new()

    async def keep(new: aw.oauth.Tokens) -> None:
        await asyncio.sleep(0.05)
        kept.append(new.access_token)

    for kind in ("built-in", "httpx", "aiohttp"):
        kept: list[str] = []
        with clients(kind) as make:
            client = make(**of(odd))
            manager = Awaited(client._runner, client.token_manager(over(log_in(client, odd)), on_tokens=keep))
            assert manager.tokens().access_token == kept[0]
    with clients("blocking") as make:
        client = make(**of(odd))
        blocking = client.token_manager(over(log_in(client, odd)), on_tokens=keep)
        with pytest.raises(aw.PersistFailedError) as failed:
            blocking.tokens()
        assert isinstance(failed.value.__cause__, TypeError)


@pytest.mark.parametrize("kind", ["built-in", "httpx", "aiohttp"])
def test_who_is_cancelled_leaves_the_others_whole(kind: str, odd: Any) -> None:
    with clients(kind) as make:
        client = make(**of(odd))
        tokens = over(log_in(client, odd))
        kept: list[str] = []

        async def work() -> None:
            manager = client.twin.token_manager(tokens, on_tokens=lambda new: kept.append(new.access_token))
            tasks = [asyncio.create_task(manager.tokens()) for _ in range(10)]
            await asyncio.sleep(0.1)
            # The first is who sends the refresh.
            for task in tasks[:3]:
                task.cancel()
            ends = await asyncio.gather(*tasks, return_exceptions=True)
            assert [type(end) for end in ends[:3]] == [asyncio.CancelledError] * 3
            assert {end.access_token for end in ends[3:]} == set(kept)

        client._runner.run(work())
        assert (len(kept), refreshes(odd)) == (1, 1)


def test_all_are_cancelled_and_the_refresh_ends_well(odd: Any) -> None:
    with clients("httpx") as make:
        client = make(**of(odd))
        tokens = over(log_in(client, odd))
        kept: list[str] = []

        async def work() -> None:
            manager = client.twin.token_manager(tokens, on_tokens=lambda new: kept.append(new.access_token))
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.1):
                    await manager.tokens()
            assert kept == []
            # Who comes next waits for the same refresh.
            assert (await manager.tokens()).access_token == kept[0]

        client._runner.run(work())
        assert refreshes(odd) == 1


def test_nobody_complains_of_a_failure_that_nobody_awaits(odd: Any) -> None:
    with clients("built-in") as make:
        client = make(**of(odd))
        tokens = over(log_in(client, odd), refresh_token="unknown")
        complaints: list[Any] = []

        async def work() -> None:
            asyncio.get_running_loop().set_exception_handler(lambda _, context: complaints.append(context))
            manager = client.twin.token_manager(tokens)
            task = asyncio.create_task(manager.tokens())
            await asyncio.sleep(0.1)
            task.cancel()
            await asyncio.wait((task,))
            await asyncio.sleep(0.5)
            del task
            gc.collect()
            with pytest.raises(aw.GrantRefusedError):
                await manager.tokens()

        client._runner.run(work())
        assert complaints == []


def test_events(held: Any) -> None:
    client, tokens = held
    manager = client.token_manager(tokens)
    manager = Awaited(client._runner, manager) if isinstance(client, Awaited) else manager
    told: list[dict[str, Any]] = []
    aw.on_event(told.append)
    try:
        many(manager, 5)
    finally:
        aw.on_event(None)
    assert told == [{"event": "tokens_refreshed", "rotated": True}]


def test_waiting_has_an_end(odd: Any) -> None:
    with clients("blocking") as make:
        client = make(**of(odd))
        manager = client.token_manager(over(log_in(client, odd)))
        leader = threading.Thread(target=manager.tokens)
        leader.start()
        time.sleep(0.1)
        begun = time.monotonic()
        with pytest.raises(aw.DeadlineError):
            manager.tokens(timeout=0.05)
        assert time.monotonic() - begun < 0.15
        leader.join()
        manager.tokens()
    assert refreshes(odd) == 1


def test_threads_and_loops_share_what_one_manager_does(odd: Any) -> None:
    """Event loops in several threads, with one AsyncTokenManager."""
    with clients("blocking") as make:
        tokens = over(log_in(make(**of(odd)), odd))
    manager = aw.oauth.AsyncClient(
        **{**of(odd), "redirect_uri": "https://app.example/"}, seal_keys=[aw.Key.generate("HS256")]
    )
    shared = manager.token_manager(tokens)

    async def tasks() -> set[str]:
        return {found.access_token for found in await asyncio.gather(*(shared.tokens() for _ in range(10)))}

    ends = at_once(8, lambda: asyncio.run(tasks()))
    assert len(set.union(*ends)) == 1
    assert refreshes(odd) == 1


def test_the_gil_is_released_meanwhile(odd: Any) -> None:
    with clients("blocking") as make:
        client = make(**of(odd))
        manager = client.token_manager(over(log_in(client, odd)))
        leader = threading.Thread(target=manager.tokens)
        leader.start()
        turns = 0
        while leader.is_alive():
            time.sleep(0.01)
            turns += 1
        assert turns > 10


def test_a_manager_and_its_hook_are_collected(odd: Any) -> None:
    """A method of the object that has the manager is a cycle."""

    class Session:
        def __init__(self, client: aw.oauth.Client, tokens: aw.oauth.Tokens) -> None:
            self.manager = client.token_manager(tokens, on_tokens=self.keep)

        def keep(self, tokens: aw.oauth.Tokens) -> None:
            pass

    with clients("blocking") as make:
        client = make(**of(odd))
        session = Session(client, aw.oauth.Tokens.from_json('{"access_token": "a"}'))
    seen = weakref.ref(session)
    del session
    gc.collect()
    assert seen() is None


def test_children_refresh_for_themselves(odd: Any) -> None:
    """Each child with tokens of its own; the client was made, and has discovered the provider, before the fork."""
    with clients("blocking") as make:
        client = make(**of(odd))
        count = 4
        logins = [over(log_in(client, odd)) for _ in range(count)]

        def work(tokens: aw.oauth.Tokens) -> None:
            manager = client.token_manager(tokens)
            ends = at_once(8, manager.tokens)
            assert len({end.access_token for end in ends}) == 1
            fresh = asyncio.run(aw.oauth.AsyncClient(**of(odd), seal_keys=SEAL_KEY).token_manager(ends[0]).tokens())
            assert fresh.access_token == ends[0].access_token

        for tokens in logins:
            in_children(1, functools.partial(work, tokens))
        assert refreshes(odd) == count


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="Python 3.12 warns of a fork while threads run")
def test_a_fork_while_the_parent_refreshes(odd: Any) -> None:
    """The child cannot know what became of the refresh token, and says so at once; the parent is not disturbed."""
    with clients("blocking") as make:
        client = make(**of(odd))
        manager = client.token_manager(over(log_in(client, odd)))
        ends: list[str] = []
        leader = threading.Thread(target=lambda: ends.append(manager.tokens().access_token))
        leader.start()
        time.sleep(0.15)

        def work() -> None:
            with pytest.raises(aw.RefreshUncertainError):
                manager.tokens()
            manager.replace(over(manager.current, expires_at=2_000_000_000))
            assert manager.tokens().expires_at == 2_000_000_000

        in_children(2, work)
        leader.join()
        assert manager.tokens().access_token == ends[0]
    assert refreshes(odd) == 1


def test_gunicorn_with_preload(tmp_path: pathlib.Path, quirks: Any) -> None:
    """The master made the client and the manager; each worker refreshes once for all of its threads."""
    odd = quirks.new("refresh-kept")
    with clients("blocking") as make:
        client = make(**of(odd))
        tokens = over(log_in(client, odd))
    options = {name: value for name, value in of(odd).items() if name != "client_key"}
    environment = {"CLIENT": json.dumps(options), "TOKENS": tokens.to_json()}
    with gunicorn(tmp_path, **environment) as (port, master):
        answers = at_once(16, lambda: [get(port, "") for _ in range(10)])
    said = [answer for one in answers for answer in one]
    assert {status for status, _ in said} == {200}, said[:3]
    workers = {body for _, body in said}
    assert len(workers) == len({body.partition(" ")[0] for body in workers}) <= 2
    assert str(master) not in {body.partition(" ")[0] for body in workers}
    assert refreshes(odd) == len(workers)


def test_wrong_arguments() -> None:
    client: Any = aw.oauth.Client("https://id.example", client_id="web")
    awaited: Any = aw.oauth.AsyncClient("https://id.example", client_id="web")
    tokens = aw.oauth.Tokens.from_json('{"access_token": "a"}')
    for one in (client, awaited):
        for call, field in [
            (lambda one=one: one.token_manager("a"), "tokens"),
            (lambda one=one: one.token_manager(tokens, on_tokens="print"), "on_tokens"),
            (lambda one=one: one.token_manager(tokens, renew_before=-1), "renew_before"),
            (lambda one=one: one.token_manager(tokens, renew_before="soon"), "renew_before"),
            (lambda one=one: one.token_manager(tokens, persist=True), "persist"),
            (lambda one=one: one.token_manager(tokens).replace("a"), "tokens"),
        ]:
            with pytest.raises(aw.InvalidArgumentError) as raised:
                call()
            assert raised.value.field == field
        with pytest.raises(TypeError):
            type(one.token_manager(tokens))()
    for one in (client, awaited):
        with pytest.raises(aw.UnknownOptionError):
            one.token_manager(tokens, renew_befor=5)
    manager = client.token_manager(tokens)
    for options in ({"force": "yes"}, {"timeout": 0}, {"timeout": "1"}):
        with pytest.raises(aw.InvalidArgumentError):
            manager.tokens(**options)
    # Without an end, and without a refresh token.
    assert manager.tokens().access_token == "a"
    with pytest.raises(aw.RefreshTokenMissingError):
        manager.tokens(force=True)
    assert repr(manager) == "<authwright.oauth.TokenManager>"
