"""The examples that serve, as somebody runs them who has read what stands at their top."""

import base64
import json
import os
import pathlib
import subprocess
import sys
import urllib.error
import urllib.request

import authwright as aw

FLASK = pathlib.Path(__file__).parents[3] / "examples" / "python" / "api_keys_flask.py"
PEPPER = bytes(range(32))


def status(url: str, header: tuple[str, str] | None = None, method: str = "GET") -> tuple[int, str, bytes]:
    """The status, WWW-Authenticate and the body of an answer."""
    request = urllib.request.Request(url, headers=dict([header] if header else []), method=method)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, "", answer.read()
    except urllib.error.HTTPError as refused:
        with refused:
            return refused.code, refused.headers.get("WWW-Authenticate", ""), refused.read()


def test_api_keys_on_flask(tmp_path: pathlib.Path) -> None:
    environment = {**os.environ, "PEPPER": base64.b64encode(PEPPER).decode(), "PORT": "0"}
    run = [sys.executable, "-W", "ignore", str(FLASK)]
    command = [*run, "issue", "billing-service", "invoices:read"]
    issued = subprocess.run(command, env=environment, cwd=tmp_path, capture_output=True, text=True, check=True)
    secret = issued.stdout.strip()
    assert (tmp_path / "keys.db").exists()
    with subprocess.Popen(
        run, env=environment, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as server:
        try:
            assert server.stdout is not None
            url = json.loads(server.stdout.readline())["url"] + "/invoices"
            for header in (("Authorization", f"Bearer {secret}"), ("X-API-Key", secret)):
                code, _, body = status(url, header)
                assert (code, json.loads(body)) == (200, {"owner": "billing-service", "invoices": []})
            for wrong in (
                None,
                ("Authorization", f"Bearer {secret}x"),
                ("Authorization", "Basic eA=="),
                ("X-API-Key", ""),
            ):
                code, challenge, body = status(url, wrong)
                assert (code, challenge, json.loads(body)) == (401, "Bearer", {"error": "ERR_API_KEY_INVALID"})
            code, _, body = status(url, ("Authorization", f"bearer {secret}"), "DELETE")
            assert (code, json.loads(body)) == (403, {"error": "ERR_API_KEY_SCOPE", "scope": "invoices:write"})
            # Another process shares what the example keeps, under the same pepper.
            with aw.ApiKeys(
                f"sqlite:{tmp_path / 'keys.db'}", prefix="acme", environment="live", peppers=PEPPER
            ) as keys:
                keys.revoke(keys.verify(secret).id)
            code, _, body = status(url, ("X-API-Key", secret))
            assert (code, json.loads(body)) == (401, {"error": "ERR_API_KEY_REVOKED"})
        finally:
            server.terminate()
