#!/usr/bin/env python3
"""Uses the example's web application as a user does, without a browser: tests/c/login_app.py program...

The program and its arguments, perhaps under valgrind. Logs in at the tests' OpenID provider, in every way in which that can
go, and looks at what the pages say.
"""

import contextlib
import html
import http.client
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import threading
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "servers"))

import servers


class Browser:
    """Keeps the application's cookies, and follows nothing by itself."""

    def __init__(self, url):
        self.host = urllib.parse.urlsplit(url).netloc
        self.cookies = {}
        self.was_set = []

    def open(self, path, form=None):
        """The status, where it leads to, and the page. `form` is the body of a POST."""
        connection = http.client.HTTPConnection(self.host, timeout=60)
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        body = None
        if form is not None:
            body = form
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        connection.request("GET" if form is None else "POST", path, body=body, headers=headers)
        answer = connection.getresponse()
        page = answer.read().decode()
        self.was_set = answer.headers.get_all("Set-Cookie") or []
        for cookie in self.was_set:
            name, value = cookie.split(";")[0].split("=", 1)
            self.cookies.pop(name, None)
            if "Max-Age=0" not in cookie:
                self.cookies[name] = value
        connection.close()
        return answer.status, answer.headers.get("Location"), page

    def get(self, path):
        status, _, page = self.open(path)
        assert status == 200, (path, status, page)
        return page

    def begin(self, return_to=None):
        query = "" if return_to is None else "?" + urllib.parse.urlencode({"return_to": return_to})
        status, url, page = self.open(f"/login{query}")
        assert status == 303, (status, page)
        return url

    def finish(self, answer):
        """What the provider has the browser do next."""
        if "form" in answer:
            return self.open(path_of(answer["callback_url"]), answer["form"])
        return self.open(path_of(answer["callback"]))


def path_of(url):
    parts = urllib.parse.urlsplit(url)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def text(page, identity):
    found = re.search(rf'id="{identity}"[^>]*>([^<]*)<', page)
    return html.unescape(found[1]) if found else None


def code(answer):
    status, _, page = answer
    found = re.search(r'id="error" data-code="(\w+)"', page)
    assert found, (status, page)
    return status, found[1]


@contextlib.contextmanager
def running(command, **settings):
    environment = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    with subprocess.Popen(command, env={**environment, **settings}, stdout=subprocess.PIPE, text=True) as program:
        try:
            yield json.loads(program.stdout.readline())["url"]
            program.send_signal(signal.SIGTERM)
            assert program.wait(timeout=30) == 0, program.returncode
        finally:
            program.kill()


def use(provider, url):
    browser = Browser(url)
    assert text(browser.get("/"), "user") is None and 'id="login"' in browser.get("/")
    assert browser.open("/userinfo")[:2] == (303, "/")

    # In, and back to where the user was going.
    answer = provider.authorize(browser.begin("/?a=1&b=2"), session="one")
    status, location, page = browser.finish(answer)
    assert (status, location) == (303, "/?a=1&b=2"), (status, location, page)
    page = browser.get(location)
    assert text(page, "user") == "alice" and text(page, "email") == "alice@example.com", page
    assert set(browser.cookies) == {"session"}, browser.cookies
    assert text(browser.get("/userinfo"), "email") == "alice@example.com"
    before = provider.counts()["token"]
    assert browser.open("/refresh")[:2] == (303, "/")
    assert provider.counts()["token"] == before + 1
    assert text(browser.get("/userinfo"), "user") == "alice"

    # The same callback again, as the back button brings it: refused, and the session goes on.
    assert code(browser.finish(answer)) == (400, "ERR_TRANSACTION_INVALID")
    assert text(browser.get("/"), "user") == "alice"

    # Out, here and there.
    revoked = provider.counts()["revocation"]
    status, location, _ = browser.open("/logout")
    assert status == 303 and location.startswith(provider.issuer), location
    assert provider.counts()["revocation"] == revoked + 2
    assert provider.logout(location, session="one") == {"callback": f"{url}/"}
    assert text(browser.get("/"), "user") is None and "session" not in browser.cookies

    # Two tabs at once, and another user in a browser of his own.
    first, second = browser.begin(), browser.begin()
    other = Browser(url)
    bob = provider.authorize(other.begin(), login="bob")
    assert browser.finish(provider.authorize(second))[0] == 303
    before = browser.cookies["session"]
    assert browser.finish(provider.authorize(first))[0] == 303
    assert not any(cookie.startswith("session=") and "Secure" in cookie for cookie in browser.was_set)
    # The session that this replaces is gone.
    stolen = Browser(url)
    stolen.cookies["session"] = before
    assert browser.cookies["session"] != before and text(stolen.get("/"), "user") is None
    # His callback in her browser: somebody wants her to be logged in as him.
    assert code(browser.finish(bob)) == (400, "ERR_TRANSACTION_INVALID")
    assert other.finish(bob)[0] == 303 and text(other.get("/"), "user") == "bob"
    assert text(browser.get("/"), "user") == "alice"

    # Cancelled, and nonsense.
    cancelled = browser.finish(provider.authorize(browser.begin(), deny="consent"))
    assert code(cancelled) == (400, "ERR_AUTHORIZATION_REFUSED") and "access_denied" in cancelled[2], cancelled
    assert set(browser.cookies) == {"session"}, browser.cookies
    assert code(browser.open("/callback")) == (400, "ERR_CALLBACK_INVALID")
    assert code(browser.open("/callback", "a=" + "b" * 1000)) == (400, "ERR_CALLBACK_INVALID")
    assert code(browser.open("/login?return_to=//evil.example")) == (400, "ERR_INVALID_ARGUMENT")
    assert code(browser.open("/login?return_to=/%00//evil.example")) == (400, "ERR_INVALID_ARGUMENT")
    assert browser.open("/nowhere")[0] == 404
    assert text(browser.get("/"), "user") == "alice"

    # Many at once.
    wrong = []

    def log_in():
        each = Browser(url)
        try:
            assert each.finish(provider.authorize(each.begin()))[0] == 303
            assert text(each.get("/userinfo"), "user") == "alice"
            assert each.open("/logout")[0] == 303
        except (AssertionError, OSError) as error:
            wrong.append(error)

    crowd = [threading.Thread(target=log_in) for _ in range(6)]
    for thread in crowd:
        thread.start()
    for thread in crowd:
        thread.join()
    assert not wrong, wrong


def main():
    with servers.login_provider() as provider:
        settings = {
            "ISSUER": provider.issuer,
            "CLIENT_ID": "app",
            "CLIENT_SECRET": "a secret of the application's, 32 bytes",
        }
        registration = {
            "client_secret": settings["CLIENT_SECRET"],
            "response_types": ["code"],
            "grant_types": ["authorization_code", "refresh_token"],
        }
        for mode in ("query", "form_post"):
            with running(sys.argv[1:], PORT="0", RESPONSE_MODE=mode, **settings) as url:
                provider.client(
                    "app",
                    redirect_uris=[f"{url}/callback"],
                    post_logout_redirect_uris=[f"{url}/"],
                    **registration,
                )
                use(provider, url)
                if mode == "form_post":
                    provider.down()
                    # What was discovered serves; what has to be asked does not.
                    assert Browser(url).open("/login")[0] == 303
        provider.up()
        public = "https://app.example/callback"
        provider.client(
            "app", redirect_uris=[public], post_logout_redirect_uris=["https://app.example/"], **registration
        )
        with running(sys.argv[1:], PORT="0", REDIRECT_URI=public, **settings) as url:
            browser = Browser(url)
            assert browser.finish(provider.authorize(browser.begin()))[0] == 303
            assert any(cookie.startswith("session=") and "; Secure" in cookie for cookie in browser.was_set)
            assert browser.open("/logout")[0] == 303 and "; Secure" in browser.was_set[0]
        provider.down()
        port = urllib.parse.urlsplit(url).port
        with running(sys.argv[1:], REDIRECT_URI=f"http://127.0.0.1:{port}/callback", **settings) as again:
            assert again == url
            assert code(Browser(url).open("/login")) == (503, "ERR_TRANSPORT")
    print("login_app: ok")


if __name__ == "__main__":
    try:
        main()
    except servers.Unavailable as missing:
        print(f"login_app: SKIPPED: {missing}", file=sys.stderr)
        sys.exit(int(os.environ.get("AW_REQUIRE_ALL") == "1"))
