"""authwright against PyJWT, joserfc, ryjwt, oxyjwt and the bare primitives of authwright's own provider in one process;
raw results as JSON on standard output.

    bench.py BARE NORMAL ABI3

BARE is the shared object of ../rust that holds the bare primitives.
NORMAL and ABI3 are folders that hold our package: built for this interpreter, and the portable wheel.
Thread CPU time, interleaved rounds, the garbage collector on as in any program. Every contestant is checked to give the
same dict before it is measured.
"""

import ctypes
import importlib
import json
import os
import pathlib
import sys
import time
import warnings
from importlib.metadata import version

CLAIMS_TEXT = (pathlib.Path(__file__).parent.parent / "claims.json").read_text().strip()
CLAIMS = json.loads(CLAIMS_TEXT)
ISSUER, AUDIENCE = CLAIMS["iss"], CLAIMS["aud"]
# The rows' names, in the order that the shared object has the algorithms in.
BARE = {
    "HS256": "bare HMAC-SHA-256, prepared (RustCrypto)",
    "RS256": "bare RSA 2048, prepared (aws-lc-rs)",
    "ES256": "bare ECDSA P-256, prepared (aws-lc-rs)",
    "EdDSA": "bare Ed25519, prepared (aws-lc-rs)",
}
SECRET = bytes((i * 37 + 11) % 256 for i in range(32))
ROUNDS = int(os.environ.get("AW_BENCH_ROUNDS", "101"))
SAMPLE_NS = int(os.environ.get("AW_BENCH_SAMPLE_US", "3000")) * 1000


class Contest:
    """Several ways to do the same work, measured in turns."""

    def __init__(self, name):
        self.name = name
        self.contestants = []

    def add(self, name, statement, names, expected=None, ours=False):
        """`statement` is measured as it stands, in a loop of its own, with `names` as its local variables."""
        if expected is not None:
            got = eval(statement, {}, names)
            assert expected(got), f"{name} gives something else: {got!r}"
        parameters = ", ".join(f"{key}={key}" for key in names)
        source = f"def run(calls, {parameters}):\n    for _ in repeat(None, calls):\n        {statement}\n"
        scope = {**names, "repeat": __import__("itertools").repeat}
        exec(source, scope)  # noqa: S102
        self.contestants.append({"name": name, "ours": ours, "run": scope["run"], "calls": 1, "ns": []})

    def add_bare(self, algorithm, function):
        """`function` makes all the calls of a sample in one, so that what ctypes costs is spread over them."""
        place = list(BARE).index(algorithm)

        def run(calls):
            assert function(place, calls), f"the bare primitive of {algorithm} fails"

        self.contestants.append({"name": BARE[algorithm], "ours": False, "run": run, "calls": 1, "ns": []})

    def measure(self):
        for contestant in self.contestants:
            calibrate(contestant)
        count = len(self.contestants)
        for turn in range(ROUNDS):
            for offset in range(count):
                contestant = self.contestants[(turn + offset) % count]
                contestant["ns"].append(spend(contestant) / contestant["calls"])
        print(f"  {self.name}", file=sys.stderr)
        for contestant in self.contestants:
            print(f"    {contestant['name']:<44} {sorted(contestant['ns'])[ROUNDS // 2]:>10.0f} ns", file=sys.stderr)
        keep = ("name", "ours", "calls", "ns")
        return {"name": self.name, "contestants": [{key: c[key] for key in keep} for c in self.contestants]}


def spend(contestant):
    start = time.thread_time_ns()
    contestant["run"](contestant["calls"])
    return time.thread_time_ns() - start


def calibrate(contestant):
    """Warms up, and finds the number of calls that fills one sample.

    One long sample is not believed: a first call that imports and initialises things may take longer than all the calls
    of a sample together.
    """
    filled = 0
    while filled < 3:
        spent = max(spend(contestant), 1)
        if spent >= SAMPLE_NS:
            filled += 1
            continue
        filled = 0
        calls = contestant["calls"]
        contestant["calls"] = min(max(calls * SAMPLE_NS // spent + 1, calls + 1), calls * 10)


def load(folder):
    """Imports our package from a folder of its own, so that two builds of it can stand side by side."""
    folder = os.path.abspath(folder)
    sys.path.insert(0, folder)
    module = importlib.import_module("authwright")
    sys.path.pop(0)
    assert pathlib.Path(module.__file__).is_relative_to(folder), module.__file__
    for name in [name for name in sys.modules if name == "authwright" or name.startswith("authwright.")]:
        sys.modules[f"{name} from {folder}"] = sys.modules.pop(name)
    return module


def load_bare(file):
    """The shared object's functions, by what they do."""
    library = ctypes.CDLL(os.path.abspath(file))
    functions = {"verify": library.bare_verify, "sign": library.bare_sign}
    for function in functions.values():
        function.argtypes, function.restype = [ctypes.c_uint32, ctypes.c_uint32], ctypes.c_bool
    return functions


def same(claims):
    return claims == CLAIMS


class Ours:
    """One build of our package."""

    def __init__(self, label, module):
        self.label, self.module = label, module

    def key(self, algorithm, pem):
        if algorithm == "HS256":
            return self.module.Key.from_secret(SECRET, alg="HS256")
        return self.module.Key.from_pem(pem, alg=algorithm)

    def signer(self, algorithm, pem):
        return self.module.Signer(self.key(algorithm, pem))

    def verifier(self, algorithm, pem):
        return self.module.Verifier(self.key(algorithm, pem), issuer=ISSUER, audience=AUDIENCE)


def peers_verify(contest, algorithm, public, token):
    import joserfc.jwk
    import joserfc.jwt
    import jwt
    import oxyjwt
    import ryjwt
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    shared = {"token": token, "audience": AUDIENCE, "issuer": ISSUER, "algorithms": [algorithm]}
    if algorithm == "HS256":
        sys.modules["msgspec"], kept = None, sys.modules.get("msgspec")
        plain = ryjwt.SecretKey(SECRET, algorithms=["HS256"], audience=AUDIENCE, issuer=ISSUER)
        del sys.modules["msgspec"]
        if kept is not None:
            sys.modules["msgspec"] = kept
        keys = {
            "ryjwt": plain,
            "ryjwt with msgspec": ryjwt.SecretKey(SECRET, algorithms=["HS256"], audience=AUDIENCE, issuer=ISSUER),
        }
        oxy, prepared = oxyjwt.DecodingKey.from_secret(SECRET), SECRET
        jose = joserfc.jwk.OctKey.import_key(SECRET)
    else:
        make = {"RS256": "from_rsa_pem", "ES256": "from_ec_pem", "EdDSA": "from_ed_pem"}[algorithm]
        kind = {"RS256": joserfc.jwk.RSAKey, "ES256": joserfc.jwk.ECKey, "EdDSA": joserfc.jwk.OKPKey}[algorithm]
        oxy, jose = getattr(oxyjwt.DecodingKey, make)(public), kind.import_key(public)
        keys = {"ryjwt": ryjwt.PublicKey(public, algorithms=[algorithm], audience=AUDIENCE, issuer=ISSUER)}
        prepared = load_pem_public_key(public)
    for name, key in keys.items():
        contest.add(name, "decode(token)", {"decode": key.decode, "token": token}, same)
    contest.add(
        "oxyjwt",
        "decode(token, key, algorithms=algorithms, audience=audience, issuer=issuer)",
        {**shared, "decode": oxyjwt.decode, "key": oxy},
        same,
    )
    contest.add(
        "PyJWT",
        "decode(token, key, algorithms=algorithms, audience=audience, issuer=issuer)",
        {**shared, "decode": jwt.decode, "key": prepared},
        same,
    )
    registry = joserfc.jwt.JWTClaimsRegistry(
        iss={"essential": True, "value": ISSUER}, aud={"essential": True, "value": AUDIENCE}, exp={"essential": True}
    )

    def joserfc_verify(token, decode=joserfc.jwt.decode, validate=registry.validate, key=jose, algorithms=[algorithm]):  # noqa: B006
        claims = decode(token, key, algorithms=algorithms).claims
        validate(claims)
        return claims

    contest.add("joserfc", "verify(token)", {"verify": joserfc_verify, "token": token}, same)


def peers_sign(contest, algorithm, private, public):
    import joserfc.jwk
    import joserfc.jwt
    import jwt
    import oxyjwt
    import ryjwt
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    shared = {"claims": CLAIMS, "algorithm": algorithm}
    if algorithm == "HS256":
        key = ryjwt.SecretKey(SECRET, algorithms=["HS256"])
        oxy, prepared = oxyjwt.EncodingKey.from_secret(SECRET), SECRET
        jose = joserfc.jwk.OctKey.import_key(SECRET)
    else:
        make = {"RS256": "from_rsa_pem", "ES256": "from_ec_pem", "EdDSA": "from_ed_pem"}[algorithm]
        kind = {"RS256": joserfc.jwk.RSAKey, "ES256": joserfc.jwk.ECKey, "EdDSA": joserfc.jwk.OKPKey}[algorithm]
        key = ryjwt.PrivateKey(private, algorithms=[algorithm])
        oxy, jose = getattr(oxyjwt.EncodingKey, make)(private), kind.import_key(private)
        prepared = load_pem_private_key(private, None)

    def good(token):
        return (
            jwt.decode(
                token,
                SECRET if algorithm == "HS256" else public.decode(),
                algorithms=[algorithm],
                audience=AUDIENCE,
            )
            == CLAIMS
        )

    contest.add("ryjwt", "encode(claims)", {"encode": key.encode, "claims": CLAIMS}, good)
    contest.add(
        "oxyjwt",
        "encode(claims, key, algorithm=algorithm)",
        {**shared, "encode": oxyjwt.encode, "key": oxy},
        good,
    )
    contest.add(
        "PyJWT",
        "encode(claims, key, algorithm=algorithm)",
        {**shared, "encode": jwt.encode, "key": prepared},
        good,
    )
    contest.add(
        "joserfc",
        "encode(header, claims, key, algorithms)",
        {
            "encode": joserfc.jwt.encode,
            "header": {"alg": algorithm},
            "claims": CLAIMS,
            "key": jose,
            "algorithms": [algorithm],
        },
        good,
    )
    return good


def resident_kib():
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS:"))


def soak(name, function, argument):
    wanted = int(os.environ.get("AW_SOAK", "0"))
    calls = 10_000_000 if wanted == 1 else wanted
    if not calls:
        return None

    def run(count):
        for _ in range(count):
            function(argument)

    run(calls // 100)
    before = resident_kib()
    run(calls)
    grown = resident_kib() - before
    print(f"  soak: {name}, {calls} calls: {grown:+} KiB", file=sys.stderr)
    return {"calls": calls, "grown_kib": grown}


def main():
    # joserfc warns of the name EdDSA, which RFC 9864 deprecates.
    warnings.simplefilter("ignore")
    bare = load_bare(sys.argv[1])
    builds = [Ours("authwright", load(sys.argv[2]))]
    if len(sys.argv) > 3:
        builds.append(Ours("authwright, abi3 wheel", load(sys.argv[3])))
    groups = []
    for algorithm in BARE:
        private = public = None
        if algorithm != "HS256":
            made = builds[0].module.Key.generate(algorithm)
            private, public = (as_bytes(made.to_pem(private=True)), as_bytes(made.to_pem()))
        token = builds[0].signer(algorithm, private).sign(CLAIMS)

        contest = Contest(f"{algorithm} verify")
        contest.add_bare(algorithm, bare["verify"])
        for ours in builds:
            verifier = ours.verifier(algorithm, public)
            names = {"verify": verifier.verify, "token": token}
            contest.add(ours.label, "verify(token).claims", names, same, ours=True)
        peers_verify(contest, algorithm, public, token)
        groups.append(contest.measure())

        contest = Contest(f"{algorithm} sign")
        contest.add_bare(algorithm, bare["sign"])
        mine = [(ours, ours.signer(algorithm, private)) for ours in builds]
        peers = Contest("")
        good = peers_sign(peers, algorithm, private, public)
        for ours, signer in mine:
            contest.add(ours.label, "sign(claims)", {"sign": signer.sign, "claims": CLAIMS}, good, ours=True)
        contest.contestants += peers.contestants
        groups.append(contest.measure())

    ours = builds[0]
    verifier, signer = ours.verifier("HS256", None), ours.signer("HS256", None)
    soaks = {
        "verify": soak("verify", verifier.verify, signer.sign(CLAIMS)),
        "sign": soak("sign", signer.sign, CLAIMS),
    }
    names = ("PyJWT", "joserfc", "ryjwt", "oxyjwt", "msgspec", "cryptography")
    report = {
        "language": "Python",
        "clock": "thread CPU time",
        "versions": {"python": sys.version.split()[0], **{name: version(name) for name in names}},
        "groups": groups,
        "soak": soaks if soaks["verify"] else None,
    }
    json.dump(report, sys.stdout)


def as_bytes(pem):
    return pem if isinstance(pem, bytes) else pem.encode()


if __name__ == "__main__":
    main()
