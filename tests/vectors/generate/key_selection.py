"""Which key of a set a token is verified with: key-selection.json."""

from corpus import POLICY, Area, claims
from jose import jwk, oct_jwk, private, secret, token

GOOD = {"claims": claims()}
NOT_FOUND, NOT_ALLOWED, INVALID = "ERR_KEY_NOT_FOUND kid", "ERR_ALGORITHM_NOT_ALLOWED alg", "ERR_SIGNATURE_INVALID"


def areas():
    area = Area(
        "key-selection",
        "One key ignores kid; in a set kid, type, alg, use and key_ops choose.",
        "authwright: choosing the key",
    )
    sets(area)
    permissions(area)
    limit(area)
    narrowing(area)
    return [area]


def signed(name, header=None, algorithm=None):
    return token(
        algorithm or {"rsa": "RS256", "p256": "ES256", "ed25519": "EdDSA", "p384": "ES384"}[name.split("-")[0]],
        name,
        claims(),
        header,
    )


def add(area, name, keys, text, expect, policy=None, source=None, operation=None):
    keys = {"jwks": {"keys": keys}} if isinstance(keys, list) else {"jwk": keys}
    area.add(
        f"key-selection-{name}",
        source=source,
        keys=keys,
        policy=None if operation else policy or POLICY,
        input=text,
        expect=expect,
        operation=operation,
    )


def sets(area):
    a, b = jwk("p256-a", kid="a"), jwk("p256-b", kid="b")
    nameless = jwk("p256-a")
    add(area, "kid-first", [a, b], signed("p256-a", {"kid": "a"}), GOOD)
    add(area, "kid-second", [a, b], signed("p256-b", {"kid": "b"}), GOOD)
    add(
        area,
        "kid-of-the-other",
        [a, b],
        signed("p256-b", {"kid": "a"}),
        INVALID,
        source="the kid decides: the other key is not tried",
    )
    add(area, "kid-unknown", [a, b], signed("p256-a", {"kid": "c"}), NOT_FOUND)
    add(
        area,
        "kid-unknown-single-in-set",
        [a],
        signed("p256-a", {"kid": "c"}),
        NOT_FOUND,
        source="a set of one is a set",
    )
    add(
        area,
        "kid-unknown-nameless-key",
        [nameless, b],
        signed("p256-a", {"kid": "c"}),
        GOOD,
        source="kid equal first, else keys without kid",
    )
    add(
        area,
        "kid-unknown-nameless-key-only-then",
        [jwk("p256-b"), a],
        signed("p256-b", {"kid": "a"}),
        INVALID,
        source="keys without kid are tried only where no key has the token's",
    )
    add(area, "kid-absent", [b, a], signed("p256-a"), GOOD, source="a token without kid tries every key that fits")
    add(area, "kid-absent-named-and-nameless", [b, nameless], signed("p256-a"), GOOD)
    add(
        area,
        "kid-absent-none-signed",
        [a, b],
        token("ES256", private("p256-a"), claims(), alg_header="ES256")[:-4] + "AAAA",
        INVALID,
    )
    add(
        area,
        "kid-empty",
        [jwk("p256-a", kid=""), b],
        signed("p256-a", {"kid": ""}),
        GOOD,
        source="an empty kid is a kid",
    )
    add(area, "kid-empty-does-not-match-absent", [b], signed("p256-b", {"kid": ""}), NOT_FOUND)
    add(
        area,
        "kid-unicode",
        [jwk("p256-a", kid="schlüssel"), b],
        signed("p256-a", '{"alg":"ES256","kid":"schl\\u00fcssel"}'),
        GOOD,
    )
    add(
        area,
        "kid-duplicate-first",
        [a, jwk("p256-b", kid="a")],
        signed("p256-a", {"kid": "a"}),
        GOOD,
        source="duplicate kid (jwx pull request 757): each is tried",
    )
    add(
        area,
        "kid-duplicate-second",
        [jwk("p256-b", kid="a"), a],
        signed("p256-a", {"kid": "a"}),
        GOOD,
        source="duplicate kid: each is tried",
    )
    add(
        area,
        "kid-duplicate-neither",
        [a, jwk("p256-b", kid="a")],
        token("ES256", "p256-a", claims())[:-4] + "AAAA",
        INVALID,
    )
    mixed = [jwk("rsa-a", kid="k"), jwk("p256-a", kid="k"), jwk("ed25519-a", kid="k"), oct_jwk(secret(32), kid="k")]
    for name in ("rsa-a", "p256-a", "ed25519-a"):
        add(
            area,
            f"kid-shared-by-types-{name.removesuffix('-a')}",
            mixed,
            signed(name, {"kid": "k"}),
            GOOD,
            source="kid, then type",
        )
    add(
        area,
        "kid-shared-by-types-secret",
        mixed,
        token("HS256", secret(32), claims(), {"kid": "k"}),
        GOOD,
        source="kid, then type",
    )
    add(
        area,
        "kid-shared-by-types-absent-alg",
        mixed,
        token("ES384", "p384", claims(), {"kid": "k"}),
        NOT_ALLOWED,
        source="no key of the set does ES384",
    )
    add(
        area,
        "kid-of-another-type",
        [jwk("rsa-a", kid="r"), a],
        signed("p256-a", {"kid": "r"}),
        NOT_FOUND,
        source="choosing a key of another type because its kid matches is a trap",
    )
    add(
        area,
        "kid-of-another-curve",
        [jwk("p384", kid="x"), a],
        signed("p256-a", {"kid": "x"}),
        NOT_FOUND,
        source="type includes the curve",
    )
    add(
        area,
        "set-without-alg",
        [jwk("rsa-a", kid="r")],
        signed("p256-a", {"kid": "r"}),
        NOT_ALLOWED,
        source="no key of the set does ES256 at all",
    )
    add(area, "empty-set", [], signed("p256-a"), NOT_ALLOWED, source="no key of the set does this alg")
    add(area, "empty-set-jws", [], signed("p256-a"), NOT_ALLOWED, operation="jws_verify")
    add(
        area,
        "set-jws-kid",
        [a, b],
        signed("p256-b", {"kid": "b"}),
        {"header": {"alg": "ES256", "kid": "b"}},
        operation="jws_verify",
    )
    add(area, "set-jws-unknown-kid", [a, b], signed("p256-b", {"kid": "c"}), NOT_FOUND, operation="jws_verify")
    add(
        area,
        "private-keys-verify",
        [jwk("p256-a", True, kid="a")],
        signed("p256-a", {"kid": "a"}),
        GOOD,
        source="a private key has a public part",
    )
    add(area, "kid-before-good-nameless", [jwk("p256-b", kid="a"), nameless], signed("p256-a", {"kid": "a"}), INVALID)
    single = "a verifier of one key ignores the token's kid"
    add(area, "single-other-kid", a, signed("p256-a", {"kid": "z"}), GOOD, source=single)
    add(area, "single-no-kid", a, signed("p256-a"), GOOD, source=single)
    add(area, "single-nameless", nameless, signed("p256-a", {"kid": "z"}), GOOD, source=single)
    add(
        area,
        "single-other-kid-jws",
        a,
        signed("p256-a", {"kid": "z"}),
        {"header": {"alg": "ES256", "kid": "z"}},
        source=single,
        operation="jws_verify",
    )
    add(
        area,
        "thumbprint-is-no-kid",
        [nameless, jwk("p256-b", kid="b")],
        signed("p256-b", {"kid": "b"}),
        GOOD,
        source="imported keys keep their kid or have none",
    )


def permissions(area):
    rfc = "RFC 7517 sections 4.2 and 4.3"
    for name, members, fits in [
        ("use-sig", {"use": "sig"}, True),
        ("use-enc", {"use": "enc"}, False),
        ("use-other", {"use": "signature"}, False),
        ("use-upper", {"use": "SIG"}, False),
        ("use-empty", {"use": ""}, False),
        ("ops-verify", {"key_ops": ["verify"]}, True),
        ("ops-both", {"key_ops": ["sign", "verify"]}, True),
        ("ops-encrypt", {"key_ops": ["encrypt"]}, False),
        ("ops-empty", {"key_ops": []}, False),
        ("ops-more", {"key_ops": ["deriveKey", "verify"]}, True),
        ("use-sig-ops-encrypt", {"use": "sig", "key_ops": ["encrypt"]}, False),
        ("use-enc-ops-verify", {"use": "enc", "key_ops": ["verify"]}, False),
    ]:
        key = jwk("p256-a", kid="a", **members)
        add(
            area,
            f"{name}-single",
            key,
            signed("p256-a", {"kid": "a"}),
            GOOD if fits else "ERR_KEY_MISMATCH",
            source=rfc,
        )
        add(
            area,
            f"{name}-set",
            [key, jwk("p256-b", kid="b")],
            signed("p256-a", {"kid": "a"}),
            GOOD if fits else NOT_FOUND,
            source=rfc,
        )
    add(
        area,
        "use-enc-same-kid",
        [jwk("p256-b", kid="a", use="enc"), jwk("p256-a", kid="a", use="sig")],
        signed("p256-a", {"kid": "a"}),
        GOOD,
        source="Keycloak publishes a key for each use",
    )
    add(
        area,
        "use-enc-only-of-alg",
        [jwk("p256-a", kid="a", use="enc")],
        signed("p256-a", {"kid": "a"}),
        NOT_ALLOWED,
        source="a key that may not verify does no algorithm",
    )
    add(
        area,
        "ops-sign-private",
        jwk("p256-a", True, key_ops=["sign"]),
        signed("p256-a"),
        GOOD,
        source="a private key that may sign has a public part, which may verify",
    )
    add(
        area,
        "ops-sign-secret",
        oct_jwk(secret(32), key_ops=["sign"]),
        token("HS256", secret(32), claims()),
        "ERR_KEY_MISMATCH",
        source="a secret that may only sign",
    )
    add(area, "ops-verify-secret", oct_jwk(secret(32), key_ops=["verify"]), token("HS256", secret(32), claims()), GOOD)
    for operation in ("jws_verify",):
        add(
            area,
            "use-enc-jws",
            jwk("p256-a", use="enc"),
            signed("p256-a"),
            "ERR_KEY_MISMATCH",
            operation=operation,
            source=rfc,
        )
    for alg, used, fits in [
        ("RS256", "RS256", True),
        ("RS384", "RS256", False),
        ("PS256", "RS256", False),
        ("PS256", "PS256", True),
    ]:
        keys = [jwk("rsa-a", kid="a", alg=alg), jwk("rsa-b", kid="b")]
        add(
            area,
            f"alg-{alg.lower()}-for-{used.lower()}",
            keys,
            signed("rsa-a", {"kid": "a"}, used),
            GOOD if fits else NOT_FOUND,
            source="RFC 7517 section 4.4",
        )
    add(
        area,
        "alg-same-kid",
        [jwk("rsa-b", kid="a", alg="PS256"), jwk("rsa-a", kid="a", alg="RS256")],
        signed("rsa-a", {"kid": "a"}),
        GOOD,
        source="kid, then alg",
    )
    add(
        area,
        "alg-eddsa-names",
        [jwk("ed25519-a", kid="a", alg="Ed25519")],
        signed("ed25519-a", {"kid": "a"}),
        GOOD,
        source="RFC 9864: the same on verify",
    )
    add(
        area,
        "alg-unsupported-kept-away",
        [jwk("rsa-a", kid="a", alg="RSA-OAEP", use="enc"), jwk("rsa-b", kid="b", alg="RS256")],
        signed("rsa-b", {"kid": "b"}),
        GOOD,
        source="a set with a key for encryption, as Keycloak has",
    )
    add(
        area,
        "alg-unsupported-is-no-key",
        [jwk("rsa-a", kid="a", alg="RSA-OAEP"), jwk("rsa-b", kid="b")],
        signed("rsa-a", {"kid": "a"}),
        NOT_FOUND,
    )


def limit(area):
    source = "authwright: at most 8 keys are tried"
    secrets = [secret(32, f"candidate {number}") for number in range(12)]
    members = [oct_jwk(data) for data in secrets]
    for count, position, fits in [(8, 7, True), (9, 8, False), (9, 7, True), (9, 0, True), (12, 11, False)]:
        add(
            area,
            f"limit-{position + 1}-of-{count}",
            members[:count],
            token("HS256", secrets[position], claims()),
            GOOD if fits else INVALID,
            source=source,
        )
    same = [oct_jwk(data, kid="k") for data in secrets]
    for count, position, fits in [(8, 7, True), (9, 8, False)]:
        add(
            area,
            f"limit-same-kid-{position + 1}-of-{count}",
            same[:count],
            token("HS256", secrets[position], claims(), {"kid": "k"}),
            GOOD if fits else INVALID,
            source=source,
        )
    named = [oct_jwk(data, kid=str(number)) for number, data in enumerate(secrets)]
    add(
        area,
        "limit-does-not-count-other-kids",
        named,
        token("HS256", secrets[11], claims(), {"kid": "11"}),
        GOOD,
        source=source,
    )
    others = [
        jwk("p256-a"),
        jwk("p256-b"),
        jwk("rsa-a"),
        jwk("rsa-b"),
        jwk("ed25519-a"),
        jwk("ed25519-b"),
        jwk("p384"),
        jwk("p384-b"),
        oct_jwk(secrets[0]),
    ]
    add(area, "limit-does-not-count-other-types", others, token("HS256", secrets[0], claims()), GOOD, source=source)
    unfit = [oct_jwk(data, use="enc") for data in secrets[:9]] + [oct_jwk(secrets[9])]
    add(area, "limit-does-not-count-other-uses", unfit, token("HS256", secrets[9], claims()), GOOD, source=source)
    repeated = [oct_jwk(secrets[0])] * 20 + [oct_jwk(secrets[1])]
    add(
        area,
        "limit-duplicates-collapse",
        repeated,
        token("HS256", secrets[1], claims()),
        GOOD,
        source=source + "; exact duplicates collapse",
    )


def narrowing(area):
    keys = [jwk("rsa-a", kid="r"), jwk("p256-a", kid="e"), oct_jwk(secret(32), kid="s")]
    for allowed, name, expect in [
        (["ES256"], "p256-a", GOOD),
        (["ES256", "RS256"], "rsa-a", GOOD),
        (["ES256"], "rsa-a", NOT_ALLOWED),
        (["PS256"], "rsa-a", NOT_ALLOWED),
        (["ES384"], "p256-a", NOT_ALLOWED),
    ]:
        label = "-".join(allowed).lower()
        add(
            area,
            f"policy-{label}-token-{name.removesuffix('-a')}",
            keys,
            signed(name),
            expect,
            POLICY | {"algorithms": allowed},
            "the policy's algorithms narrow what the keys allow",
        )
    add(
        area,
        "policy-rs256-token-hs256",
        keys,
        token("HS256", secret(32), claims()),
        NOT_ALLOWED,
        POLICY | {"algorithms": ["RS256", "ES256"]},
        "the policy's algorithms narrow what the keys allow",
    )
    add(
        area,
        "policy-narrowed-kid-of-other",
        [jwk("rsa-a", kid="a"), jwk("p256-a", kid="b")],
        signed("p256-a", {"kid": "a"}),
        NOT_FOUND,
    )
