"""What the runners of scenarios share: the agent, the steps of a scenario, and how an answer is judged."""

import argparse
import collections
import concurrent.futures
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

# No call takes longer than this: an agent that does hangs.
PATIENCE = 30


class Failed(Exception):
    """A step did not end as the scenario says."""


class Unsupported(Exception):
    """The scenario cannot be played here: a server is missing, say."""


class Declined(Unsupported):
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
            raise Declined(answer["unsupported"])
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
    """One scenario under way. A runner's own class has the verbs, as methods `do_...(value, step)`."""

    VERBS = ()
    MODIFIERS = ()
    MEMBERS = ()

    def __init__(self, document, scenario, agent):
        self.document = document
        self.scenario = {**document["defaults"], **scenario}
        if unknown := set(self.scenario) - set(self.MEMBERS):
            raise Failed(f"unknown members: {unknown}")
        self.agent = agent
        # What `$name` stands for.
        self.names = {}

    def steps(self):
        for number, step in enumerate(self.scenario["steps"], 1):
            try:
                self.step(step)
            except Failed as error:
                raise Failed(f"step {number}, {json.dumps(step)}: {error}") from None

    def step(self, step):
        verbs = [name for name in step if name in self.VERBS]
        if len(verbs) != 1 or set(step) - set(verbs) - set(self.MODIFIERS):
            raise Failed("a step has one verb, and modifiers")
        getattr(self, f"do_{verbs[0]}")(step[verbs[0]], step)

    def filled(self, value):
        """The value with `$issuer` and the like filled in."""
        if isinstance(value, str):
            return string.Template(value).safe_substitute(self.names)
        if isinstance(value, dict):
            return {name: self.filled(member) for name, member in value.items()}
        if isinstance(value, list):
            return [self.filled(member) for member in value]
        return value

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
    if isinstance(expected, str) and expected.endswith("*"):
        return isinstance(found, str) and found.startswith(expected[:-1])
    if isinstance(expected, list):
        pairs = zip(found, expected, strict=False) if isinstance(found, list) else ()
        return isinstance(found, list) and len(found) == len(expected) and all(holds(*pair) for pair in pairs)
    if not isinstance(expected, dict):
        return found == expected and isinstance(found, bool) == isinstance(expected, bool)
    if not isinstance(found, dict):
        return False
    return all(
        found.get(name) is None if value is None else name in found and holds(found[name], value)
        for name, value in expected.items()
    )


def play(about, document, scenarios, running, begin, lane=lambda scenario: 0, agents=Agent):
    """A runner's main function: plays what the command line chooses, and answers the status.

    With `--unsupported id,id` these scenarios, of those that are played, and no others must be answered `unsupported`.

    `running` is a context of the servers; `begin(scenario, agent, *servers)` makes a Run. Scenarios of one `lane` are played
    one after the other, by an agent of their own, which `agents` makes of the command.
    """
    parser = argparse.ArgumentParser(description=about, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="")
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--unsupported", help='exactly these: ids, separated by commas; "" for none')
    parser.add_argument("agent", nargs="*")
    given = parser.parse_args()
    chosen = [scenario for scenario in scenarios(document) if given.only in scenario["id"]]
    if given.list:
        print("\n".join(scenario["id"] for scenario in chosen))
        return 0
    known = {scenario["id"] for scenario in scenarios(document)}
    if unknown := set(filter(None, (given.unsupported or "").split(","))) - known:
        parser.error(f"--unsupported: there is no {', '.join(sorted(unknown))}")
    if not given.agent or not chosen:
        parser.error("name an agent, and scenarios that there are")

    lanes = collections.defaultdict(list)
    for scenario in chosen:
        lanes[lane(scenario)].append(scenario)
    try:
        with running() as up, concurrent.futures.ThreadPoolExecutor(len(lanes)) as pool:
            played = pool.map(
                lambda lane: play_lane(lane, agents(given.agent), lambda *one: begin(*one, *up)), lanes.values()
            )
            outcomes = {name: outcome for lane in played for name, outcome in lane.items()}
    except servers.Unavailable as reason:
        print(f"scenarios: SKIPPED: {reason}", file=sys.stderr)
        return int(os.environ.get("AW_REQUIRE_ALL") == "1")
    counted = collections.Counter(outcomes.values())
    passed, failed, unsupported, missed = (counted[name] for name in ("passed", "FAILED", "unsupported", "not played"))
    print(f"{passed} scenarios ended as they should, {failed} did not, {unsupported} were unsupported")
    if missed:
        print(f"{missed} were not played")
    wrong = set() if given.unsupported is None else misjudged(outcomes, given.unsupported.split(","))
    for name in sorted(wrong):
        print(f"FAILED {name}: {outcomes[name]}, and --unsupported says otherwise")
    return 1 if failed or wrong else 0


def misjudged(outcomes, expected):
    """The scenarios that are unsupported and should not be, or the other way round."""
    played = {name: outcome for name, outcome in outcomes.items() if outcome != "not played"}
    return {name for name, outcome in played.items() if (outcome == "unsupported") != (name in expected)}


def play_lane(scenarios, agent, begin):
    """What became of each: passed, FAILED, unsupported or not played."""
    outcomes = {}
    try:
        for scenario in scenarios:
            outcome, why = "passed", None
            try:
                begin(scenario, agent).steps()
            except Failed as error:
                outcome, why = "FAILED", error
            except Declined as reason:
                outcome, why = "unsupported", reason
            except Unsupported as reason:
                outcome, why = "not played", reason
            outcomes[scenario["id"]] = outcome
            if why is not None:
                print(f"{outcome} {scenario['id']}: {why}", flush=True)
    finally:
        agent.stop()
    return outcomes
