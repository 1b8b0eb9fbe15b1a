"""Carries out what operations ask for, inside an event loop: the one loop of steps, and a transport for each client.

Neither httpx nor aiohttp is imported here: a client of theirs brings its module along.
"""

import asyncio
import contextvars
import sys
import threading
import time
import zlib
from collections.abc import AsyncIterable, Awaitable, Callable, Iterable
from datetime import timedelta
from typing import Any, Protocol, TypeAlias, TypeVar

from ._core import HttpClient, Operation, Outcome, Request, StoreOutcome, StoreRequest, Tokens, Wait, seconds
from .errors import (
    ClosedError,
    DeadlineError,
    InternalError,
    InvalidArgumentError,
    StoreCorruptError,
    StoreFullError,
    StoreUnavailableError,
    StoreUncertainError,
)

Result = TypeVar("Result")

NO_THREAD = "no thread was free in time to ask the store"

# What these have is what tells them, for a type checker, from what they are not.


class HttpxClient(Protocol):
    """An httpx.AsyncClient."""

    async def send(self, request: Any, *, stream: bool, auth: Any, follow_redirects: Any) -> Any:
        """Send a request."""


class AiohttpSession(Protocol):
    """An aiohttp.ClientSession."""

    @property
    def connector(self) -> Any:
        """What connects."""

    @property
    def cookie_jar(self) -> Any:
        """The cookies."""


# Keeps tokens; None, or for people why it did not.
Keep: TypeAlias = Callable[[Tokens], Awaitable[str | None]]

Client: TypeAlias = HttpxClient | AiohttpSession | HttpClient


class Transport:
    """Drives operations, and sends their requests."""

    def __init__(self) -> None:
        """Begin with nothing to do."""
        self.background: set[asyncio.Task[Any]] = set()

    async def outcome(self, request: Request) -> Outcome:
        """Send a request in its time, and read the answer."""
        raise NotImplementedError

    async def ask(self, request: StoreRequest) -> StoreOutcome:
        """Ask a store in its time, and look at the answer."""
        raise NotImplementedError

    async def run(self, operation: "Operation[Result]", keep: "Keep | None" = None) -> Result:
        """Drive an operation to its end; its error is raised. `keep` keeps tokens, or says why it did not."""
        try:
            while (step := operation.step()) is not None:
                if isinstance(step, Wait):
                    await come(step)
                elif isinstance(step, Request):
                    operation.resume(step, await self.outcome(step))
                elif isinstance(step, StoreRequest):
                    operation.resume_store(step, await self.ask(step))
                else:
                    operation.resume_persist(step, None if keep is None else await keep(step.tokens))
            return operation.result
        finally:
            # At once, and not when the garbage is collected: others may wait for what this one was doing.
            operation.close()

    def run_in_background(self, operation: "Operation[Result]", keep: "Keep | None" = None) -> "asyncio.Task[Result]":
        """Drive an operation in a task of its own, which nobody need await. Events say how it goes."""
        task = asyncio.get_running_loop().create_task(self.run(operation, keep), name="authwright")
        # The loop itself does not keep its tasks alive.
        self.background.add(task)
        task.add_done_callback(self.ended)
        return task

    def ended(self, task: "asyncio.Task[Any]") -> None:
        """Forget a task, and look at its error, so that asyncio does not complain that nobody did."""
        self.background.discard(task)
        if not task.cancelled():
            task.exception()


class BuiltIn(Transport):
    """The built-in client, in a thread."""

    def __init__(self, client: HttpClient | None) -> None:
        """None is for a verifier that sends nothing."""
        super().__init__()
        self.client = client

    async def outcome(self, request: Request) -> Outcome:
        """Send it in a thread of the loop's executor. Who is cancelled leaves that thread to its end."""
        client = self.client
        if client is None:
            return Outcome.unsupported("client")
        # Whoever takes it first: the thread that begins to send, or who has waited for a free thread for too long.
        begin = threading.Lock()

        def send() -> Outcome:
            return request.send(client) if begin.acquire(blocking=False) else Outcome.deadline(sent=False)

        try:
            # The client keeps to the request's time, and knows better how far it came.
            async with asyncio.timeout(request.seconds_left + 1):
                return await asyncio.to_thread(send)
        except TimeoutError:
            return Outcome.deadline(sent=not begin.acquire(blocking=False))


class HostStore(Transport):
    """A store of the program's, whose methods are awaited, for one operation."""

    def __init__(self, store: Any) -> None:
        """Take the program's store."""
        super().__init__()
        self.store = store
        # What a method raised last: the cause of an error of the store.
        self.raised: Exception | None = None

    async def run(self, operation: "Operation[Result]", keep: "Keep | None" = None) -> Result:
        """Drive an operation to its end."""
        try:
            return await super().run(operation, keep)
        except (StoreUnavailableError, StoreUncertainError, StoreFullError, StoreCorruptError, ClosedError) as error:
            if self.raised is None:
                raise
            raise error from self.raised

    async def ask(self, request: StoreRequest) -> StoreOutcome:
        """Await the method, in the time that is left but for a rest, in which the core judges what that means."""
        try:
            asked: Any = request.call(self.store)
            if not hasattr(asked, "__await__"):
                return request.not_awaitable(asked)
            async with asyncio.timeout(0.9 * request.seconds_left):
                return request.answer(await asked)
        except Exception as error:
            self.raised = error
            return request.failed(error)


async def in_thread(call: "Callable[[float], Result]", timeout: float | timedelta) -> Result:
    """Make a call that blocks in a thread of the loop's executor. Who is cancelled leaves that thread to its end.

    The call is handed the seconds that are left when its thread is free.
    """
    # Before it waits: a time that is none would be over first, or not, as threads have it.
    until = time.monotonic() + (allowed := seconds(timeout))
    # Whoever takes it first: the thread that begins, or who has waited for a free thread for too long.
    begin = threading.Lock()
    context = contextvars.copy_context()

    def work() -> "tuple[Result] | None":
        if not begin.acquire(blocking=False):
            return None
        if (left := until - time.monotonic()) <= 0:
            raise DeadlineError(NO_THREAD)
        return (context.run(call, left),)

    working = asyncio.get_running_loop().run_in_executor(None, work)
    try:
        # The call itself keeps to its time.
        await asyncio.wait((working,), timeout=allowed)
        if not working.done() and begin.acquire(blocking=False):
            raise DeadlineError(NO_THREAD)
        ended = await working
    except BaseException:
        working.cancel()
        raise
    if ended is None:
        raise InternalError("a call that was given up")
    return ended[0]


class Host(Transport):
    """A client of the program's."""

    async def outcome(self, request: Request) -> Outcome:
        """Send a request in its time."""
        if request.public_only:
            return Outcome.unsupported("look at the address that it connects to: use authwright's HttpClient")
        if request.needs_client_certificate:
            return Outcome.unsupported("client certificate that is known to be one: use authwright's HttpClient")
        left = request.seconds_left
        try:
            async with asyncio.timeout(left):
                # A connection that takes until then was never made, and then nothing was sent: once all of the time is
                # over, nobody could tell.
                return await self.send(request, min(5, 0.9 * left))
        except TimeoutError:
            return Outcome.deadline(sent=True)

    async def send(self, request: Request, connecting: float) -> Outcome:
        """Send a request, which may take so many seconds to connect, and read the answer."""
        raise NotImplementedError


class Httpx(Host):
    """An httpx.AsyncClient."""

    def __init__(self, client: Any) -> None:
        """Take the program's client."""
        super().__init__()
        self.client = client
        self.httpx = sys.modules["httpx"]

    async def send(self, request: Request, connecting: float) -> Outcome:
        """Send it with nothing of the client's own added: no headers, cookies, parameters or credentials."""
        httpx = self.httpx
        try:
            message = httpx.Request(
                request.method,
                request.url,
                headers=[*request.headers, ("Accept-Encoding", "gzip")],
                content=request.body,
                # Its own times would be less, or more, than what is left.
                extensions={"timeout": {"connect": connecting, "pool": connecting}},
            )
            answer = await self.client.send(message, stream=True, auth=None, follow_redirects=False)
            try:
                body = await read(request, answer.headers.get_list("Content-Encoding"), answer.aiter_raw())
            finally:
                await answer.aclose()
        except (httpx.ConnectTimeout, httpx.PoolTimeout):
            return Outcome.deadline(sent=False)
        except (httpx.ConnectError, httpx.ProxyError, httpx.UnsupportedProtocol, httpx.InvalidURL) as error:
            return failed(error, sent=False)
        except Exception as error:
            return failed(error, sent=True)
        return (
            body
            if isinstance(body, Outcome)
            else Outcome.answer(answer.status_code, answer.headers.multi_items(), body)
        )


class Aiohttp(Host):
    """An aiohttp.ClientSession."""

    def __init__(self, session: Any) -> None:
        """Take the program's session."""
        super().__init__()
        self.session = session
        self.aiohttp = sys.modules["aiohttp"]

    async def send(self, request: Request, connecting: float) -> Outcome:
        """Send it with nothing of the session's own added: no headers, cookies or credentials."""
        aiohttp, own = self.aiohttp, [*request.headers, ("Accept-Encoding", "gzip")]
        if request.body is not None:
            # What a server has closed by now is noticed in two turns of the loop, and then not used again: a code or a
            # refresh token that is sent into it would be lost.
            await asyncio.sleep(0)
            await asyncio.sleep(0)
        sent = {"host", "content-length", *(name.lower() for name, _ in own)}

        async def exactly(message: Any, send: Any) -> Any:
            for name in set(message.headers):
                if name.lower() not in sent:
                    del message.headers[name]
            try:
                return await send(message)
            except aiohttp.ClientConnectorError:
                raise
            except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError) as error:
                # For these, aiohttp would send it again.
                raise Lost(error) from error

        try:
            async with self.session.request(
                request.method,
                request.url,
                headers=own,
                data=request.body,
                allow_redirects=False,
                auto_decompress=False,
                raise_for_status=False,
                # Instead of the session's own.
                middlewares=(exactly,),
                # Its own times would be less, or more, than what is left.
                timeout=aiohttp.ClientTimeout(total=None, connect=connecting),
            ) as answer:
                body = await read(request, answer.headers.getall("Content-Encoding", []), answer.content.iter_any())
                headers = list(answer.headers.items())
        except aiohttp.ConnectionTimeoutError:
            return Outcome.deadline(sent=False)
        except (aiohttp.ClientConnectorError, aiohttp.ClientHttpProxyError, aiohttp.InvalidURL) as error:
            return failed(error, sent=False)
        except Lost as lost:
            return failed(lost.error, sent=True)
        except aiohttp.ServerFingerprintMismatch as error:
            return Outcome.tls(reason(error))
        except Exception as error:
            return failed(error, sent=True)
        return answered(answer.status, headers, body)


class Lost(Exception):  # noqa: N818
    """The connection broke: what aiohttp raised, as an exception that it does not know."""

    def __init__(self, error: Exception) -> None:
        """Take what it raised."""
        super().__init__()
        self.error = error


def transport(client: Client | None, http: HttpClient | None) -> Transport:
    """The transport for a client, which is known by its class; `http` is what sends if there is none."""
    if client is None:
        return BuiltIn(http)
    if isinstance(client, HttpClient):
        return BuiltIn(client)
    names = {(base.__module__.partition(".")[0], base.__name__) for base in type(client).__mro__}
    if ("httpx", "AsyncClient") in names:
        return Httpx(client)
    if ("aiohttp", "ClientSession") in names:
        if not hasattr(sys.modules["aiohttp"], "ClientMiddlewareType"):
            raise InvalidArgumentError(
                "client is a session of an aiohttp before 3.12, which lacks middlewares", "client"
            )
        return Aiohttp(client)
    kind = type(client)
    message = (
        f"client is {kind.__module__}.{kind.__qualname__}: pass an httpx.AsyncClient, an aiohttp.ClientSession, "
        "an HttpClient or None"
    )
    raise InvalidArgumentError(message, "client")


async def come(wait: Wait) -> None:
    """Wait until it is worth while to step again."""
    loop = asyncio.get_running_loop()
    signal = loop.create_future()

    def arrived() -> None:
        if not signal.done():
            signal.set_result(None)

    def call() -> None:
        # On whatever thread; the loop may be closed by now, and then nobody waits any more.
        if not loop.is_closed():
            try:
                loop.call_soon_threadsafe(arrived)
            except RuntimeError:
                if not loop.is_closed():
                    raise

    wait.notify(call)
    try:
        async with asyncio.timeout(wait.seconds_left):
            await signal
    except TimeoutError:
        return


async def read(request: Request, encodings: Iterable[str], pieces: AsyncIterable[bytes]) -> bytes | Outcome:
    """Read a body piece by piece, and decompress it: never more of it than the request allows."""
    codings = [coding.strip().lower() for line in encodings for coding in line.split(",") if coding.strip()]
    most = request.max_body_bytes
    match [coding for coding in codings if coding != "identity"]:
        case []:
            body = bytearray()
            async for piece in pieces:
                if len(body) + len(piece) > most:
                    return Outcome.too_large()
                body += piece
            return bytes(body)
        case ["gzip" | "x-gzip"]:
            return await decompress(pieces, most)
        case _:
            return Outcome.transport("the answer is compressed in a way that nobody asked for", sent=True)


async def decompress(pieces: AsyncIterable[bytes], most: int) -> bytes | Outcome:
    """Decompress gzip (RFC 1952) as it comes."""
    body, received, stream = bytearray(), 0, zlib.decompressobj(wbits=16 + zlib.MAX_WBITS)
    try:
        async for piece in pieces:
            received += len(piece)
            # One byte more than is allowed tells that there is more. What decompresses to nothing has its end as well.
            body += stream.decompress(piece, most + 1 - len(body))
            if len(body) > most or received > most:
                return Outcome.too_large()
    except zlib.error:
        return Outcome.transport("the answer is not the gzip that it says", sent=True)
    if received and (not stream.eof or stream.unused_data):
        return Outcome.transport("the answer is not the whole gzip that it says", sent=True)
    return bytes(body)


def answered(status: int, headers: list[tuple[str, str]], body: bytes | Outcome) -> Outcome:
    """An answer, unless its body could not be read."""
    if isinstance(body, Outcome):
        return body
    return Outcome.answer(status, [(plain(name), plain(value)) for name, value in headers], body)


def failed(error: Exception, *, sent: bool) -> Outcome:
    """What an exception of the client means."""
    if isinstance(error, TimeoutError):
        # Of asyncio.timeout(), which takes it from here, or the client's own: either way the time was over.
        return Outcome.deadline(sent=sent)
    if (refusal := of_tls(error, sent)) is not None:
        return Outcome.tls(reason(refusal))
    return Outcome.transport(reason(error), sent=sent)


def of_tls(error: BaseException | None, sent: bool) -> Exception | None:
    """The error of TLS behind an exception, if it is why there is no connection."""
    ssl = sys.modules.get("ssl")
    seen = 0
    while error is not None and ssl is not None and seen < 8:
        if isinstance(error, ssl.SSLError) and not isinstance(error, ssl.SSLEOFError | ssl.SSLZeroReturnError):
            # With TLS 1.3 a server's refusal comes only after the client has begun to send (RFC 8446 section 4.4.2.4).
            return error if not sent or "ALERT" in (error.reason or "") else None
        error = error.__cause__ or error.__context__
        seen += 1
    return None


def reason(error: BaseException) -> str:
    """An exception in few words."""
    return plain(f"{type(error).__name__}: {error}")[:300]


def plain(text: str) -> str:
    """A text that a server may have written, without what has no place in a log: line feeds, lone surrogates."""
    return text if text.isprintable() else "".join(letter if letter.isprintable() else "?" for letter in text)
