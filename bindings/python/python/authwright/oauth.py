"""Logs users in, by OAuth 2.0 and OpenID Connect.

    client = aw.oauth.Client("https://id.example", client_id="web", client_secret="...",
                             redirect_uri="https://app.example/callback", seal_keys=[key])
    login = client.begin_login(scope="openid email", return_to="/inbox")    # redirect to login.url, set login.cookie
    tokens = client.finish_login(cookies=cookies, callback=url)             # of the request that comes back
    tokens.claims["sub"]

What a login must remember is sealed in its cookie (or in `login.transaction`, which the program keeps itself), so that
any worker finishes what another began. AsyncClient has the same methods, awaited.
"""

from ._core import Client as Client
from ._core import Login as Login
from ._core import TokenManager as TokenManager
from ._core import Tokens as Tokens
from ._core import User as User
from .async_client import AsyncClient as AsyncClient
from .async_token_manager import AsyncTokenManager as AsyncTokenManager

__all__ = ["AsyncClient", "AsyncTokenManager", "Client", "Login", "TokenManager", "Tokens", "User"]
