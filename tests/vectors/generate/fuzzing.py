"""What the fuzz targets have found, and what holds since: fuzzing.json."""

from corpus import NOW, POLICY, Area, claims
from jose import oct_jwk, secret, token

LONG = "x" * 10_000
LONG_MESSAGE = "found by fuzz target token: the message held the whole text, however long"
NUMBER = "found by fuzz target policy: numbers went through a tree of doubles and came out as others"


def areas():
    area = Area(
        "fuzzing",
        "Inputs that fuzzing has found a defect with.",
        "found by the targets in fuzz/",
        {"secret": {"jwk": oct_jwk(secret(32))}, "set": {"jwks": {"keys": [oct_jwk(secret(32), kid="main")]}}},
    )
    long_texts(area)
    numbers(area)
    return [area]


def long_texts(area):
    def add(name, expect, header=None, alg="HS256", keys="secret", policy=POLICY):
        area.add(
            f"fuzzing-long-{name}",
            source=LONG_MESSAGE,
            keys=keys,
            policy=policy,
            input=token("HS256", secret(32), claims(), {"alg": alg} | (header or {})),
            expect=expect,
        )

    add("alg", "ERR_ALGORITHM_NOT_ALLOWED alg", alg=LONG)
    add("crit", "ERR_TOKEN_CRITICAL crit", {"crit": [LONG], LONG: 1})
    add("typ", "ERR_TOKEN_TYPE typ", {"typ": LONG}, policy=POLICY | {"typ": "JWT"})
    add("kid", "ERR_KEY_NOT_FOUND kid", {"kid": LONG}, keys="set")
    for name, jwk in [("kty", {"kty": LONG}), ("crv", {"kty": "EC", "crv": LONG, "x": "AA", "y": "AA"})]:
        area.add(
            f"fuzzing-long-{name}",
            source=LONG_MESSAGE,
            operation="import",
            keys={"jwk": jwk},
            expect=f"ERR_UNSUPPORTED_ALGORITHM {name}",
        )


def numbers(area):
    # A double, but not the one that an inexact parser makes of it.
    number = "18446740001771897.74"
    area.add(
        "fuzzing-header-number",
        source=NUMBER,
        operation="sign",
        keys="secret",
        options={"lifetime": 900, "headers": {"n": float(number)}},
        input={},
        expect={"header": {"alg": "HS256", "typ": "JWT", "n": float(number)}, "claims": {"iat": NOW, "exp": NOW + 900}},
    )
    policy = f'{{"issuer":"https://id.example","audience":"api","claims":{{"n":{number}}}}}'
    area.add(
        "fuzzing-expected-number",
        source=NUMBER,
        keys="secret",
        policy=policy,
        input=token("HS256", secret(32), claims(n=float(number))),
        expect={"claims": claims(n=float(number))},
    )
