"""A live provider, and a web application in each language: a user logs in, is known, refreshes, logs out.

A certified OpenID provider (npm oidc-provider) runs on this machine. The applications (C with libmicrohttpd, Python
with Flask and with FastAPI, Node with Express) know its URL and their client's name and secret. A browser without a
window walks through them all, with cookies, redirects and forms. `make demo` runs this last; it exits with a failure if
any page is not the expected one. What is missing on this machine is left out, and said; with AW_REQUIRE_ALL=1 that is a
failure.
"""

import html.parser
import http.client
import json
import os
import pathlib
import re
import select
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.parse

ROOT = pathlib.Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "examples"
BUILT = ROOT / "target" / "demo"
LIBRARY = ROOT / "target" / "release"
sys.path.insert(0, str(ROOT / "tests" / "servers"))

import servers

SOURCES = {
    "C": EXAMPLES / "c" / "login_libmicrohttpd.c",
    "Flask": EXAMPLES / "python" / "login_flask.py",
    "FastAPI": EXAMPLES / "python" / "login_fastapi.py",
    "Node": EXAMPLES / "node" / "login-express.mjs",
}
WIDTH = 28
# Seconds until an application is ready.
PATIENCE = 60


class Missing(Exception):
    """Something that an application needs is not here."""


class Page(html.parser.HTMLParser):
    """What a browser sees: elements with an id, and a form."""

    def __init__(self, url, status, text):
        super().__init__()
        self.url, self.status = url, status
        self.texts, self.attributes, self.links = {}, {}, []
        self.action, self.fields = None, {}
        self._open = None
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        if "id" in attributes:
            self._open = attributes["id"]
            self.texts[self._open], self.attributes[self._open] = "", attributes
        if tag == "a":
            self.links.append(attributes.get("href", ""))
        elif tag == "form":
            self.action = urllib.parse.urljoin(self.url, attributes.get("action", ""))
        elif tag == "input" and "name" in attributes:
            self.fields[attributes["name"]] = attributes.get("value", "")

    def handle_data(self, data):
        if self._open is not None:
            self.texts[self._open] += data

    def handle_endtag(self, _):
        self._open = None

    def link(self, name):
        """Where the link with that id leads."""
        if name not in self.attributes:
            raise ValueError(f"{self.url} has no #{name}, and status {self.status}")
        return urllib.parse.urljoin(self.url, self.attributes[name]["href"])


class Browser:
    """Cookies, redirects, forms: what a login needs of a browser."""

    def __init__(self, app):
        self.app = app
        # By origin: all servers here have the same host.
        self.cookies = {}
        self.visited = []

    def open(self, url, form=None):
        """A page, at the end of all redirects."""
        for _ in range(20):
            self.visited.append(url)
            parts = urllib.parse.urlsplit(url)
            jar = self.cookies.setdefault(parts.netloc, {})
            headers = {"Accept": "text/html"}
            sent = [f"{name}={value}" for name, (value, path) in jar.items() if parts.path.startswith(path)]
            if sent:
                headers["Cookie"] = "; ".join(sent)
            body = None
            if form is not None:
                body = urllib.parse.urlencode(form)
                headers["Content-Type"] = "application/x-www-form-urlencoded"
            connection = http.client.HTTPConnection(parts.netloc, timeout=20)
            path = urllib.parse.urlunsplit(("", "", parts.path or "/", parts.query, ""))
            connection.request("GET" if form is None else "POST", path, body, headers)
            answer = connection.getresponse()
            text = answer.read().decode()
            connection.close()
            for cookie in answer.headers.get_all("Set-Cookie", []):
                keep(jar, cookie)
            if answer.status not in (301, 302, 303, 307):
                return Page(url, answer.status, text)
            url, form = urllib.parse.urljoin(url, answer.headers["Location"]), None
        raise ValueError(f"{url} redirects without an end")

    def home(self):
        return self.open(f"{self.app.url}/")

    def click(self, name):
        """The page behind a link of the application's first page."""
        return self.open(self.home().link(name))

    def log_in(self, login, deny=False):
        """Through the provider's pages, as far as the application's next one."""
        page = self.click("login")
        for _ in range(10):
            if page.action is None:
                return page
            if page.fields.get("prompt") == "login":
                page = self.open(page.action, {**page.fields, "login": login, "password": "any"})
            elif page.fields.get("prompt") == "consent" and deny:
                abort = next(link for link in page.links if link.endswith("/abort"))
                page = self.open(urllib.parse.urljoin(page.url, abort))
            else:
                page = self.open(page.action, page.fields)
        raise ValueError(f"the login does not end: {page.url}")

    def log_out(self):
        page = self.click("logout")
        return page if page.action is None else self.open(page.action, {**page.fields, "logout": "yes"})


def keep(jar, cookie):
    """A Set-Cookie header into the jar."""
    pair, *attributes = [part.strip() for part in cookie.split(";")]
    name, _, value = pair.partition("=")
    said = {key.lower(): value for key, _, value in (attribute.partition("=") for attribute in attributes)}
    is_over = said.get("max-age") == "0" or "1970" in said.get("expires", "")
    if is_over:
        jar.pop(name, None)
    else:
        jar[name] = (value, said.get("path", "/"))


class Application:
    """One of the programs, while it runs."""

    def __init__(self, name, provider, response_mode):
        options = provider.clients["web"]["options"]
        environment = {
            "ISSUER": provider.issuer,
            "CLIENT_ID": options["client_id"],
            "CLIENT_SECRET": options["client_secret"],
            "PORT": "0",
            "RESPONSE_MODE": response_mode,
        }
        self.name = name
        # Its complaints go to a file, and to no pipe that would be full one day.
        with tempfile.TemporaryFile("w+") as complaints:
            self.process = subprocess.Popen(
                command(name), env={**os.environ, **environment}, stdout=subprocess.PIPE, stderr=complaints
            )
            ready, _, _ = select.select([self.process.stdout], [], [], PATIENCE)
            line = self.process.stdout.readline() if ready else b""
            if not line:
                self.process.kill()
                self.process.communicate()
                complaints.seek(0)
                said = complaints.read()
                if absent := re.search(r"No module named '(\w+)'|Cannot find package '([\w-]+)'", said):
                    raise Missing(f"{absent[1] or absent[2]} is not installed")
                raise ValueError(f"{name} did not start: {said.strip()[-500:]}")
        self.url = json.loads(line)["url"]

    def close(self):
        self.process.terminate()
        self.process.communicate(timeout=10)
        return self.process.returncode


def command(name):
    source = SOURCES[name]
    if not source.exists():
        raise Missing(f"{source.relative_to(ROOT)} is not there")
    match source.suffix:
        case ".py":
            return [sys.executable, source]
        case ".mjs":
            if shutil.which("node") is None:
                raise Missing("there is no node")
            modules = EXAMPLES / "node" / "node_modules"
            modules.mkdir(exist_ok=True)
            if not (modules / "authwright").exists():
                (modules / "authwright").symlink_to("../../../bindings/node")
            return ["node", source]
        case _:
            return [built(source)]


def built(source):
    """Compiles the C program when it is older than its source or the library."""
    found = subprocess.run(["pkg-config", "--cflags", "--libs", "libmicrohttpd"], capture_output=True, check=False)
    if found.returncode != 0:
        raise Missing("libmicrohttpd is not installed")
    BUILT.mkdir(parents=True, exist_ok=True)
    program = BUILT / "login-c"
    needs = [source, ROOT / "include" / "authwright.h", LIBRARY / "libauthwright.so"]
    if not program.exists() or any(program.stat().st_mtime <= need.stat().st_mtime for need in needs):
        rest = [f"-I{ROOT / 'include'}", f"-L{LIBRARY}", "-lauthwright", f"-Wl,-rpath,{LIBRARY}"]
        compiler = [os.environ.get("CC", "cc"), "-std=c11", "-O2", "-Wall", "-Wextra"]
        subprocess.run([*compiler, source, "-o", program, *rest, *found.stdout.decode().split()], check=True)
    return program


def refreshes(provider):
    return sum(request["form"].get("grant_type") == "refresh_token" for request in provider.requests("token"))


def who(page):
    """Who a page says is logged in."""
    if "error" in page.attributes:
        return page.attributes["error"]["data-code"].removeprefix("ERR_")
    if "user" in page.texts:
        return f"{page.texts['user'].strip()}, {page.texts['email'].strip()}"
    return "nobody" if "login" in page.attributes else f"status {page.status}"


# What is done, and what the page then says.
ALICE, BOB = "alice, alice@example.com", "bob, bob@example.com"


def walk(app, posted, provider):
    """What there is to see, line by line: of the application, and of the one with response_mode=form_post."""
    browser = Browser(app)
    yield "Nobody is logged in", who(browser.home()), "nobody"
    yield "alice logs in, and consents", who(browser.log_in("alice")), ALICE
    yield "... and is still known on the next page", who(browser.home()), ALICE
    yield "userinfo is asked again", who(browser.click("userinfo")), ALICE
    before = refreshes(provider)
    page = browser.click("refresh")
    yield "Her tokens are refreshed", f"{who(page)} +{refreshes(provider) - before}", f"{ALICE} +1"
    callback = next(url for url in browser.visited if "/callback?" in url)
    yield "The callback is opened once more", who(browser.open(callback)), "TRANSACTION_INVALID"
    yield "... and in another browser", who(Browser(app).open(callback)), "TRANSACTION_INVALID"
    before = provider.counts()["revocation"]
    page = browser.log_out()
    yield "She logs out, here and at the provider", who(page), "nobody"
    revoked = provider.counts()["revocation"] - before
    yield "... and her tokens are revoked", "yes" if revoked else "no", "yes"
    yield "Somebody says no at the consent", who(Browser(app).log_in("bob", deny=True)), "AUTHORIZATION_REFUSED"
    yield "bob logs in, by form_post", who(Browser(posted).log_in("bob")), BOB


def main():
    started, wrong, missing, columns = time.monotonic(), [], [], {}
    with servers.login_provider() as provider:
        running = []
        try:
            for name in SOURCES:
                try:
                    pair = []
                    for mode in ("query", "form_post"):
                        pair.append(Application(name, provider, mode))
                        running.append(pair[-1])
                except Missing as absent:
                    missing.append(f"{name}: {absent}")
                else:
                    columns[name] = pair
            urls = [app.url for app in running]
            provider.client(
                "web",
                redirect_uris=[f"{url}/callback" for url in urls],
                post_logout_redirect_uris=[f"{url}/" for url in urls],
            )
            print(f"\nAn OpenID provider at {provider.issuer}, a web application in each language, and a browser\n")
            table = {name: list(walk(*pair, provider)) for name, pair in columns.items()}
        finally:
            ends = {app.name: app.close() for app in running}
    print(" " * 42 + "".join(f"{name:<{WIDTH}}" for name in table))
    for lines in zip(*table.values(), strict=True):
        cells = ""
        for name, (what, found, expected) in zip(table, lines, strict=True):
            cells += f"{found:<{WIDTH}}"
            if found != expected:
                wrong.append(f"{what}: {name} says {found!r}, not {expected!r}")
        print(f"{lines[0][0]:<42}{cells}")
    wrong += [f"{name} ended with {code}" for name, code in ends.items() if code not in (0, -15)]
    seconds = time.monotonic() - started
    print(f"\nIn {seconds:.0f} s " + ("all agree." if not wrong else "THEY DISAGREE."))
    for line in wrong:
        print(f"  {line}")
    for line in missing:
        print(f"  SKIPPED {line}")
    return 1 if wrong or not table or (missing and os.environ.get("AW_REQUIRE_ALL") == "1") else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except servers.Unavailable as missing:
        print(f"SKIPPED, {missing}")
        sys.exit(1 if os.environ.get("AW_REQUIRE_ALL") == "1" else 0)
