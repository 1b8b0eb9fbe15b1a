"""A live issuer, four programs: its keys rotate, it goes down, it comes back, it is flooded.

A certified OpenID provider (npm oidc-provider) runs on this machine. Programs in C, Python (blocking and asyncio), Node and Rust
know nothing of it but its URL, and are shown the same tokens at the same time. `make demo` runs this after
the first part; it exits with a failure if any answer is not the expected one.
"""

import collections
import os
import pathlib
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "examples"
BUILT = ROOT / "target" / "demo"
LIBRARY = ROOT / "target" / "release"
sys.path.insert(0, str(ROOT / "tests" / "servers"))

import servers

# Fetches that unknown keys cause are this many seconds apart, and up to a quarter more: 30 unless a program says otherwise.
COOLDOWN = 1
SPENT = COOLDOWN * 1.25 + 0.2
PROGRAMS = {
    "C": [BUILT / "verify-issuer-c"],
    "Python": [sys.executable, EXAMPLES / "python" / "verify_issuer.py"],
    "asyncio": [sys.executable, EXAMPLES / "python" / "verify_issuer_async.py"],
    "Node": ["node", EXAMPLES / "node" / "verify-issuer.mjs"],
    "Rust": [LIBRARY / "verify_issuer"],
}
WIDTH = 19


class Program:
    """One of the programs: it reads tokens, a line each, and answers each with a line."""

    def __init__(self, name, issuer):
        command = [str(part) for part in [*PROGRAMS[name], issuer, "api", COOLDOWN]]
        self.name = name
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)

    def ask(self, tokens):
        for token in tokens:
            self.process.stdin.write(f"{token}\n")

    def answer(self):
        return self.process.stdout.readline().strip() or "no answer"

    def close(self):
        self.process.stdin.close()
        if self.process.wait(timeout=10) != 0:
            sys.exit(f"{self.name} ended with {self.process.returncode}")


def main():
    build_c_program()
    started, wrong = time.monotonic(), []
    with servers.oidc_provider() as provider:
        # Each has been there before the issuer is.
        provider.down()
        programs = [Program(name, provider.issuer) for name in PROGRAMS]
        print(f"\nAn OpenID provider at {provider.issuer}, and nothing but its URL\n")
        print(" " * 44 + "".join(f"{program.name:<{WIDTH}}" for program in programs))

        def show(what, tokens, expected):
            """The programs' answers to tokens, which must all be the expected one."""
            for program in programs:
                program.ask(tokens)
            cells = []
            for program in programs:
                answers = collections.Counter(program.answer() for _ in tokens)
                if set(answers) != {expected}:
                    wrong.append(f"{what}: {program.name} says {dict(answers)}, not {expected}")
                cells.append(", ".join(answer.removeprefix("ERR_") for answer in answers))
            print(f"{what:<44}" + "".join(f"{cell:<{WIDTH}}" for cell in cells))

        good = "ok demo"
        show("The issuer is down: keys are needed (503)", [provider.token()], "ERR_KEYS_NEEDED")
        provider.up()
        time.sleep(SPENT)
        old = provider.token()
        show("It is up: the first token fetches its keys", [old], good)
        show("A hundred more fetch nothing", [old] * 100, good)
        show("An expired one", [provider.token(exp=-3600)], "ERR_TOKEN_EXPIRED")
        show("One for somebody else", [provider.token(aud="other")], "ERR_AUDIENCE_MISMATCH")
        time.sleep(SPENT)
        provider.rotate()
        show("It rotates its key: a token of the new one", [provider.token()], good)
        show("Tokens of the old key are still good", [old], good)
        time.sleep(SPENT)
        provider.rotate(alg="ES256")
        show("It rotates to another algorithm", [provider.token()], good)
        time.sleep(SPENT)
        invented = [provider.token(key="unpublished", kid=f"invented-{n}") for n in range(20)]
        show("A flood of invented keys: the first of them", invented[:1], "ERR_KEY_NOT_FOUND")
        show("... and the rest, in the same cooldown", invented[1:], "ERR_KEYS_NEEDED")
        show("... while good tokens go on", [provider.token()], good)
        provider.down()
        time.sleep(SPENT)
        show("It is down again: known keys serve on", [provider.token()], good)
        provider.rotate()
        provider.up()
        time.sleep(SPENT)
        show("It is back, with a new key", [provider.token()], good)
        fetches = provider.fetches()
        for program in programs:
            program.close()
    seconds = time.monotonic() - started
    asked = f"{fetches['jwks'] / len(PROGRAMS):.0f} times by each program"
    print(
        f"\nIn {seconds:.0f} s the issuer was asked for its keys {asked}: "
        + ("all agree." if not wrong else "DISAGREE.")
    )
    for line in wrong:
        print(f"  {line}")
    return 1 if wrong else 0


def build_c_program():
    """Compiles the C program when it is older than its source or the library."""
    BUILT.mkdir(parents=True, exist_ok=True)
    source, program = EXAMPLES / "c" / "verify_issuer.c", PROGRAMS["C"][0]
    needs = [source, ROOT / "include" / "authwright.h", LIBRARY / "libauthwright.so"]
    if program.exists() and all(program.stat().st_mtime > need.stat().st_mtime for need in needs):
        return
    rest = [f"-I{ROOT / 'include'}", f"-L{LIBRARY}", "-lauthwright", f"-Wl,-rpath,{LIBRARY}"]
    compiler = [os.environ.get("CC", "cc"), "-std=c11", "-O2", "-Wall", "-Wextra"]
    subprocess.run([*compiler, source, "-o", program, *rest], check=True)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except servers.Unavailable as missing:
        print(f"SKIPPED, {missing}")
        sys.exit(1 if os.environ.get("AW_REQUIRE_ALL") == "1" else 0)
