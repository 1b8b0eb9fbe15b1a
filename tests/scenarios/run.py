#!/usr/bin/env python3
"""Runs the scenarios against the servers through a front end: tells its agent what to do, and judges the answers.

    tests/scenarios/run.py [--only TEXT] [--list] -- agent...

The agent is a program that reads commands and writes answers, a line each; README.md defines both, and the scenarios. With
--only, the scenarios whose id contains the text are run.
"""

import json
import pathlib
import sys
import time

import player
from player import Failed, servers


class Run(player.Run):
    """One scenario under way."""

    VERBS = (
        *("verify", "verify_cached", "refresh", "new", "export", "import", "close", "save"),
        *("rotate", "become", "down", "up", "cache", "fetches", "sleep"),
    )
    MODIFIERS = ("expect", "timeout", "concurrent", "times", "within", "secrets", "altered", "token")
    MEMBERS = (
        *("id", "about", "server", "behaviour", "listener", "parameters", "discover", "remote", "http", "policy"),
        "steps",
    )

    def __init__(self, document, scenario, agent, oidc, hostile):
        super().__init__(document, scenario, agent)
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
        if "new" not in self.scenario["steps"][0]:
            self.step({"new": {}})
        super().steps()

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
            if took > step.get("within", player.PATIENCE):
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
        allowed = {name: number if isinstance(number, list) else [number] for name, number in expected.items()}
        if any(counted[name] not in numbers for name, numbers in allowed.items()):
            raise Failed(f"the issuer counted {counted}")

    # Helpers.

    def token(self, wishes):
        if isinstance(wishes, str):
            wishes = self.document["tokens"][wishes]
        if "saved" in wishes:
            return self.saved[wishes["saved"]]
        return wishes["text"] if "text" in wishes else self.issuer.token(**self.filled(wishes))

    def secrets(self, step):
        return step.get("secrets", self.document["secrets"])


def scenarios(document):
    """Those of `behaviours`, which all have the same steps, and the others."""
    for behaviour, how in document["behaviours"].items():
        how = how if isinstance(how, dict) else {"expect": how}
        limit = {"within": how["within"]} if "within" in how else {}
        expect, target = how["expect"], behaviour.split("-")[0]
        fetches = {target: how.get("fetches", 1)} if target != behaviour else {"metadata": 1, "jwks": 1}
        yield {
            "id": behaviour,
            "behaviour": behaviour,
            "remote": how.get("remote", {}),
            "steps": [
                {"verify": "good", **limit, "expect": expect},
                {"verify_cached": "good", "expect": expect},
                {"verify": "good", **limit, "expect": expect},
                {"fetches": {"followed": 0, **fetches}},
            ],
        }
    yield from document["scenarios"]


def main():
    document = json.loads((player.HERE / "remote_keys.json").read_text())
    begin = lambda *given: Run(document, *given)
    return player.play(__doc__, document, scenarios, servers.running, begin)


if __name__ == "__main__":
    sys.exit(main())
