"""One core, five languages: everyone signs, everyone verifies, everyone refuses.

A program in C, C++, Python, Node and Rust signs a token for every algorithm with keys of its own, and verifies
everyone else's. Tokens go both ways between them and PyJWT, joserfc, jose and jsonwebtoken. Then all five are shown the
same forged, expired and misdirected tokens. `make demo` builds what this needs and runs it; it exits with a failure if
any two of them disagree.
"""

import concurrent.futures
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

import authwright as aw
from forgeries import as_dict, forgeries

ROOT = pathlib.Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "examples"
BUILT = ROOT / "target" / "demo"
LIBRARY = ROOT / "target" / "release"
NODE_PEERS = ROOT / "target" / "interop"

# A key serves every algorithm of its kind: the algorithm whose key is made, and those that it is used for.
KINDS = {
    "HS512": ("HS256", "HS384", "HS512"),
    "RS256": ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"),
    "ES256": ("ES256",),
    "ES384": ("ES384",),
    "ES512": ("ES512",),
    "ES256K": ("ES256K",),
    "Ed25519": ("EdDSA", "Ed25519"),
}
ALGORITHMS = [algorithm for algorithms in KINDS.values() for algorithm in algorithms]
KIND = {algorithm: kind for kind, algorithms in KINDS.items() for algorithm in algorithms}
LANGUAGES = {
    "C": [BUILT / "interop-c"],
    "C++": [BUILT / "interop-cpp"],
    "Python": [sys.executable, EXAMPLES / "python" / "interop.py"],
    "Node": ["node", EXAMPLES / "node" / "interop.mjs"],
    "Rust": [LIBRARY / "interop"],
}
# How many of our algorithms each of them has.
PEERS = {"PyJWT": 14, "joserfc": 15, "jose": 14, "jsonwebtoken": 12}
WIDTH = 9


def main():
    started = time.monotonic()
    build_c_programs()
    link_node_package()
    with (
        tempfile.TemporaryDirectory(prefix="authwright-demo-") as folder,
        concurrent.futures.ThreadPoolExecutor((os.cpu_count() or 1) + 1) as pool,
    ):
        demo = Demo(pathlib.Path(folder), pool)
        demo.make_keys()
        demo.sign()
        matrix = demo.verify()
        refused = demo.refuse()
    counts = show(demo, matrix, refused)
    wrong = counts["wrong"] + demo.crashed
    seconds = time.monotonic() - started
    print(
        f"{counts['verified']} verifications and {counts['refused']} refusals in {seconds:.1f} s: "
        + ("all agree." if not wrong else f"{wrong} DISAGREE.")
    )
    for line in demo.complaints:
        print(f"  {line}")
    skipped = [peer for peer in PEERS if peer not in demo.peers]
    if skipped:
        print(f"SKIPPED, not installed: {', '.join(skipped)} (tests/interop/setup.sh installs them)")
    return 1 if wrong or (skipped and os.environ.get("AW_REQUIRE_ALL") == "1") else 0


def build_c_programs():
    """Compiles the C and C++ programs when they are older than their sources or the library."""
    BUILT.mkdir(parents=True, exist_ok=True)
    header = ROOT / "include"
    rest = [f"-I{header}", f"-L{LIBRARY}", "-lauthwright", f"-Wl,-rpath,{LIBRARY}"]
    for compiler, source, program in (
        ([os.environ.get("CC", "cc"), "-std=c11"], EXAMPLES / "c" / "interop.c", BUILT / "interop-c"),
        ([os.environ.get("CXX", "c++"), "-std=c++17"], EXAMPLES / "cpp" / "interop.cpp", BUILT / "interop-cpp"),
    ):
        needs = [source, *header.iterdir(), LIBRARY / "libauthwright.so"]
        if program.exists() and all(program.stat().st_mtime > need.stat().st_mtime for need in needs):
            continue
        subprocess.run([*compiler, "-O2", "-Wall", "-Wextra", source, "-o", program, *rest], check=True)


def link_node_package():
    """What `npm install` in examples/node would do: the Node program finds the package by its name."""
    link = EXAMPLES / "node" / "node_modules" / "authwright"
    if not link.is_symlink() and not link.exists():
        link.parent.mkdir(exist_ok=True)
        link.symlink_to(pathlib.Path("..", "..", "..", "bindings", "node"))


class Demo:
    """The keys, the tokens, and who said what about them."""

    def __init__(self, folder, pool):
        self.folder, self.pool = folder, pool
        self.private, self.public = {}, {}
        self.tokens = {}
        self.peers = {}
        self.complaints = []
        self.crashed = 0

    def make_keys(self):
        """Each language's own keys, a set for the libraries that are not ours, and a set to forge for."""
        owners = (*LANGUAGES, "peers", "forger")
        wanted = [(owner, kind) for kind in KINDS for owner in owners]
        for (owner, kind), key in zip(wanted, self.pool.map(lambda who: aw.Key.generate(who[1]), wanted)):
            private = as_dict(key.to_jwk(private=True))
            public = private if private["kty"] == "oct" else as_dict(key.public_key().to_jwk())
            name = f"{owner}-{kind}".replace("+", "p")
            for part, jwk, store in (("private", private, self.private), ("public", public, self.public)):
                # Without `alg` the key does every algorithm of its kind.
                jwk = {member: value for member, value in jwk.items() if member != "alg"}
                file = self.folder / f"{name}.{part}.json"
                file.write_text(json.dumps(jwk))
                store[owner, kind] = (file, jwk)

    def sign(self):
        """Every language signs with each of its keys; the peers sign in one process a runtime."""

        def job(who):
            language, algorithm = who
            file, _ = self.private[language, KIND[algorithm]]
            return self.run([*LANGUAGES[language], "sign", file, algorithm]).strip()

        mine = [(language, algorithm) for algorithm in ALGORITHMS for language in LANGUAGES]
        theirs = self.pool.submit(self.ask_peers, sign=ALGORITHMS)
        for who, token in zip(mine, self.pool.map(job, mine)):
            if token:
                self.tokens[who] = token
        self.peers = theirs.result()
        for peer, answer in self.peers.items():
            for algorithm, token in answer["signed"].items():
                self.tokens[peer, algorithm] = token

    def verify(self):
        """Every language is shown every token, one process a key; the peers are shown ours."""
        by_key = {}
        for (signer, algorithm), token in self.tokens.items():
            owner = signer if signer in LANGUAGES else "peers"
            by_key.setdefault((owner, KIND[algorithm]), []).append((signer, algorithm, token))
        jobs = [(language, who) for who in by_key for language in LANGUAGES]

        def job(work):
            language, who = work
            return self.ask(language, self.public[who][0], [token for *_, token in by_key[who]])

        ours = [(signer, algorithm) for signer, algorithm in self.tokens if signer in LANGUAGES]
        theirs = self.pool.submit(self.ask_peers, verify=ours)
        matrix = {}
        for (language, who), answers in zip(jobs, self.pool.map(job, jobs)):
            for (signer, algorithm, _), answer in zip(by_key[who], answers):
                good = answer == f"ok alice {spelled(signer)}"
                matrix.setdefault((signer, language), {})[algorithm] = good
                if not good:
                    self.complaints.append(f"{language} says of {signer}'s {algorithm} token: {answer}")
        for peer, answer in theirs.result().items():
            for (signer, algorithm), subject in zip(ours, answer["verified"]):
                if subject is None:
                    continue
                matrix.setdefault((signer, peer), {})[algorithm] = subject == "alice"
                if subject != "alice":
                    self.complaints.append(f"{peer} does not accept {signer}'s {algorithm} token")
        return matrix

    def refuse(self):
        """Every language is shown every forgery."""
        keys = {kind: jwk for (owner, kind), (_, jwk) in self.private.items() if owner == "forger"}
        forged = list(forgeries(aw, keys, int(time.time())))
        jobs = [(language, kind) for kind in dict.fromkeys(forgery.key for forgery in forged) for language in LANGUAGES]

        def job(work):
            language, kind = work
            tokens = [forgery.token for forgery in forged if forgery.key == kind]
            return self.ask(language, self.public["forger", kind][0], tokens)

        answers = dict(zip(jobs, (iter(codes) for codes in self.pool.map(job, jobs))))
        return [
            (forgery, {language: next(answers[language, forgery.key]) for language in LANGUAGES}) for forgery in forged
        ]

    def ask(self, language, key_file, tokens):
        """What a language's program says of tokens, one answer each."""
        said = self.run(
            [*LANGUAGES[language], "verify", key_file], "".join(f"{token}\n" for token in tokens)
        ).splitlines()
        return said + ["no answer"] * (len(tokens) - len(said))

    def ask_peers(self, sign=(), verify=()):
        now = int(time.time())
        claims = {
            "iss": "https://id.example",
            "aud": "api",
            "sub": "alice",
            "scope": "read",
            "iat": now,
            "exp": now + 900,
        }
        work = {
            "claims": claims,
            "sign": [{"alg": algorithm, "jwk": self.private["peers", KIND[algorithm]][1]} for algorithm in sign],
            "verify": [
                {"alg": who[1], "jwk": self.public[who[0], KIND[who[1]]][1], "token": self.tokens[who]}
                for who in verify
            ],
        }
        here = pathlib.Path(__file__).parent
        answer = {}
        for command in ([sys.executable, here / "peers.py"], ["node", here / "peers.mjs", NODE_PEERS]):
            said = self.run(command, json.dumps(work))
            self.crashed += not said
            answer.update(json.loads(said or "{}"))
        return {peer: answer[peer] for peer in PEERS if peer in answer}

    def run(self, command, given=""):
        done = subprocess.run([str(part) for part in command], input=given, capture_output=True, text=True, check=False)
        if done.stderr.strip():
            self.complaints += done.stderr.strip().splitlines()[:3]
        return done.stdout


def spelled(signer):
    """How a signer writes its own name into the claim `lang`."""
    return {"C": "c", "C++": "cpp", "Python": "python", "Node": "node", "Rust": "rust"}.get(signer, signer)


class Ink:
    """Colour on a terminal, nothing elsewhere."""

    on = sys.stdout.isatty() and "NO_COLOR" not in os.environ

    @classmethod
    def paint(cls, text, code):
        return f"\x1b[{code}m{text}\x1b[0m" if cls.on else text

    @classmethod
    def good(cls, text):
        return cls.paint(text, "32")

    @classmethod
    def bad(cls, text):
        return cls.paint(text, "1;31")

    @classmethod
    def faint(cls, text):
        return cls.paint(text, "2")

    @classmethod
    def bold(cls, text):
        return cls.paint(text, "1")


def show(demo, matrix, refused):
    """Prints the two tables, and counts."""
    counts = {"verified": 0, "refused": 0, "wrong": 0}
    peers = list(demo.peers)
    columns = [*LANGUAGES, *peers]

    def cell(signer, verifier):
        if signer in PEERS and verifier in PEERS:
            return Ink.faint(f"{'.':>{width(verifier)}}")
        good = sum(matrix.get((signer, verifier), {}).values())
        due = PEERS.get(signer) or PEERS.get(verifier) or len(ALGORITHMS)
        counts["verified"] += good
        counts["wrong"] += due - good
        return (Ink.good if good == due else Ink.bad)(f"{f'{good}/{due}':>{width(verifier)}}")

    def width(column):
        return max(WIDTH, len(column) + 2)

    def heading(first, names, indent):
        return f"  {first:<{indent}}" + "".join(f"{name:>{width(name)}}" for name in names)

    print()
    print(Ink.bold("Who verifies whose tokens") + ": algorithms verified, of those that both sides have")
    print(Ink.faint("  " + " ".join(ALGORITHMS)))
    print()
    print(Ink.bold(heading("signed by \\ verified by", columns, 24)))
    for signer in [*LANGUAGES, *peers]:
        label = signer if signer in LANGUAGES else f"{signer} {demo.peers[signer]['version']}"
        if peers and signer == peers[0]:
            print()
        print(f"  {label:<24}" + "".join(cell(signer, verifier) for verifier in columns))
    print()
    print(Ink.bold("What everyone refuses") + ": the same code in every language")
    print()
    print(Ink.bold(heading("token", LANGUAGES, 30) + "   code"))
    for forgery, codes in refused:
        marks = ""
        for language, code in codes.items():
            if code == forgery.code:
                counts["refused"] += 1
                marks += Ink.good(f"{'refused':>{width(language)}}")
            else:
                counts["wrong"] += 1
                marks += Ink.bad(f"{'DIFFERS':>{width(language)}}")
                demo.complaints.append(f"{language} says of the token '{forgery.title}': {code}, not {forgery.code}")
        print(f"  {forgery.title:<30}{marks}   {forgery.code}")
    print()
    return counts


if __name__ == "__main__":
    if shutil.which("node") is None:
        sys.exit("demo: node is not on the PATH")
    sys.exit(main())
