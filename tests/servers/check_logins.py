"""Checks of the servers for logins, with a client that is as plain as can be. `check.py` runs them."""

import base64
import hashlib
import hmac
import json
import os
import ssl
import subprocess
import time
import unittest
import unittest.mock
import urllib.error
import urllib.parse

import servers
from fetching import decoded, fetch

OPENID = "/.well-known/openid-configuration"
ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
SIGN = """
import { createPrivateKey } from 'node:crypto';
import { signToken } from './tokens.mjs';
const [jwk, claims, header] = JSON.parse(process.argv[1]);
const key = { alg: jwk.alg, kid: jwk.kid, privateKey: createPrivateKey({ key: jwk, format: 'jwk' }) };
console.log(signToken(key, claims, header));
"""


def encoded(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def left_half(text):
    return encoded(hashlib.sha256(text.encode()).digest()[:16])


def signed(jwk, claims, **header):
    given = json.dumps([jwk, claims, {"typ": "JWT", **header}])
    command = ["node", "--input-type=module", "-e", SIGN, given]
    return subprocess.run(command, cwd=servers.HERE, check=True, capture_output=True, text=True).stdout.strip()


def basic(client_id, secret):
    pair = f"{urllib.parse.quote_plus(client_id)}:{urllib.parse.quote_plus(secret)}"
    return {"Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"}


def members(callback):
    """The parameters of a callback, whichever way it came."""
    if "form" in callback:
        return dict(urllib.parse.parse_qsl(callback["form"], keep_blank_values=True))
    parts = urllib.parse.urlsplit(callback["callback"])
    return dict(urllib.parse.parse_qsl(parts.query or parts.fragment, keep_blank_values=True))


class Login:
    """One login, begun."""

    def __init__(self, options, endpoints, **more):
        self.options = options
        self.endpoints = endpoints
        self.verifier = encoded(os.urandom(32))
        self.parameters = {
            "client_id": options["client_id"],
            "redirect_uri": options["redirect_uri"],
            "response_type": options.get("response_type", "code"),
            "scope": "openid email profile offline_access",
            "state": "the state",
            "nonce": "the nonce",
            "prompt": "consent",
            "code_challenge": encoded(hashlib.sha256(self.verifier.encode()).digest()),
            "code_challenge_method": "S256",
            **more,
        }
        given = {name: value for name, value in self.parameters.items() if value is not None}
        self.url = f"{endpoints['authorization_endpoint']}?{urllib.parse.urlencode(given)}"

    def finish(self, callback, context=None, **more):
        """The token endpoint's status and answer, to the code of a callback."""
        return self.token(
            context,
            **{
                "grant_type": "authorization_code",
                "code": members(callback)["code"],
                "redirect_uri": self.options["redirect_uri"],
                "code_verifier": self.verifier,
                **more,
            },
        )

    def refresh(self, token):
        return self.token(grant_type="refresh_token", refresh_token=token)

    def token(self, context=None, **form):
        status, headers, body = self.post("token_endpoint", context, **form)
        return status, json.loads(body) if "json" in headers.get("Content-Type", "") else body

    def post(self, endpoint, context=None, **form):
        options, headers = self.options, {}
        if "client_assertion" in form:
            form["client_assertion_type"] = ASSERTION
        elif options.get("token_endpoint_auth_method", "client_secret_basic") == "client_secret_basic":
            headers = basic(options["client_id"], options["client_secret"])
        else:
            form["client_id"] = options["client_id"]
            if options["token_endpoint_auth_method"] == "client_secret_post":
                form["client_secret"] = options["client_secret"]
        given = {name: value for name, value in form.items() if value is not None}
        return fetch(self.endpoints[endpoint], context, given, **headers)

    def userinfo(self, token, **headers):
        return fetch(self.endpoints["userinfo_endpoint"], Authorization=f"Bearer {token}", **headers)


class LoginProvider(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        try:
            cls.server = cls.enterClassContext(servers.login_provider())
        except servers.Unavailable as reason:
            raise unittest.SkipTest(str(reason)) from None
        cls.metadata = json.loads(fetch(cls.server.issuer + OPENID)[2])

    def setUp(self):
        self.server.reset()

    def login(self, name="web", **more):
        return Login(self.server.clients[name]["options"], self.metadata, **more)

    def tokens(self, login, /, **how):
        status, answer = login.finish(self.server.authorize(login.url, **how))
        self.assertEqual(status, 200, answer)
        return answer

    def test_a_login(self):
        login = self.login()
        callback = self.server.authorize(login.url)
        self.assertTrue(callback["callback"].startswith("https://app.example/callback?"))
        given = members(callback)
        self.assertEqual((given["state"], given["iss"]), ("the state", self.server.issuer))
        status, tokens = login.finish(callback)
        self.assertEqual((status, tokens["token_type"], tokens["expires_in"]), (200, "Bearer", 3600))
        header, claims = decoded(tokens["id_token"])
        self.assertIn(header["kid"], [key["kid"] for key in self.server.jwks()["keys"]])
        expected = (self.server.issuer, "web", "alice", "the nonce")
        self.assertEqual(tuple(claims[name] for name in ("iss", "aud", "sub", "nonce")), expected)
        user = json.loads(login.userinfo(tokens["access_token"])[2])
        self.assertEqual(user, {"sub": "alice", **self.server.facts["accounts"]["alice"]})
        self.assertEqual(self.server.counts()["token"], 1)
        [request] = self.server.requests("token")
        self.assertEqual(request["form"]["code_verifier"], login.verifier)
        self.assertTrue(request["headers"]["authorization"].startswith("Basic "))
        bob = self.login()
        token = self.tokens(bob, login="bob")["access_token"]
        self.assertIs(json.loads(bob.userinfo(token)[2])["email_verified"], False)

    def test_what_it_refuses(self):
        plain = self.login(code_challenge=None, code_challenge_method=None)
        self.assertEqual(members(self.server.authorize(plain.url))["error"], "invalid_request")
        login = self.login()
        callback = self.server.authorize(login.url)
        self.assertEqual(login.finish(callback, code_verifier="a" * 43)[1]["error"], "invalid_grant")
        login = self.login()
        callback = self.server.authorize(login.url)
        tokens = login.finish(callback)[1]
        self.assertEqual(login.finish(callback)[1]["error"], "invalid_grant")
        self.assertEqual(login.userinfo(tokens["access_token"])[0], 401)
        with self.assertRaisesRegex(ValueError, "redirect_uri"):
            self.server.authorize(self.login(redirect_uri="https://attacker.example/").url)
        self.assertEqual(self.server.requests("token")[-1]["error"], "invalid_grant")

    def test_users_who_give_up(self):
        for deny in ("consent", "login"):
            given = members(self.server.authorize(self.login().url, deny=deny))
            self.assertEqual((given["error"], given["state"]), ("access_denied", "the state"))
            self.assertEqual(given["error_description"], "End-User aborted interaction")

    def test_sessions(self):
        self.server.authorize(self.login().url, session="tab")
        given = members(self.server.authorize(self.login(prompt="none").url, session="tab"))
        self.assertIn("code", given)
        given = members(self.server.authorize(self.login(prompt="none").url))
        self.assertEqual(given["error"], "login_required")
        login = self.login(prompt=None, max_age=1000)
        self.assertIn("auth_time", decoded(self.tokens(login, session="tab")["id_token"])[1])

    def test_form_post_and_hybrid(self):
        login = self.login(response_mode="form_post")
        callback = self.server.authorize(login.url)
        self.assertEqual(callback["callback_url"], "https://app.example/callback")
        self.assertEqual(login.finish(callback)[0], 200)
        for mode in (None, "form_post"):
            login = self.login("hybrid", response_mode=mode)
            callback = self.server.authorize(login.url)
            self.assertIn("form" if mode else "#", callback if mode else callback["callback"])
            given = members(callback)
            self.assertEqual(decoded(given["id_token"])[1]["c_hash"], left_half(given["code"]))
            self.assertEqual(login.finish(callback)[0], 200)

    def test_client_authentication(self):
        for name, client in self.server.clients.items():
            login = self.login(name)
            options = client["options"]
            method = options["token_endpoint_auth_method"]
            aud, now = self.server.issuer, int(time.time())
            claims = {"iss": name, "sub": name, "aud": aud, "exp": now + 60, "iat": now, "jti": encoded(os.urandom(8))}
            more, context = {}, None
            if method == "client_secret_jwt":
                parts = [encoded(json.dumps(part).encode()) for part in ({"alg": "HS256"}, claims)]
                mac = hmac.digest(options["client_secret"].encode(), ".".join(parts).encode(), "sha256")
                more["client_assertion"] = ".".join((*parts, encoded(mac)))
            elif method == "private_key_jwt":
                more["client_assertion"] = signed(client["client_key"], claims)
            elif "tls" in method:
                context = ssl.create_default_context(cafile=self.server.facts["ca"])
                login.endpoints = {**self.metadata, **self.metadata["mtls_endpoint_aliases"]}
                callback = self.server.authorize(login.url)
                self.assertEqual(login.finish(callback, context)[1]["error"], "invalid_client")
                facts = self.server.facts
                context.load_cert_chain(facts["untrusted_client_certificate"], facts["untrusted_client_key"])
                callback = self.server.authorize(login.url)
                self.assertEqual(login.finish(callback, context)[1]["error"], "invalid_client")
                context = ssl.create_default_context(cafile=self.server.facts["ca"])
                context.load_cert_chain(client["client_certificate"], client["client_certificate_key"])
            with self.subTest(name):
                status, answer = login.finish(self.server.authorize(login.url), context, **more)
                self.assertEqual(status, 200, answer)
                if name in ("RS256", "PS256", "ES256", "EdDSA"):
                    self.assertEqual(decoded(answer["id_token"])[0]["alg"], name)
        login = self.login()
        login.options = {**login.options, "client_secret": "wrong"}
        status, answer = login.finish(self.server.authorize(login.url))
        self.assertEqual((status, answer["error"]), (401, "invalid_client"))

    def test_odd_credentials_must_be_encoded(self):
        options = self.server.clients["client_secret_basic"]["options"]
        self.assertRegex(options["client_id"], r"[:%+ ]")
        pair = f"{options['client_id']}:{options['client_secret']}"
        headers = {"Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"}
        status, _, body = fetch(self.metadata["token_endpoint"], None, {"grant_type": "refresh_token"}, **headers)
        self.assertEqual((status, json.loads(body)["error"]), (400, "invalid_request"))

    def test_refresh_and_revocation(self):
        login = self.login()
        first = self.tokens(login)
        second = login.refresh(first["refresh_token"])[1]
        self.assertNotEqual(first["refresh_token"], second["refresh_token"])
        self.assertEqual(login.refresh(first["refresh_token"])[1]["error"], "invalid_grant")
        self.assertEqual(login.refresh(second["refresh_token"])[1]["error"], "invalid_grant")
        tokens = self.tokens(login := self.login())
        self.assertEqual(login.post("revocation_endpoint", token=tokens["refresh_token"])[0], 200)
        self.assertEqual(login.refresh(tokens["refresh_token"])[1]["error"], "invalid_grant")
        self.assertEqual(self.server.counts()["revocation"], 1)

    def test_signed_userinfo(self):
        login = self.login("signed_userinfo")
        _, headers, body = login.userinfo(self.tokens(login)["access_token"])
        self.assertTrue(headers["Content-Type"].startswith("application/jwt"))
        header, claims = decoded(body.decode())
        self.assertEqual((header["alg"], claims["aud"], claims["sub"]), ("ES256", "signed_userinfo", "alice"))

    def test_logout(self):
        name = "backchannel_logout"
        login = self.login(name)
        tokens = self.tokens(login, session="tab")
        home = self.server.clients[name]["options"]["post_logout_redirect_uri"]
        query = {"id_token_hint": tokens["id_token"], "post_logout_redirect_uri": home, "state": "left"}
        url = f"{self.metadata['end_session_endpoint']}?{urllib.parse.urlencode(query)}"
        self.assertEqual(self.server.logout(url, session="tab"), {"callback": f"{home}?state=left"})
        [token] = self.server.logout_tokens()
        header, claims = decoded(token)
        self.assertEqual(header["typ"], "logout+jwt")
        self.assertEqual((claims["aud"], claims["sid"]), (name, decoded(tokens["id_token"])[1]["sid"]))
        given = members(self.server.authorize(self.login(prompt="none").url, session="tab"))
        self.assertEqual(given["error"], "login_required")

    def test_clients_can_be_registered_and_altered(self):
        uri = "http://127.0.0.1:12345/callback"
        self.server.client("web", redirect_uris=[uri])
        login = self.login()
        login = Login({**login.options, "redirect_uri": uri}, self.metadata)
        callback = self.server.authorize(login.url)
        self.assertTrue(callback["callback"].startswith(uri))
        self.assertEqual(login.finish(callback)[0], 200)
        self.server.client("new", redirect_uris=[uri], token_endpoint_auth_method="none", response_types=["code"])
        options = {"client_id": "new", "redirect_uri": uri, "token_endpoint_auth_method": "none"}
        login = Login(options, self.metadata)
        self.assertEqual(login.finish(self.server.authorize(login.url))[0], 200)
        with self.assertRaises(ValueError):
            self.server.client("new", redirect_uris=["nonsense"])

    def test_keys_lifetimes_and_outage(self):
        old = decoded(self.tokens(self.login())["id_token"])[0]["kid"]
        login = self.login()
        callback = self.server.authorize(login.url)
        kid = self.server.rotate()
        self.assertEqual(decoded(login.finish(callback)[1]["id_token"])[0]["kid"], kid)
        kids = [key["kid"] for key in json.loads(fetch(self.metadata["jwks_uri"])[2])["keys"]]
        self.assertTrue({old, kid} <= set(kids))
        self.server.rotate(drop=True)
        self.assertFalse({old, kid} & {key["kid"] for key in self.server.jwks()["keys"]})
        self.server.lifetimes(access_token=1)
        login = self.login()
        tokens = self.tokens(login)
        self.assertEqual(tokens["expires_in"], 1)
        time.sleep(1.2)
        self.assertEqual(login.userinfo(tokens["access_token"])[0], 401)
        self.assertRaises(ValueError, self.server.lifetimes, nonsense=1)
        self.server.down()
        self.assertRaises(urllib.error.URLError, login.refresh, tokens["refresh_token"])
        self.server.up()
        self.assertEqual(login.refresh(tokens["refresh_token"])[0], 200)


class Quirks(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = cls.enterClassContext(servers.quirks())

    def begun(self, behaviour="good", parameters=(), **more):
        """A provider, and a login at it."""
        provider = self.server.new(behaviour, **dict(parameters))
        method = "client_secret_post" if "provider-" in behaviour else "client_secret_basic"
        options = {"token_endpoint_auth_method": method, **provider.options}
        endpoints = provider.facts["endpoints"]
        return provider, Login(options, endpoints, **more)

    def finished(self, behaviour="good", **more):
        """The provider, the login, and the token endpoint's status and answer."""
        provider, login = self.begun(behaviour, **more)
        return provider, login, *login.finish(provider.authorize(login.url))

    def test_a_login(self):
        provider, login = self.begun()
        metadata = json.loads(fetch(provider.facts["metadata_url"])[2])
        self.assertEqual(metadata["issuer"], provider.issuer)
        for name, url in provider.facts["endpoints"].items():
            self.assertEqual(metadata[name], url)
        callback = provider.authorize(login.url)
        given = members(callback)
        self.assertEqual((given["state"], given["iss"]), ("the state", provider.issuer))
        status, tokens = login.finish(callback)
        self.assertEqual(status, 200)
        header, claims = decoded(tokens["id_token"])
        self.assertEqual((header["typ"], header["kid"]), ("JWT", provider.jwks()["keys"][0]["kid"]))
        self.assertEqual((claims["sub"], claims["nonce"]), ("alice", "the nonce"))
        self.assertEqual(claims["at_hash"], left_half(tokens["access_token"]))
        user = json.loads(login.userinfo(tokens["access_token"])[2])
        self.assertEqual((user["sub"], user["email"], user["email_verified"]), ("alice", "alice@example.com", True))
        again = login.refresh(tokens["refresh_token"])[1]
        self.assertNotIn("nonce", decoded(again["id_token"])[1])
        self.assertEqual(login.post("revocation_endpoint", token=again["refresh_token"])[0], 200)
        self.assertEqual(login.userinfo(again["access_token"])[0], 401)
        self.assertEqual(provider.grants()["revoked"], [again["refresh_token"]])
        expected = {"metadata": 1, "authorize": 1, "token": 2, "userinfo": 2, "revoke": 1, "followed": 0}
        self.assertEqual({name: provider.counts()[name] for name in expected}, expected)
        [first, _] = provider.requests("token")
        self.assertEqual((first["method"], first["form"]["code_verifier"]), ("POST", login.verifier))
        self.assertEqual(provider.requests("authorize")[0]["query"]["state"], "the state")

    def test_what_every_provider_refuses(self):
        refused = (400, "invalid_grant")
        provider, login = self.begun()
        callback = provider.authorize(login.url)
        tokens = login.finish(callback)[1]
        status, answer = login.finish(callback)
        self.assertEqual((status, answer["error"]), refused)
        self.assertEqual(login.userinfo(tokens["access_token"])[0], 401)
        for more in ({"code_verifier": "a" * 43}, {"code_verifier": None}, {"redirect_uri": "https://other.example/"}):
            status, answer = login.finish(provider.authorize(login.url), **more)
            self.assertEqual((status, answer["error"]), refused)
        status, answer = login.finish(provider.authorize(login.url, fault="pkce-stripped"))
        self.assertEqual((status, answer["error"]), refused)
        login.options = {**login.options, "client_secret": "wrong"}
        self.assertEqual(login.finish(provider.authorize(login.url))[0], 401)
        for name in ("client_id", "redirect_uri", "response_type"):
            with self.assertRaisesRegex(ValueError, name):
                provider.authorize(Login(login.options, login.endpoints, **{name: "https://attacker.example"}).url)

    def test_client_authentication(self):
        for method in ("client_secret_basic", "client_secret_post", "none"):
            provider, login = self.begun()
            login.options = {**login.options, "token_endpoint_auth_method": method}
            self.assertEqual(login.finish(provider.authorize(login.url))[0], 200)
        provider, login = self.begun()
        client, now = provider.options["client_id"], int(time.time())
        claims = {"iss": client, "sub": client, "aud": provider.issuer, "exp": now + 60, "iat": now, "jti": "1"}
        assertion = signed(provider.facts["client_key"], claims)
        self.assertEqual(login.finish(provider.authorize(login.url), client_assertion=assertion)[0], 200)
        self.assertEqual(login.finish(provider.authorize(login.url), client_assertion=assertion)[0], 401)
        for behaviour, method in (("auth-post", "client_secret_basic"), ("auth-basic", "client_secret_post")):
            provider, login = self.begun(f"metadata-{behaviour}")
            login.options = {**login.options, "token_endpoint_auth_method": method}
            self.assertEqual(login.finish(provider.authorize(login.url))[0], 401)

    def test_token_answers(self):
        def answer(behaviour):
            return self.finished(f"token-{behaviour}")[2:]

        self.assertEqual(answer("error-200"), (200, {"error": "invalid_grant", "error_description": unittest.mock.ANY}))
        self.assertIn(b"error=invalid_grant", answer("error-200-form")[1])
        self.assertIn(b"access_token=", answer("form")[1])
        self.assertEqual(answer("ok-false")[1]["ok"], False)
        self.assertEqual(answer("status-201")[0], 201)
        self.assertEqual(answer("error-403")[0], 403)
        self.assertEqual(answer("empty-400"), (400, b""))
        self.assertEqual(answer("html-502")[0], 502)
        self.assertEqual(answer("error-object")[1]["error"]["code"], 100)
        self.assertNotIn("token_type", answer("no-token-type")[1])
        self.assertEqual(answer("expires-in-string")[1]["expires_in"], "3600")
        self.assertEqual(answer("expires-in-huge")[1]["expires_in"], 1e300)
        self.assertEqual(answer("scope-list")[1]["scope"][0], "openid")
        self.assertIsNone(answer("refresh-token-null")[1]["refresh_token"])
        self.assertEqual(answer("access-token-empty")[1]["access_token"], "")
        self.assertIn("code_verifier", answer("error-echo")[1]["error_description"])

    def test_redirects_with_the_code(self):
        for status in (302, 307, 308):
            name = "redirect" if status == 302 else f"redirect-{status}"
            provider, login = self.begun(f"token-{name}")
            callback = provider.authorize(login.url)
            code, headers, _ = login.post(
                "token_endpoint",
                grant_type="authorization_code",
                code=members(callback)["code"],
                code_verifier=login.verifier,
                redirect_uri=login.options["redirect_uri"],
            )
            self.assertEqual((code, headers["Location"]), (status, f"{provider.base}/followed/token"))
        login.endpoints = {**login.endpoints, "token_endpoint": headers["Location"]}
        self.assertIn("access_token", login.finish(provider.authorize(login.url))[1])
        self.assertEqual(provider.counts()["followed"], 1)

    def test_id_tokens(self):
        def claims(behaviour, **more):
            return decoded(self.finished(f"id-token-{behaviour}", **more)[3]["id_token"])

        self.assertNotEqual(claims("wrong-nonce")[1]["nonce"], "the nonce")
        self.assertEqual(claims("aud-list-azp")[1]["azp"], "client")
        self.assertEqual(claims("aud-list-wrong-azp")[1]["aud"], ["client", "api"])
        self.assertLess(claims("expired")[1]["exp"], time.time())
        self.assertEqual(claims("alg-none")[0]["alg"], "none")
        self.assertEqual(claims("alg-hs256-public-key")[0]["alg"], "HS256")
        self.assertEqual(claims("access-token")[0]["typ"], "at+jwt")
        self.assertNotIn("at_hash", claims("no-at-hash")[1])
        self.assertEqual(claims("no-nonce", parameters={"alg": "RS256"})[0]["alg"], "RS256")
        self.assertNotIn("id_token", self.finished("id-token-absent")[3])
        self.assertIsNone(self.finished("id-token-null")[3]["id_token"])
        self.assertEqual(decoded(self.finished(acr_values="high low")[3]["id_token"])[1]["acr"], "high")

    def test_hybrid(self):
        hybrid = {"response_type": "code id_token", "response_mode": "form_post"}
        for fault, wrong in (("good", False), ("hybrid-wrong-c-hash", True)):
            provider, login = self.begun(fault, **hybrid)
            given = members(provider.authorize(login.url))
            claims = decoded(given["id_token"])[1]
            self.assertEqual(claims["c_hash"] != left_half(given["code"]), wrong)
        provider, login = self.begun("hybrid-absent", **hybrid)
        self.assertNotIn("id_token", members(provider.authorize(login.url)))

    def test_callbacks(self):
        provider, login = self.begun()
        pairs = {}
        for name in (name for name in self.server.behaviours() if name.startswith("callback-")):
            fault = name.removeprefix("callback-")
            callback = provider.authorize(login.url, fault=fault)["callback"]
            pairs[fault] = urllib.parse.parse_qsl(urllib.parse.urlsplit(callback).query, keep_blank_values=True)
        self.assertEqual(dict(pairs["iss-changed"])["iss"], "https://attacker.example")
        self.assertNotIn("iss", dict(pairs["iss-stripped"]))
        self.assertEqual([name for name, _ in pairs["state-duplicated"]].count("state"), 2)
        self.assertEqual([name for name, _ in pairs["code-duplicated"]].count("code"), 2)
        self.assertEqual(dict(pairs["error"])["error"], "access_denied")
        self.assertIn("\r\n", dict(pairs["error-hostile"])["error_description"])
        self.assertEqual(pairs["none"], [])
        odd = provider.authorize(login.url, fault="code-odd")
        self.assertEqual(login.finish(odd)[0], 200)
        self.assertEqual(login.finish(provider.authorize(login.url, fault="code-injected"))[0], 400)
        tokens = login.finish(provider.authorize(login.url, fault="code-injected-pkce-ignored"))[1]
        self.assertEqual(decoded(tokens["id_token"])[1]["sub"], "mallory")
        self.assertNotEqual(decoded(tokens["id_token"])[1]["nonce"], "the nonce")
        given = members(provider.authorize(login.url, iss="https://other.example", state=None))
        self.assertEqual((given["iss"], "state" in given), ("https://other.example", False))
        for behaviour, advertised in (("callback-iss-stripped", True), ("callback-iss-unadvertised-absent", None)):
            metadata = json.loads(fetch(self.server.new(behaviour).facts["metadata_url"])[2])
            self.assertEqual(metadata.get("authorization_response_iss_parameter_supported"), advertised)

    def test_a_real_browser(self):
        _, login = self.begun()
        status, headers, _ = fetch(login.url)
        self.assertEqual(status, 302)
        self.assertEqual(login.finish({"callback": headers["Location"]})[0], 200)
        login = Login(login.options, login.endpoints, response_mode="form_post")
        _, _, body = fetch(login.url)
        self.assertIn(b'<form method="post" action="https://app.example/callback">', body)

    def test_metadata(self):
        def metadata(fault):
            return json.loads(fetch(self.server.new(f"metadata-{fault}").facts["metadata_url"])[2])

        self.assertEqual(metadata("pkce-plain")["code_challenge_methods_supported"], ["plain"])
        self.assertNotIn("code_challenge_methods_supported", metadata("pkce-absent"))
        methods = metadata("auth-private-key-jwt")["token_endpoint_auth_methods_supported"]
        self.assertEqual(methods, ["private_key_jwt"])
        for name in ("userinfo", "revocation", "end_session"):
            self.assertNotIn(f"{name}_endpoint", metadata(f"no-{name.replace('_', '-')}"))
        self.assertEqual(metadata("wrong-issuer")["issuer"], "https://other.example")

    def test_refresh(self):
        def refreshed(name):
            provider, login, _, tokens = self.finished(f"refresh-{name}")
            return provider, login, tokens["refresh_token"], login.refresh(tokens["refresh_token"])

        _, login, first, (_, answer) = refreshed("omitted")
        self.assertNotIn("refresh_token", answer)
        self.assertEqual(login.refresh(first)[0], 200)
        _, _, first, (_, answer) = refreshed("kept")
        self.assertEqual(answer["refresh_token"], first)
        self.assertEqual(refreshed("refused")[3][1]["error"], "invalid_grant")
        self.assertEqual(refreshed("expires-in-string")[3][1]["expires_in"], "3600")
        self.assertEqual(decoded(refreshed("id-token-other-sub")[3][1]["id_token"])[1]["sub"], "mallory")
        for name, alive in (("lost", 1), ("unread", 1)):
            provider, login, _, tokens = self.finished(f"refresh-{name}")
            self.assertRaises((OSError, urllib.error.URLError), login.refresh, tokens["refresh_token"])
            provider.become("good")
            self.assertEqual(len(provider.grants()["refresh_tokens"]), alive)
            status = login.refresh(tokens["refresh_token"])[0]
            self.assertEqual(status, 400 if name == "lost" else 200)
        self.assertEqual(provider.counts()["token"], 3)

    def test_times(self):
        provider, login = self.begun("token-error-500", {"times": 1})
        self.assertEqual(login.finish(provider.authorize(login.url))[0], 500)
        self.assertEqual(login.finish(provider.authorize(login.url))[0], 200)
        provider, login, _, tokens = self.finished(parameters={"expires_in": 1})
        self.assertEqual(tokens["expires_in"], 1)
        time.sleep(1.1)
        self.assertEqual(login.userinfo(tokens["access_token"])[0], 401)

    def test_userinfo(self):
        def user(fault):
            _, login, _, tokens = self.finished(f"userinfo-{fault}")
            return login.userinfo(tokens["access_token"])

        self.assertEqual(json.loads(user("other-sub")[2])["sub"], "mallory")
        for fault in ("jwt", "jwt-wrong-aud", "jwt-other-key"):
            _, headers, body = user(fault)
            self.assertEqual(headers["Content-Type"], "application/jwt")
            self.assertEqual(decoded(body.decode())[1]["aud"], "another client" if "aud" in fault else "client")
        status, headers, _ = user("unauthorized")
        self.assertEqual(status, 401)
        self.assertIn('error="invalid_token"', headers["WWW-Authenticate"])
        self.assertIn(b"<html>", user("html")[2])

    def test_revocation(self):
        for name, status in (
            ("unsupported", 400),
            ("error-503", 503),
            ("empty", 200),
            ("redirect", 302),
            ("reset", None),
        ):
            _, login, _, tokens = self.finished(f"revoke-{name}")
            if status is None:
                self.assertRaises(OSError, login.post, "revocation_endpoint", token=tokens["access_token"])
            else:
                self.assertEqual(login.post("revocation_endpoint", token=tokens["access_token"])[0], status)

    def test_providers(self):
        users = {}
        for name in ("google", "microsoft", "slack", "linkedin", "gitlab", "github", "facebook", "discord", "imgur"):
            provider, login = self.begun(f"provider-{name}")
            verifier = None
            if name == "slack":
                given = provider.authorize(login.url)
                self.assertEqual(login.finish(given)[1], {"ok": False, "error": "invalid_arguments"})
                login = Login(login.options, login.endpoints, code_challenge=None, code_challenge_method=None)
            else:
                verifier = login.verifier
            status, answer = login.finish(provider.authorize(login.url), code_verifier=verifier)
            with self.subTest(name):
                self.assertEqual(status, 200, answer)
                self.assertEqual(provider.options["provider"], name)
                if name == "github":
                    answer = dict(urllib.parse.parse_qsl(answer.decode()))
                    self.assertEqual(answer["scope"], "openid,email,profile,offline_access")
                users[name] = json.loads(login.userinfo(answer["access_token"])[2])
                if "id_token" in answer:
                    metadata = json.loads(fetch(provider.facts["metadata_url"])[2])
                    claims = decoded(answer["id_token"])[1]
                    self.assertEqual(claims["sub"], users[name]["sub"])
                    self.assertEqual(metadata["issuer"].replace("{tenantid}", claims.get("tid", "")), claims["iss"])
                    self.assertEqual("nonce" in claims, name != "linkedin")
        self.assertEqual((users["github"]["id"], users["github"]["email"]), (583231, None))
        self.assertEqual(users["imgur"]["data"]["id"], 583231)
        self.assertEqual(users["discord"]["username"], "alice")
        self.assertEqual(sorted(users["facebook"]), ["id", "name"])
        provider, login, _, tokens = self.finished("provider-facebook")
        login.endpoints = provider.options
        self.assertIn("url", json.loads(login.userinfo(tokens["access_token"])[2])["picture"]["data"])
        provider, login, _, _ = self.finished("provider-slack")
        self.assertEqual(
            login.token(grant_type="authorization_code", code="?")[1], {"ok": False, "error": "invalid_code"}
        )

    def test_github(self):
        provider, login = self.begun("provider-github")
        callback = provider.authorize(login.url)
        self.assertEqual(members(callback)["iss"], provider.options["issuer"])
        answer = login.finish(callback)[1]
        token = dict(urllib.parse.parse_qsl(answer.decode()))["access_token"]
        _, _, body = fetch(f"{provider.base}/user/emails", Authorization=f"Bearer {token}")
        self.assertEqual([entry["primary"] for entry in json.loads(body)], [False, True])
        self.assertEqual(login.userinfo(token, **{"User-Agent": ""})[0], 403)
        form = {"grant_type": "authorization_code", "code": "?", "client_id": "client"}
        form["client_secret"] = provider.options["client_secret"]
        status, _, body = fetch(provider.options["token_endpoint"], None, form, Accept="application/json")
        self.assertEqual((status, json.loads(body)["error"]), (200, "bad_verification_code"))

    def test_apple(self):
        provider, login = self.begun("provider-apple", response_mode="form_post", scope="openid name email")
        client, now = provider.options["client_id"], int(time.time())
        claims = {"iss": provider.facts["team_id"], "sub": client, "aud": "https://appleid.apple.com"}
        claims |= {"iat": now, "exp": now + 600}
        key = provider.facts["client_key"]
        self.assertNotIn("client_secret", provider.options)
        login.options = {**login.options, "client_secret": signed(key, claims)}
        first, second = (members(provider.authorize(login.url)) for _ in range(2))
        self.assertEqual(json.loads(first["user"])["name"], {"firstName": "Alice", "lastName": "Liddell"})
        self.assertNotIn("user", second)
        status, answer = login.finish({"form": urllib.parse.urlencode(first)})
        self.assertEqual(status, 200, answer)
        self.assertEqual(decoded(answer["id_token"])[1]["email_verified"], "true")
        for wrong in ({"iss": "x"}, {"sub": "x"}, {"aud": "x"}, {"exp": now - 1}, {"exp": now + 15_900_000}):
            login.options = {**login.options, "client_secret": signed(key, {**claims, **wrong})}
            status, answer = login.finish(provider.authorize(login.url))
            self.assertEqual(answer, {"error": "invalid_client"})
        with self.assertRaisesRegex(ValueError, "form_post"):
            provider.authorize(Login(login.options, login.endpoints, scope="openid name").url)

    def test_logout_tokens(self):
        provider = self.server.new()
        header, claims = decoded(provider.logout_token(sub="bob"))
        self.assertEqual((header["typ"], claims["sub"], claims["aud"]), ("logout+jwt", "bob", "client"))
        self.assertIn("nonce", decoded(provider.logout_token(fault="nonce"))[1])
        self.assertNotIn("events", decoded(provider.logout_token(fault="no-events"))[1])
        self.assertRaises(ValueError, provider.logout_token, fault="nonsense")

    def test_rotation(self):
        provider, login = self.begun()
        kid = provider.rotate(alg="RS256")
        tokens = login.finish(provider.authorize(login.url))[1]
        self.assertEqual(decoded(tokens["id_token"])[0]["kid"], kid)
        self.assertEqual(len(provider.jwks()["keys"]), 2)

    def test_every_behaviour_can_be_made(self):
        names = self.server.behaviours()
        self.assertGreater(len(names), 400)
        self.assertEqual(len(names), len(set(names)))
        for name in names:
            self.server.new(name, alg="ES256")
        both = self.server.new("token-form,callback-iss-stripped")
        self.assertIn("token-form+callback-iss-stripped/", both.base)
        for name in (
            "none",
            "token-",
            "token-nonsense",
            "callback-status-500",
            "token-form,token-bom",
            "hybrid-toString",
        ):
            with self.subTest(name), self.assertRaises(ValueError):
                self.server.new(name)


class Glewlwyd(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        try:
            cls.server = cls.enterClassContext(servers.glewlwyd())
        except servers.Unavailable as reason:
            if os.environ.get("AW_REQUIRE_ALL") == "1":
                raise
            raise unittest.SkipTest(str(reason)) from None
        cls.metadata = json.loads(fetch(cls.server.issuer + OPENID)[2])

    def login(self, name="web", **more):
        return Login(self.server.clients[name]["options"], self.metadata, **more)

    def test_a_login(self):
        for name in self.server.clients:
            login = self.login(name)
            callback = self.server.authorize(login.url)
            self.assertEqual(sorted(members(callback)), ["code", "state"])
            status, tokens = login.finish(callback)
            self.assertEqual((status, tokens["token_type"]), (200, "bearer"), tokens)
            header, claims = decoded(tokens["id_token"])
            self.assertIn(
                header["kid"], [key["kid"] for key in json.loads(fetch(self.metadata["jwks_uri"])[2])["keys"]]
            )
            self.assertEqual((claims["iss"], claims["aud"], claims["nonce"]), (self.server.issuer, name, "the nonce"))
            self.assertEqual(claims["at_hash"], left_half(tokens["access_token"]))
            user = json.loads(login.userinfo(tokens["access_token"])[2])
            self.assertEqual(user, {"sub": claims["sub"], **self.server.facts["accounts"]["alice"]})

    def test_what_it_refuses(self):
        login = self.login()
        callback = self.server.authorize(login.url)
        self.assertEqual(login.finish(callback, code_verifier="a" * 43)[0], 403)
        login = self.login()
        callback = self.server.authorize(login.url)
        self.assertEqual(login.finish(callback)[0], 200)
        self.assertEqual(login.finish(callback), (403, {"error": "invalid_code"}))
        plain = self.login(code_challenge=None, code_challenge_method=None)
        self.assertIn("error", members(self.server.authorize(plain.url)))

    def test_refresh_and_revocation(self):
        login = self.login()
        first = login.finish(self.server.authorize(login.url))[1]["refresh_token"]
        status, tokens = login.refresh(first)
        self.assertEqual(status, 200)
        self.assertNotEqual(tokens["refresh_token"], first)
        self.assertEqual(login.post("revocation_endpoint", token=tokens["refresh_token"])[0], 200)
        self.assertEqual(login.refresh(tokens["refresh_token"]), (400, b""))

    def test_form_post(self):
        login = self.login(response_mode="form_post")
        callback = self.server.authorize(login.url)
        self.assertEqual(callback["callback_url"], login.options["redirect_uri"])
        self.assertEqual(login.finish(callback)[0], 200)

    def test_it_ends(self):
        with servers.glewlwyd() as server:
            root = server.facts["root"]
        self.assertRaises(urllib.error.URLError, fetch, root)
