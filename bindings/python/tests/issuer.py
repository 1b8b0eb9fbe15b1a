"""An issuer of the tests' own: an HTTP server on 127.0.0.1 that publishes its keys, and can be slow or wrong."""

import collections
import http.server
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import authwright as aw

METADATA = "/.well-known/openid-configuration"


class Issuer:
    """What it publishes, and what it was asked."""

    def __init__(self) -> None:
        self.keys = [aw.Key.generate("ES256")]
        self.delay = 0.0
        self.headers: dict[str, str] = {}
        # Instead of the right answer: a status, headers, a body.
        self.answer: tuple[int, dict[str, str], str] | None = None
        self.requests: list[tuple[str, dict[str, str]]] = []
        self.arrived = threading.Condition()
        handler = type("Handler", (Handler,), {"issuer": self})
        self.server = Server(("127.0.0.1", 0), handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"

    def token(self, **claims: Any) -> str:
        signer = aw.Signer(self.keys[-1], issuer=self.url, audience="api", lifetime=600)
        return signer.sign({"sub": "alice", **claims})

    def rotate(self) -> None:
        self.keys.append(aw.Key.generate("ES256"))

    def fetches(self) -> int:
        """How often the keys were asked for."""
        return collections.Counter(path for path, _ in self.requests)["/jwks"]

    def wait_for(self, requests: int) -> None:
        """Until so many requests have come."""
        with self.arrived:
            assert self.arrived.wait_for(lambda: len(self.requests) >= requests, 10)

    def documents(self) -> dict[str, str]:
        return {
            METADATA: json.dumps({"issuer": self.url, "jwks_uri": f"{self.url}/jwks"}),
            "/jwks": aw.KeySet(self.keys).to_json(),
        }


class Server(http.server.ThreadingHTTPServer):
    # Of 100 that come at once, none is turned away.
    request_queue_size = 128
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """A client that goes away is no error of the test's."""


class Handler(http.server.BaseHTTPRequestHandler):
    issuer: Issuer
    protocol_version = "HTTP/1.1"
    # An answer in one piece: a second one waits for the acknowledgement of the first.
    wbufsize = -1

    def do_GET(self) -> None:
        issuer = self.issuer
        with issuer.arrived:
            issuer.requests.append((self.path, {name.lower(): value for name, value in self.headers.items()}))
            issuer.arrived.notify_all()
        time.sleep(issuer.delay)
        body = issuer.documents().get(self.path)
        status, headers = (404, {}) if body is None else (200, {"Content-Type": "application/json", **issuer.headers})
        if issuer.answer is not None:
            status, headers, body = issuer.answer
        content = (body or "").encode()
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(content))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Says nothing."""


@contextmanager
def running() -> Iterator[Issuer]:
    issuer = Issuer()
    thread = threading.Thread(target=issuer.server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield issuer
    finally:
        issuer.server.shutdown()
        issuer.server.server_close()
        thread.join()
