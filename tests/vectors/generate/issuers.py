"""Tokens shaped like those of real issuers, each with the policy that fits it and near-misses: issuers.json."""

import copy
import json

from corpus import NOW, Area
from decoding import pad
from jose import b64, compact_json, jwk, oct_jwk, secret, signature, token

EXP, IAT = NOW + 3600, NOW - 10


def areas():
    area = Area(
        "issuers",
        "Tokens shaped like those of real issuers, with the policy that fits, and near-misses.",
        "authwright: made here, after the issuers' public documentation; names and identifiers are invented",
    )
    for name, issuer in ISSUERS.items():
        one(area, name, **issuer)
    alb(area)
    hs256(area)
    return [area]


def one(
    area, name, claims, policy, header, misses, key="rsa-a", algorithm="RS256", members=None, requires=None, source=None
):
    kid = header.get("kid")
    member = jwk(key, **({"kid": kid} if kid else {}), use="sig", alg=algorithm) | (members or {})
    others = [jwk("rsa-b", kid="older", use="sig", alg="RS256"), jwk("p256-b", kid="enc", use="enc")]
    area.keys[name] = {"jwks": {"keys": [others[0], member, others[1]]}}

    def add(label, changed_claims, changed_policy, expect, changed_header=None, now=None, key_name=None):
        text = token(algorithm, key_name or key, changed_claims, header if changed_header is None else changed_header)
        area.add(
            f"issuers-{name}-{label}",
            source=source,
            requires=requires,
            keys=name,
            policy=changed_policy,
            input=text,
            now=now,
            expect=expect,
        )

    add("accepted", claims, policy, {"claims": claims, "header": {"alg": algorithm} | header})
    add("expired", claims, policy, "ERR_TOKEN_EXPIRED exp", now=int(claims["exp"]) + 31)
    add(
        "forged",
        claims,
        policy,
        "ERR_SIGNATURE_INVALID",
        key_name={"rsa-a": "rsa-b", "p256-a": "p256-b", "ed25519-a": "ed25519-b"}[key],
    )
    add("rotated-away", claims, policy, "ERR_KEY_NOT_FOUND kid", changed_header=header | {"kid": "rotated-away"})
    for label, changes, policy_changes, code in misses:
        changed = {name: value for name, value in (copy.deepcopy(claims) | changes).items() if value is not None}
        changed_policy = {name: value for name, value in (policy | policy_changes).items() if value is not None}
        expect = {"claims": changed} if code is None else code
        add(label, changed, changed_policy, expect)


ISSUERS = {
    "google": {
        "source": "Google ID token: two spellings of the issuer, azp, hd",
        "header": {"kid": "b2620d5e7f132b52afe8875cdf3776c064249d04", "typ": "JWT"},
        "claims": {
            "iss": "https://accounts.google.com",
            "azp": "1234987819200.apps.googleusercontent.com",
            "aud": "1234987819200.apps.googleusercontent.com",
            "sub": "10769150350006150715113082367",
            "at_hash": "HK6E_P6Dh8Y93mRNtsDB1Q",
            "hd": "example.com",
            "email": "jsmith@example.com",
            "email_verified": True,
            "iat": IAT,
            "exp": EXP,
            "nonce": "0394852-3190485-2490358",
        },
        "policy": {
            "issuer": ["https://accounts.google.com", "accounts.google.com"],
            "audience": "1234987819200.apps.googleusercontent.com",
            "algorithms": ["RS256"],
            "claims": {"hd": "example.com", "email_verified": True},
        },
        "misses": [
            ("short-issuer", {"iss": "accounts.google.com"}, {}, None),
            (
                "look-alike-issuer",
                {"iss": "https://accounts.google.com.attacker.example"},
                {},
                "ERR_ISSUER_MISMATCH iss",
            ),
            ("http-issuer", {"iss": "http://accounts.google.com"}, {}, "ERR_ISSUER_MISMATCH iss"),
            ("other-app", {"aud": "9.apps.googleusercontent.com"}, {}, "ERR_AUDIENCE_MISMATCH aud"),
            ("other-domain", {"hd": "attacker.example"}, {}, "ERR_CLAIM_MISMATCH hd"),
            ("private-account", {"hd": None}, {}, "ERR_CLAIM_MISSING hd"),
            ("email-verified-as-text", {"email_verified": "true"}, {}, "ERR_CLAIM_MISMATCH email_verified"),
            ("audience-forgotten", {}, {"audience": None}, "ERR_AUDIENCE_MISMATCH aud"),
        ],
    },
    "entra-v1": {
        "source": "Microsoft Entra access token of version 1: sts.windows.net, appid, aud as an App ID URI",
        "header": {"typ": "JWT", "x5t": "nOo3ZDrODXEK1jKWhXslHR_KXEg", "kid": "nOo3ZDrODXEK1jKWhXslHR_KXEg"},
        "claims": {
            "aud": "api://5b2e1b2c-7a3c-4f0e-9e1b-aaaaaaaaaaaa",
            "iss": "https://sts.windows.net/fa15d692-e9c7-4460-a743-29f29522229f/",
            "iat": IAT,
            "nbf": IAT,
            "exp": EXP,
            "acr": "1",
            "aio": "AXQAi/8IAAAA",
            "amr": ["pwd", "mfa"],
            "appid": "6e74172b-be56-4843-9ff4-e66a39bb12e3",
            "appidacr": "0",
            "ipaddr": "192.0.2.1",
            "name": "Abe Lincoln",
            "oid": "690222be-ff1a-4d56-abd1-7e4f7d38e474",
            "rh": "I",
            "scp": "access_as_user",
            "sub": "HKZpfaHyWadeOouYlitjrI-KffTm222X5rrV3xDqfKQ",
            "tid": "fa15d692-e9c7-4460-a743-29f29522229f",
            "unique_name": "abeli@example.com",
            "upn": "abeli@example.com",
            "uti": "fqiBqXLPj0eQa82S-IYFAA",
            "ver": "1.0",
        },
        "policy": {
            "issuer": "https://sts.windows.net/fa15d692-e9c7-4460-a743-29f29522229f/",
            "audience": "api://5b2e1b2c-7a3c-4f0e-9e1b-aaaaaaaaaaaa",
            "claims": {"tid": "fa15d692-e9c7-4460-a743-29f29522229f", "ver": "1.0"},
            "required": ["oid"],
            "algorithms": ["RS256"],
        },
        "misses": [
            (
                "other-tenant",
                {"iss": "https://sts.windows.net/00000000-0000-0000-0000-000000000000/"},
                {},
                "ERR_ISSUER_MISMATCH iss",
            ),
            (
                "slash-forgotten",
                {},
                {"issuer": "https://sts.windows.net/fa15d692-e9c7-4460-a743-29f29522229f"},
                "ERR_ISSUER_MISMATCH iss",
            ),
            ("tenant-claim-differs", {"tid": "00000000-0000-0000-0000-000000000000"}, {}, "ERR_CLAIM_MISMATCH tid"),
            ("for-graph", {"aud": "00000003-0000-0000-c000-000000000000"}, {}, "ERR_AUDIENCE_MISMATCH aud"),
            ("no-oid", {"oid": None}, {}, "ERR_CLAIM_MISSING oid"),
            ("version-2", {"ver": "2.0"}, {}, "ERR_CLAIM_MISMATCH ver"),
            ("not-yet-valid", {"nbf": NOW + 300}, {}, "ERR_TOKEN_NOT_YET_VALID nbf"),
        ],
    },
    "entra-v2": {
        "source": "Microsoft Entra access token of version 2: a JWKS whose keys have no alg",
        "members": {
            "alg": "RS256",
            "x5t": "kidkidkid",
            "x5c": ["MIIC"],
            "issuer": "https://login.microsoftonline.com/{tenantid}/v2.0",
        },
        "header": {"typ": "JWT", "alg": "RS256", "kid": "imi0Y2z0dYKxBttAqK_Tt5hYBTk"},
        "claims": {
            "aud": "6e74172b-be56-4843-9ff4-e66a39bb12e3",
            "iss": "https://login.microsoftonline.com/72f988bf-86f1-41af-91ab-2d7cd011db47/v2.0",
            "iat": IAT,
            "nbf": IAT,
            "exp": EXP,
            "aio": "AXQAi/8IAAAA",
            "azp": "6e74172b-be56-4843-9ff4-e66a39bb12e3",
            "azpacr": "0",
            "name": "Abe Lincoln",
            "oid": "690222be-ff1a-4d56-abd1-7e4f7d38e474",
            "preferred_username": "abeli@example.com",
            "rh": "I",
            "roles": ["Task.Read", "Task.Write"],
            "scp": "access_as_user",
            "sub": "HKZpfaHyWadeOouYlitjrI-KffTm222X5rrV3xDqfKQ",
            "tid": "72f988bf-86f1-41af-91ab-2d7cd011db47",
            "uti": "fqiBqXLPj0eQa82S-IYFAA",
            "ver": "2.0",
        },
        "policy": {
            "issuer": ["https://login.microsoftonline.com/72f988bf-86f1-41af-91ab-2d7cd011db47/v2.0"],
            "audience": ["6e74172b-be56-4843-9ff4-e66a39bb12e3", "api://6e74172b"],
            "claims": {"ver": "2.0"},
        },
        "misses": [
            ("common-issuer", {"iss": "https://login.microsoftonline.com/common/v2.0"}, {}, "ERR_ISSUER_MISMATCH iss"),
            (
                "template-issuer",
                {},
                {"issuer": "https://login.microsoftonline.com/{tenantid}/v2.0"},
                "ERR_ISSUER_MISMATCH iss",
            ),
            (
                "version-1-issuer",
                {"iss": "https://sts.windows.net/72f988bf-86f1-41af-91ab-2d7cd011db47/"},
                {},
                "ERR_ISSUER_MISMATCH iss",
            ),
            ("roles-are-a-list", {}, {"claims": {"roles": "Task.Read"}}, "ERR_CLAIM_MISMATCH roles"),
            ("roles-exactly", {}, {"claims": {"roles": [["Task.Read", "Task.Write"]]}}, None),
        ],
    },
    "auth0": {
        "source": "Auth0 access token: several audiences, a trailing slash in the issuer",
        "header": {"typ": "JWT", "kid": "NjVBRjY5MDlCMUIwNzU4RTA2QzZFMDQ4QzQ2MDAyQjVDNjk1RTM2Qg"},
        "claims": {
            "iss": "https://example.eu.auth0.com/",
            "sub": "auth0|64f0c0ffee0123456789abcd",
            "aud": ["https://api.example", "https://example.eu.auth0.com/userinfo"],
            "iat": IAT,
            "exp": EXP,
            "azp": "my_client_id",
            "scope": "openid profile read:orders",
            "permissions": ["read:orders"],
            "https://example.com/roles": ["admin"],
        },
        "policy": {"issuer": "https://example.eu.auth0.com/", "audience": "https://api.example"},
        "misses": [
            ("slash-forgotten", {}, {"issuer": "https://example.eu.auth0.com"}, "ERR_ISSUER_MISMATCH iss"),
            ("only-userinfo", {"aud": ["https://example.eu.auth0.com/userinfo"]}, {}, "ERR_AUDIENCE_MISMATCH aud"),
            (
                "machine-to-machine",
                {"sub": "my_client_id@clients", "gty": "client-credentials", "aud": "https://api.example"},
                {},
                None,
            ),
            ("audience-slash", {}, {"audience": "https://api.example/"}, "ERR_AUDIENCE_MISMATCH aud"),
            ("namespaced-claim", {}, {"required": ["https://example.com/roles"]}, None),
            ("other-region", {"iss": "https://example.us.auth0.com/"}, {}, "ERR_ISSUER_MISMATCH iss"),
        ],
    },
    "okta": {
        "source": "Okta access token of a custom authorization server: cid, scp as a list, no typ",
        "header": {"kid": "qoHQ1vNyn1HaKTvtNSkKXHpOhN9RMZSjQlvFGPQnRw4"},
        "claims": {
            "ver": 1,
            "jti": "AT.0mP4JKAZX1iACIT4vbEDF7LpvDVjxypPMf0D7uX39RE",
            "iss": "https://example.okta.com/oauth2/default",
            "aud": "api://default",
            "sub": "00ujmkLgagxeRrAg20g3",
            "iat": IAT,
            "exp": EXP,
            "cid": "nmdP1fcyvdVO11AL7ECm",
            "uid": "00ujmkLgagxeRrAg20g3",
            "scp": ["openid", "email"],
            "auth_time": IAT,
        },
        "policy": {
            "issuer": "https://example.okta.com/oauth2/default",
            "audience": "api://default",
            "claims": {"ver": 1, "cid": ["nmdP1fcyvdVO11AL7ECm", "another"]},
        },
        "misses": [
            ("org-server", {"iss": "https://example.okta.com"}, {}, "ERR_ISSUER_MISMATCH iss"),
            ("other-client", {"cid": "zzz"}, {}, "ERR_CLAIM_MISMATCH cid"),
            ("version-as-text", {"ver": "1"}, {}, "ERR_CLAIM_MISMATCH ver"),
            ("typ-expected", {}, {"typ": "JWT"}, "ERR_TOKEN_TYPE typ"),
            ("id-token", {"aud": "nmdP1fcyvdVO11AL7ECm"}, {}, "ERR_AUDIENCE_MISMATCH aud"),
        ],
    },
    "keycloak": {
        "source": "Keycloak access token: a realm as issuer, typ claim Bearer, nested roles, aud account",
        "header": {"typ": "JWT", "kid": "FJ86GcF3jTbNLOco4NvZkUCIUmfYCqoqtOQeMfbhNlE"},
        "claims": {
            "exp": EXP,
            "iat": IAT,
            "jti": "onrtac:8b3ea3a0-6a1f-4ac5-8ee6-e5b6f0d2dc1c",
            "iss": "https://sso.example/realms/main",
            "aud": ["orders", "account"],
            "sub": "f:550e8400-e29b-41d4-a716-446655440000:alice",
            "typ": "Bearer",
            "azp": "web",
            "sid": "3c0f8cf4-4ea4-4b5c-a4bb-5d2dfe8e8b5c",
            "acr": "1",
            "allowed-origins": ["https://app.example", "+"],
            "realm_access": {"roles": ["offline_access", "uma_authorization"]},
            "resource_access": {"account": {"roles": ["manage-account", "view-profile"]}},
            "scope": "openid email",
            "email_verified": False,
            "preferred_username": "alice",
        },
        "policy": {"issuer": "https://sso.example/realms/main", "audience": "orders", "claims": {"typ": "Bearer"}},
        "misses": [
            ("other-realm", {"iss": "https://sso.example/realms/mainframe"}, {}, "ERR_ISSUER_MISMATCH iss"),
            ("old-path", {"iss": "https://sso.example/auth/realms/main"}, {}, "ERR_ISSUER_MISMATCH iss"),
            ("internal-host", {"iss": "http://keycloak:8080/realms/main"}, {}, "ERR_ISSUER_MISMATCH iss"),
            ("no-audience-mapper", {"aud": "account"}, {}, "ERR_AUDIENCE_MISMATCH aud"),
            ("aud-absent", {"aud": None}, {}, "ERR_CLAIM_MISSING aud"),
            ("refresh-token", {"typ": "Refresh"}, {}, "ERR_CLAIM_MISMATCH typ"),
            ("id-token", {"typ": "ID"}, {}, "ERR_CLAIM_MISMATCH typ"),
            (
                "roles-exactly",
                {},
                {"claims": {"realm_access": {"roles": ["offline_access", "uma_authorization"]}}},
                None,
            ),
        ],
    },
    "cognito-access": {
        "source": "Amazon Cognito access token: no aud at all, client_id and token_use instead",
        "header": {"kid": "1234example="},
        "claims": {
            "sub": "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee",
            "device_key": "aaaa",
            "cognito:groups": ["admin"],
            "iss": "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_example",
            "version": 2,
            "client_id": "xxxxxxxxxxxxexample",
            "origin_jti": "aaaa",
            "event_id": "64f513be",
            "token_use": "access",
            "scope": "phone openid profile",
            "auth_time": IAT,
            "exp": EXP,
            "iat": IAT,
            "jti": "aaaa",
            "username": "alice",
        },
        "policy": {
            "issuer": "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_example",
            "claims": {"token_use": "access", "client_id": ["xxxxxxxxxxxxexample"]},
        },
        "misses": [
            (
                "id-token-in-its-place",
                {"token_use": "id", "aud": "xxxxxxxxxxxxexample", "client_id": None},
                {},
                "ERR_AUDIENCE_MISMATCH aud",
            ),
            ("token-use-id", {"token_use": "id"}, {}, "ERR_CLAIM_MISMATCH token_use"),
            ("other-client", {"client_id": "zzz"}, {}, "ERR_CLAIM_MISMATCH client_id"),
            ("no-client", {"client_id": None}, {}, "ERR_CLAIM_MISSING client_id"),
            ("audience-expected", {}, {"audience": "xxxxxxxxxxxxexample"}, "ERR_CLAIM_MISSING aud"),
            (
                "other-pool",
                {"iss": "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_examples"},
                {},
                "ERR_ISSUER_MISMATCH iss",
            ),
        ],
    },
    "cognito-id": {
        "source": "Amazon Cognito ID token",
        "header": {"kid": "1234example="},
        "claims": {
            "sub": "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee",
            "cognito:groups": ["test-group"],
            "email_verified": True,
            "cognito:preferred_role": "arn:aws:iam::111122223333:role/my-test-role",
            "iss": "https://cognito-idp.us-west-2.amazonaws.com/us-west-2_example",
            "cognito:username": "alice",
            "nonce": "abcdefg",
            "aud": "xxxxxxxxxxxxexample",
            "event_id": "64f513be",
            "token_use": "id",
            "auth_time": IAT,
            "exp": EXP,
            "iat": IAT,
            "email": "alice@example.com",
        },
        "policy": {
            "issuer": "https://cognito-idp.us-west-2.amazonaws.com/us-west-2_example",
            "audience": "xxxxxxxxxxxxexample",
            "claims": {"token_use": "id"},
        },
        "misses": [
            ("access-token-in-its-place", {"token_use": "access", "aud": None}, {}, "ERR_CLAIM_MISSING aud"),
            ("other-client", {"aud": "zzz"}, {}, "ERR_AUDIENCE_MISMATCH aud"),
            ("nonce", {}, {"claims": {"nonce": "other"}}, "ERR_CLAIM_MISMATCH nonce"),
        ],
    },
    "firebase": {
        "source": "Firebase ID token: the project is audience and part of the issuer; auth_time, nested firebase claim",
        "header": {"kid": "d98f49bc6ca4581eae8dfadd494fce10ea23aab0", "typ": "JWT"},
        "claims": {
            "name": "Alice",
            "iss": "https://securetoken.google.com/my-project",
            "aud": "my-project",
            "auth_time": IAT,
            "user_id": "x7Tq",
            "sub": "x7Tq",
            "iat": IAT,
            "exp": EXP,
            "email": "alice@example.com",
            "email_verified": False,
            "firebase": {"identities": {"email": ["alice@example.com"]}, "sign_in_provider": "password"},
        },
        "policy": {
            "issuer": "https://securetoken.google.com/my-project",
            "audience": "my-project",
            "required": ["sub", "auth_time"],
            "algorithms": ["RS256"],
            "max_token_age": 3600,
        },
        "misses": [
            (
                "other-project-issuer",
                {"iss": "https://securetoken.google.com/my-project-2"},
                {},
                "ERR_ISSUER_MISMATCH iss",
            ),
            ("other-project-audience", {"aud": "my-project-2"}, {}, "ERR_AUDIENCE_MISMATCH aud"),
            (
                "session-cookie",
                {"iss": "https://session.firebase.google.com/my-project"},
                {},
                "ERR_ISSUER_MISMATCH iss",
            ),
            ("no-subject", {"sub": None}, {}, "ERR_CLAIM_MISSING sub"),
            ("old", {"iat": NOW - 3631}, {}, "ERR_TOKEN_TOO_OLD iat"),
        ],
    },
    "apple": {
        "source": "Sign in with Apple ID token: email_verified as text or boolean",
        "header": {"kid": "W6WcOKB"},
        "claims": {
            "iss": "https://appleid.apple.com",
            "aud": "com.example.app",
            "exp": EXP,
            "iat": IAT,
            "sub": "001999.abcdef0123456789abcdef0123456789.0123",
            "nonce": "n-0S6_WzA2Mj",
            "c_hash": "WM5BdVsEzVAnZzsmDyoJsA",
            "email": "x@privaterelay.appleid.com",
            "email_verified": "true",
            "is_private_email": "true",
            "auth_time": IAT,
            "nonce_supported": True,
        },
        "policy": {
            "issuer": "https://appleid.apple.com",
            "audience": ["com.example.app", "com.example.web"],
            "claims": {"email_verified": ["true", True], "nonce": "n-0S6_WzA2Mj"},
        },
        "misses": [
            ("boolean", {"email_verified": True}, {}, None),
            ("not-verified", {"email_verified": "false"}, {}, "ERR_CLAIM_MISMATCH email_verified"),
            ("other-nonce", {"nonce": "n-other"}, {}, "ERR_CLAIM_MISMATCH nonce"),
            ("other-app", {"aud": "com.attacker.app"}, {}, "ERR_AUDIENCE_MISMATCH aud"),
        ],
    },
    "kubernetes": {
        "source": "Kubernetes projected service account token: aud is a list, a nested kubernetes.io claim, no typ",
        "header": {"kid": "mZyFnA0sW3CGdJ3xQdV0ym3V3p3hL5e8b2m1gJ7pN4I"},
        "claims": {
            "aud": ["vault"],
            "exp": EXP,
            "iat": IAT,
            "nbf": IAT,
            "iss": "https://kubernetes.default.svc.cluster.local",
            "jti": "aed34954-b33a-4142-b1ec-389d6bbb4936",
            "sub": "system:serviceaccount:my-namespace:my-serviceaccount",
            "kubernetes.io": {
                "namespace": "my-namespace",
                "node": {"name": "my-node", "uid": "646e7c5e-32d6-4d42-9dbd-e504e6cbe6b1"},
                "pod": {"name": "my-pod", "uid": "5e0bd49b-f040-43b0-99b7-22765a53f7f3"},
                "serviceaccount": {"name": "my-serviceaccount", "uid": "14ee3fa4-a7e2-420f-9f9a-dbc4507c3798"},
                "warnafter": IAT + 3607,
            },
        },
        "policy": {
            "issuer": ["https://kubernetes.default.svc", "https://kubernetes.default.svc.cluster.local"],
            "audience": "vault",
            "subject": "system:serviceaccount:my-namespace:my-serviceaccount",
        },
        "misses": [
            ("for-the-api-server", {"aud": ["https://kubernetes.default.svc"]}, {}, "ERR_AUDIENCE_MISMATCH aud"),
            (
                "other-namespace",
                {"sub": "system:serviceaccount:other:my-serviceaccount"},
                {},
                "ERR_SUBJECT_MISMATCH sub",
            ),
            (
                "longer-name",
                {"sub": "system:serviceaccount:my-namespace:my-serviceaccount2"},
                {},
                "ERR_SUBJECT_MISMATCH sub",
            ),
            ("legacy-token", {"aud": None, "iss": "kubernetes/serviceaccount"}, {}, "ERR_ISSUER_MISMATCH iss"),
            ("several-audiences", {"aud": ["https://kubernetes.default.svc", "vault"]}, {}, None),
        ],
    },
    "github-actions": {
        "source": "GitHub Actions OIDC token: subject by repository and ref, many texts",
        "header": {"typ": "JWT", "kid": "38826b17-6a30-5f9b-b169-8beb8202f723", "x5t": "ykNaY4qM_ta4k2TgZOCEYLkcYlA"},
        "claims": {
            "jti": "example-id",
            "sub": "repo:octo-org/octo-repo:environment:prod",
            "environment": "prod",
            "aud": "https://github.com/octo-org",
            "ref": "refs/heads/main",
            "sha": "example-sha",
            "repository": "octo-org/octo-repo",
            "repository_owner": "octo-org",
            "actor_id": "12",
            "repository_visibility": "private",
            "repository_id": "74",
            "repository_owner_id": "65",
            "run_id": "example-run-id",
            "run_number": "10",
            "run_attempt": "2",
            "runner_environment": "github-hosted",
            "actor": "octocat",
            "workflow": "example-workflow",
            "head_ref": "",
            "base_ref": "",
            "event_name": "workflow_dispatch",
            "ref_type": "branch",
            "job_workflow_ref": "octo-org/octo-automation/.github/workflows/oidc.yml@refs/heads/main",
            "iss": "https://token.actions.githubusercontent.com",
            "nbf": IAT - 600,
            "exp": EXP,
            "iat": IAT,
        },
        "policy": {
            "issuer": "https://token.actions.githubusercontent.com",
            "audience": "https://github.com/octo-org",
            "subject": ["repo:octo-org/octo-repo:environment:prod", "repo:octo-org/octo-repo:ref:refs/heads/main"],
            "claims": {"repository_owner_id": "65", "repository": "octo-org/octo-repo"},
        },
        "misses": [
            ("pull-request", {"sub": "repo:octo-org/octo-repo:pull_request"}, {}, "ERR_SUBJECT_MISMATCH sub"),
            ("fork", {"sub": "repo:attacker/octo-repo:environment:prod"}, {}, "ERR_SUBJECT_MISMATCH sub"),
            ("wildcard-is-no-pattern", {}, {"subject": "repo:octo-org/*"}, "ERR_SUBJECT_MISMATCH sub"),
            ("renamed-owner", {"repository_owner_id": "66"}, {}, "ERR_CLAIM_MISMATCH repository_owner_id"),
            ("owner-id-as-number", {"repository_owner_id": 65}, {}, "ERR_CLAIM_MISMATCH repository_owner_id"),
            ("other-audience", {"aud": "https://github.com/attacker"}, {}, "ERR_AUDIENCE_MISMATCH aud"),
        ],
    },
    "gitlab": {
        "source": "GitLab CI ID token: namespaces, booleans as text",
        "header": {"kid": "4i3sFE7sxqNPOT7FdvcGA1ZVGGI_r-tsDXnEuYT4ZqE", "typ": "JWT"},
        "claims": {
            "namespace_id": "72",
            "namespace_path": "my-group",
            "project_id": "20",
            "project_path": "my-group/my-project",
            "user_id": "1",
            "pipeline_id": "574",
            "job_id": "302",
            "ref": "main",
            "ref_type": "branch",
            "ref_protected": "true",
            "jti": "235b3a54-b797-45c7-ae9a-f72d7bc6ef5b",
            "iat": IAT,
            "nbf": IAT - 5,
            "exp": EXP,
            "iss": "https://gitlab.com",
            "sub": "project_path:my-group/my-project:ref_type:branch:ref:main",
            "aud": "https://vault.example.com",
        },
        "policy": {
            "issuer": "https://gitlab.com",
            "audience": "https://vault.example.com",
            "claims": {"project_id": "20", "ref_protected": "true"},
        },
        "misses": [
            ("unprotected", {"ref_protected": "false"}, {}, "ERR_CLAIM_MISMATCH ref_protected"),
            ("expected-as-boolean", {}, {"claims": {"ref_protected": True}}, "ERR_CLAIM_MISMATCH ref_protected"),
            ("self-hosted", {"iss": "https://gitlab.example"}, {}, "ERR_ISSUER_MISMATCH iss"),
        ],
    },
    "rfc9068": {
        "source": "RFC 9068 section 2: an access token with typ at+jwt",
        "header": {"typ": "at+jwt", "kid": "RjEwOwOA"},
        "claims": {
            "iss": "https://authorization-server.example.com/",
            "sub": "5ba552d67",
            "aud": "https://rs.example.com/",
            "exp": EXP,
            "iat": IAT,
            "jti": "dbe39bf3a3ba4238a513f51d6e1691c4",
            "client_id": "s6BhdRkqt3",
            "scope": "openid profile reademail",
        },
        "policy": {
            "issuer": "https://authorization-server.example.com/",
            "audience": "https://rs.example.com/",
            "typ": "at+jwt",
            "required": ["client_id", "jti", "sub", "iat"],
        },
        "misses": [
            ("no-client", {"client_id": None}, {}, "ERR_CLAIM_MISSING client_id"),
            ("id-token-expected", {}, {"typ": "JWT"}, "ERR_TOKEN_TYPE typ"),
            ("long-typ-expected", {}, {"typ": "application/at+jwt"}, None),
            ("no-iat", {"iat": None}, {}, "ERR_CLAIM_MISSING iat"),
        ],
    },
    "ory-hydra": {
        "source": "Ory Hydra access token: dates with fractions of a second, ext, aud an empty list",
        "header": {"typ": "JWT", "kid": "public:hydra.jwt.access-token"},
        "claims": {
            "aud": [],
            "client_id": "web",
            "exp": EXP + 0.25,
            "ext": {},
            "iat": IAT + 0.5,
            "iss": "https://hydra.example/",
            "jti": "x",
            "nbf": IAT + 0.125,
            "scp": ["offline"],
            "sub": "alice",
        },
        "policy": {"issuer": "https://hydra.example/", "dangerous_any_audience": True, "claims": {"client_id": "web"}},
        "misses": [
            ("empty-audience-refused", {}, {"dangerous_any_audience": None}, "ERR_AUDIENCE_MISMATCH aud"),
            ("audience-expected", {}, {"dangerous_any_audience": None, "audience": "api"}, "ERR_AUDIENCE_MISMATCH aud"),
        ],
    },
    "es256-issuer": {
        "source": "an issuer that signs with ES256 (Supabase, Cloudflare, many others)",
        "key": "p256-a",
        "algorithm": "ES256",
        "header": {"kid": "b81269f1-21d8-4f2e-b719-c2240a840d90", "typ": "JWT"},
        "claims": {
            "iss": "https://project.supabase.co/auth/v1",
            "sub": "1d4f0f33-6b61-4d9e-8d0d-a2f0a5b3a6f4",
            "aud": "authenticated",
            "exp": EXP,
            "iat": IAT,
            "role": "authenticated",
            "aal": "aal1",
            "session_id": "x",
            "is_anonymous": False,
            "app_metadata": {"provider": "email", "providers": ["email"]},
        },
        "policy": {
            "issuer": "https://project.supabase.co/auth/v1",
            "audience": "authenticated",
            "claims": {"role": ["authenticated", "service_role"], "is_anonymous": False},
        },
        "misses": [
            ("anonymous", {"is_anonymous": True}, {}, "ERR_CLAIM_MISMATCH is_anonymous"),
            ("anon-key", {"aud": None, "role": "anon"}, {}, "ERR_CLAIM_MISSING aud"),
        ],
    },
    "eddsa-issuer": {
        "source": "an issuer that signs with Ed25519 (Better Auth, Zitadel, many others)",
        "key": "ed25519-a",
        "algorithm": "EdDSA",
        "header": {"kid": "c5c7995d-0379-4085-8dbc-9ae1a1a8bd3a", "typ": "JWT"},
        "claims": {
            "iss": "https://auth.example",
            "sub": "user_1",
            "aud": "https://auth.example",
            "exp": EXP,
            "iat": IAT,
            "id": "user_1",
            "email": "a@example.com",
        },
        "policy": {"issuer": "https://auth.example", "audience": "https://auth.example", "algorithms": ["EdDSA"]},
        "misses": [
            ("policy-ed25519", {}, {"algorithms": ["Ed25519"]}, None),
            ("policy-es256", {}, {"algorithms": ["ES256"]}, "ERR_ALGORITHM_NOT_ALLOWED alg"),
            ("other-issuer", {"iss": "https://auth.example/"}, {}, "ERR_ISSUER_MISMATCH iss"),
        ],
    },
}


def alb(area):
    """AWS ALB's x-amzn-oidc-data: ES256, every segment padded, exp in the header too, and no iat."""
    source = "AWS Application Load Balancer's x-amzn-oidc-data: every segment is padded (pyjwt issue 1209)"
    kid = "9de66a54-c2c9-46ac-96b7-87dd62d8d9a4"
    area.keys["aws-alb"] = {"jwk": jwk("p256-a", kid=kid)}
    signer = "arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/app/main/50dc6c495c0c9188"
    header = {
        "typ": "JWT",
        "kid": kid,
        "alg": "ES256",
        "iss": "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_example",
        "client": "xxxxexample",
        "signer": signer,
        "exp": NOW + 120,
    }
    members = {
        "sub": "1234567890",
        "name": "alice",
        "email": "alice@example.com",
        "username": "alice",
        "exp": NOW + 120,
        "iss": header["iss"],
    }
    while len(compact_json(members)) % 3 == 0 or len(compact_json(header)) % 3 == 0:
        if len(compact_json(members)) % 3 == 0:
            members["name"] += "a"
        if len(compact_json(header)) % 3 == 0:
            header["client"] += "a"
    signed = f"{pad(b64(compact_json(header)))}.{pad(b64(compact_json(members)))}"
    text = f"{signed}.{pad(b64(signature('ES256', 'p256-a', signed.encode())))}"
    assert all(part.endswith("=") for part in text.split("."))
    policy = {"issuer": members["iss"], "algorithms": ["ES256"], "compat": ["padded_base64"]}
    area.add(
        "issuers-aws-alb-accepted",
        source=source,
        keys="aws-alb",
        policy=policy,
        input=text,
        expect={"claims": members, "header": header},
    )
    area.add(
        "issuers-aws-alb-strict",
        source=source + ": never by default",
        keys="aws-alb",
        policy={"issuer": members["iss"]},
        input=text,
        expect="ERR_TOKEN_ENCODING",
    )
    area.add(
        "issuers-aws-alb-expired",
        source=source,
        keys="aws-alb",
        policy=policy,
        now=NOW + 150,
        input=text,
        expect="ERR_TOKEN_EXPIRED exp",
    )
    area.add(
        "issuers-aws-alb-max-age",
        source=source + ": it has no iat",
        keys="aws-alb",
        policy=policy | {"max_token_age": 120},
        input=text,
        expect="ERR_CLAIM_MISSING iat",
    )
    area.add(
        "issuers-aws-alb-padding-stripped",
        source=source + ": the padding is signed",
        keys="aws-alb",
        policy=policy,
        input=text.replace("=", ""),
        expect="ERR_SIGNATURE_INVALID",
    )
    assert json.loads(compact_json(header)) == header


def hs256(area):
    """A shared secret between two services, and issuers that write dates as text."""
    area.keys["shared-secret"] = {"jwk": oct_jwk(secret(32), alg="HS256")}
    source = "two services with a shared secret"
    members = {"iss": "billing", "aud": "orders", "exp": NOW + 60, "iat": NOW, "nbf": NOW}
    policy = {"issuer": "billing", "audience": "orders", "algorithms": ["HS256"], "max_token_age": 60, "leeway": 5}
    for name, changes, code in [
        ("accepted", {}, None),
        ("replayed-late", {"iat": NOW - 66}, "ERR_TOKEN_TOO_OLD iat"),
        ("at-its-age", {"iat": NOW - 65}, None),
        ("other-service", {"iss": "shipping"}, "ERR_ISSUER_MISMATCH iss"),
        ("for-another", {"aud": "shipping"}, "ERR_AUDIENCE_MISMATCH aud"),
        ("clock-ahead", {"iat": NOW + 6}, "ERR_TOKEN_ISSUED_IN_FUTURE iat"),
    ]:
        area.add(
            f"issuers-shared-secret-{name}",
            source=source,
            keys="shared-secret",
            policy=policy,
            input=token("HS256", secret(32), members | changes, {"typ": "JWT"}),
            expect=code or {"claims": members | changes},
        )
    dates = {"iss": "legacy", "exp": str(NOW + 60), "iat": str(NOW)}
    text = token("HS256", secret(32), dates)
    area.add(
        "issuers-string-dates-accepted",
        source="an issuer that writes dates as text: a compat flag",
        keys="shared-secret",
        policy={"issuer": "legacy", "compat": ["string_dates"]},
        input=text,
        expect={"claims": dates},
    )
    area.add(
        "issuers-string-dates-strict",
        source="never by default",
        keys="shared-secret",
        policy={"issuer": "legacy"},
        input=text,
        expect="ERR_CLAIM_TYPE exp",
    )
