"""A web application whose users log in at an OpenID provider: Flask, and authwright's blocking client.

    ISSUER=https://id.example CLIENT_ID=web CLIENT_SECRET=... PORT=8080 login_flask.py

CLIENT_ID must be registered with the redirect URI http://127.0.0.1:8080/callback, and for the logout with
http://127.0.0.1:8080/. Behind a proxy, REDIRECT_URI says what the browser sees. RESPONSE_MODE=form_post has the
provider post the callback. PORT=0 is a free port. When it is ready, it prints a line: {"url": "http://127.0.0.1:8080"}.
"""

import json
import logging
import os
import secrets
import signal
import sys
import urllib.parse
from dataclasses import dataclass

import authwright as aw
import flask
import werkzeug.serving

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

PAGE = """<!doctype html><meta charset="utf-8"><title>Login</title>
{% if error %}
<p id="error" data-code="{{ error.code }}">{{ error.code }}: {{ error }} {{ error.provider_error or "" }}</p>
{% endif %}
{% if session %}
<p>You are <b id="user">{{ session.user.subject }}</b>, <span id="email">{{ session.user.email or "" }}</span>.</p>
<p><a id="userinfo" href="/userinfo">Ask again</a> <a id="refresh" href="/refresh">Refresh</a>
<a id="logout" href="/logout">Log out</a></p>
{% else %}
<p>Nobody is logged in.</p>
<p><a id="login" href="/login?return_to=/">Log in</a></p>
{% endif %}"""

app = flask.Flask(__name__)


@dataclass
class Session:
    """Who is logged in in a browser. A real application keeps this in its database, for all of its processes."""

    user: aw.oauth.User
    manager: aw.oauth.TokenManager


sessions: dict[str, Session] = {}


def client() -> aw.oauth.Client:
    return flask.current_app.extensions["authwright"]


def current() -> Session | None:
    return sessions.get(flask.request.cookies.get("session", ""))


def page(error: aw.AuthwrightError | None = None, status: int = 200) -> flask.Response:
    return flask.make_response(flask.render_template_string(PAGE, session=current(), error=error), status)


@app.after_request
def private(response: flask.Response) -> flask.Response:
    """Keep pages of users out of caches, and the code in the callback's URL away from other sites."""
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


@app.get("/")
def index() -> flask.Response:
    return page()


@app.get("/login")
def login() -> flask.Response:
    begun = client().begin_login(
        return_to=flask.request.args.get("return_to", "/"),
        prompt="consent",
        cookies=flask.request.headers.get("Cookie"),
    )
    response = flask.redirect(begun.url, 303)
    # What must be remembered of the login, sealed; and those that were never finished are forgotten.
    for cookie in (begun.cookie, *begun.stale_cookies):
        response.headers.add("Set-Cookie", cookie)
    return response


@app.route("/callback", methods=["GET", "POST"])
def callback() -> flask.Response:
    cookies = flask.request.headers.get("Cookie")
    came = flask.request.get_data() if flask.request.method == "POST" else flask.request.query_string
    try:
        tokens = client().finish_login(cookies=cookies, callback=came)
        user = client().userinfo(tokens)
    except aw.AuthwrightError as error:
        response = page(error, 503 if isinstance(error, DOWN) else 400)
        if forgotten := client().forget_login(cookies, came):
            response.headers.add("Set-Cookie", forgotten)
        return response
    # A new name for the session: an old one may be known to somebody else, and ends here.
    sessions.pop(flask.request.cookies.get("session", ""), None)
    name = secrets.token_urlsafe(32)
    # Here on_tokens would write the new tokens to the database before anybody uses them.
    sessions[name] = Session(user, client().token_manager(tokens, on_tokens=lambda _: None))
    response = flask.redirect(tokens.return_to or "/", 303)
    response.headers.add("Set-Cookie", tokens.clear_cookie)
    response.set_cookie("session", name, httponly=True, samesite="Lax", secure=app.config["SESSION_COOKIE_SECURE"])
    return response


@app.get("/userinfo")
def userinfo() -> flask.Response:
    if session := current():
        # Tokens that are valid: renewed first, if they are about to end.
        session.user = client().userinfo(session.manager.tokens())
    return page()


@app.get("/refresh")
def refresh() -> flask.Response:
    if session := current():
        session.manager.tokens(force=True)
    return flask.redirect("/", 303)


# A link is enough for an example. A real application logs out by POST, with its protection against forged requests: any
# site can have the browser follow a link.
@app.get("/logout")
def logout() -> flask.Response:
    # Here the user is logged out whatever the provider says. Not every provider can do the rest.
    session = sessions.pop(flask.request.cookies.get("session", ""), None)
    goal = "/"
    if session is not None:
        tokens = session.manager.current
        try:
            client().revoke(tokens, timeout=5)
        except aw.AuthwrightError as error:
            app.logger.warning("the tokens are not revoked: %s", error.code)
        try:
            goal = client().logout_url(tokens, timeout=5)
        except aw.AuthwrightError as error:
            app.logger.warning("the user is not logged out at the provider: %s", error.code)
    response = flask.redirect(goal, 303)
    response.delete_cookie("session")
    return response


@app.errorhandler(aw.AuthwrightError)
def failed(error: aw.AuthwrightError) -> flask.Response:
    """Answer 400 for what the browser sent, 503 for a provider that is down, 502 for what else the provider did."""
    return page(error, 400 if isinstance(error, aw.InvalidArgumentError) else 503 if isinstance(error, DOWN) else 502)


def main() -> None:
    redirect_uri = os.environ.get("REDIRECT_URI")
    port = int(os.environ.get("PORT", urllib.parse.urlsplit(redirect_uri or "").port or 0))
    server = werkzeug.serving.make_server("127.0.0.1", port, app, threaded=True)
    url = f"http://127.0.0.1:{server.server_port}"
    redirect_uri = redirect_uri or f"{url}/callback"
    app.config["SESSION_COOKIE_SECURE"] = redirect_uri.startswith("https:")
    app.extensions["authwright"] = aw.oauth.Client(
        os.environ["ISSUER"],
        client_id=os.environ["CLIENT_ID"],
        client_secret=os.environ["CLIENT_SECRET"],
        redirect_uri=redirect_uri,
        post_logout_redirect_uri=urllib.parse.urljoin(redirect_uri, "/"),
        response_mode=os.environ.get("RESPONSE_MODE", "query"),
        scope=SCOPE,
        # Of one process only. Several share a secret: whoever has it can open what the cookies hold.
        seal_keys=aw.Key.generate("HS256"),
    )
    # Its log would have the codes of the callbacks.
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    print(json.dumps({"url": url}), flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
