"""Every algorithm: good, altered, with the wrong key of its type, with keys of other types, and under other names."""

from corpus import NOW, POLICY, Area, claims
from jose import b64, flip, jwk, oct_jwk, private, public_pem, secret, signature, token

ALGORITHMS = {
    "HS256": "secret-32",
    "HS384": "secret-48",
    "HS512": "secret-64",
    "RS256": "rsa",
    "RS384": "rsa",
    "RS512": "rsa",
    "PS256": "rsa",
    "PS384": "rsa",
    "PS512": "rsa",
    "ES256": "p256",
    "ES384": "p384",
    "ES512": "p521",
    "ES256K": "k256",
    "EdDSA": "ed25519",
    "Ed25519": "ed25519",
}
SIGNING = {"rsa": "rsa-a", "p256": "p256-a", "p384": "p384", "p521": "p521", "k256": "k256", "ed25519": "ed25519-a"}
OTHER = {"rsa": "rsa-b", "p256": "p256-b", "p384": "p384-b", "p521": "p521-b", "k256": "k256-b", "ed25519": "ed25519-b"}


def requires(*algorithms):
    return sorted({name for name in algorithms if name in ("ES512", "ES256K")}) or None


def signing_key(name):
    return secret(int(name[7:])) if name.startswith("secret") else private(SIGNING[name])


def own(key):
    """An algorithm of each type of key, for `requires`."""
    return {"p521": "ES512", "k256": "ES256K"}.get(key, "")


def areas():
    keys = {name: {"jwk": jwk(SIGNING[name])} for name in SIGNING}
    keys |= {f"{name}-other": {"jwk": jwk(OTHER[name])} for name in OTHER}
    keys |= {f"secret-{size}": {"jwk": oct_jwk(secret(size))} for size in (32, 48, 64)}
    keys |= {f"secret-{size}-other": {"jwk": oct_jwk(secret(size, "another"))} for size in (32, 48, 64)}
    area = Area(
        "algorithms",
        "Every algorithm against good and altered tokens and against every type of key.",
        "authwright: the rules for algorithms (RFC 7518 section 3, RFC 8037, RFC 8812, RFC 9864)",
        keys,
    )
    for algorithm, key in ALGORITHMS.items():
        every_algorithm(area, algorithm, key)
    pairings(area)
    restricted(area)
    return [area]


def every_algorithm(area, algorithm, key):
    name = f"algorithms-{algorithm.lower()}"
    needs = requires(algorithm)
    good = token(algorithm, signing_key(key), claims())
    common = {"requires": needs, "policy": POLICY}
    area.add(f"{name}-good", keys=key, input=good, expect={"claims": claims(), "header": {"alg": algorithm}}, **common)
    area.add(
        f"{name}-allowed",
        keys=key,
        input=good,
        requires=needs,
        policy=POLICY | {"algorithms": [algorithm]},
        expect={"claims": claims()},
    )
    if algorithm[:2] in ("RS", "PS"):
        narrowed, code = (
            [other for other in ALGORITHMS if ALGORITHMS[other] == "rsa" and other != algorithm],
            "ERR_ALGORITHM_NOT_ALLOWED alg",
        )
    else:
        narrowed, code = ["RS256", "PS256"], "ERR_KEY_MISMATCH algorithms"
    area.add(
        f"{name}-not-allowed",
        keys=key,
        input=good,
        requires=needs,
        policy=POLICY | {"algorithms": narrowed},
        expect=code,
        source="authwright: the header's alg must be among the key's and the policy's; one key that does none of the "
        "policy's is a mistake, said when the verifier is built",
    )
    area.add(f"{name}-payload-altered", keys=key, input=flip(good, 1), expect="ERR_SIGNATURE_INVALID", **common)
    area.add(f"{name}-signature-altered", keys=key, input=flip(good, 2), expect="ERR_SIGNATURE_INVALID", **common)
    area.add(f"{name}-signature-last-byte", keys=key, input=flip(good, 2, -1), expect="ERR_SIGNATURE_INVALID", **common)
    header, payload, _ = good.split(".")
    renamed = b64(f'{{"alg":"{algorithm}","typ":"JWT"}}')
    area.add(
        f"{name}-header-altered",
        keys=key,
        input=".".join([renamed, payload, good.split(".")[2]]),
        expect="ERR_SIGNATURE_INVALID",
        **common,
    )
    area.add(f"{name}-other-key", keys=f"{key}-other", input=good, expect="ERR_SIGNATURE_INVALID", **common)
    area.add(f"{name}-no-signature", keys=key, input=f"{header}.{payload}.", expect="ERR_SIGNATURE_INVALID", **common)
    raw = signature(algorithm, signing_key(key), f"{header}.{payload}".encode())
    area.add(
        f"{name}-signature-short",
        keys=key,
        input=f"{header}.{payload}.{b64(raw[:-1])}",
        expect="ERR_SIGNATURE_INVALID",
        **common,
    )
    area.add(
        f"{name}-signature-long",
        keys=key,
        input=f"{header}.{payload}.{b64(raw + bytes(1))}",
        expect="ERR_SIGNATURE_INVALID",
        **common,
    )


def pairings(area):
    """A token of each algorithm and a key of each other type: the algorithm is refused, and no signature checked."""
    kinds = ["secret-64", "rsa", "p256", "p384", "p521", "k256", "ed25519"]
    for algorithm, key in ALGORITHMS.items():
        if algorithm == "Ed25519":
            continue
        good = token(algorithm, signing_key(key), claims())
        for kind in kinds:
            if kind == key or (kind.startswith("secret") and key.startswith("secret")):
                continue
            area.add(
                f"algorithms-{algorithm.lower()}-with-{kind}",
                requires=requires(own(kind)),
                keys=kind,
                policy=POLICY,
                input=good,
                expect="ERR_ALGORITHM_NOT_ALLOWED alg",
            )
    for used, named in (
        ("RS256", "RS384"),
        ("RS256", "PS256"),
        ("PS256", "RS256"),
        ("PS256", "PS512"),
        ("HS256", "HS384"),
    ):
        key = ALGORITHMS[used] if used[:2] != "HS" else "secret-64"
        area.add(
            f"algorithms-{used.lower()}-signed-as-{named.lower()}",
            keys=key,
            policy=POLICY,
            source="authwright: the same key, the signature of another algorithm than the header names",
            input=token(used, signing_key(key), claims(), alg_header=named),
            expect="ERR_SIGNATURE_INVALID",
        )
    for used, named in (("EdDSA", "Ed25519"), ("Ed25519", "EdDSA")):
        area.add(
            f"algorithms-{used.lower()}-policy-{named.lower()}",
            keys="ed25519",
            policy=POLICY | {"algorithms": [named]},
            source="RFC 9864: EdDSA and Ed25519 are the same on verify",
            input=token(used, signing_key("ed25519"), claims()),
            expect={"claims": claims()},
        )
    area.add(
        "algorithms-ed448-label",
        keys="ed25519",
        policy=POLICY,
        source="RFC 9864: Ed448 is another algorithm",
        input=token("EdDSA", signing_key("ed25519"), claims(), alg_header="Ed448"),
        expect="ERR_ALGORITHM_NOT_ALLOWED alg",
    )
    for size, algorithm in ((32, "HS384"), (32, "HS512"), (48, "HS512")):
        area.add(
            f"algorithms-{algorithm.lower()}-secret-{size}",
            keys=f"secret-{size}",
            policy=POLICY,
            source="RFC 7518 section 3.2: a secret does only what it is long enough for",
            input=token(algorithm, secret(size), claims()),
            expect="ERR_ALGORITHM_NOT_ALLOWED alg",
        )
    for size, algorithm in ((48, "HS256"), (64, "HS256"), (64, "HS384")):
        area.add(
            f"algorithms-{algorithm.lower()}-secret-{size}",
            keys=f"secret-{size}",
            policy=POLICY,
            source="authwright: a secret without alg does every HS* it is long enough for",
            input=token(algorithm, secret(size), claims()),
            expect={"claims": claims()},
        )


def restricted(area):
    """A key with `alg` does that algorithm only."""
    cases = [
        ("rsa-a", "RS256", "RS256", True),
        ("rsa-a", "RS256", "RS384", False),
        ("rsa-a", "RS256", "PS256", False),
        ("rsa-a", "PS384", "PS384", True),
        ("rsa-a", "PS384", "RS384", False),
        ("p256-a", "ES256", "ES256", True),
        ("ed25519-a", "EdDSA", "EdDSA", True),
        ("ed25519-a", "EdDSA", "Ed25519", True),
        ("ed25519-a", "Ed25519", "EdDSA", True),
    ]
    for name, alg, used, good in cases:
        area.add(
            f"algorithms-key-alg-{alg.lower()}-token-{used.lower()}",
            keys={"jwk": jwk(name, alg=alg)},
            policy=POLICY,
            source="authwright: a key with alg does that algorithm only",
            input=token(used, name, claims()),
            expect={"claims": claims()} if good else "ERR_ALGORITHM_NOT_ALLOWED alg",
        )
    for alg, used in (("HS256", "HS512"), ("HS512", "HS256")):
        area.add(
            f"algorithms-key-alg-{alg.lower()}-token-{used.lower()}",
            keys={"jwk": oct_jwk(secret(64), alg=alg)},
            policy=POLICY,
            source="authwright: a key with alg does that algorithm only",
            input=token(used, secret(64), claims()),
            expect="ERR_ALGORITHM_NOT_ALLOWED alg",
        )
    area.add(
        "algorithms-pem-alg",
        keys={"pem": public_pem("rsa-a"), "alg": "PS256"},
        policy=POLICY,
        now=NOW,
        source="authwright: alg given at import restricts like a JWK's",
        input=token("RS256", "rsa-a", claims()),
        expect="ERR_ALGORITHM_NOT_ALLOWED alg",
    )
    area.add(
        "algorithms-policy-none",
        keys="rsa",
        policy=POLICY | {"algorithms": ["none"]},
        source="authwright: none does not exist",
        input=token("RS256", "rsa-a", claims()),
        expect="ERR_UNSUPPORTED_ALGORITHM",
    )
    area.add(
        "algorithms-policy-lower-case",
        keys="rsa",
        policy=POLICY | {"algorithms": ["rs256"]},
        source="RFC 7515 section 4.1.1: names are case-sensitive",
        input=token("RS256", "rsa-a", claims()),
        expect="ERR_UNSUPPORTED_ALGORITHM",
    )
    for size, other in ((48, "HS256"), (64, "HS384")):
        area.add(
            f"algorithms-secret-{size}-policy-{other.lower()}",
            keys=f"secret-{size}",
            policy=POLICY | {"algorithms": [other]},
            source="authwright: the header's alg must be among the policy's, whatever else the key does",
            input=token(f"HS{size * 8}", secret(size), claims()),
            expect="ERR_ALGORITHM_NOT_ALLOWED alg",
        )
    area.add(
        "algorithms-secret-32-policy-hs512",
        keys="secret-32",
        policy=POLICY | {"algorithms": ["HS512"]},
        source="RFC 7518 section 3.2: too short for the only algorithm that the policy allows",
        input=token("HS512", secret(32), claims()),
        expect="ERR_KEY_TOO_WEAK",
    )
    area.add(
        "algorithms-policy-with-foreign-names",
        keys="rsa",
        policy=POLICY | {"algorithms": ["ES256", "RS256", "HS256"]},
        source="authwright: a policy may be shared by verifiers whose keys differ",
        input=token("RS256", "rsa-a", claims()),
        expect={"claims": claims()},
    )
