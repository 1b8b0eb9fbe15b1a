"""Debian's glewlwyd: an OpenID provider of another make, in C, with SQLite. It takes its data along when it ends.

It is configured over its REST API, and there the user logs in. The README has what it does unlike others.
"""

import contextlib
import html
import http.cookiejar
import json
import pathlib
import re
import shutil
import socket
import sqlite3
import subprocess
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request

REDIRECT_URI = "https://app.example/callback"
CLIENTS = {
    "web": {"token_endpoint_auth_method": "client_secret_basic", "client_secret": "a-secret-of-the-web-client"},
    "post": {"token_endpoint_auth_method": "client_secret_post", "client_secret": "a secret: 100% +odd & long"},
    "public": {"token_endpoint_auth_method": "none"},
}
USERS = {
    "alice": {"name": "Alice Liddell", "email": "alice@example.com"},
    "bob": {"name": "Bob", "email": "bob@example.com"},
}
# glewlwyd itself makes it, and nobody else hears of it: the server is at 127.0.0.1, and for the time of a test.
ADMINISTRATOR = {"username": "admin", "password": "password"}
PASSWORD = "the password of a test"
SCOPES = ("openid", "email", "profile", "offline_access")

CONFIGURATION = """
port={port}
bind_address="127.0.0.1"
external_url="{url}"
api_prefix="api"
login_url="login.html"
static_files_path="{folder}"
log_mode="file"
log_level="WARNING"
log_file="{folder}/glewlwyd.log"
cookie_secure=0
session_expiration=3600
session_key="GLEWLWYD2_SESSION_ID"
admin_scope="g_admin"
profile_scope="g_profile"
user_module_path="/usr/lib/glewlwyd/user"
client_module_path="/usr/lib/glewlwyd/client"
user_auth_scheme_module_path="/usr/lib/glewlwyd/scheme"
plugin_module_path="/usr/lib/glewlwyd/plugin"
hash_algorithm="SHA512"
database = {{ type = "sqlite3" path = "{folder}/glewlwyd.db" }};
"""
SCHEMA = pathlib.Path("/usr/share/dbconfig-common/data/glewlwyd/install/sqlite3")

# Ends it with its parent, whose death closes stdin, and removes its folder.
KEEPER = """
exec 3<&0
glewlwyd -c "$1/glewlwyd.conf" 3<&- &
server=$!
(read -r _ <&3; kill $server 2>/dev/null) &
wait $server
rm -rf "$1"
"""


class Glewlwyd:
    """A running glewlwyd. `facts` is in AW_TEST_SERVERS; `clients` has what a program is configured with, by name."""

    def __init__(self, facts):
        self.facts = facts
        self.issuer = facts["url"]
        self.clients = facts["clients"]

    def authorize(self, url, login="alice"):
        """A user logs in and consents: `callback`, where the browser would go, or `callback_url` and `form`."""
        browser = _Browser(self.facts["root"])
        browser.call("POST", "auth/", {"username": login, "password": PASSWORD})
        query = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(url).query))
        browser.call("PUT", f"auth/grant/{query['client_id']}", {"scope": query["scope"]})
        status, headers, body = browser.open(f"{url}&g_continue")
        if status == 302:
            return {"callback": headers["Location"]}
        if action := re.search(r'<form method="post" action="([^"]*)"', body):
            fields = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)"', body)
            return {"callback_url": html.unescape(action[1]), "form": urllib.parse.urlencode(fields)}
        raise ValueError(f"glewlwyd answered {status}: {body[:500]}")


class _Refuse(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


class _Browser:
    """Keeps glewlwyd's cookies, and follows no redirect."""

    def __init__(self, root):
        self.root = root
        cookies = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        self.opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), cookies, _Refuse)

    def open(self, url, method="GET", body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(url, data, {"Content-Type": "application/json"}, method=method)
        try:
            answer = self.opener.open(request, timeout=30)
        except urllib.error.HTTPError as error:
            answer = error
        with answer:
            return answer.status, answer.headers, answer.read().decode()

    def call(self, method, path, body):
        status, _, answer = self.open(f"{self.root}/api/{path}", method, body)
        if status != 200:
            raise ValueError(f"glewlwyd: {method} {path}: {status} {answer[:500]}")


def _free_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def _openssl(*arguments, given=None):
    return subprocess.run(["openssl", *arguments], input=given, capture_output=True, check=True).stdout


def _key():
    """A key of P-256 and its public half. glewlwyd publishes coordinates without their leading zeros, which RFC 7518
    section 6.2.1.2 does not allow: a key that has one is not taken."""
    while True:
        key = _openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256")
        point = _openssl("pkey", "-pubout", "-outform", "DER", given=key)[-64:]
        if point[0] and point[32]:
            return key, _openssl("pkey", "-pubout", given=key)


def _plugin(issuer):
    key, public = _key()
    return {
        "module": "oidc",
        "name": "oidc",
        "display_name": "OpenID Connect",
        "parameters": {
            "iss": issuer,
            "jwt-type": "ecdsa",
            "jwt-key-size": "256",
            "key": key.decode(),
            "cert": public.decode(),
            "access-token-duration": 3600,
            "refresh-token-duration": 86400,
            "code-duration": 60,
            "refresh-token-rolling": False,
            "refresh-token-one-use": "always",
            "allow-non-oidc": False,
            "auth-type-code-enabled": True,
            "auth-type-code-revoke-replayed": True,
            "auth-type-implicit-enabled": False,
            "auth-type-token-enabled": False,
            "auth-type-none-enabled": False,
            "auth-type-password-enabled": False,
            "auth-type-client-enabled": False,
            "auth-type-device-enabled": False,
            "auth-type-refresh-enabled": True,
            "jwks-show": True,
            "subject-type": "public",
            "name-claim": "on-demand",
            "name-claim-scope": ["profile"],
            "email-claim": "on-demand",
            "email-claim-scope": ["email"],
            "scope-claim": "no",
            "allowed-scope": list(SCOPES),
            "pkce-allowed": True,
            "pkce-required": True,
            "pkce-method-plain-allowed": False,
            "introspection-revocation-allowed": True,
            "introspection-revocation-allow-target-client": True,
        },
    }


def _configure(root, issuer):
    administrator = _Browser(root)
    administrator.call("POST", "auth/", ADMINISTRATOR)
    administrator.call("POST", "mod/plugin/", _plugin(issuer))
    for scope in SCOPES[1:]:
        described = {"name": scope, "display_name": scope, "password_required": False}
        administrator.call("POST", "scope/", described)
    for name, user in USERS.items():
        scope = ["g_profile", *SCOPES]
        administrator.call("POST", "user/", {"username": name, "password": PASSWORD, "scope": scope, **user})
    for name, client in CLIENTS.items():
        secret = client.get("client_secret")
        described = {
            "client_id": name,
            "name": name,
            "confidential": secret is not None,
            "enabled": True,
            "redirect_uri": [REDIRECT_URI],
            "authorization_type": ["code", "refresh_token"],
            "token_endpoint_auth_method": [client["token_endpoint_auth_method"]],
            "scope": [],
        }
        if secret:
            described |= {"password": secret, "client_secret": secret}
        administrator.call("POST", "client/?source=database", described)


def _listening(port, process, log):
    until = time.monotonic() + 10
    while time.monotonic() < until and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            return
        except ConnectionRefusedError:
            time.sleep(0.02)
    raise RuntimeError(f"glewlwyd did not start: {log.read_text() if log.exists() else 'it wrote no log'}")


def missing():
    """What is missing for it to run, or nothing."""
    for tool in ("glewlwyd", "openssl"):
        if shutil.which(tool) is None:
            return f"there is no {tool}"
    return None if SCHEMA.exists() else f"there is no {SCHEMA}"


@contextlib.contextmanager
def started():
    """Starts it, configures it, and ends it."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="authwright-glewlwyd-"))
    port = _free_port()
    root = f"http://127.0.0.1:{port}"
    issuer = f"{root}/api/oidc"
    (folder / "glewlwyd.conf").write_text(CONFIGURATION.format(port=port, url=root, folder=folder))
    with contextlib.closing(sqlite3.connect(folder / "glewlwyd.db")) as database:
        database.executescript(SCHEMA.read_text())
    process = subprocess.Popen(["sh", "-c", KEEPER, "sh", folder], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
    try:
        _listening(port, process, folder / "glewlwyd.log")
        _configure(root, issuer)
        clients = {
            name: {"options": {"issuer": issuer, "client_id": name, "redirect_uri": REDIRECT_URI, **client}}
            for name, client in CLIENTS.items()
        }
        yield Glewlwyd({"url": issuer, "root": root, "clients": clients, "accounts": USERS})
    finally:
        process.stdin.close()
        process.wait(10)
