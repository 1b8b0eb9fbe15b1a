"""The scenarios in tests/scenarios, which every front end must end alike: its README says what they are."""

import os
import pathlib
import re
import subprocess
import sys

import pytest

TESTS = pathlib.Path(__file__).parent
SCENARIOS = TESTS.parents[2] / "tests" / "scenarios"


def unsupported(runner: str, client: str) -> set[str]:
    """Plays the scenarios: those that the client cannot do."""
    command = [sys.executable, SCENARIOS / runner, "--", sys.executable, TESTS / "agent.py", client]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
    said = ended.stdout + ended.stderr
    if "SKIPPED" in said and os.environ.get("AW_REQUIRE_ALL") != "1":
        pytest.skip(said)
    assert ended.returncode == 0, said
    return set(re.findall("^unsupported (.*?):", said, re.MULTILINE))


@pytest.mark.parametrize("client", ["blocking", "built-in", "httpx", "aiohttp"])
def test_scenarios(client: str) -> None:
    # The time-outs and proxies of a host's client are its own.
    assert unsupported("run.py", client) == (set() if client in ("blocking", "built-in") else {"http-timeout"})


@pytest.mark.parametrize("client", ["blocking", "built-in", "httpx", "aiohttp"])
def test_scenarios_of_logins(client: str) -> None:
    # Threads are not cancelled, and of a host's client nobody knows which certificate it has.
    certificates = {"oidc-client-tls_client_auth", "oidc-client-self_signed_tls_client_auth", "oidc-wrong-certificate"}
    lacking = {"blocking": {"manager-cancelled"}, "built-in": set(), "httpx": certificates, "aiohttp": certificates}
    assert unsupported("run_logins.py", client) == lacking[client]


@pytest.mark.parametrize("client", ["blocking", "built-in"])
def test_scenarios_of_api_keys(client: str) -> None:
    assert unsupported("run_api_keys.py", client) == set()
