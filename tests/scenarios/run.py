#!/usr/bin/env python3
"""Runs the scenarios against the servers through a front end: tells its agent what to do, and judges the answers.

    tests/scenarios/run.py [--only TEXT] [--list] -- agent...

The agent is a program that reads commands and writes answers, a line each; README.md defines both, and the scenarios. With
--only, the scenarios whose id contains the text are run.
"""

import argparse
import json
import os
import pathlib
import select
import string
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "servers"))

import servers

VERBS = ("verify", "verify_cached", "refresh", "new", "export", "import", "close", "save")
SERVER_VERBS = ("rotate", "become", "down", "up", "cache", "fetches", "sleep")
MODIFIERS = ("expect", "timeout", "concurrent", "times", "within", "secrets", "altered", "token")
MEMBERS = (
    "id",
    "about",
    "server",
    "behaviour",
    "listener",
    "parameters",
    "discover",
    "remote",
    "http",
    "policy",
    "steps",
)
# No call takes longer than this: an agent that does hangs.
PATIENCE = 30


class Failed(Exception):
    """A step did not end as the scenario says."""


class Unsupported(Exception):
    """The agent says that its front end has no such thing."""


class Agent:
    """The program under test."""

    def __init__(self, command):
        self.command = command
        self.process = None

    def start(self):
        # No proxy of this machine's is asked for 127.0.0.1.
        environment = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
        pipe = subprocess.PIPE
        self.process = subprocess.Popen(self.command, stdin=pipe, stdout=pipe, env=environment, bufsize=0)
        self.heard = b""

    def stop(self):
        if self.process is None:
            return
        self.process.stdin.close()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()
        self.process = None

    def ask(self, *fields):
        """One command, one answer."""
        if self.process is None:
            self.start()
        try:
            self.process.stdin.write("\t".join(fields).encode() + b"\n")
            answer = json.loads(self.line())
        except (OSError, ValueError, Failed) as error:
            self.process.kill()
            self.stop()
            raise Failed(f"{fields[0]}: {error}") from None
        if "unsupported" in answer:
            raise Unsupported(answer["unsupported"])
        return answer

    def line(self):
        until = time.monotonic() + PATIENCE
        while b"\n" not in self.heard:
            ready, _, _ = select.select([self.process.stdout], [], [], max(0, until - time.monotonic()))
            if not ready:
                raise Failed(f"no answer in {PATIENCE} s")
            if not (more := self.process.stdout.read(65536)):
                raise Failed(f"the agent ended with status {self.process.wait()}")
            self.heard += more
        line, _, self.heard = self.heard.partition(b"\n")
        return line


class Run:
    """One scenario under way."""

    def __init__(self, document, scenario, agent, oidc, hostile):
        self.document = document
        self.scenario = {**document["defaults"], **scenario}
        if unknown := set(self.scenario) - set(MEMBERS):
            raise Failed(f"unknown members: {unknown}")
        self.agent = agent
        self.saved = {}
        if self.scenario["server"] == "oidc":
            oidc.reset()
            self.issuer = oidc
            facts = {"issuer": oidc.issuer}
        else:
            listener = self.scenario["listener"]
            self.issuer = hostile.new(self.scenario["behaviour"], listener, **self.scenario["parameters"])
            facts = self.issuer.facts
        self.names = {**facts, **{name: hostile.listeners[name] for name in ("closed", "refused")}}
        for name in ("ca", "client_certificate", "client_key", "untrusted_client_certificate", "untrusted_client_key"):
            self.names[name] = pathlib.Path(hostile.facts[name]).read_text()

    def steps(self):
        steps = self.scenario["steps"]
        if "new" not in steps[0]:
            self.step({"new": {}})
        for number, step in enumerate(steps, 1):
            try:
                self.step(step)
            except Failed as error:
                raise Failed(f"step {number}, {json.dumps(step)}: {error}") from None

    def step(self, step):
        verbs = [name for name in step if name in VERBS + SERVER_VERBS]
        if len(verbs) != 1 or set(step) - set(verbs) - set(MODIFIERS):
            raise Failed("a step has one verb, and modifiers")
        getattr(self, f"do_{verbs[0]}")(step[verbs[0]], step)

    # What the front end does.

    def do_new(self, options, step):
        scenario = self.scenario
        http, policy = (json.dumps(self.filled(scenario[name])) for name in ("http", "policy"))
        if scenario["discover"]:
            answer = self.agent.ask("discover", self.names["issuer"], http, policy)
        else:
            remote = {**self.document["remote"], **scenario["remote"], **options}
            if not {"issuer", "isuer", "jwks_uri"} & set(remote):
                remote["issuer"] = "$issuer"
            answer = self.agent.ask("remote", json.dumps(self.filled(remote)), http, policy)
        self.judge(answer, step.get("expect", {"ok": True}))

    def do_verify(self, token, step):
        timeout = str(round(step.get("timeout", 10) * 1000))
        for _ in range(step.get("times", 1)):
            begun = time.monotonic()
            answer = self.agent.ask("verify", timeout, str(step.get("concurrent", 1)), self.token(token))
            took = time.monotonic() - begun
            answers = answer.get("all", [answer])
            if len(answers) != step.get("concurrent", 1):
                raise Failed(f"{len(answers)} answers")
            for one in answers:
                self.judge(one, step["expect"])
            if took > step.get("within", PATIENCE):
                raise Failed(f"it took {took:.1f} s")

    def do_verify_cached(self, token, step):
        self.judge(self.agent.ask("verify_cached", self.token(token)), step["expect"])

    def do_refresh(self, _, step):
        self.judge(self.agent.ask("refresh"), step["expect"])

    def do_export(self, name, step):
        answer = self.agent.ask("export", self.secrets(step)[0])
        if isinstance(answer.get("ok"), str):
            self.saved[name], answer = answer["ok"], {"ok": True}
        self.judge(answer, step["expect"])

    def do_import(self, name, step):
        state = self.saved[name]
        if step.get("altered"):
            middle = len(state) // 2
            state = state[:middle] + ("A" if state[middle] != "A" else "B") + state[middle + 1 :]
        self.judge(self.agent.ask("import", ",".join(self.secrets(step)), state), step["expect"])

    def do_close(self, _, step):
        self.judge(self.agent.ask("close"), step["expect"])

    # What the test does.

    def do_save(self, name, step):
        self.saved[name] = self.token(step["token"])

    def do_rotate(self, options, _):
        self.issuer.rotate(**options)

    def do_become(self, behaviour, _):
        self.issuer.become(behaviour)

    def do_down(self, *_):
        self.issuer.down()

    def do_up(self, *_):
        self.issuer.up()

    def do_cache(self, options, _):
        self.issuer.cache(**options)

    def do_sleep(self, seconds, _):
        time.sleep(seconds)

    def do_fetches(self, expected, _):
        counted = self.issuer.fetches()
        if any(counted[name] != number for name, number in expected.items()):
            raise Failed(f"the issuer counted {counted}")

    # Helpers.

    def filled(self, value):
        """The value with `$issuer` and the like filled in."""
        if isinstance(value, str):
            return string.Template(value).safe_substitute(self.names)
        if isinstance(value, dict):
            return {name: self.filled(member) for name, member in value.items()}
        return value

    def token(self, wishes):
        if isinstance(wishes, str):
            wishes = self.document["tokens"][wishes]
        if "saved" in wishes:
            return self.saved[wishes["saved"]]
        return wishes["text"] if "text" in wishes else self.issuer.token(**self.filled(wishes))

    def secrets(self, step):
        return step.get("secrets", self.document["secrets"])

    def judge(self, answer, expected):
        if isinstance(expected, str):
            expected = self.document["endings"][expected]
        expected = self.filled(expected)
        if "ok" in expected:
            fits = "ok" in answer and holds(answer["ok"], expected["ok"])
        else:
            fits = "error" in answer and holds(answer["error"], expected)
        if not fits:
            raise Failed(f"expected {json.dumps(expected)}, got {json.dumps(answer)}")


def holds(found, expected):
    """Whether what was found has every member that is expected; null is a member that must not be there."""
    if not isinstance(expected, dict):
        return found == expected
    if not isinstance(found, dict):
        return False
    return all(
        found.get(name) is None if value is None else name in found and holds(found[name], value)
        for name, value in expected.items()
    )


def scenarios(document):
    """Those of `behaviours`, which all have the same steps, and the others."""
    for behaviour, how in document["behaviours"].items():
        how = how if isinstance(how, dict) else {"expect": how}
        limit = {"within": how["within"]} if "within" in how else {}
        expect, target = how["expect"], behaviour.split("-")[0]
        yield {
            "id": behaviour,
            "behaviour": behaviour,
            "remote": how.get("remote", {}),
            "steps": [
                {"verify": "good", **limit, "expect": expect},
                {"verify_cached": "good", "expect": expect},
                {"verify": "good", **limit, "expect": expect},
                {"fetches": {"followed": 0, **({target: 1} if target != behaviour else {"metadata": 1, "jwks": 1})}},
            ],
        }
    yield from document["scenarios"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="")
    parser.add_argument("--list", action="store_true")
    parser.add_argument("agent", nargs="*")
    given = parser.parse_args()
    document = json.loads((HERE / "remote_keys.json").read_text())
    chosen = [scenario for scenario in scenarios(document) if given.only in scenario["id"]]
    if given.list:
        print("\n".join(scenario["id"] for scenario in chosen))
        return 0
    if not given.agent or not chosen:
        parser.error("name an agent, and scenarios that there are")

    agent = Agent(given.agent)
    failed, unsupported = [], []
    try:
        with servers.running() as (oidc, hostile):
            for scenario in chosen:
                try:
                    Run(document, scenario, agent, oidc, hostile).steps()
                except Failed as error:
                    failed.append(scenario["id"])
                    print(f"FAILED {scenario['id']}: {error}", flush=True)
                except Unsupported as reason:
                    unsupported.append(scenario["id"])
                    print(f"unsupported {scenario['id']}: {reason}", flush=True)
    except servers.Unavailable as reason:
        print(f"scenarios: SKIPPED: {reason}", file=sys.stderr)
        return int(os.environ.get("AW_REQUIRE_ALL") == "1")
    finally:
        agent.stop()
    passed = len(chosen) - len(failed) - len(unsupported)
    print(f"{passed} scenarios ended as they should, {len(failed)} did not, {len(unsupported)} were unsupported")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
