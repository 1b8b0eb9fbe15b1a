#!/usr/bin/env python3
"""Runs what the documentation says: README.md, the other pages at the top, and docs/**/*.md.

    target/venv/bin/python tests/docs/check_snippets.py [page ...]      after `make build`; without arguments all pages

A fence's language says what happens to it:

    python            all of a page in sequence, in one fresh interpreter
    js                all of a page in sequence, as one module that imports the package
    c, cpp            each by itself: compiled without a warning, and run if it has a main
    rust              stands, line for line, in a doctest of the core or in examples/rust, where cargo compiles it
    json policy       Verifier.from_policy accepts it
    json signer       Signer accepts it
    json client       oauth.Client accepts it
    json login        begin_login of a client accepts it
    json              is JSON
    sh, text, cmake   not run; any other language is an error, so that nothing goes unchecked by accident

Snippets run in a folder of their own with the files that FIXTURES makes. Links between pages, and to headings, must resolve.
Every member of a document of options must be in its page's table: see TABLES. Every dependency has its reason in
CONTRIBUTING.md.

The guides of docs/login run against a provider on this machine, at which a user logs in: see guides.py.
"""

import contextlib
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib

import guides

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("AW_BUILD", ROOT / "target" / "release"))
INCLUDE = ROOT / "include"
NOT_RUN = {"sh", "text", "cmake"}
WARNINGS = ["-Wall", "-Wextra", "-Wpedantic", "-Werror"]

# What the pages' programs find in their environment: a pepper, and a store that keys are moved to.
ENVIRONMENT = os.environ | {
    "PEPPER": "MzIgYnl0ZXMgdGhhdCBvbmx5IHRoaXMgc2l0ZSBrbm93cw==",
    "NEW_STORE": "sqlite:new.db",
}

# What the pages' programs find beside them: keys of one issuer in several forms, and a policy.
FIXTURES = """
import json, pathlib
import authwright as aw

here = pathlib.Path(".")
key = aw.Key.generate("ES256", kid="2026-11")
(here / "private.pem").write_text(key.to_pem(private=True))
(here / "private.jwk").write_text(json.dumps(key.to_jwk(private=True)))
(here / "public.pem").write_text(key.to_pem())
(here / "public.der").write_bytes(key.to_der())
(here / "jwks.json").write_text(aw.KeySet([key]).to_json())
(here / "policy.json").write_text(json.dumps({"version": 1, "issuer": "https://id.example", "audience": "api"}))
(here / "AuthKey_ABC123DEFG.p8").write_text(key.to_pem(private=True))
(here / "session.js").write_text(
    "exports.users = [];\\nexports.startSession = (...user) => { exports.users.push(user); return 'session=1; Path=/'; };\\n"
)
"""

# Where the core lists members, and where a page describes them: a source, a list in it, a page, a heading on it or None
# for all of the page.
TABLES = (
    ("jwt/policy.rs", "MEMBERS", "policy.md", None),
    ("jwt/signer.rs", "MEMBERS", "signing.md", None),
    ("oauth/client_options.rs", "MEMBERS", "login/README.md", "Client options"),
    ("oauth/login.rs", "MEMBERS", "login/README.md", "Login options"),
    ("oauth/token_manager.rs", "MEMBERS", "login/README.md", "The token manager"),
    ("oidc/user.rs", "MEMBERS", "login/README.md", "The user's document"),
    ("oidc/logout.rs", "MEMBERS", "login/README.md", "Logout"),
    ("api_key/options.rs", "MEMBERS", "api-keys/README.md", "Options"),
    ("api_key/options.rs", "ISSUE_MEMBERS", "api-keys/README.md", "Options"),
    ("api_key/options.rs", "IMPORT_MEMBERS", "api-keys/README.md", "Options"),
    ("api_key/options.rs", "ROTATE_MEMBERS", "api-keys/README.md", "Options"),
    ("store/open.rs", "MEMBERS", "api-keys/stores.md", "Options"),
)


# What says what is depended on, and the tables in which Cargo's do.
MANIFESTS = {"Cargo.toml", "package.json", "pyproject.toml", "requirements.txt", "requirements-test.txt"}
CRATES = ("dependencies", "dev-dependencies", "build-dependencies")


class Snippet:
    """One fenced block of a page."""

    def __init__(self, page, line, info, lines):
        self.page, self.line, self.lines = page, line, lines
        self.language, *self.attributes = info.split() or [""]

    @property
    def text(self):
        """The block's text."""
        return "\n".join(self.lines) + "\n"

    def __str__(self):
        return f"{self.page.relative_to(ROOT)}:{self.line}"


class Failures:
    """What was wrong, in the order of finding."""

    def __init__(self):
        self.count = 0

    def add(self, where, message):
        """Reports one at once."""
        self.count += 1
        print(f"FAILED {where}: {message}", file=sys.stderr)


def main():
    """Checks the pages named, or all of them."""
    pages = [pathlib.Path(name).resolve() for name in sys.argv[1:]] or every_page()
    failures = Failures()
    ran = 0
    with contextlib.ExitStack() as stack:
        quirks = needed(stack, failures) if any(map(guides.is_guide, pages)) else None
        for page in pages:
            snippets = read(page, failures)
            with tempfile.TemporaryDirectory() as name:
                folder = pathlib.Path(name)
                prepare(folder)
                ran += check_page(page, snippets, folder, quirks, failures)
            check_links(page, failures)
    if len(sys.argv) == 1:
        check_tables(failures)
        check_dependencies(failures)
        check_issuer_policies(failures)
    print(f"documentation: {len(pages)} pages, {ran} snippets checked, {failures.count} failures")
    return 1 if failures.count else 0


def needed(stack, failures):
    """The server that the guides run against; None, loudly, where it cannot be."""
    try:
        return stack.enter_context(guides.started())
    except guides.Unavailable as reason:
        if os.environ.get("AW_REQUIRE_ALL") == "1":
            failures.add("docs/login", reason)
        print(f"SKIPPED the programs of docs/login: {reason}", file=sys.stderr)
        return None


def every_page():
    """The pages at the top and everything below docs."""
    return sorted(ROOT.glob("*.md")) + sorted((ROOT / "docs").rglob("*.md"))


def read(page, failures):
    """The fenced blocks of a page."""
    snippets, start = [], None
    for number, line in enumerate(page.read_text().splitlines(), 1):
        if not line.startswith("```"):
            if start is not None:
                snippets[-1].lines.append(line)
        elif start is None:
            start = number
            snippets.append(Snippet(page, number, line[3:].strip(), []))
        else:
            start = None
    if start is not None:
        failures.add(f"{page.relative_to(ROOT)}:{start}", "the fence does not end")
    return snippets


def prepare(folder):
    """Lays the fixtures, and the package for Node, into a folder."""
    run([sys.executable, "-c", FIXTURES], folder).check_returncode()
    shutil.copy(ROOT / "core/tests/keys/p256-private-pbkdf2-sha512.pem", folder / "encrypted.pem")
    shutil.copy(ROOT / "core/tests/keys/rsa-2048-certificate.pem", folder / "certificate.pem")
    modules = folder / "node_modules"
    modules.mkdir()
    (modules / "authwright").symlink_to(ROOT / "bindings" / "node")


def check_page(page, snippets, folder, quirks, failures):
    """Runs a page's blocks, and returns how many there were to check."""
    together = {"python": [], "js": []}
    for snippet in snippets:
        language = snippet.language
        if language in together:
            together[language].append(snippet)
        elif language in {"c", "cpp"}:
            check_compiled(snippet, folder, failures)
        elif language == "rust":
            check_rust(snippet, failures)
        elif language == "json":
            check_json(snippet, failures)
        elif language not in NOT_RUN:
            failures.add(snippet, f"a fence of the language {language!r} is not checked by anything")
    if not guides.is_guide(page):
        check_script(together["python"], folder / "page.py", [sys.executable, "page.py"], failures)
        check_script(together["js"], folder / "page.mjs", ["node", "page.mjs"], failures)
    elif quirks is not None:
        player = guides.HERE / "play_guide"
        commands = ("page.py", [sys.executable, f"{player}.py"]), ("page.mjs", ["node", f"{player}.mjs"])
        for (file, command), snippets_of in zip(commands, together.values(), strict=True):
            # A provider for each, because some tell a user's name only once.
            check_script(snippets_of, folder / file, command, failures, guides.environment(page, quirks))
        play_c(page, snippets, folder, quirks, failures)
    return sum(snippet.language not in NOT_RUN for snippet in snippets)


def play_c(page, snippets, folder, quirks, failures):
    """Runs a guide's C with the first of the options that it shows."""
    sources = [snippet.text for snippet in snippets if snippet.language == "c"]
    options = next(json.loads(snippet.text) for snippet in snippets if snippet.attributes == ["client"])
    compiler = ["gcc", "-std=c11", *WARNINGS, f"-I{INCLUDE}", f"-L{BUILD}", f"-Wl,-rpath,{BUILD}", "-pthread"]
    if problem := guides.play_c(page, sources, options, folder, compiler, quirks):
        failures.add(page.relative_to(ROOT), f"its C fails: {problem}")


def check_script(snippets, file, command, failures, environment=None):
    """Runs blocks in sequence; the line numbers of what they report are those of the page."""
    if not snippets:
        return
    lines = []
    for snippet in snippets:
        lines += [""] * (snippet.line - len(lines)) + snippet.lines
    file.write_text("\n".join(lines) + "\n")
    done = run(command, file.parent, environment)
    if done.returncode != 0:
        failures.add(
            snippets[0].page.relative_to(ROOT), f"its {snippets[0].language} fails:\n{done.stderr}{done.stdout}"
        )


def check_compiled(snippet, folder, failures):
    """Compiles a C or C++ block as the strictest user would, and runs it if it is a program."""
    compiler, standard, suffix = ("gcc", "-std=c11", "c") if snippet.language == "c" else ("g++", "-std=c++17", "cpp")
    source, program = folder / f"snippet.{suffix}", folder / "snippet"
    source.write_text(snippet.text)
    is_program = re.search(r"^int main\(", snippet.text, re.MULTILINE) is not None
    link = [f"-L{BUILD}", "-lauthwright", f"-Wl,-rpath,{BUILD}", "-pthread"] if is_program else ["-c"]
    command = [compiler, standard, *WARNINGS, f"-I{INCLUDE}", str(source), *link, "-o", str(program)]
    done = run(command, folder)
    if done.returncode == 0 and is_program:
        done = run([str(program)], folder)
    if done.returncode != 0:
        failures.add(snippet, f"exit code {done.returncode}\n{done.stderr}{done.stdout}")


def check_rust(snippet, failures):
    """Looks for the block where cargo compiles and runs it."""
    wanted = [line.strip() for line in snippet.lines if line.strip()]
    for file in [*(ROOT / "core/src").rglob("*.rs"), *(ROOT / "examples/rust/src").rglob("*.rs")]:
        found = [re.sub(r"^//[/!] ?", "", line.strip()).strip() for line in file.read_text().splitlines()]
        found = [line for line in found if line]
        if any(found[at : at + len(wanted)] == wanted for at in range(len(found) - len(wanted) + 1)):
            return
    failures.add(snippet, "stands neither in a doctest of the core nor in examples/rust")


def check_json(snippet, failures):
    """A policy, a signer's options, or any JSON."""
    import authwright as aw

    kind = snippet.attributes[0] if snippet.attributes else ""
    try:
        value = json.loads(snippet.text)
        keys = {"ES256": aw.Key.generate("ES256"), "RS256": aw.KeySet([aw.Key.generate("RS256")])}
        if kind == "policy":
            aw.Verifier.from_policy(keys["RS256"], snippet.text)
        elif kind == "signer":
            aw.Signer(keys["ES256"], **value)
        elif kind == "client":
            make_client(**value)
        elif kind == "login":
            names = ("issuer", "authorization_endpoint", "token_endpoint", "jwks_uri", "redirect_uri")
            # With all its endpoints given, a client asks nobody.
            make_client(client_id="web", **{name: f"https://id.example/{name}" for name in names}).begin_login(**value)
        elif kind:
            failures.add(snippet, f"json {kind} is not a kind that is known")
    except (ValueError, aw.AuthwrightError) as error:
        failures.add(snippet, f"{type(error).__name__}: {error}")


def make_client(**options):
    """A client with these options, and the keys that they need."""
    import authwright as aw

    if "team_id" in options:
        options["client_key"] = aw.Key.generate("ES256", kid="ABC123DEFG")
    return aw.oauth.Client(**options, seal_keys=[aw.Key.from_secret(bytes(32))])


def check_links(page, failures):
    """Relative links lead to a file, and their fragments to a heading."""
    text = re.sub(r"^```.*?^```", "", page.read_text(), flags=re.MULTILINE | re.DOTALL)
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, fragment = target.partition("#")
        file = (page.parent / path).resolve() if path else page
        if not file.exists():
            failures.add(page.relative_to(ROOT), f"the link {target} leads nowhere")
        elif fragment and file.suffix == ".md" and fragment not in headings(file):
            failures.add(page.relative_to(ROOT), f"the link {target} leads to no heading")


def headings(page):
    """The anchors of a page's headings, as code hosts make them."""
    text = re.sub(r"^```.*?^```", "", page.read_text(), flags=re.MULTILINE | re.DOTALL)
    titles = re.findall(r"^#+ +(.*)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.strip().lower()).replace(" ", "-") for title in titles}


def check_tables(failures):
    """The members that the core knows are the ones that the pages describe; so are leniencies, profiles and events."""
    for source, constant, page, heading in TABLES:
        code = (ROOT / "core/src" / source).read_text()
        members = re.search(rf"const {constant}: &\[&str\] =\s*&\[(.*?)\];", code, re.DOTALL)
        known = set(re.findall(r'"(\w+)"', members.group(1))) if members else set()
        compare(known, page, heading, failures)
    names, _, _ = (ROOT / "core/src/oauth/leniency.rs").read_text().partition("fn from_name")
    compare(set(re.findall(r'Self::\w+ => "(\w+)",', names)), "login/README.md", "Leniencies", failures)
    _, _, written = (ROOT / "core/src/oauth/tokens.rs").read_text().partition("fn to_json")
    written, _, _ = written.partition("fn from_json")
    members = set(re.findall(r'member\("(\w+)"|\("(\w+)", ', written))
    compare({one or other for one, other in members}, "login/README.md", "Who the user is", failures)
    profiles = json.loads((ROOT / "core/src/oauth/profiles.json").read_text())
    compare(set(profiles), "login/README.md", "Profiles", failures)
    methods = (ROOT / "core/src/oauth/auth_method.rs").read_text()
    compare(set(re.findall(r'Self::\w+ => "(\w+)",', methods)), "login/README.md", "Client authentication", failures)
    _, _, parameters = (ROOT / "core/src/store/redis/address.rs").read_text().partition("fn set(")
    parameters, _, _ = parameters.partition("impl ")
    compare(set(re.findall(r'\("(\w+)", ', parameters)), "api-keys/stores.md", "Parameters of a Redis URL", failures)
    told = [*(ROOT / "core/src/api_key").rglob("*.rs"), *(ROOT / "core/src/store/redis").rglob("*.rs")]
    events = {name for file in told for name in re.findall(r'Event::new\("(\w+)"\)', file.read_text())}
    compare(events, "api-keys/README.md", "Events", failures)


def compare(known, page, heading, failures):
    """What is known is in the first columns of the tables under a heading."""
    text = (ROOT / "docs" / page).read_text()
    if heading is not None:
        _, _, text = text.partition(f"# {heading}\n")
        text = re.split(r"^#", text, maxsplit=1, flags=re.MULTILINE)[0]
    rows = re.findall(r"^\|(.*?)\|", text, re.MULTILINE)
    described = {name for row in rows for name in re.findall(r"`(\w+)`", row)}
    if missing := known - described or (not known and {"anything"}):
        failures.add(f"docs/{page}", f"{heading or 'it'} does not describe {', '.join(sorted(missing))}")


def check_dependencies(failures):
    """What any manifest asks for is named where CONTRIBUTING.md says why."""
    _, _, reasons = (ROOT / "CONTRIBUTING.md").read_text().partition("\n## Dependencies\n")
    listed = run(["git", "ls-files"], ROOT).stdout.splitlines()
    for manifest in [ROOT / name for name in listed if pathlib.Path(name).name in MANIFESTS]:
        for name in sorted(depended_on(manifest)):
            is_own = name.startswith("authwright")
            if not is_own and not re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", reasons, re.IGNORECASE):
                failures.add("CONTRIBUTING.md", f"does not say why {manifest.relative_to(ROOT)} depends on {name}")


def depended_on(manifest):
    """The names of what a manifest asks for, without those of transitive dependencies."""
    text = manifest.read_text()
    if manifest.suffix == ".json":
        read_in = json.loads(text)
        return {*read_in.get("dependencies", {}), *read_in.get("devDependencies", {})}
    if manifest.suffix == ".txt":
        return set(re.findall(r"^([\w.-]+)", text, re.MULTILINE))
    read_in = tomllib.loads(text)
    tables = [read_in, read_in.get("workspace", {}), *read_in.get("target", {}).values()]
    crates = {name for table in tables for kind in CRATES for name in table.get(kind, {})}
    project = read_in.get("build-system", {}).get("requires", []) + read_in.get("project", {}).get("dependencies", [])
    return crates | {re.match(r"[\w.-]+", requirement).group() for requirement in project}


def check_issuer_policies(failures):
    """An issuer's page shows the policies that the corpus pins for that issuer."""
    corpus = json.loads((ROOT / "tests/vectors/issuers.json").read_text())
    accepted = {
        vector["id"].removeprefix("issuers-").removesuffix("-accepted"): vector["policy"]
        for vector in corpus["vectors"]
        if vector["id"].endswith("-accepted")
    }
    for page in (ROOT / "docs/issuers").glob("*.md"):
        shown = [json.loads(snippet.text) for snippet in read(page, failures) if "policy" in snippet.attributes]
        pinned = {name: policy for name, policy in accepted.items() if f"{name}-".startswith(f"{page.stem}-")}
        if not pinned and page.stem != "README":
            failures.add(page.relative_to(ROOT), "the corpus has no vectors for this issuer")
        for name, policy in pinned.items():
            if policy not in shown:
                failures.add(page.relative_to(ROOT), f"does not show the policy of the vector issuers-{name}-accepted")


def run(command, folder, environment=None):
    """Runs a command without asking for anything; what it says is kept."""
    silent = {"capture_output": True, "text": True, "stdin": subprocess.DEVNULL}
    return subprocess.run(command, check=False, cwd=folder, timeout=300, env=environment or ENVIRONMENT, **silent)


if __name__ == "__main__":
    sys.exit(main())
