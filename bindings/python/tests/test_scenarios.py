"""The scenarios in tests/scenarios, which every front end must end alike: its README says what they are."""

import os
import pathlib
import re
import subprocess
import sys

import pytest

TESTS = pathlib.Path(__file__).parent
RUN = TESTS.parents[2] / "tests" / "scenarios" / "run.py"


@pytest.mark.parametrize("client", ["blocking", "built-in", "httpx", "aiohttp"])
def test_scenarios(client: str) -> None:
    command = [sys.executable, RUN, "--", sys.executable, TESTS / "agent.py", client]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
    said = ended.stdout + ended.stderr
    if "SKIPPED" in said and os.environ.get("AW_REQUIRE_ALL") != "1":
        pytest.skip(said)
    assert ended.returncode == 0, said
    # The time-outs and proxies of a host's client are its own.
    unsupported = re.findall("^unsupported (.*?):", said, re.MULTILINE)
    assert unsupported == ([] if client in ("blocking", "built-in") else ["http-timeout"])
