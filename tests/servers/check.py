#!/usr/bin/env python3
"""Checks that the servers do what they say: a test that passes because its server is broken proves nothing.

tests/servers/check.py
"""

import base64
import gzip
import http.client
import json
import os
import re
import socket
import ssl
import struct
import subprocess
import sys
import time
import unittest
import urllib.error
import urllib.parse
import urllib.request
import zlib

import check_logins
import servers
from fetching import decoded, fetch, opener

MEBIBYTE = 1 << 20
OPENID = "/.well-known/openid-configuration"


def raw(url, seconds=1.0, most=4 * MEBIBYTE):
    """What comes over the wire until the end, for some seconds or bytes, and how it ended."""
    parts = urllib.parse.urlsplit(url)
    heard = bytearray()
    until = time.monotonic() + seconds
    with socket.create_connection((parts.hostname, parts.port)) as connection:
        try:
            connection.sendall(
                f"GET {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\nAccept-Encoding: gzip\r\n\r\n".encode()
            )
            while time.monotonic() < until and len(heard) < most:
                connection.settimeout(max(0.01, until - time.monotonic()))
                if not (more := connection.recv(65536)):
                    return bytes(heard), "end"
                heard += more
        except TimeoutError:
            return bytes(heard), "silence"
        except ConnectionError:
            return bytes(heard), "reset"
    # What drips may come in the very moment when the time is over.
    return bytes(heard), "more" if len(heard) >= most else "silence"


class Hostile(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = cls.enterClassContext(servers.hostile())

    def both(self, fault, **parameters):
        """Both targets of a fault, each as its issuer and the URL that misbehaves."""
        for target in ("metadata", "jwks"):
            issuer = self.server.new(f"{target}-{fault}", **parameters)
            good = issuer.jwks_uri if target == "metadata" else issuer.metadata_url
            self.assertEqual(fetch(good)[0], 200, "the other document must be right")
            with self.subTest(f"{target}-{fault}"):
                yield issuer, issuer.metadata_url if target == "metadata" else issuer.jwks_uri

    def document(self, behaviour):
        issuer = self.server.new(behaviour)
        url = issuer.metadata_url if behaviour.startswith("metadata") else issuer.jwks_uri
        status, _, body = fetch(url)
        self.assertEqual(status, 200)
        return issuer, json.loads(body), len(body)

    def test_good(self):
        issuer = self.server.new()
        _, headers, body = fetch(issuer.metadata_url)
        metadata = json.loads(body)
        self.assertEqual(metadata["issuer"], issuer.issuer)
        self.assertEqual(headers["Content-Type"], "application/json")
        _, headers, body = fetch(metadata["jwks_uri"])
        self.assertEqual(headers["Content-Type"], "application/jwk-set+json")
        self.assertEqual(json.loads(body), issuer.jwks())
        header, claims = decoded(issuer.token())
        self.assertEqual(header["kid"], issuer.jwks()["keys"][0]["kid"])
        self.assertEqual((claims["iss"], claims["aud"], claims["sub"]), (issuer.issuer, "api", "alice"))
        self.assertEqual(fetch(issuer.issuer)[0], 404)
        expected = {"metadata": 1, "oauth_metadata": 0, "jwks": 1, "other": 1, "not_modified": 0, "followed": 0}
        self.assertEqual(issuer.fetches(), expected)
        self.assertEqual(issuer.requests()[0]["url"], urllib.parse.urlsplit(issuer.metadata_url).path)

    def test_a_name_alone_is_an_issuer_too(self):
        self.assertEqual(fetch(f"{self.server.facts['url']}/jwks-empty/jwks")[2], b"")
        answer = servers.call(self.server.control, "GET", "/fetches", behaviour="jwks-empty")
        self.assertEqual(answer["jwks"], 1)
        self.assertEqual(fetch(f"{self.server.facts['url']}/no-such/jwks")[0], 404)
        for path in ("/fetches", "/token"):
            with self.assertRaises(ValueError):
                servers.call(self.server.control, "GET", path, behaviour="no-such")

    def test_rotation_and_who_signs(self):
        issuer = self.server.new()
        first = issuer.jwks()["keys"][0]["kid"]
        second = issuer.rotate()
        self.assertEqual([key["kid"] for key in issuer.jwks()["keys"]], [first, second])
        kids = [decoded(issuer.token(key=key))[0]["kid"] for key in ("current", "previous", "forged", "unpublished")]
        self.assertEqual(kids[:3], [second, first, second])
        self.assertNotIn(kids[3], (first, second))
        third = issuer.rotate(drop=True, alg="RS256")
        self.assertEqual([key["kid"] for key in issuer.jwks()["keys"]], [third])
        header, claims = decoded(issuer.token(kid="other", exp=-60, sub="bob"))
        self.assertEqual((header["kid"], header["alg"], claims["sub"]), ("other", "RS256", "bob"))
        self.assertLess(claims["exp"], time.time())

    def test_become(self):
        issuer = self.server.new()
        issuer.become("jwks-status-503")
        self.assertEqual(fetch(issuer.jwks_uri)[0], 503)
        issuer.become("good", cache_control="max-age=60")
        self.assertEqual(fetch(issuer.jwks_uri)[1]["Cache-Control"], "max-age=60")

    def test_etag(self):
        issuer = self.server.new(etag=1, age=7)
        status, headers, _ = fetch(issuer.jwks_uri)
        self.assertEqual((status, headers["Age"]), (200, "7"))
        status, again, body = fetch(issuer.jwks_uri, **{"If-None-Match": headers["ETag"]})
        self.assertEqual((status, again["ETag"], body), (304, headers["ETag"], b""))
        issuer.rotate()
        self.assertEqual(fetch(issuer.jwks_uri, **{"If-None-Match": headers["ETag"]})[0], 200)
        self.assertEqual(issuer.fetches()["not_modified"], 1)

    def test_endless(self):
        for _, url in self.both("endless"):
            self.assertEqual(raw(url, 10, 64 * MEBIBYTE)[1], "more")

    def test_large(self):
        for _, url in self.both("large"):
            _, headers, body = fetch(url)
            self.assertEqual((len(body), int(headers["Content-Length"])), (64 * MEBIBYTE, 64 * MEBIBYTE))
            json.loads(body)
        for _, url in self.both("large-chunked"):
            _, headers, body = fetch(url)
            self.assertGreater(len(body), 64 * MEBIBYTE)
            self.assertIsNone(headers["Content-Length"])

    def test_gzip(self):
        for _, url in self.both("bomb"):
            _, headers, body = fetch(url)
            self.assertEqual((headers["Content-Encoding"], headers["Content-Length"]), ("gzip", None))
            self.assertLess(len(body), 2 * MEBIBYTE)
        size, unpack = 0, zlib.decompressobj(31)
        for start in range(0, len(body), 4096):
            size += len(unpack.decompress(body[start : start + 4096]))
        self.assertTrue(unpack.eof, "the checksum at the end fits")
        self.assertEqual(size, 1200 * MEBIBYTE)
        for _, url in self.both("bomb-small"):
            body = fetch(url)[2]
            self.assertLess(len(body), MEBIBYTE // 16)
            self.assertEqual(len(gzip.decompress(body)), 16 * MEBIBYTE)
        for _, url in self.both("gzip"):
            self.assertIsNone(fetch(url)[1]["Content-Encoding"])
            _, headers, body = fetch(url, **{"Accept-Encoding": "br, gzip"})
            self.assertEqual(headers["Content-Encoding"], "gzip")
            json.loads(gzip.decompress(body))

    def test_time(self):
        for _, url in self.both("drip"):
            heard, end = raw(url, 1)
            self.assertEqual(end, "silence")
            self.assertIn(b"200 OK", heard)
            self.assertLess(len(heard.partition(b"\r\n\r\n")[2]), 12 * len("1\r\n{\r\n"))
        for _, url in self.both("drip-headers"):
            heard, end = raw(url, 1)
            self.assertEqual(end, "silence")
            self.assertRegex(heard, rb"X-Endless: a{5,12}$")
        for _, url in self.both("silent"):
            self.assertEqual(raw(url, 0.5), (b"", "silence"))
        for _, url in self.both("slow", ms=400):
            before = time.monotonic()
            self.assertEqual(fetch(url)[0], 200)
            self.assertGreater(time.monotonic() - before, 0.39)

    def test_types(self):
        types = {"html": "text/html; charset=utf-8", "plain": "text/plain", "octets": "application/octet-stream"}
        for name, expected in {**types, "none": None}.items():
            for _, url in self.both(f"type-{name}"):
                status, headers, body = fetch(url)
                self.assertEqual((status, headers["Content-Type"]), (200, expected))
                json.loads(body)
        for _, url in self.both("html"):
            self.assertRaises(ValueError, json.loads, fetch(url)[2])

    def test_statuses(self):
        for status in (400, 401, 404, 429, 500, 503):
            for _, url in self.both(f"status-{status}"):
                got, headers, body = fetch(url)
                self.assertEqual(got, status)
                self.assertEqual(headers["Retry-After"], "120" if status in (429, 503) else None)
                self.assertEqual(json.loads(body)["error"], "server_error")
        for _, url in self.both("status-500-html"):
            self.assertEqual(fetch(url)[1]["Content-Type"], "text/html")
        for _, url in self.both("status-201"):
            status, _, body = fetch(url)
            self.assertEqual(status, 201)
            json.loads(body)
        for status in (204, 304):
            for _, url in self.both(f"status-{status}"):
                self.assertEqual(fetch(url)[::2], (status, b""))

    def test_redirects_lead_to_where_all_is_well(self):
        for fault, status in {"redirect": 302, "redirect-301": 301, "redirect-307": 307, "redirect-308": 308}.items():
            for issuer, url in self.both(fault):
                got, headers, _ = fetch(url)
                self.assertEqual(got, status)
                document = json.loads(fetch(headers["Location"])[2])
                self.assertIn(document.get("issuer"), (issuer.issuer, None))
                self.assertEqual(issuer.fetches()["followed"], 1)

    def test_json(self):
        for _, url in self.both("empty"):
            self.assertEqual(fetch(url)[::2], (200, b""))
        for fault in ("invalid", "trailing"):
            for _, url in self.both(f"json-{fault}"):
                self.assertRaises(ValueError, json.loads, fetch(url)[2])
        for _, url in self.both("json-array"):
            self.assertIsInstance(json.loads(fetch(url)[2]), list)
        for _, url in self.both("json-duplicate"):
            names = [name for name, _ in json.loads(fetch(url)[2], object_pairs_hook=list)]
            self.assertGreater(len(names), len(set(names)))
        for _, url in self.both("json-deep"):
            body = fetch(url)[2]
            self.assertLess(len(body), MEBIBYTE)
            self.assertRaises(RecursionError, json.loads, body)
        for _, url in self.both("json-utf8"):
            self.assertRaises(UnicodeDecodeError, fetch(url)[2].decode)

    def test_connections(self):
        for _, url in self.both("closed"):
            self.assertEqual(raw(url)[0], b"")
        for _, url in self.both("reset"):
            heard, end = raw(url)
            announced = int(re.search(rb"Content-Length: (\d+)", heard)[1])
            self.assertEqual((len(heard.partition(b"\r\n\r\n")[2]), end), (announced // 2, "reset"))
        for _, url in self.both("truncated"):
            self.assertRaises(http.client.IncompleteRead, fetch, url)
        for _, url in self.both("garbage"):
            self.assertTrue(raw(url)[0].startswith(b"SSH-"))
        for _, url in self.both("chunk-bad"):
            self.assertRaises(http.client.IncompleteRead, fetch, url)
        for _, url in self.both("headers-large"):
            self.assertIn(b"a" * MEBIBYTE, raw(url)[0])
        for _, url in self.both("headers-endless"):
            heard, end = raw(url, 10, 8 * MEBIBYTE)
            self.assertEqual((end, heard.count(b"\r\n\r\n")), ("more", 0))
        for _, url in self.both("then-closed"):
            heard, end = raw(url)
            self.assertIn(b"Connection: keep-alive", heard)
            self.assertEqual(end, "end")

    def test_metadata(self):
        wrong = {
            "wrong-issuer": ("issuer", "https://other.example"),
            "issuer-number": ("issuer", 1),
            "no-issuer": ("issuer", None),
            "no-jwks-uri": ("jwks_uri", None),
            "jwks-uri-null": ("jwks_uri", None),
            "jwks-uri-number": ("jwks_uri", 1),
            "jwks-uri-empty": ("jwks_uri", ""),
            "jwks-uri-relative": ("jwks_uri", "/jwks"),
            "jwks-uri-http": ("jwks_uri", "http://jwks.example/"),
            "jwks-uri-file": ("jwks_uri", "file:///etc/passwd"),
        }
        for fault, (member, value) in wrong.items():
            with self.subTest(fault):
                _, document, _ = self.document(f"metadata-{fault}")
                self.assertEqual(document.get(member), value)
        self.assertNotIn("jwks_uri", self.document("metadata-no-jwks-uri")[1])
        issuer, document, _ = self.document("metadata-issuer-slash")
        self.assertEqual(document["issuer"], f"{issuer.issuer}/")
        issuer, document, _ = self.document("metadata-issuer-case")
        self.assertEqual(document["issuer"].lower(), issuer.issuer)
        self.assertIn("user:password@127", self.document("metadata-jwks-uri-user")[1]["jwks_uri"])
        self.assertTrue(self.document("metadata-jwks-uri-fragment")[1]["jwks_uri"].endswith("/jwks#keys"))

    def test_key_sets(self):
        _, document, size = self.document("jwks-many")
        self.assertEqual(len(document["keys"]), 100_000)
        self.assertGreater(size, MEBIBYTE)
        _, document, size = self.document("jwks-thousands")
        self.assertEqual(len(document["keys"]), 5000)
        self.assertLess(size, MEBIBYTE)
        self.assertEqual(len(self.document("jwks-beside-many")[1]["keys"]), 901)
        self.assertEqual(self.document("jwks-none")[1], {"keys": []})
        self.assertEqual(self.document("jwks-null")[1], {"keys": None})
        big = self.document("jwks-big")[1]["keys"][0]["n"]
        self.assertEqual(len(base64.urlsafe_b64decode(big + "==")) * 8, 16384)
        first, second = self.document("jwks-duplicated")[1]["keys"]
        self.assertEqual(first, second)
        first, second = self.document("jwks-same-kid")[1]["keys"]
        self.assertEqual(first["kid"], second["kid"])
        self.assertNotEqual(first["x"], second["x"])
        self.assertNotIn("kid", self.document("jwks-no-kid")[1]["keys"][0])
        self.assertEqual({key["kty"] for key in self.document("jwks-unknown-kty")[1]["keys"]}, {"XYZ"})
        issuer, document, _ = self.document("jwks-oct")
        self.assertEqual([key["kty"] for key in document["keys"]], ["oct"])
        self.assertEqual(decoded(issuer.token(key="oct"))[0]["alg"], "HS256")
        self.assertEqual([key["kty"] for key in self.document("jwks-beside-oct")[1]["keys"]], ["oct", "EC"])
        self.assertIn("d", self.document("jwks-private")[1]["keys"][0])
        self.assertEqual(len(self.document("jwks-private-many")[1]["keys"]), 17)
        self.assertEqual(self.document("jwks-for-encryption")[1]["keys"][0]["use"], "enc")
        issuer, document, _ = self.document("jwks-mixed")
        self.assertIn(issuer.jwks()["keys"][0], document["keys"])
        self.assertEqual(self.document("jwks-not-a-set")[1]["kty"], "EC")
        self.assertIn("BEGIN CERTIFICATE", self.document("jwks-pem-map")[1]["key-1"])

    def test_where_metadata_is(self):
        issuer = self.server.new("oauth-metadata")
        self.assertEqual(json.loads(fetch(issuer.metadata_url)[2])["issuer"], issuer.issuer)
        self.assertEqual(fetch(issuer.issuer + OPENID)[0], 404)
        self.assertEqual(issuer.fetches()["oauth_metadata"], 1)
        good = self.server.new()
        self.assertEqual(fetch(good.issuer.replace("/good/", "/.well-known/oauth-authorization-server/good/"))[0], 404)

    def test_microsoft(self):
        issuer = self.server.new("ms-template")
        tenant, consumers = issuer.facts["tenant"], issuer.facts["consumers"]
        base = issuer.facts["base"]
        self.assertEqual(issuer.issuer, f"{base}/common/v2.0")
        template = f"{base}/{{tenantid}}/v2.0"
        self.assertEqual(json.loads(fetch(issuer.metadata_url)[2])["issuer"], template)
        fixed = json.loads(fetch(f"{base}/{tenant}/v2.0{OPENID}")[2])
        self.assertEqual(fixed["issuer"], f"{base}/{tenant}/v2.0")
        keys = json.loads(fetch(issuer.jwks_uri)[2])["keys"]
        self.assertEqual([key["issuer"] for key in keys], [template, f"{base}/{consumers}/v2.0"])
        header, claims = decoded(issuer.token())
        self.assertEqual(
            (header["kid"], claims["tid"], claims["iss"]), (keys[0]["kid"], tenant, f"{base}/{tenant}/v2.0")
        )
        header, claims = decoded(issuer.token(key="consumers", tid=consumers))
        self.assertEqual((header["kid"], claims["iss"]), (keys[1]["kid"], f"{base}/{consumers}/v2.0"))

    def test_tls(self):
        trusting = ssl.create_default_context(cafile=self.server.ca)
        self.assertEqual(fetch(self.server.new(listener="https").jwks_uri, trusting)[0], 200)
        metadata = json.loads(fetch(self.server.new(listener="https").metadata_url, trusting)[2])
        self.assertTrue(metadata["jwks_uri"].startswith("https://127.0.0.1:"))
        reasons = {"wrong_name": "IP address mismatch", "expired": "expired", "untrusted": "unable to get local issuer"}
        for listener, reason in reasons.items():
            with self.subTest(listener), self.assertRaisesRegex(urllib.error.URLError, reason):
                fetch(self.server.new(listener=listener).jwks_uri, trusting)
        with self.assertRaisesRegex(urllib.error.URLError, "CERTIFICATE_VERIFY_FAILED"):
            fetch(self.server.new(listener="https").jwks_uri)
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            known = ssl.create_default_context(cafile=self.server.ca)
            known.minimum_version = known.maximum_version = version
            url = self.server.new(listener="client_certificate").jwks_uri
            self.assertRaises(OSError, fetch, url, known)
            facts = self.server.facts
            known.load_cert_chain(facts["client_certificate"], facts["client_key"])
            self.assertEqual(fetch(url, known)[0], 200)
            known.load_cert_chain(facts["untrusted_client_certificate"], facts["untrusted_client_key"])
            self.assertRaises(OSError, fetch, url, known)

    def test_faults_over_tls(self):
        trusting = ssl.create_default_context(cafile=self.server.ca)
        for fault in ("closed", "reset", "truncated", "garbage"):
            url = self.server.new(f"jwks-{fault}", listener="https").jwks_uri
            with self.subTest(fault), self.assertRaises((OSError, http.client.HTTPException)):
                fetch(url, trusting)
        self.assertEqual(fetch(self.server.new(listener="https").jwks_uri, trusting)[0], 200)

    def test_connections_that_are_not_made(self):
        self.assertEqual(raw(f"{self.server.listeners['closed']}/")[0], b"")
        self.assertRaises(ConnectionRefusedError, raw, f"{self.server.listeners['refused']}/")

    def test_every_behaviour_can_be_made(self):
        names = self.server.behaviours()
        self.assertGreater(len(names), 100)
        for name in names:
            self.server.new(name)
        for name in (
            "none",
            "jwks",
            "jwks-",
            "metadata-none",
            "jwks-wrong-issuer",
            "jwks-status-x",
            "jwks-toString",
            "",
        ):
            with self.subTest(name), self.assertRaises(ValueError):
                self.server.new(name)

    def test_a_client_that_goes_away_does_no_harm(self):
        for fault in (
            "endless",
            "large",
            "large-chunked",
            "bomb",
            "headers-endless",
            "drip",
            "silent",
            "slow",
            "reset",
        ):
            url = self.server.new(f"jwks-{fault}").jwks_uri
            parts = urllib.parse.urlsplit(url)
            with socket.create_connection((parts.hostname, parts.port)) as connection:
                connection.sendall(f"GET {parts.path} HTTP/1.1\r\nHost: h\r\n\r\n".encode())
                connection.settimeout(0.2)
                try:
                    connection.recv(1)
                except TimeoutError:
                    pass
                # RST instead of FIN.
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        time.sleep(0.3)
        self.assertEqual(fetch(self.server.new().jwks_uri)[0], 200)


class Oidc(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        try:
            cls.server = cls.enterClassContext(servers.oidc_provider())
        except servers.Unavailable as reason:
            raise unittest.SkipTest(str(reason)) from None

    def setUp(self):
        self.server.reset()

    def published(self):
        metadata = json.loads(fetch(self.server.issuer + OPENID)[2])
        self.assertEqual(metadata["issuer"], self.server.issuer)
        return [key["kid"] for key in json.loads(fetch(metadata["jwks_uri"])[2])["keys"]]

    def test_tokens(self):
        header, claims = decoded(self.server.token())
        self.assertEqual((header["alg"], header["typ"]), ("ES256", "at+jwt"))
        self.assertEqual([header["kid"]], self.published())
        self.assertEqual((claims["iss"], claims["aud"], claims["sub"]), (self.server.issuer, "api", "demo"))
        self.assertEqual(claims["scope"], "read")
        self.assertLess(decoded(self.server.token(exp=-60))[1]["exp"], time.time())
        self.assertNotIn(decoded(self.server.token(key="unpublished"))[0]["kid"], self.published())

    def test_its_own_token_endpoint(self):
        facts = self.server.facts
        credentials = ":".join(urllib.parse.quote_plus(facts[name]) for name in ("client_id", "client_secret"))
        request = urllib.request.Request(
            f"{self.server.issuer}/token",
            data=b"grant_type=client_credentials&scope=read",
            headers={"Authorization": f"Basic {base64.b64encode(credentials.encode()).decode()}"},
        )
        with opener().open(request) as answer:
            self.assertEqual(decoded(json.load(answer)["access_token"])[1]["aud"], "api")

    def test_rotation(self):
        first = self.published()[0]
        for alg in ("ES256", "RS256", "EdDSA"):
            kid = self.server.rotate(alg=alg)
            header = decoded(self.server.token())[0]
            self.assertEqual((header["kid"], header["alg"]), (kid, alg))
        self.assertEqual(len(self.published()), 4)
        self.assertEqual(self.published()[0], first)
        self.assertEqual([self.server.rotate(drop=True)], self.published())

    def test_down_and_up(self):
        old = self.published()
        port = urllib.parse.urlsplit(self.server.issuer).port
        for _ in range(2):
            self.server.down()
        self.assertRaises(ConnectionRefusedError, socket.create_connection, ("127.0.0.1", port))
        self.server.token()
        kid = self.server.rotate()
        for _ in range(2):
            self.server.up()
        self.assertEqual(self.published(), [*old, kid])

    def test_counts_and_caching(self):
        self.assertEqual(self.server.fetches(), {"metadata": 0, "jwks": 0})
        self.published()
        self.server.jwks()
        self.server.token()
        self.assertEqual(self.server.fetches(), {"metadata": 1, "jwks": 1})
        self.assertIsNone(fetch(f"{self.server.issuer}/jwks")[1]["Cache-Control"])
        self.server.cache(max_age=90)
        self.assertEqual(fetch(f"{self.server.issuer}/jwks")[1]["Cache-Control"], "public, max-age=90")
        self.server.cache()
        self.assertIsNone(fetch(f"{self.server.issuer}/jwks")[1]["Cache-Control"])


class Ending(unittest.TestCase):
    """No server outlives its test."""

    def start(self):
        pipe = subprocess.PIPE
        process = subprocess.Popen(["node", servers.HERE / "hostile.mjs"], stdin=pipe, stdout=pipe)
        self.addCleanup(process.stdout.close)
        folder = os.path.dirname(json.loads(process.stdout.readline())["ca"])
        self.assertTrue(os.path.isdir(folder))
        return process, folder

    def test_with_stdin(self):
        process, folder = self.start()
        process.stdin.close()
        self.assertEqual(process.wait(5), 0)
        self.assertFalse(os.path.exists(folder))

    def test_with_sigterm(self):
        process, folder = self.start()
        process.terminate()
        self.assertEqual(process.wait(5), 0)
        process.stdin.close()
        self.assertFalse(os.path.exists(folder))

    def test_the_command_line(self):
        script = [sys.executable, servers.HERE / "servers.py", "run", "--"]
        program = "import json,os; print(sorted(json.loads(os.environ['AW_TEST_SERVERS']))); raise SystemExit(3)"
        done = subprocess.run([*script, sys.executable, "-c", program], capture_output=True, text=True, check=False)
        self.assertEqual((done.returncode, done.stdout.strip()), (3, "['hostile', 'oidc']"))
        script.insert(-1, "--login")
        done = subprocess.run([*script, sys.executable, "-c", program], capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 3)
        self.assertLessEqual({"login", "quirks"}, set(re.findall(r"\w+", done.stdout)))


def load_tests(loader, standard, _pattern):
    standard.addTests(loader.loadTestsFromModule(check_logins))
    return standard


if __name__ == "__main__":
    unittest.main()
