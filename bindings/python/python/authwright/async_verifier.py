"""The verifier of programs with an event loop."""

from ._core import HttpClient, Operation, Verifier

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Unpack

    from ._core import Key, KeySet, RemoteKeySet, Token, _Bytes, _Duration, _Instant, _Mapping, _Policy
    from ._driver import Client


class AsyncVerifier:
    """Verifies tokens by one policy, with a Key, a KeySet or an issuer's RemoteKeySet. It never blocks the event loop.

    `client` sends the requests: an httpx.AsyncClient or an aiohttp.ClientSession of the program, with its certificates
    and proxies (of httpx 0.28, or aiohttp 3.12, or newer); or an HttpClient, which works in a thread; None is the
    HttpClient of the RemoteKeySet. Whatever the client does otherwise, redirects are not followed, and nothing of its
    own is added: no headers, cookies or credentials. The rest is the policy, as for Verifier.

    It runs in asyncio's event loops. Verifiers of both kinds may share a RemoteKeySet: they make one fetch at a time.

    Raises what Verifier() raises.
    """

    __module__ = "authwright"
    __slots__ = ("__weakref__", "_keys", "_transport", "_verifier")

    def __init__(
        self, keys: "Key | KeySet | RemoteKeySet", /, *, client: "Client | None" = None, **policy: "Unpack[_Policy]"
    ) -> None:
        """Make a verifier."""
        self._set_up(Verifier(keys, **policy), client)

    @classmethod
    def from_policy(
        cls, keys: "Key | KeySet | RemoteKeySet", policy: "_Mapping | _Bytes", /, *, client: "Client | None" = None
    ) -> "AsyncVerifier":
        """Make a verifier by a policy document: a dict, or JSON text."""
        made = cls.__new__(cls)
        made._set_up(Verifier.from_policy(keys, policy), client)
        return made

    @classmethod
    def discover(
        cls, issuer: str, /, *, client: "Client | None" = None, **policy: "Unpack[_Policy]"
    ) -> "AsyncVerifier":
        """Make a verifier from nothing but an issuer's URL.

        Its metadata and its keys are fetched when the first token comes: an issuer that is down is no error yet.

        Raises UrlRefusedError, and what Verifier() raises.
        """
        made = cls.__new__(cls)
        http = client if isinstance(client, HttpClient) else None
        made._set_up(Verifier.discover(issuer, http=http, **policy), client)
        return made

    def _set_up(self, verifier: Verifier, client: "Client | None") -> None:
        # Not with the package: it needs asyncio, which takes longer to import than all of the rest.
        from . import _driver

        self._verifier = verifier
        self._keys = verifier.remote_keys
        self._transport = _driver.transport(client, None if self._keys is None else self._keys.http)

    def verify(self, token: "_Bytes", now: "_Instant | None" = None) -> "Token":
        """Verify a token with the keys at hand, as Verifier.verify() does. Does no I/O.

        Raises what Verifier.verify() raises.
        """
        return self._verifier.verify(token, now)

    async def verify_fetching(
        self, token: "_Bytes", now: "_Instant | None" = None, timeout: "_Duration" = 10
    ) -> "Token":
        """Verify a token, and fetch the issuer's keys first where they are needed, or wait for who is fetching them.

        `token` and `now` are those of verify(). Where the keys are here, it does not wait. `timeout` is how long it may
        take otherwise: seconds, or a timedelta. Keys whose time is about to be over are fetched by a task in the
        background.
        A call that is cancelled while it fetches leaves the others whole: one of them takes over.

        Raises what Verifier.verify_fetching() raises.
        """
        begun = Operation.verify(self._verifier, token, now, timeout)
        if isinstance(begun, Operation):
            verified = await self._transport.run(begun)
        else:
            verified = begun
        if self._keys is not None and (due := Operation.refresh_ahead(self._keys)) is not None:
            self._transport.run_in_background(due)
        return verified

    async def refresh(self) -> None:
        """Fetch the issuer's keys now, or wait for who is fetching them, as RemoteKeySet.refresh() does.

        Raises what RemoteKeySet.refresh() raises.
        """
        if self._keys is not None:
            await self._transport.run(Operation.refresh(self._keys))

    @property
    def remote_keys(self) -> "RemoteKeySet | None":
        """The RemoteKeySet, or None with fixed keys."""
        return self._keys

    def __repr__(self) -> str:
        """Tell what it is."""
        return "<authwright.AsyncVerifier>"
