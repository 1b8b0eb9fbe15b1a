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
    json              is JSON
    sh, text, cmake   not run; any other language is an error, so that nothing goes unchecked by accident

Snippets run in a folder of their own with the files that FIXTURES makes. Links between pages, and to headings, must resolve.
Every member of a policy and every option of a signer must be in its page's table.
"""

import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("AW_BUILD", ROOT / "target" / "release"))
INCLUDE = ROOT / "include"
NOT_RUN = {"sh", "text", "cmake"}
WARNINGS = ["-Wall", "-Wextra", "-Wpedantic", "-Werror"]

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
"""


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
    for page in pages:
        snippets = read(page, failures)
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            prepare(folder)
            ran += check_page(page, snippets, folder, failures)
        check_links(page, failures)
    if len(sys.argv) == 1:
        check_tables(failures)
        check_issuer_policies(failures)
    print(f"documentation: {len(pages)} pages, {ran} snippets checked, {failures.count} failures")
    return 1 if failures.count else 0


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


def check_page(page, snippets, folder, failures):
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
    check_script(together["python"], folder / "page.py", [sys.executable, "page.py"], failures)
    check_script(together["js"], folder / "page.mjs", ["node", "page.mjs"], failures)
    return sum(snippet.language not in NOT_RUN for snippet in snippets)


def check_script(snippets, file, command, failures):
    """Runs blocks in sequence; the line numbers of what they report are those of the page."""
    if not snippets:
        return
    lines = []
    for snippet in snippets:
        lines += [""] * (snippet.line - len(lines)) + snippet.lines
    file.write_text("\n".join(lines) + "\n")
    done = run(command, file.parent)
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
        elif kind:
            failures.add(snippet, f"json {kind} is not a kind that is known")
    except (ValueError, aw.AuthwrightError) as error:
        failures.add(snippet, f"{type(error).__name__}: {error}")


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
    """The members that the core knows are the ones that the pages describe."""
    for source, page in (("policy.rs", "policy.md"), ("signer.rs", "signing.md")):
        code = (ROOT / "core/src/jwt" / source).read_text()
        members = re.search(r"const MEMBERS: &\[&str\] = &\[(.*?)\];", code, re.DOTALL)
        known = set(re.findall(r'"(\w+)"', members.group(1))) if members else set()
        rows = re.findall(r"^\|(.*?)\|", (ROOT / "docs" / page).read_text(), re.MULTILINE)
        described = {name for row in rows for name in re.findall(r"`(\w+)`", row)}
        if missing := known - described or (not known and {"MEMBERS"}):
            failures.add(f"docs/{page}", f"does not describe {', '.join(sorted(missing))}")


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


def run(command, folder):
    """Runs a command without asking for anything; what it says is kept."""
    return subprocess.run(
        command, check=False, cwd=folder, capture_output=True, text=True, timeout=300, stdin=subprocess.DEVNULL
    )


if __name__ == "__main__":
    sys.exit(main())
