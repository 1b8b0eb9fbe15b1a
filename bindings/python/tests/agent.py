"""The agent of tests/scenarios/README.md: does what it is told with the Python package, and judges nothing.

agent.py [blocking | built-in | httpx | aiohttp]    Verifier and Client, or their async twins with that client
"""

import asyncio
import base64
import contextlib
import functools
import inspect
import json
import ssl
import sys
import tempfile
import threading
import time
from collections.abc import Awaitable, Callable
from typing import Any

import host_stores

import authwright as aw

Answer = dict[str, Any]


class Unsupported(Exception):  # noqa: N818
    """What the transport under test cannot do."""


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
        self.host: Any = None

    async def remote(self, options: str, http: str, policy: str) -> Answer:
        return await self.set_up(
            http,
            lambda: aw.AsyncVerifier(aw.RemoteKeySet(**json.loads(options)), client=self.host, **json.loads(policy)),
        )

    async def discover(self, issuer: str, http: str, policy: str) -> Answer:
        return await self.set_up(
            http, lambda: aw.AsyncVerifier.discover(issuer, client=self.host, **json.loads(policy))
        )

    async def set_up(self, http: str, make: Callable[[], aw.AsyncVerifier]) -> Answer:
        if self.host is not None:
            await self.shut()
        try:
            self.host = self.make_client(json.loads(http))
        except Unsupported as missing:
            return {"unsupported": str(missing)}
        except aw.AuthwrightError as error:
            return {"error": told(error)}

        def begin() -> bool:
            self.verifier = make()
            self.keys = self.verifier.remote_keys
            return True

        return answered(begin)

    async def shut(self) -> None:
        await closed(self.host)
        self.host = None

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


class Commands:
    """Commands that answer what they return, or the error that they raise."""

    async def answer(self, command: str, fields: list[str]) -> Answer:
        try:
            ok, *shown = await getattr(self, command)(*fields)
        except Several as several:
            return {"all": several.answers}
        except Unsupported as missing:
            return {"unsupported": str(missing)}
        except aw.AuthwrightError as error:
            return {"error": told(error)}
        return {"ok": ok, **({"shown": repr(shown[0])} if shown else {})}


class Logins(Commands):
    """The commands of logins, with a Client."""

    # A call that is told no time may take so many seconds.
    TIMEOUT = 20

    def __init__(self) -> None:
        self.clients: dict[str, Any] = {}
        self.managers: dict[str, Any] = {}
        self.hooks: dict[str, str] = {}
        self.kept: dict[str, list[Any]] = {}

    async def make(self, http: dict[str, Any], options: dict[str, Any]) -> Any:
        return aw.oauth.Client(**options, **({"http": aw.HttpClient(**http)} if http else {}))

    async def client(self, name: str, options: str, secrets: str, key: str, http: str) -> tuple[Any, ...]:
        keys = {"seal_keys": [secret(one) for one in secrets.split(",")]} if secrets else {}
        own = {"client_key": aw.Key.from_jwk(key)} if key else {}
        self.clients[name] = await self.make(json.loads(http), {**json.loads(options), **keys, **own})
        return True, self.clients[name]

    async def call(self, name: str, method: str, *arguments: Any, **options: Any) -> Any:
        answer = getattr(self.clients[name], method)(*arguments, **options, timeout=self.TIMEOUT)
        return await answer if inspect.isawaitable(answer) else answer

    async def begin(self, name: str, options: str, cookies: str) -> tuple[Any, ...]:
        begun = await self.call(name, "begin_login", cookies=cookies or None, **json.loads(options))
        return {member: getattr(begun, member) for member in ("url", "transaction", "cookie", "stale_cookies")}, begun

    async def finish(self, name: str, transaction: str, cookies: str, callback: str) -> tuple[Any, ...]:
        kept = {"cookies": cookies} if cookies else {"transaction": transaction or None}
        return document(await self.call(name, "finish_login", **kept, callback=callback))

    async def forget_login(self, name: str, cookies: str, callback: str) -> tuple[Any, ...]:
        return (self.clients[name].forget_login(cookies or None, callback),)

    async def refresh_tokens(self, name: str, tokens: str, options: str) -> tuple[Any, ...]:
        return document(await self.call(name, "refresh", aw.oauth.Tokens.from_json(tokens), **json.loads(options)))

    async def userinfo(self, name: str, tokens: str) -> tuple[Any, ...]:
        return document(await self.call(name, "userinfo", aw.oauth.Tokens.from_json(tokens)))

    async def revoke(self, name: str, tokens: str) -> tuple[Any, ...]:
        await self.call(name, "revoke", aw.oauth.Tokens.from_json(tokens))
        return (True,)

    async def logout_url(self, name: str, options: str) -> tuple[Any, ...]:
        return (await self.call(name, "logout_url", **json.loads(options)),)

    async def verify_logout_token(self, name: str, token: str) -> tuple[Any, ...]:
        return ((await self.call(name, "verify_logout_token", token)).claims,)

    async def manager(self, name: str, client: str, tokens: str, options: str, hook: str) -> tuple[Any, ...]:
        given = {"on_tokens": self.keeping(name)} if hook else {}
        held = aw.oauth.Tokens.from_json(tokens)
        self.managers[name] = self.clients[client].token_manager(held, **json.loads(options), **given)
        self.hooks[name], self.kept[name] = hook, []
        return True, self.managers[name]

    def keeping(self, name: str) -> Callable[[aw.oauth.Tokens], Any]:
        def keep(tokens: aw.oauth.Tokens) -> None:
            self.kept[name].append(json.loads(tokens.to_json()))
            if self.hooks[name] == "slow":
                time.sleep(0.3)
            elif self.hooks[name] == "fail":
                raise OSError("the disk is full")

        return keep

    async def hook(self, name: str, hook: str) -> tuple[Any, ...]:
        self.hooks[name] = hook
        return (True,)

    async def manager_tokens(self, name: str, force: str, milliseconds: str, count: str) -> tuple[Any, ...]:
        manager, timeout = self.managers[name], int(milliseconds) / 1000
        if count == "1":
            return document(manager.tokens(force == "1", timeout))
        call = lambda: answered(lambda: document(manager.tokens(force == "1", timeout))[0])  # noqa: E731
        raise Several(at_once(int(count), call))

    async def cancelled(self, name: str, force: str, milliseconds: str) -> tuple[Any, ...]:
        raise Unsupported(f"a thread is not cancelled ({name}, {force}, {milliseconds})")

    async def manager_current(self, name: str) -> tuple[Any, ...]:
        return document(self.managers[name].current)

    async def manager_replace(self, name: str, tokens: str) -> tuple[Any, ...]:
        self.managers[name].replace(aw.oauth.Tokens.from_json(tokens))
        return (True,)

    async def persisted(self, name: str) -> tuple[Any, ...]:
        return (self.kept[name],)

    async def shut(self) -> None:
        """Leave nothing open."""


class Several(Exception):  # noqa: N818
    """Many answers."""

    def __init__(self, answers: list[Answer]) -> None:
        super().__init__()
        self.answers = answers


def document(made: Any) -> tuple[Any, ...]:
    """What has a document, as that, and itself to be shown."""
    return json.loads(made.to_json()), made


class AsyncLogins(Logins):
    """The same with an AsyncClient."""

    def __init__(self, make_client: Callable[[dict[str, Any]], Any]) -> None:
        super().__init__()
        self.make_client = make_client
        self.open: list[Any] = []

    async def make(self, http: dict[str, Any], options: dict[str, Any]) -> Any:
        if "client_certificate" in http and self.make_client is not built_in:
            raise Unsupported("a host's client does not say which certificate it has")
        # Not one for all: what a server does to the connections of one client is nothing to another.
        self.open.append(self.make_client(http))
        return aw.oauth.AsyncClient(**options, client=self.open[-1])

    def keeping(self, name: str) -> Callable[[aw.oauth.Tokens], Any]:
        async def keep(tokens: aw.oauth.Tokens) -> None:
            self.kept[name].append(json.loads(tokens.to_json()))
            if self.hooks[name] == "slow":
                await asyncio.sleep(0.3)
            elif self.hooks[name] == "fail":
                raise OSError("the disk is full")

        return keep

    async def manager_tokens(self, name: str, force: str, milliseconds: str, count: str) -> tuple[Any, ...]:
        async def tokens() -> Any:
            return document(await self.managers[name].tokens(force == "1", int(milliseconds) / 1000))

        if count == "1":
            found: tuple[Any, ...] = await tokens()
            return found

        async def one() -> Any:
            return (await tokens())[0]

        raise Several(await asyncio.gather(*(awaited(one()) for _ in range(int(count)))))

    async def cancelled(self, name: str, force: str, milliseconds: str) -> tuple[Any, ...]:
        waiting = asyncio.create_task(self.managers[name].tokens(force == "1", self.TIMEOUT))
        await asyncio.sleep(int(milliseconds) / 1000)
        waiting.cancel()
        await asyncio.wait((waiting,))
        return (True,)

    async def shut(self) -> None:
        for host in self.open:
            if host is not None:
                await closed(host)


class Keys(Commands):
    """The commands of stores and API keys, with ApiKeys."""

    def __init__(self) -> None:
        self.stores: dict[str, Any] = {}
        self.keys_by_name: dict[str, Any] = {}

    async def store(self, name: str, url: str, options: str) -> tuple[Any, ...]:
        self.stores[name] = aw.Store(url, **json.loads(options))
        return True, self.stores[name]

    async def host_store(self, name: str) -> tuple[Any, ...]:
        self.stores[name] = host_stores.DictStore()
        return (True,)

    async def store_sweep(self, name: str) -> tuple[Any, ...]:
        store = self.stores[name]
        if isinstance(store, host_stores.AsyncDictStore):
            return (await aw.sweep_async_store(store),)
        return (aw.sweep_store(store),)

    async def store_check(self, name: str) -> tuple[Any, ...]:
        return document(aw.check_store(self.stores[name]))

    async def store_close(self, name: str) -> tuple[Any, ...]:
        self.stores[name].close()
        return (True,)

    def make_keys(self, *arguments: Any, **options: Any) -> Any:
        return aw.ApiKeys(*arguments, **options)

    async def keys(self, name: str, store: str, options: str, peppers: str) -> tuple[Any, ...]:
        secrets = [base64.urlsafe_b64decode(pepper + "==") for pepper in json.loads(peppers)]
        self.keys_by_name[name] = self.make_keys(self.stores[store], peppers=secrets, **json.loads(options))
        return True, self.keys_by_name[name]

    async def with_keys(self, name: str, method: str, *arguments: Any, **options: Any) -> Any:
        answer = getattr(self.keys_by_name[name], method)(*arguments, **options)
        return await answer if inspect.isawaitable(answer) else answer

    async def keys_issue(self, name: str, options: str) -> tuple[Any, ...]:
        return document(await self.with_keys(name, "issue", **{"owner": None, **json.loads(options)}))

    async def keys_verify(self, name: str, presented: str, scopes: str, now: str) -> tuple[Any, ...]:
        at = {"now": float(now)} if now else {}
        return document(await self.with_keys(name, "verify", json.loads(presented), json.loads(scopes), **at))

    async def keys_get(self, name: str, id_: str) -> tuple[Any, ...]:
        return document(await self.with_keys(name, "get", id_))

    async def keys_list(self, name: str, owner: str, after: str, limit: str) -> tuple[Any, ...]:
        return document(await self.with_keys(name, "list", owner, after=after or None, limit=int(limit)))

    async def keys_rotate(self, name: str, id_: str, options: str) -> tuple[Any, ...]:
        return document(await self.with_keys(name, "rotate", id_, **json.loads(options)))

    async def keys_revoke(self, name: str, id_: str) -> tuple[Any, ...]:
        return document(await self.with_keys(name, "revoke", id_))

    async def keys_revoke_all(self, name: str, owner: str) -> tuple[Any, ...]:
        return (await self.with_keys(name, "revoke_all", owner),)

    async def keys_import(self, name: str, options: str) -> tuple[Any, ...]:
        given = {"sha256": None, "owner": None, **json.loads(options)}
        return document(await self.with_keys(name, "import_hash", **given))

    async def keys_well_formed(self, name: str, text: str) -> tuple[Any, ...]:
        return (self.keys_by_name[name].is_well_formed(json.loads(text)),)

    async def keys_pattern(self, name: str) -> tuple[Any, ...]:
        return (self.keys_by_name[name].pattern,)


class AsyncKeys(Keys):
    """The same with AsyncApiKeys."""

    async def host_store(self, name: str) -> tuple[Any, ...]:
        self.stores[name] = host_stores.AsyncDictStore()
        return (True,)

    async def store_check(self, name: str) -> tuple[Any, ...]:
        store = self.stores[name]
        if isinstance(store, aw.Store):
            return await super().store_check(name)
        return document(await aw.check_async_store(store))

    def make_keys(self, *arguments: Any, **options: Any) -> Any:
        return aw.AsyncApiKeys(*arguments, **options)


async def closed(client: Any) -> None:
    if isinstance(client, aw.HttpClient):
        client.close()
    else:
        await (client.aclose() if hasattr(client, "aclose") else client.close())


def built_in(http: dict[str, Any]) -> Any:
    return aw.HttpClient(**http) if http else None


def httpx_client(http: dict[str, Any]) -> Any:
    import httpx

    # What the program sets for itself must change nothing.
    return httpx.AsyncClient(
        verify=context(json.dumps(http)),
        follow_redirects=True,
        timeout=0.01,
        headers={"If-None-Match": "*"},
        params={"a": "b"},
    )


def aiohttp_session(http: dict[str, Any]) -> Any:
    import aiohttp

    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(ssl=context(json.dumps(http))),
        raise_for_status=True,
        headers={"If-None-Match": "*", "Authorization": "Bearer secret"},
        timeout=aiohttp.ClientTimeout(total=0.01),
    )


@functools.cache
def context(options: str) -> ssl.SSLContext:
    """What the built-in client does with the same options. To load the platform's authorities takes its time."""
    http = json.loads(options)
    if unknown := set(http) - {"ca", "client_certificate", "client_key"}:
        raise Unsupported(f"{unknown} is not the host's client's")
    made = ssl.create_default_context(cadata=http.get("ca"))
    if "client_certificate" in http:
        with tempfile.NamedTemporaryFile("w") as both:
            both.write(http["client_certificate"] + "\n" + http["client_key"])
            both.flush()
            made.load_cert_chain(both.name)
    return made


REMOTE_KEYS = {"remote", "discover", "verify", "verify_cached", "refresh", "export", "import", "close"}
CLIENTS = {"built-in": built_in, "httpx": httpx_client, "aiohttp": aiohttp_session}


async def main() -> None:
    make_client = CLIENTS.get(sys.argv[1] if len(sys.argv) > 1 else "blocking")
    agent, logins = (AsyncAgent(make_client), AsyncLogins(make_client)) if make_client else (Agent(), Logins())
    keys = AsyncKeys() if make_client else Keys()
    # In a thread: the loop has other things to do meanwhile.
    while line := await asyncio.to_thread(sys.stdin.readline):
        command, *fields = line.rstrip("\n").split("\t")
        if command in REMOTE_KEYS:
            answer = await getattr(agent, "import_" if command == "import" else command)(*fields)
        else:
            commands = keys if command.startswith(("keys", "store", "host_store")) else logins
            answer = await commands.answer(command, fields)
        print(json.dumps(answer), flush=True)
    await logins.shut()
    if isinstance(agent, AsyncAgent) and agent.host is not None:
        with contextlib.suppress(Exception):
            await agent.shut()


if __name__ == "__main__":
    asyncio.run(main())
