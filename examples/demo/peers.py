"""The Python peers of the demonstration, PyJWT and joserfc.

Reads one JSON document from standard input, {"claims": ..., "sign": [{"alg", "jwk"}], "verify": [{"alg", "jwk",
"token"}]}, and writes {PEER: {"version", "signed": {ALG: TOKEN}, "verified": [SUBJECT or null]}}: an algorithm that a
peer does not know is left out of `signed` and is `null` in `verified`; a token that it refuses is `false`.
"""

import importlib.metadata
import json
import sys
import warnings

EXPECTED = {"audience": "api", "issuer": "https://id.example"}


class PyJWT:
    """PyJWT, its keys prepared with its own JWK reader."""

    def __init__(self):
        import jwt

        self.jwt = jwt
        self.algorithms = jwt.algorithms.get_default_algorithms()

    def key(self, algorithm, jwk):
        return self.algorithms[algorithm].from_jwk(jwk)

    def sign(self, algorithm, jwk, claims):
        return self.jwt.encode(claims, self.key(algorithm, jwk), algorithm=algorithm)

    def verify(self, algorithm, jwk, token):
        return self.jwt.decode(token, self.key(algorithm, jwk), algorithms=[algorithm], **EXPECTED)["sub"]


class Joserfc:
    """joserfc, with its claims registry for issuer, audience and expiry."""

    def __init__(self):
        from joserfc import jwk, jws, jwt

        self.jwk, self.jwt = jwk, jwt
        self.algorithms = {name for name in jws.JWSRegistry.algorithms if name != "none"}
        self.registry = jwt.JWTClaimsRegistry(
            iss={"essential": True, "value": EXPECTED["issuer"]},
            aud={"essential": True, "value": EXPECTED["audience"]},
            exp={"essential": True},
        )

    def sign(self, algorithm, jwk, claims):
        key = self.jwk.import_key(jwk)
        return self.jwt.encode({"alg": algorithm, "typ": "JWT"}, claims, key, algorithms=[algorithm])

    def verify(self, algorithm, jwk, token):
        decoded = self.jwt.decode(token, self.jwk.import_key(jwk), algorithms=[algorithm])
        self.registry.validate(decoded.claims)
        return decoded.claims["sub"]


def verdict(peer, job):
    if job["alg"] not in peer.algorithms:
        return None
    try:
        return peer.verify(job["alg"], job["jwk"], job["token"])
    except Exception as error:  # noqa: BLE001, a peer's refusal may be any of its exceptions
        print(f"{type(peer).__name__} refuses {job['alg']}: {error}", file=sys.stderr)
        return False


def main():
    # joserfc warns of the name EdDSA, which RFC 9864 deprecates.
    warnings.simplefilter("ignore")
    work = json.load(sys.stdin)
    answer = {}
    for name, make in (("PyJWT", PyJWT), ("joserfc", Joserfc)):
        try:
            peer = make()
        except ImportError:
            continue
        claims = {**work["claims"], "lang": name}
        jobs = [job for job in work["sign"] if job["alg"] in peer.algorithms]
        answer[name] = {
            "version": importlib.metadata.version(name),
            "signed": {job["alg"]: peer.sign(job["alg"], job["jwk"], claims) for job in jobs},
            "verified": [verdict(peer, job) for job in work["verify"]],
        }
    json.dump(answer, sys.stdout)


if __name__ == "__main__":
    main()
