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
        response = page(error, 400)
        if forgotten := client().forget_login(cookies, came):
            response.headers.add("Set-Cookie", forgotten)
        return response
    # A new name for the session: an old one may be known to somebody else.
    name = secrets.token_urlsafe(32)
    # Here on_tokens would write the new tokens to the database before anybody uses them.
    sessions[name] = Session(user, client().token_manager(tokens, on_tokens=lambda _: None))
    response = flask.redirect(tokens.return_to or "/", 303)
    response.headers.add("Set-Cookie", tokens.clear_cookie)
    response.set_cookie("session", name, httponly=True, samesite="Lax", secure=flask.request.is_secure)
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


@app.get("/logout")
def logout() -> flask.Response:
    session = sessions.pop(flask.request.cookies.get("session", ""), None)
    response = flask.redirect("/", 303)
    if session is not None:
        tokens = session.manager.current
        try:
            client().revoke(tokens)
            response = flask.redirect(client().logout_url(tokens), 303)
        except aw.EndpointMissingError:
            # Not every provider has these: here, the user is logged out in any case.
            app.logger.info("the provider cannot revoke tokens, or log out")
    response.delete_cookie("session")
    return response


@app.errorhandler(aw.AuthwrightError)
def failed(error: aw.AuthwrightError) -> flask.Response:
    """Answer 400 for what the browser sent, 502 for what the provider did."""
    return page(error, 400 if isinstance(error, aw.InvalidArgumentError) else 502)


def main() -> None:
    redirect_uri = os.environ.get("REDIRECT_URI")
    port = int(os.environ.get("PORT", urllib.parse.urlsplit(redirect_uri or "").port or 0))
    server = werkzeug.serving.make_server("127.0.0.1", port, app, threaded=True)
    url = f"http://127.0.0.1:{server.server_port}"
    redirect_uri = redirect_uri or f"{url}/callback"
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
