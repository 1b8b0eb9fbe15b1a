"""The agent of tests/scenarios/README.md: does what it is told with the Python package, and judges nothing.

agent.py [blocking | built-in | httpx | aiohttp]    Verifier, or AsyncVerifier with that client
"""

import asyncio
import contextlib
import json
import ssl
import sys
import tempfile
import threading
from collections.abc import Awaitable, Callable
from typing import Any

import authwright as aw

Answer = dict[str, Any]


def answered(call: Callable[[], Any]) -> Answer:
    try:
        return {"ok": call()}
    except aw.AuthwrightError as error:
        return {"error": told(error)}


async def awaited(call: Awaitable[Any]) -> Answer:
    try:
        return {"ok": await call}
    except aw.AuthwrightError as error:
        return {"error": told(error)}


def told(error: BaseException | None) -> Answer | None:
    if not isinstance(error, aw.AuthwrightError):
        return None
    members = ("code", "field", "message", "http_status", "provider_error", "provider_error_description")
    return {**{member: getattr(error, member) for member in members}, "cause": told(error.__cause__)}


def at_once(count: int, call: Callable[[], Answer]) -> list[Answer]:
    barrier, answers = threading.Barrier(count), []

    def work() -> None:
        barrier.wait()
        answers.append(call())

    threads = [threading.Thread(target=work) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def secret(text: str) -> aw.Key:
    return aw.Key.from_secret(text.encode())


class Agent:
    """The commands, with a Verifier."""

    keys: aw.RemoteKeySet
    verifier: Any

    async def remote(self, options: str, http: str, policy: str) -> Answer:
        def make() -> bool:
            given = {"http": aw.HttpClient(**json.loads(http))} if http != "{}" else {}
            self.keys = aw.RemoteKeySet(**json.loads(options), **given)
            self.verifier = aw.Verifier(self.keys, **json.loads(policy))
            return True

        return answered(make)

    async def discover(self, issuer: str, http: str, policy: str) -> Answer:
        def make() -> bool:
            given = {"http": aw.HttpClient(**json.loads(http))} if http != "{}" else {}
            self.verifier = aw.Verifier.discover(issuer, **given, **json.loads(policy))
            self.keys = self.verifier.remote_keys
            return True

        return answered(make)

    async def verify(self, milliseconds: str, count: str, token: str) -> Answer:
        def call() -> Answer:
            return answered(lambda: self.verifier.verify_fetching(token, timeout=int(milliseconds) / 1000).claims)

        return call() if count == "1" else {"all": at_once(int(count), call)}

    async def verify_cached(self, token: str) -> Answer:
        return answered(lambda: self.verifier.verify(token).claims)

    async def refresh(self) -> Answer:
        return answered(lambda: self.keys.refresh() or True)

    async def export(self, key: str) -> Answer:
        return answered(lambda: self.keys.export_state(secret(key)))

    # The command's name is a word of Python's.
    async def import_(self, keys: str, state: str) -> Answer:
        return answered(lambda: self.keys.import_state(state, [secret(key) for key in keys.split(",")]) or True)

    async def close(self) -> Answer:
        return answered(lambda: self.keys.close() or True)


class AsyncAgent(Agent):
    """The same with an AsyncVerifier."""

    def __init__(self, make_client: Callable[[dict[str, Any]], Any]) -> None:
        self.make_client = make_client
        self.client: Any = None

    async def remote(self, options: str, http: str, policy: str) -> Answer:
        return await self.set_up(
            http,
            lambda: aw.AsyncVerifier(aw.RemoteKeySet(**json.loads(options)), client=self.client, **json.loads(policy)),
        )

    async def discover(self, issuer: str, http: str, policy: str) -> Answer:
        return await self.set_up(
            http, lambda: aw.AsyncVerifier.discover(issuer, client=self.client, **json.loads(policy))
        )

    async def set_up(self, http: str, make: Callable[[], aw.AsyncVerifier]) -> Answer:
        if self.client is not None:
            await self.shut()
        try:
            self.client = self.make_client(json.loads(http))
        except LookupError as missing:
            return {"unsupported": str(missing)}
        except aw.AuthwrightError as error:
            return {"error": told(error)}

        def begin() -> bool:
            self.verifier = make()
            self.keys = self.verifier.remote_keys
            return True

        return answered(begin)

    async def shut(self) -> None:
        if isinstance(self.client, aw.HttpClient):
            self.client.close()
        elif hasattr(self.client, "aclose"):
            await self.client.aclose()
        else:
            await self.client.close()
        self.client = None

    async def verify(self, milliseconds: str, count: str, token: str) -> Answer:
        async def claims() -> dict[str, Any]:
            verified = await self.verifier.verify_fetching(token, timeout=int(milliseconds) / 1000)
            return dict(verified.claims)

        answers = await asyncio.gather(*(awaited(claims()) for _ in range(int(count))))
        return answers[0] if count == "1" else {"all": answers}

    async def refresh(self) -> Answer:
        async def refresh() -> bool:
            await self.verifier.refresh()
            return True

        return await awaited(refresh())


def built_in(http: dict[str, Any]) -> Any:
    return aw.HttpClient(**http) if http else None


def httpx_client(http: dict[str, Any]) -> Any:
    import httpx

    # What the program sets for itself must change nothing.
    return httpx.AsyncClient(
        verify=context(http), follow_redirects=True, timeout=0.01, headers={"If-None-Match": "*"}, params={"a": "b"}
    )


def aiohttp_session(http: dict[str, Any]) -> Any:
    import aiohttp

    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(ssl=context(http)),
        raise_for_status=True,
        headers={"If-None-Match": "*", "Authorization": "Bearer secret"},
        timeout=aiohttp.ClientTimeout(total=0.01),
    )


def context(http: dict[str, Any]) -> ssl.SSLContext:
    """What the built-in client does with the same options."""
    if unknown := set(http) - {"ca", "client_certificate", "client_key"}:
        raise LookupError(f"{unknown} is not the host's client's")
    made = ssl.create_default_context(cadata=http.get("ca"))
    if "client_certificate" in http:
        with tempfile.NamedTemporaryFile("w") as both:
            both.write(http["client_certificate"] + "\n" + http["client_key"])
            both.flush()
            made.load_cert_chain(both.name)
    return made


AGENTS = {
    "blocking": Agent,
    "built-in": lambda: AsyncAgent(built_in),
    "httpx": lambda: AsyncAgent(httpx_client),
    "aiohttp": lambda: AsyncAgent(aiohttp_session),
}


async def main() -> None:
    agent = AGENTS[sys.argv[1] if len(sys.argv) > 1 else "blocking"]()
    # In a thread: the loop has other things to do meanwhile.
    while line := await asyncio.to_thread(sys.stdin.readline):
        command, *fields = line.rstrip("\n").split("\t")
        answer = await getattr(agent, "import_" if command == "import" else command)(*fields)
        print(json.dumps(answer), flush=True)
    if isinstance(agent, AsyncAgent) and agent.client is not None:
        with contextlib.suppress(Exception):
            await agent.shut()


if __name__ == "__main__":
    asyncio.run(main())
