#!/usr/bin/env python3
"""The servers that the tests talk to: those of remote keys, and those of logins.

    tests/servers/servers.py install                     puts the npm packages into target/servers
    tests/servers/servers.py run -- command...           runs a command with the servers of remote keys up
    tests/servers/servers.py run --login -- command...   with the servers of logins, too

The command finds in AW_TEST_SERVERS, as JSON, what the servers said when they were ready: {"oidc": {...}, "hostile":
{...}}, and with --login "login", "quirks" and, where it is installed, "glewlwyd". A Python program uses
`oidc_provider()` and the like, or `running()` and `running_logins()`, which start them or take those of
AW_TEST_SERVERS. Each server listens on 127.0.0.1 only and ends when the program that started it does.
"""

import contextlib
import fcntl
import json
import os
import pathlib
import shutil
import subprocess
import sys
import threading
import urllib.error
import urllib.parse
import urllib.request

import glewlwyd as _glewlwyd

HERE = pathlib.Path(__file__).resolve().parent
PACKAGES = HERE.parent.parent / "target" / "servers"
VARIABLE = "AW_TEST_SERVERS"

# The proxy of the environment is not for 127.0.0.1, whatever no_proxy says.
_direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class Unavailable(Exception):
    """A tool or a package that a server needs is missing: the tests skip, or fail under AW_REQUIRE_ALL=1."""


def install():
    """Puts the npm packages into target/servers. A second call does nothing."""
    for tool in ("node", "npm"):
        if shutil.which(tool) is None:
            raise Unavailable(f"there is no {tool}")
    PACKAGES.mkdir(parents=True, exist_ok=True)
    lock = HERE / "package-lock.json"
    stamp = PACKAGES / "node_modules" / "installed-from.json"
    with (PACKAGES / ".lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        if stamp.exists() and stamp.read_text() == lock.read_text():
            return
        print("servers: installing oidc-provider into target/servers", file=sys.stderr)
        for name in ("package.json", "package-lock.json"):
            shutil.copy(HERE / name, PACKAGES)
        # Not `npm ci`: it refuses a lock file without the optional packages of platforms that a registry lacks.
        command = ["npm", "install", "--no-save", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"]
        if subprocess.run(command, cwd=PACKAGES, stdout=sys.stderr, check=False).returncode != 0:
            raise Unavailable("npm could not install oidc-provider")
        shutil.copy(lock, stamp)


def call(control, method, path, **parameters):
    """One call of a control endpoint: its answer, or ValueError with what it objects to."""
    given = {name: str(value) for name, value in parameters.items() if value is not None}
    request = urllib.request.Request(f"{control}{path}?{urllib.parse.urlencode(given)}", method=method)
    try:
        with _direct.open(request, timeout=30) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as error:
        with error:
            raise ValueError(json.load(error)["error"]) from None


class OidcProvider:
    """npm oidc-provider. `facts` is what it said when it was ready; its `url` is the issuer."""

    def __init__(self, facts):
        self.facts = facts
        self.issuer = facts["url"]
        self.control = facts["control"]

    def token(self, **wishes):
        """A fresh access token, issued by the provider; with wishes (`key`, `kid`, `exp`, a claim) one signed in its name."""
        return call(self.control, "POST", "/token", **wishes)["token"]

    def rotate(self, drop=False, alg=None):
        """Has a new key sign, and answers its kid. The old ones stay published, or are dropped."""
        return call(self.control, "POST", "/rotate", drop=1 if drop else None, alg=alg)["kid"]

    def down(self):
        """From here on, connections are refused."""
        call(self.control, "POST", "/down")

    def up(self):
        """Back again, at the same port."""
        call(self.control, "POST", "/up")

    def cache(self, max_age=None):
        """Sets the JWK Set's Cache-Control, or takes it away."""
        call(self.control, "POST", "/cache", max_age=max_age)

    def reset(self):
        """As it was at first, with one new key and nothing counted."""
        call(self.control, "POST", "/reset")

    def fetches(self):
        """How often each document was asked for: `metadata`, `jwks`."""
        return call(self.control, "GET", "/fetches")

    def jwks(self):
        """The JWK Set that it publishes, without a fetch being counted."""
        return call(self.control, "GET", "/jwks")


class LoginProvider:
    """npm oidc-provider for logins. `facts` is what it said when it was ready; `clients` is told by name."""

    def __init__(self, facts):
        self.facts = facts
        self.issuer = facts["url"]
        self.control = facts["control"]
        self.clients = facts["clients"]

    def authorize(self, url, login="alice", deny=None, session=None):
        """A user logs in and consents: `callback`, where the browser would go, or `callback_url` and `form`."""
        return call(self.control, "POST", "/authorize", url=url, login=login, deny=deny, session=session)

    def logout(self, url, session=None):
        """The user of that session logs out: `callback` if the provider sends the browser back."""
        return call(self.control, "POST", "/logout", url=url, session=session)

    def client(self, client_id, **metadata):
        """Registers a client, or alters one that there is."""
        return call(self.control, "POST", "/clients", client=json.dumps({"client_id": client_id, **metadata}))

    def rotate(self, drop=False, alg=None):
        """Has a new key sign with `alg` (RS256), and answers its kid. The old ones stay published, or are dropped."""
        return call(self.control, "POST", "/rotate", drop=1 if drop else None, alg=alg)["kid"]

    def lifetimes(self, **seconds):
        """Sets those of what is issued from here on: `access_token`, `refresh_token`, `id_token`, `code`."""
        return call(self.control, "POST", "/lifetimes", **seconds)

    def down(self):
        """From here on, connections are refused."""
        call(self.control, "POST", "/down")

    def up(self):
        """Back again, at the same port."""
        call(self.control, "POST", "/up")

    def reset(self):
        """As it was at first: nobody logged in, nothing counted."""
        call(self.control, "POST", "/reset")

    def logout_tokens(self):
        """The back-channel logout tokens that were sent to the client `backchannel_logout`."""
        return call(self.control, "GET", "/logout_tokens")["logout_tokens"]

    def requests(self, what=None):
        """The last 200 requests: `what`, `method`, `url`, `headers`, `query`, `form`, `status`, `error`."""
        return call(self.control, "GET", "/requests", what=what)["requests"]

    def counts(self):
        """How often each was asked for: `metadata`, `jwks`, `authorize`, `token`, `userinfo`, `revocation`..."""
        return call(self.control, "GET", "/counts")

    def jwks(self):
        """The JWK Set that it publishes, without a fetch being counted."""
        return call(self.control, "GET", "/jwks")


class Hostile:
    """The server of misbehaving issuers. `facts` is what it said when it was ready."""

    def __init__(self, facts):
        self.facts = facts
        self.control = facts["control"]
        self.listeners = facts["listeners"]
        self.ca = facts["ca"]

    def new(self, behaviour="good", listener="http", **parameters):
        """A new issuer, with keys and counters of its own."""
        made = call(self.control, "POST", "/new", behaviour=behaviour, listener=listener, **parameters)
        return HostileIssuer(self.control, made)

    def behaviours(self):
        """The names of all behaviours."""
        return call(self.control, "GET", "/behaviours")["behaviours"]


class Quirks:
    """The server of providers with quirks, and of attackers. `facts` is what it said when it was ready."""

    def __init__(self, facts):
        self.facts = facts
        self.control = facts["control"]

    def new(self, behaviour="good", **parameters):
        """A new provider, with keys, grants and counters of its own."""
        made = call(self.control, "POST", "/new", behaviour=behaviour, **parameters)
        return QuirkyProvider(self.control, made)

    def behaviours(self):
        """The names of all behaviours."""
        return call(self.control, "GET", "/behaviours")["behaviours"]


class QuirkyProvider:
    """One provider of that server. `options` is what a program is configured with."""

    def __init__(self, control, facts):
        self.facts = facts
        self.base = facts["base"]
        self.issuer = facts["issuer"]
        self.options = facts["options"]
        self._control = control
        self._name = {"behaviour": facts["behaviour"]}

    def authorize(self, url, login="alice", fault=None, deny=None, **set_members):
        """What the browser is sent back with: `callback`, a URL, or `callback_url` and `form`.

        `fault` is one of a callback, for this time; `set_members` are parameters of the callback that are set, or
        taken out with None.
        """
        members = json.dumps(set_members) if set_members else None
        return call(self._control, "POST", "/authorize", url=url, login=login, fault=fault, deny=deny, set=members)

    def become(self, behaviour=None, **parameters):
        """Behaves in another way from here on, at the same URL and with the same grants."""
        call(self._control, "POST", "/become", **self._name, **{"as": behaviour}, **parameters)

    def rotate(self, drop=False, alg=None):
        """Has a new key sign, and answers its kid. The old ones stay published, or are dropped."""
        return call(self._control, "POST", "/rotate", **self._name, drop=1 if drop else None, alg=alg)["kid"]

    def logout_token(self, **wishes):
        """A back-channel logout token: `fault`, `sub`, `sid`, `jti`."""
        return call(self._control, "GET", "/logout_token", **self._name, **wishes)["token"]

    def requests(self, what=None):
        """The last 200 requests: `what`, `method`, `url`, `headers`, `query`, `form`, `body`."""
        return call(self._control, "GET", "/requests", **self._name, what=what)["requests"]

    def counts(self):
        """How often each was asked for: `metadata`, `jwks`, `authorize`, `token`, `userinfo`, `followed`..."""
        return call(self._control, "GET", "/counts", **self._name)

    def grants(self):
        """What the provider still honours: `codes_used`, `access_tokens`, `refresh_tokens`; and `revoked`."""
        return call(self._control, "GET", "/grants", **self._name)

    def jwks(self):
        """The keys that it would publish if it behaved, without a fetch being counted."""
        return call(self._control, "GET", "/jwks", **self._name)


class HostileIssuer:
    """One issuer of the hostile server."""

    def __init__(self, control, facts):
        self.facts = facts
        self.issuer = facts["issuer"]
        self.metadata_url = facts["metadata_url"]
        self.jwks_uri = facts["jwks_uri"]
        self._control = control
        self._name = {"behaviour": facts["behaviour"], "listener": facts["listener"]}

    def token(self, **wishes):
        """A token in this issuer's name. Wishes: `key`, `kid`, `alg`, `exp` (seconds from now), `tid`, a claim."""
        return call(self._control, "GET", "/token", **self._name, **wishes)["token"]

    def rotate(self, drop=False, alg=None):
        """Has a new key sign, and answers its kid. The old ones stay published, or are dropped."""
        return call(self._control, "POST", "/rotate", **self._name, drop=1 if drop else None, alg=alg)["kid"]

    def become(self, behaviour=None, **parameters):
        """Behaves in another way from here on, at the same URL."""
        call(self._control, "POST", "/become", **self._name, **{"as": behaviour}, **parameters)

    def fetches(self):
        """How often each was asked for: `metadata`, `oauth_metadata`, `jwks`, `other`, `not_modified`, `followed`."""
        return call(self._control, "GET", "/fetches", **self._name)

    def requests(self):
        """The last 200 requests: `method`, `url`, `headers`."""
        return call(self._control, "GET", "/requests", **self._name)["requests"]

    def jwks(self):
        """The keys that it would publish if it behaved, without a fetch being counted."""
        return call(self._control, "GET", "/jwks", **self._name)


@contextlib.contextmanager
def _started(script, *arguments):
    if shutil.which("node") is None:
        raise Unavailable("there is no node")
    # What it says on stderr is shown only if it does not start: oidc-provider warns of what is right for a test.
    pipe = subprocess.PIPE
    process = subprocess.Popen(["node", HERE / script, *arguments], stdin=pipe, stdout=pipe, stderr=pipe)
    said = []
    reader = threading.Thread(target=lambda: said.extend(process.stderr), daemon=True)
    reader.start()
    try:
        line = process.stdout.readline()
        if not line:
            process.wait()
            reader.join()
            raise RuntimeError(f"{script} did not start: {b''.join(said).decode(errors='replace')}")
        yield json.loads(line)
    finally:
        process.stdin.close()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        reader.join()
        process.stdout.close()
        process.stderr.close()


@contextlib.contextmanager
def oidc_provider(max_age=None):
    """Starts an OpenID provider."""
    install()
    with _started("oidc_provider.mjs", *([] if max_age is None else [f"--max-age={max_age}"])) as facts:
        yield OidcProvider(facts)


def _needs_openssl():
    if shutil.which("openssl") is None:
        raise Unavailable("there is no openssl")


@contextlib.contextmanager
def login_provider():
    """Starts an OpenID provider for logins."""
    install()
    _needs_openssl()
    with _started("login_provider.mjs") as facts:
        yield LoginProvider(facts)


@contextlib.contextmanager
def quirks():
    """Starts a server of providers with quirks."""
    with _started("quirks.mjs") as facts:
        yield Quirks(facts)


@contextlib.contextmanager
def hostile():
    """Starts a server of misbehaving issuers."""
    _needs_openssl()
    with _started("hostile.mjs") as facts:
        yield Hostile(facts)


@contextlib.contextmanager
def glewlwyd():
    """Starts Debian's glewlwyd."""
    if reason := _glewlwyd.missing():
        raise Unavailable(reason)
    with _glewlwyd.started() as server:
        yield server


@contextlib.contextmanager
def running():
    """Both servers of remote keys, as a pair: those of AW_TEST_SERVERS, or new ones."""
    if VARIABLE in os.environ:
        facts = json.loads(os.environ[VARIABLE])
        yield OidcProvider(facts["oidc"]), Hostile(facts["hostile"])
        return
    with oidc_provider() as oidc, hostile() as other:
        yield oidc, other


@contextlib.contextmanager
def running_logins():
    """The servers of logins, as a triple: those of AW_TEST_SERVERS, or new ones. glewlwyd is None if it is missing."""
    facts = json.loads(os.environ.get(VARIABLE, "{}"))
    if "login" in facts:
        other = _glewlwyd.Glewlwyd(facts["glewlwyd"]) if "glewlwyd" in facts else None
        yield LoginProvider(facts["login"]), Quirks(facts["quirks"]), other
        return
    with contextlib.ExitStack() as stack:
        login, odd = stack.enter_context(login_provider()), stack.enter_context(quirks())
        yield login, odd, _glewlwyd_or_none(stack)


def _glewlwyd_or_none(stack):
    """It is a package of Debian's, which a machine may lack: its tests skip, or fail under AW_REQUIRE_ALL=1."""
    try:
        return stack.enter_context(glewlwyd())
    except Unavailable as reason:
        if os.environ.get("AW_REQUIRE_ALL") == "1":
            raise
        print(f"servers: SKIPPED: {reason}", file=sys.stderr)
        return None


def _run(command, logins):
    environment = {name: value for name, value in os.environ.items() if name != VARIABLE}
    with contextlib.ExitStack() as stack:
        up = {"oidc": stack.enter_context(oidc_provider()), "hostile": stack.enter_context(hostile())}
        if logins:
            up |= {"login": stack.enter_context(login_provider()), "quirks": stack.enter_context(quirks())}
            if other := _glewlwyd_or_none(stack):
                up["glewlwyd"] = other
        environment[VARIABLE] = json.dumps({name: server.facts for name, server in up.items()})
        return subprocess.run(command, env=environment, check=False).returncode


def main():
    match sys.argv[1:]:
        case ["install"]:
            work = install
        case ["run", "--", _, *_]:
            work = lambda: _run(sys.argv[3:], False)
        case ["run", "--login", "--", _, *_]:
            work = lambda: _run(sys.argv[4:], True)
        case _:
            sys.exit(__doc__)
    try:
        return work()
    except Unavailable as error:
        print(f"servers: SKIPPED: {error}", file=sys.stderr)
        return int(os.environ.get("AW_REQUIRE_ALL") == "1")


if __name__ == "__main__":
    sys.exit(main())
