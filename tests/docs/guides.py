"""The guides of docs/login: each runs against a provider of the quirks server, and a user logs in with its program.

A guide's Python and JavaScript are whole programs. `play_guide.py` and `play_guide.mjs` run them with their client turned
to the provider on this machine, and play the browser. Its C is compiled together with `play_guide.c`, which is the web
server that it is written for; the browser is here.
"""

import contextlib
import importlib.util
import json
import os
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
SERVERS = HERE.parent / "servers"
REDIRECT_URI = "https://app.example/callback"

# What the server is told to be; who alice is there, the issuer ({base} is the server's) and the subject; and what the guide
# says of the provider: the calls that it has no endpoint for, and the leniencies of its answers.
GUIDES = {
    "google": {
        "provider": {"behaviour": "provider-google", "client_id": "1234987819200.apps.googleusercontent.com"},
        "user": ["{base}", "1096583231"],
        "missing": ["logout_url"],
    },
    "microsoft": {
        "provider": {"behaviour": "provider-microsoft", "client_id": "6e74172b-be56-4843-9ff4-e66a39bb12e3"},
        "user": ["{base}/11111111-2222-3333-4444-555555555555/v2.0", "AAAAAAAAAAAAAAAAAAAAA583231"],
        "missing": ["revoke"],
    },
    "github": {
        "provider": {"behaviour": "provider-github", "client_id": "Ov23liABCDEFGHIJKLMN"},
        "user": ["github", "583231"],
        # The server revokes for plain OAuth providers of all kinds, and GitHub does not.
        "without": ["revocation_endpoint"],
        "missing": ["logout_url", "revoke"],
        "leniencies": ["scope_commas"],
    },
    "apple": {
        "provider": {"behaviour": "provider-apple", "client_id": "com.example.web", "team_id": "DEF123GHIJ"},
        "user": ["{base}", None],
        "name": "Alice Liddell",
        "missing": ["logout_url"],
    },
    "any-provider": {"provider": {"behaviour": "good", "client_id": "web"}, "user": ["{base}", "alice"]},
}


class Unavailable(Exception):
    """What the guides need is not installed."""


@contextlib.contextmanager
def started():
    """The quirks server, as what makes providers; it ends with the block."""
    if importlib.util.find_spec("flask") is None:
        raise Unavailable("there is no Flask: run `make tools`")
    sys.path.insert(0, str(SERVERS))
    import servers

    try:
        with servers.quirks() as quirks:
            yield quirks
    except servers.Unavailable as error:
        raise Unavailable(error) from None


def is_guide(page):
    """Whether a page is played."""
    return page.parent.name == "login" and page.stem in GUIDES


def environment(page, quirks):
    """What a guide's program and its player find in their environment: secrets of the program, facts of a new provider."""
    guide, provider = GUIDES[page.stem], make_provider(page, quirks)
    facts = {
        "servers": str(SERVERS),
        "control": quirks.control,
        "provider": provider.facts,
        "options": turned(page, provider),
        "user": user_of(page, provider),
        **{name: guide.get(name) for name in ("name", "missing", "leniencies")},
    }
    return os.environ | {
        "AW_GUIDE": json.dumps(facts),
        "CLIENT_SECRET": provider.options.get("client_secret", ""),
        "SEAL_KEY": "c2VhbCBrZXkgb2YgdGhlIGd1aWRlczsgMzIgYnl0ZXMgYXQgbGVhc3Q=",
        "SESSION_SECRET": "of the guides",
    }


def play_c(page, sources, options, folder, compiler, quirks):
    """Compiles a guide's C, and logs a user in with it. Answers what went wrong, or None."""
    provider, flags = make_provider(page, quirks), []
    environment = dict(os.environ)
    if page.stem == "apple":
        import authwright as aw

        # The Key ID stands in the guide, and the server has its own.
        key = aw.Key.from_jwk(provider.facts["client_key"])
        sources = [source.replace("ABC123DEFG", key.kid) for source in sources]
        environment["P8"], flags = key.to_pem(private=True), ["-DAPPLE"]
    else:
        options |= {"client_secret": provider.options["client_secret"]}
    environment["OPTIONS"] = json.dumps(options | turned(page, provider))
    files = []
    for number, source in enumerate(sources):
        files.append(folder / f"guide{number}.c")
        files[-1].write_text(source)
    program = folder / "guide"
    command = [*compiler, *flags, *map(str, files), str(HERE / "play_guide.c"), "-lauthwright", "-o", str(program)]
    built = subprocess.run(command, check=False, capture_output=True, text=True)
    if built.returncode != 0:
        return built.stderr
    said = folder / "guide.log"
    with said.open("w") as log, Program(program, environment, log) as served:
        problem = browse(served, page, provider)
    return problem and f"{problem}\n{said.read_text()}"


def browse(served, page, provider):
    """A good login, and those that must fail."""
    began = served.ask("login", "", "")
    way_back = provider.authorize(began["redirect"][0])
    brought = way_back.get("form") or way_back["callback"].removeprefix("https://app.example")
    cookie = began["cookie"][0].partition(";")[0]
    if (answer := served.ask("callback", "", brought)) != {"again": ["400"]}:
        return f"the callback in another browser: {answer}"
    answer = served.ask("callback", cookie, brought)
    issuer, subject = user_of(page, provider)
    found = answer.get("session", [""])[0].split("\t")
    if answer.get("redirect") != ["/inbox"] or found != [issuer, subject or found[-1]]:
        return f"the callback: {answer}"
    again = served.ask("callback", cookie, brought)
    if again.get("again") != ["400"] or "session" in again or "Max-Age=0" not in again.get("cookie", [""])[0]:
        return f"the callback once more: {again}"
    return None


class Program:
    """A guide's web server while it runs."""

    def __init__(self, program, environment, log):
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": log}
        self.process = subprocess.Popen([str(program)], env=environment, text=True, **pipes)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait(timeout=30)

    def ask(self, route, cookies, brought):
        """What it answers to a request, by kind."""
        self.process.stdin.write(f"{route}\t{cookies}\t{brought}\n")
        self.process.stdin.flush()
        answer = {}
        for line in iter(self.process.stdout.readline, "\n"):
            if not line:
                raise RuntimeError("the guide's program has ended")
            kind, _, value = line.rstrip("\n").partition("\t")
            answer.setdefault(kind, []).append(value)
        return answer


def make_provider(page, quirks):
    """A provider for a page, in its first state."""
    return quirks.new(redirect_uri=REDIRECT_URI, **GUIDES[page.stem]["provider"])


def turned(page, provider):
    """The options that turn a guide's client to the provider on this machine."""
    ours = {"client_id", "client_secret", "redirect_uri", "team_id", "provider", *GUIDES[page.stem].get("without", [])}
    return {name: value for name, value in provider.options.items() if name not in ours}


def user_of(page, provider):
    """Who alice is at the provider."""
    return [part and part.format(base=provider.base) for part in GUIDES[page.stem]["user"]]
