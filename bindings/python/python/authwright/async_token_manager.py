"""The token manager of programs with an event loop."""

from ._core import Operation
from .errors import PersistFailedError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from ._core import TokenManager, Tokens, _Duration
    from ._driver import Transport


class AsyncTokenManager:
    """Holds the tokens of one login, and renews them: one refresh at a time for all tasks and threads of a process.

    AsyncClient.token_manager() makes one; TokenManager says the rest. `on_tokens` may be a function that never blocks
    for long, or a coroutine function. A coroutine that is not done when the time of tokens() is over is cancelled, and
    the tokens are handed over again later. A refresh runs in a task of its own: who is cancelled while waiting for it,
    even the first who asked, leaves it to its end, and the others get the tokens.
    """

    __module__ = "authwright.oauth"
    __slots__ = ("__weakref__", "_manager", "_on_tokens", "_raised", "_transport")

    _manager: "TokenManager"
    _transport: "Transport"
    _on_tokens: "Callable[[Tokens], object] | None"
    # What the hook raised when it was called last: the cause of every PersistFailedError until it is called again.
    _raised: "Exception | None"

    def __init__(self) -> None:
        """Refuse: AsyncClient.token_manager() makes one."""
        raise TypeError("AsyncClient.token_manager() makes an AsyncTokenManager")

    @classmethod
    def _of(
        cls, manager: "TokenManager", transport: "Transport", on_tokens: "Callable[[Tokens], object] | None"
    ) -> "AsyncTokenManager":
        made = cls.__new__(cls)
        made._manager, made._transport, made._on_tokens, made._raised = manager, transport, on_tokens, None
        return made

    async def tokens(self, force: bool = False, timeout: "_Duration" = 30) -> "Tokens":
        """Get tokens that are valid: those at hand, or renewed ones, as TokenManager.tokens() does.

        Raises what TokenManager.tokens() raises.
        """
        import asyncio
        from datetime import timedelta

        try:
            begun = Operation.tokens(self._manager, force, timeout)
            if not isinstance(begun, Operation):
                return begun
            loop = asyncio.get_running_loop()
            until = loop.time() + (timeout.total_seconds() if isinstance(timeout, timedelta) else timeout)

            async def keep(tokens: "Tokens") -> "str | None":
                try:
                    kept = self._on_tokens(tokens) if self._on_tokens is not None else None
                    if hasattr(kept, "__await__"):
                        # The requests may have taken all of the time; it has a second in any case.
                        async with asyncio.timeout_at(max(until, loop.time() + 1)):
                            await kept
                except Exception as error:
                    self._raised = error
                    # The name of its class only: what an exception says of tokens may hold them.
                    return f"on_tokens raised {type(error).__name__}"
                self._raised = None
                return None

            task = self._transport.run_in_background(begun, keep)
            # Cancelling who waits here does not cancel the task.
            await asyncio.wait((task,))
            return task.result()
        except PersistFailedError as error:
            if self._raised is None:
                raise
            raise error from self._raised

    @property
    def current(self) -> "Tokens":
        """The tokens at hand, whether or not they are valid still."""
        return self._manager.current

    def replace(self, tokens: "Tokens", /) -> None:
        """Hold other tokens from here on: of a new login, or that another process got.

        Raises InvalidArgumentError.
        """
        self._manager.replace(tokens)

    def __repr__(self) -> str:
        """Tell what it is."""
        return "<authwright.oauth.AsyncTokenManager>"
