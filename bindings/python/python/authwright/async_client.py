"""The OAuth client of programs with an event loop."""

from ._core import Client, HttpClient, Operation
from .async_token_manager import AsyncTokenManager
from .errors import InvalidArgumentError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Unpack, overload

    from ._core import (
        Key,
        Login,
        RemoteKeySet,
        Token,
        Tokens,
        User,
        _Bytes,
        _ClientOptions,
        _Duration,
        _LoginOptions,
        _LogoutOptions,
        _ManagerOptions,
        _RefreshOptions,
    )
    from ._driver import Client as HostClient


class AsyncClient:
    """Logs users in at one provider, as Client does, inside an event loop, which goes on meanwhile.

    `client` sends the requests: an httpx.AsyncClient or an aiohttp.ClientSession of the program, with its certificates
    and proxies (of httpx 0.28, or aiohttp 3.12, or newer); or an HttpClient, which works in a thread; None is the
    built-in one that all share. Whatever the client does otherwise, redirects are not followed, nothing is sent twice,
    and nothing of its own is added: no headers, cookies or credentials. For tls_client_auth it must be an HttpClient.
    All else is as for Client.

    A task that is cancelled takes its request along: use a token_manager() for tokens that are refreshed.

    Raises what Client() raises.
    """

    __module__ = "authwright.oauth"
    __slots__ = ("__weakref__", "_client", "_transport")

    def __init__(
        self,
        issuer: "str | None" = None,
        *,
        client: "HostClient | None" = None,
        seal_keys: "Key | Iterable[Key] | None" = None,
        client_key: "Key | None" = None,
        **options: "Unpack[_ClientOptions]",
    ) -> None:
        """Make a client."""
        # Not with the package: it needs asyncio, which takes longer to import than all of the rest.
        from . import _driver

        if "http" in options:
            raise InvalidArgumentError("an AsyncClient takes an HttpClient as client, not as http", "http")
        http = client if isinstance(client, HttpClient) else None
        self._client = Client(issuer, seal_keys=seal_keys, client_key=client_key, http=http, **options)
        self._transport = _driver.transport(client, self._client.http)

    async def begin_login(
        self,
        *,
        cookies: "_Bytes | None" = None,
        timeout: "_Duration" = 30,
        **options: "Unpack[_LoginOptions]",
    ) -> "Login":
        """Begin a login, as Client.begin_login() does.

        Raises what Client.begin_login() raises.
        """
        return await self._transport.run(Operation.begin_login(self._client, cookies, timeout, options))

    if TYPE_CHECKING:

        @overload
        async def finish_login(
            self,
            transaction: _Bytes | None,
            callback: _Bytes,
            *,
            cookies: None = None,
            timeout: _Duration = 30,
        ) -> Tokens: ...
        @overload
        async def finish_login(
            self,
            transaction: None = None,
            callback: _Bytes | None = ...,
            *,
            cookies: _Bytes | None,
            timeout: _Duration = 30,
        ) -> Tokens: ...

    async def finish_login(
        self,
        transaction: "_Bytes | None" = None,
        callback: "_Bytes | None" = None,
        *,
        cookies: "_Bytes | None" = None,
        timeout: "_Duration" = 30,
    ) -> "Tokens":
        """End a login, as Client.finish_login() does.

        Raises what Client.finish_login() raises.
        """
        operation = Operation.finish_login(self._client, transaction, callback, cookies, timeout)
        return await self._transport.run(operation)

    def forget_login(self, cookies: "_Bytes | None", callback: "_Bytes", /) -> "str | None":
        """Say which Set-Cookie header removes the cookie of a login that failed, as Client.forget_login() does."""
        return self._client.forget_login(cookies, callback)

    async def refresh(
        self, tokens: "Tokens", *, timeout: "_Duration" = 30, **options: "Unpack[_RefreshOptions]"
    ) -> "Tokens":
        """Get tokens for the refresh token of these, as Client.refresh() does.

        Raises what Client.refresh() raises.
        """
        return await self._transport.run(Operation.refresh_tokens(self._client, tokens, timeout, options))

    async def userinfo(self, tokens: "Tokens", timeout: "_Duration" = 30) -> "User":
        """Ask who the user is, as Client.userinfo() does.

        Raises what Client.userinfo() raises.
        """
        return await self._transport.run(Operation.userinfo(self._client, tokens, timeout))

    async def revoke(self, tokens: "Tokens", timeout: "_Duration" = 30) -> None:
        """Revoke the refresh token, and then the access token.

        Raises what Client.revoke() raises.
        """
        await self._transport.run(Operation.revoke(self._client, tokens, timeout))

    async def logout_url(
        self,
        tokens: "Tokens | None" = None,
        *,
        timeout: "_Duration" = 30,
        **options: "Unpack[_LogoutOptions]",
    ) -> str:
        """Say where to redirect the browser so that the user is logged out, as Client.logout_url() does.

        Raises what Client.logout_url() raises.
        """
        return await self._transport.run(Operation.logout_url(self._client, tokens, timeout, options))

    async def verify_logout_token(self, token: "_Bytes", timeout: "_Duration" = 30) -> "Token":
        """Verify a logout token, as Client.verify_logout_token() does.

        Raises what Client.verify_logout_token() raises.
        """
        return await self._transport.run(Operation.verify_logout_token(self._client, token, timeout))

    def token_manager(
        self,
        tokens: "Tokens",
        *,
        on_tokens: "Callable[[Tokens], object] | None" = None,
        **options: "Unpack[_ManagerOptions]",
    ) -> AsyncTokenManager:
        """Make an AsyncTokenManager that holds these tokens, as Client.token_manager() does.

        `on_tokens` may be a coroutine function, too.

        Raises UnknownOptionError, InvalidArgumentError.
        """
        manager = self._client.token_manager(tokens, on_tokens=on_tokens, **options)
        return AsyncTokenManager._of(manager, self._transport, on_tokens)

    @property
    def issuer(self) -> "str | None":
        """The issuer, as it was given or as the profile says, or None."""
        return self._client.issuer

    @property
    def client_id(self) -> str:
        """The registered name of the client."""
        return self._client.client_id

    @property
    def remote_keys(self) -> "RemoteKeySet | None":
        """The provider's keys, or None if it has none."""
        return self._client.remote_keys

    def __repr__(self) -> str:
        """Tell what it is."""
        return repr(self._client).replace("Client", "AsyncClient", 1)
