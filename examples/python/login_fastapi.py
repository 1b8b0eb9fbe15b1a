"""A web application whose users log in at an OpenID provider: FastAPI, and authwright's AsyncClient, over httpx.

    ISSUER=https://id.example CLIENT_ID=web CLIENT_SECRET=... PORT=8080 login_fastapi.py

CLIENT_ID must be registered with the redirect URI http://127.0.0.1:8080/callback, and for the logout with
http://127.0.0.1:8080/. Behind a proxy, REDIRECT_URI says what the browser sees. RESPONSE_MODE=form_post has the
provider post the callback. PORT=0 is a free port. When it is ready, it prints a line: {"url": "http://127.0.0.1:8080"}.
"""

import asyncio
import html
import json
import logging
import os
import secrets
import socket
import urllib.parse
from dataclasses import dataclass

import authwright as aw
import httpx
import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.middleware.base import RequestResponseEndpoint

# A refresh token is given, by most providers, for offline_access and when the user is asked for it.
SCOPE = "openid email profile offline_access"

# The provider cannot be reached, or is not well: that passes.
DOWN = (
    aw.TransportError,
    aw.TransportTlsError,
    aw.DeadlineError,
    aw.ResponseStatusError,
    aw.KeysNeededError,
)

app = FastAPI()
log = logging.getLogger("uvicorn.error")


@dataclass
class Session:
    """Who is logged in in a browser. A real application keeps this in its database, for all of its processes."""

    user: aw.oauth.User
    manager: aw.oauth.AsyncTokenManager


sessions: dict[str, Session] = {}


def client() -> aw.oauth.AsyncClient:
    return app.state.client


def current(request: Request) -> Session | None:
    return sessions.get(request.cookies.get("session", ""))


def page(request: Request, error: aw.AuthwrightError | None = None, status: int = 200) -> Response:
    lines = ['<!doctype html><meta charset="utf-8"><title>Login</title>']
    if error is not None:
        message = html.escape(f"{error.code}: {error} {error.provider_error or ''}")
        lines.append(f'<p id="error" data-code="{error.code}">{message}</p>')
    if session := current(request):
        subject, email = html.escape(session.user.subject), html.escape(session.user.email or "")
        lines += [
            f'<p>You are <b id="user">{subject}</b>, <span id="email">{email}</span>.</p>',
            '<p><a id="userinfo" href="/userinfo">Ask again</a> <a id="refresh" href="/refresh">Refresh</a>',
            '<a id="logout" href="/logout">Log out</a></p>',
        ]
    else:
        lines += ["<p>Nobody is logged in.</p>", '<p><a id="login" href="/login?return_to=/">Log in</a></p>']
    return HTMLResponse("\n".join(lines), status)


@app.middleware("http")
async def private(request: Request, call_next: RequestResponseEndpoint) -> Response:
    """Keep pages of users out of caches, and the code in the callback's URL away from other sites."""
    response = await call_next(request)
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


@app.get("/")
async def index(request: Request) -> Response:
    return page(request)


@app.get("/login")
async def login(request: Request, return_to: str = "/") -> Response:
    begun = await client().begin_login(return_to=return_to, prompt="consent", cookies=request.headers.get("Cookie"))
    response = RedirectResponse(begun.url, 303)
    # What must be remembered of the login, sealed; and those that were never finished are forgotten.
    for cookie in (begun.cookie, *begun.stale_cookies):
        response.headers.append("Set-Cookie", cookie)
    return response


@app.api_route("/callback", methods=["GET", "POST"])
async def callback(request: Request) -> Response:
    cookies = request.headers.get("Cookie")
    came = await request.body() if request.method == "POST" else str(request.url)
    try:
        tokens = await client().finish_login(cookies=cookies, callback=came)
        user = await client().userinfo(tokens)
    except aw.AuthwrightError as error:
        response = page(request, error, 503 if isinstance(error, DOWN) else 400)
        if forgotten := client().forget_login(cookies, came):
            response.headers.append("Set-Cookie", forgotten)
        return response
    # A new name for the session: an old one may be known to somebody else, and ends here.
    sessions.pop(request.cookies.get("session", ""), None)
    name = secrets.token_urlsafe(32)
    sessions[name] = Session(user, client().token_manager(tokens, on_tokens=keep))
    response = RedirectResponse(tokens.return_to or "/", 303)
    response.headers.append("Set-Cookie", tokens.clear_cookie or "")
    response.set_cookie("session", name, httponly=True, samesite="lax", secure=app.state.secure)
    return response


async def keep(tokens: aw.oauth.Tokens) -> None:
    """Here the new tokens would be written to the database, before anybody uses them."""


@app.get("/userinfo")
async def userinfo(request: Request) -> Response:
    if session := current(request):
        # Tokens that are valid: renewed first, if they are about to end.
        session.user = await client().userinfo(await session.manager.tokens())
    return page(request)


@app.get("/refresh")
async def refresh(request: Request) -> Response:
    if session := current(request):
        await session.manager.tokens(force=True)
    return RedirectResponse("/", 303)


# A link is enough for an example. A real application logs out by POST, with its protection against forged requests: any
# site can have the browser follow a link.
@app.get("/logout")
async def logout(request: Request) -> Response:
    # Here the user is logged out whatever the provider says. Not every provider can do the rest.
    session = sessions.pop(request.cookies.get("session", ""), None)
    goal = "/"
    if session is not None:
        tokens = session.manager.current
        try:
            await client().revoke(tokens, timeout=5)
        except aw.AuthwrightError as error:
            log.warning("the tokens are not revoked: %s", error.code)
        try:
            goal = await client().logout_url(tokens, timeout=5)
        except aw.AuthwrightError as error:
            log.warning("the user is not logged out at the provider: %s", error.code)
    response = RedirectResponse(goal, 303)
    response.delete_cookie("session")
    return response


@app.exception_handler(aw.AuthwrightError)
async def failed(request: Request, error: aw.AuthwrightError) -> Response:
    """Answer 400 for what the browser sent, 503 for a provider that is down, 502 for what else the provider did."""
    status = 400 if isinstance(error, aw.InvalidArgumentError) else 503 if isinstance(error, DOWN) else 502
    return page(request, error, status)


async def main() -> None:
    redirect_uri = os.environ.get("REDIRECT_URI")
    port = int(os.environ.get("PORT", urllib.parse.urlsplit(redirect_uri or "").port or 0))
    listener = socket.create_server(("127.0.0.1", port))
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    redirect_uri = redirect_uri or f"{url}/callback"
    app.state.secure = redirect_uri.startswith("https:")
    async with httpx.AsyncClient() as http:
        app.state.client = aw.oauth.AsyncClient(
            os.environ["ISSUER"],
            client=http,
            client_id=os.environ["CLIENT_ID"],
            client_secret=os.environ["CLIENT_SECRET"],
            redirect_uri=redirect_uri,
            post_logout_redirect_uri=urllib.parse.urljoin(redirect_uri, "/"),
            response_mode=os.environ.get("RESPONSE_MODE", "query"),
            scope=SCOPE,
            # Of one process only. Several share a secret: whoever has it can open what the cookies hold.
            seal_keys=aw.Key.generate("HS256"),
        )
        print(json.dumps({"url": url}), flush=True)
        # Its access log would have the codes of the callbacks. It ends on SIGTERM.
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning", access_log=False))
        await server.serve(sockets=[listener])


if __name__ == "__main__":
    asyncio.run(main())
