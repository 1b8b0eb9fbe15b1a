"""After a fork: plain, through multiprocessing, and as gunicorn does it with --preload."""

import http.client
import multiprocessing
import os
import pathlib
import re
import signal
import subprocess
import sys
import threading

import pytest
from conftest import ISSUER, NOW

import authwright as aw

APPLICATION = pathlib.Path(__file__).with_name("gunicorn_application.py")


def in_child(work: object) -> None:
    """Runs `work` in a forked child, which must end well."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            work()  # type: ignore[operator]
            code = 0
        finally:
            os._exit(code)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


@pytest.mark.parametrize("alg", ["HS256", "RS256", "ES256", "EdDSA"])
def test_objects_made_before_the_fork(alg: str) -> None:
    key = aw.Key.generate(alg)
    signer, verifier = aw.Signer(key, lifetime=60), aw.Verifier(key)
    token = signer.sign({"sub": "parent"}, NOW)
    verified = verifier.verify(token, NOW)

    def work() -> None:
        assert verified.header["alg"] == alg
        assert verified.claims["sub"] == "parent"
        assert verifier.verify(token, NOW).claims == verified.claims
        assert verifier.verify(signer.sign({"sub": "child"}, NOW), NOW).claims["sub"] == "child"
        with pytest.raises(aw.SignatureInvalidError):
            verifier.verify(aw.Signer(aw.Key.generate(alg), lifetime=60).sign({}, NOW), NOW)

    for _ in range(3):
        in_child(work)
    assert verifier.verify(token, NOW).claims["sub"] == "parent"


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="Python 3.12 warns of a fork while threads run")
def test_a_fork_while_other_threads_verify(verifier: aw.Verifier, token: str) -> None:
    done = threading.Event()

    def work() -> None:
        while not done.is_set():
            verifier.verify(token, NOW)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    try:
        for _ in range(20):
            in_child(lambda: [verifier.verify(token, NOW) for _ in range(100)])
    finally:
        done.set()
        for thread in threads:
            thread.join()


def generated(number: int) -> str:
    return aw.Key.generate("ES256", kid=str(number)).thumbprint() + aw.Key.generate("HS256").thumbprint()


def test_children_draw_different_randomness() -> None:
    with multiprocessing.get_context("fork").Pool(4) as pool:
        keys = pool.map(generated, range(16), chunksize=1)
    assert len(set(keys)) == 16


def test_gunicorn_with_preload(tmp_path: pathlib.Path) -> None:
    pytest.importorskip("gunicorn")
    key = aw.Key.generate("RS256", kid="preloaded")
    keys = tmp_path / "keys.json"
    keys.write_text(aw.KeySet([key]).to_json())
    log = tmp_path / "log"
    command = [sys.executable, "-W", "ignore", "-m", "gunicorn", "--preload", "--workers=2", "--threads=4"]
    command += [
        "--bind=127.0.0.1:0",
        f"--chdir={APPLICATION.parent}",
        "--no-control-socket",
        f"{APPLICATION.stem}:application",
    ]
    with log.open("wb") as output:
        server = subprocess.Popen(
            command, stdout=output, stderr=output, env={**os.environ, "KEYS": str(keys), "HOME": str(tmp_path)}
        )
    try:
        port = listening(server, log)
        signer = aw.Signer(key, issuer=ISSUER, audience="api", lifetime=60)
        workers: set[str] = set()
        lock = threading.Lock()
        failures: list[str] = []

        def client(number: int) -> None:
            for turn in range(25):
                subject = f"{number}-{turn}"
                status, body = get(port, signer.sign({"sub": subject}))
                worker, _, said = body.partition(" ")
                forged = get(port, signer.sign({"sub": subject})[:-8] + "AAAAAAAA")
                with lock:
                    workers.add(worker)
                    if (status, said) != (200, subject) or forged != (401, "ERR_SIGNATURE_INVALID"):
                        failures.append(f"{status} {body} {forged}")

        threads = [threading.Thread(target=client, args=(number,)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert not failures, failures[:3]
        assert 1 <= len(workers) <= 2
        assert str(server.pid) not in workers
    finally:
        server.send_signal(signal.SIGTERM)
        assert server.wait(20) == 0, log.read_text()


def listening(server: "subprocess.Popen[bytes]", log: pathlib.Path) -> int:
    """The port that gunicorn's log names, once it does."""
    for _ in range(300):
        if found := re.search(r"Listening at: http://127\.0\.0\.1:(\d+)", log.read_text()):
            return int(found[1])
        assert server.poll() is None, log.read_text()
        threading.Event().wait(0.1)
    pytest.fail(f"gunicorn did not start: {log.read_text()}")


def get(port: int, token: str) -> tuple[int, str]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        connection.request("GET", "/", headers={"Authorization": f"Bearer {token}"})
        response = connection.getresponse()
        return response.status, response.read().decode()
    finally:
        connection.close()
