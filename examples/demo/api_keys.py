"""One store, four programs: what one of them issues, all check; what another rotates or revokes is over for all.

Programs in C, Python, Node and Rust know the URL of a store and its pepper, and nothing of each other. First the store is
one SQLite file, then one Redis server: nothing but the URL is another. `make demo` runs this after the tokens; it exits with
a failure if any answer is not the expected one. Without redis-server that part is left out, and said; with
AW_REQUIRE_ALL=1 that is a failure.
"""

import base64
import os
import pathlib
import secrets
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "examples"
BUILT = ROOT / "target" / "demo"
LIBRARY = ROOT / "target" / "release"
sys.path.insert(0, str(ROOT / "tests" / "servers"))

import redis_server

PROGRAMS = {
    "C": [BUILT / "issue-and-check-c"],
    "Python": [sys.executable, EXAMPLES / "python" / "issue_and_check.py"],
    "Node": ["node", EXAMPLES / "node" / "issue-and-check.mjs"],
    "Rust": [LIBRARY / "issue_and_check"],
}
WIDTH = 18
HOUR = 3600


class Program:
    """One of the programs: it reads commands, a line each, and answers each with a line."""

    def __init__(self, name, store, pepper):
        self.name = name
        self.process = subprocess.Popen(
            [str(part) for part in [*PROGRAMS[name], store]],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            bufsize=1,
            env={**os.environ, "PEPPER": pepper},
        )

    def ask(self, *words):
        self.process.stdin.write(" ".join(str(word) for word in words) + "\n")

    def answer(self):
        return self.process.stdout.readline().strip()

    def do(self, *words):
        """What it answers beside `ok`."""
        self.ask(*words)
        ok, *rest = self.answer().split() or [""]
        if ok != "ok":
            sys.exit(f"{self.name}: {words[0]} failed: {ok or 'it has ended'}")
        return rest

    def close(self):
        self.process.stdin.close()
        if self.process.wait(timeout=10) != 0:
            sys.exit(f"{self.name} ended with {self.process.returncode}")


def show(programs, what, presented, scope, expected):
    """The programs' answers to a key, as a line of the table; and what is wrong with them."""
    for program in programs:
        program.ask("check", presented, scope)
    answers = [program.answer() for program in programs]
    print(f"{what:<52}" + "".join(f"{answer.removeprefix('ERR_'):<{WIDTH}}" for answer in answers))
    pairs = zip(programs, answers, strict=True)
    return [f"{what}: {one.name} says {said!r}, not {expected!r}" for one, said in pairs if said != expected]


def walk(store):
    """Everything that there is to see on one store."""
    pepper = base64.b64encode(secrets.token_bytes(32)).decode()
    programs = [Program(name, store, pepper) for name in PROGRAMS]
    by_name = {program.name: program for program in programs}
    print(" " * 52 + "".join(f"{program.name:<{WIDTH}}" for program in programs))
    wrong, issued = [], {}
    for program in programs:
        owner = f"{program.name.lower()}-service"
        issued[program.name] = program.do("issue", owner, "invoices:read", HOUR)
        key = issued[program.name][1]
        wrong += show(programs, f"{program.name} issues a key: everybody knows it", key, "invoices:read", f"ok {owner}")
    (id_, key), (_, other), (short_id, short) = issued["C"], issued["Node"], issued["Python"]
    wrong += show(programs, "A scope that it does not have (403)", key, "invoices:write", "ERR_API_KEY_SCOPE")
    typo = key[:40] + ("a" if key[40] != "a" else "b") + key[41:]
    wrong += show(programs, "A letter is another (401)", typo, "invoices:read", "ERR_API_KEY_INVALID")
    mixed = key.rpartition("_")[0] + "_" + other.rpartition("_")[2]
    wrong += show(programs, "The id of one key, the secret of another", mixed, "invoices:read", "ERR_API_KEY_INVALID")
    _, new = by_name["Python"].do("rotate", id_, HOUR)
    wrong += show(programs, "Python rotates C's key; the old has an hour", key, "invoices:read", "ok c-service")
    wrong += show(programs, "... and the new one", new, "invoices:read", "ok c-service")
    _, fresh = by_name["C"].do("rotate", short_id, 1)
    _, brief = by_name["Rust"].do("issue", "visitor", "invoices:read", 1)
    # Nobody is asked before this second is over: a machine that stalls has the same answers.
    time.sleep(1)
    wrong += show(programs, "C rotates Python's; the old had a second", short, "invoices:read", "ERR_API_KEY_INVALID")
    wrong += show(programs, "... and the new one", fresh, "invoices:read", "ok python-service")
    wrong += show(programs, "A key for a second, after it", brief, "invoices:read", "ERR_API_KEY_EXPIRED")
    by_name["Node"].do("revoke", id_)
    wrong += show(programs, "Node revokes it", new, "invoices:read", "ERR_API_KEY_REVOKED")
    wrong += show(programs, "... and no other", other, "invoices:read", "ok node-service")
    for program in programs:
        program.close()
    return wrong


def main():
    build_c_program()
    link_node_package()
    started, missing = time.monotonic(), []
    with tempfile.TemporaryDirectory(prefix="authwright-demo-") as folder:
        print("\nAPI keys in one SQLite file, and a program in each language that has it open\n")
        wrong = walk(f"sqlite:{folder}/keys.db")
    try:
        with redis_server.running() as redis:
            print("\nThe same on one Redis server\n")
            wrong += walk(redis.url)
    except redis_server.Unavailable as absent:
        missing.append(f"Redis: {absent}")
    seconds = time.monotonic() - started
    print(f"\nIn {seconds:.0f} s " + ("all agree." if not wrong else "THEY DISAGREE."))
    for line in wrong:
        print(f"  {line}")
    for line in missing:
        print(f"  SKIPPED {line}")
    return 1 if wrong or (missing and os.environ.get("AW_REQUIRE_ALL") == "1") else 0


def build_c_program():
    """Compiles the C program when it is older than its source or the library."""
    BUILT.mkdir(parents=True, exist_ok=True)
    source, program = EXAMPLES / "c" / "issue_and_check.c", PROGRAMS["C"][0]
    needs = [source, ROOT / "include" / "authwright.h", LIBRARY / "libauthwright.so"]
    if program.exists() and all(program.stat().st_mtime > need.stat().st_mtime for need in needs):
        return
    rest = [f"-I{ROOT / 'include'}", f"-L{LIBRARY}", "-lauthwright", f"-Wl,-rpath,{LIBRARY}"]
    compiler = [os.environ.get("CC", "cc"), "-std=c11", "-O2", "-Wall", "-Wextra"]
    subprocess.run([*compiler, source, "-o", program, *rest], check=True)


def link_node_package():
    """What `npm install` in examples/node would do: the Node program finds the package by its name."""
    link = EXAMPLES / "node" / "node_modules" / "authwright"
    if not link.is_symlink() and not link.exists():
        link.parent.mkdir(exist_ok=True)
        link.symlink_to(pathlib.Path("..", "..", "..", "bindings", "node"))


if __name__ == "__main__":
    sys.exit(main())
