#!/usr/bin/env python3
"""Runs the scenarios of API keys through a front end, on each kind of store.

    tests/scenarios/run_api_keys.py [--only TEXT] [--list] -- agent... [--with another-agent...]...

README.md defines the agents' commands, and the scenarios of api_keys.json. With --only, the scenarios whose id contains the
text are run. With several agents each call is the next one's, so that what one has issued the others verify.
"""

import base64
import contextlib
import hashlib
import itertools
import json
import os
import pathlib
import random
import re
import socket
import sqlite3
import string
import sys
import tempfile
import time
import urllib.parse
import zlib

import player

# `player` has put its folder on the path.
import redis_server
from player import Failed, Unsupported, servers

# What is told of a key, and nothing else.
KEY_MEMBERS = {
    *("id", "owner", "scopes", "metadata", "created_at", "expires_at", "revoked_at", "rotated_at", "last_used_at"),
    "last4",
}
# What stays as it was issued.
LASTING = ("owner", "scopes", "metadata", "created_at", "last4")
BASE62 = string.digits + string.ascii_uppercase + string.ascii_lowercase

# How a record is kept on a Redis server.
FIELDS = {b"v": "version", b"d": "value", b"o": "owner", b"e": "expires_at"}


class Run(player.Run):
    """One scenario under way, on one kind of store."""

    VERBS = (
        *("store", "keys", "issue", "verify", "get", "list", "walk", "rotate", "revoke", "revoke_all", "import"),
        *("well_formed", "pattern", "sweep", "check", "close"),
        *("owners", "file", "unchanged", "alter", "heal", "kept", "lock", "sleep"),
    )
    MODIFIERS = (
        *("expect", "as", "of", "with", "url", "peppers", "scopes", "now", "after", "limit", "text", "within", "times"),
    )
    MEMBERS = ("id", "about", "stores", "kind", "mixed", "store", "keys", "peppers", "steps", "number")

    def __init__(self, document, scenario, agent, folder, redis):
        super().__init__(document, scenario, agent)
        self.kind = self.scenario["kind"]
        self.begun = int(time.time())
        self.folder, self.redis = folder, redis
        if self.kind == "redis" and redis is None:
            raise Unsupported("there is no redis-server")
        # Names are of this scenario alone: agents keep what they have made.
        self.mark = f"s{self.scenario['number']}"
        self.file = folder / f"{self.mark}.db"
        self.opened, self.records = [], None
        # Prefix and environment of keys by name; what was told of each key, and its record before it was altered, by its id.
        self.words, self.known, self.altered = {}, {}, {}
        # What nobody may read in a message nor see of an object, what nobody may read in a message, what in the store.
        self.hidden, self.untold, self.never_kept = set(document["never said"]), set(), set()
        self.said, self.shown = [], []
        # What is written as a key, and was issued to nobody.
        nobodys = "acme_live_AAAAAAAAAAAAAAAA_" + "a" * 43
        self.names["nobodys"] = nobodys + checksum(nobodys)

    def steps(self):
        steps = self.scenario["steps"]
        if not any("store" in step for step in steps):
            steps = [{"store": self.scenario["store"]}, *steps]
        if not any("keys" in step for step in steps):
            place = next(number for number, step in enumerate(steps, 1) if "store" in step)
            steps = [*steps[:place], {"keys": {}}, *steps[place:]]
        self.scenario["steps"] = steps
        self.agent.turn = self.scenario["number"]
        try:
            super().steps()
            self.check_at_rest()
            self.check_words()
        finally:
            with contextlib.suppress(Failed, Unsupported):
                for name in self.opened:
                    self.agent.ask("store_close", name)
            if self.records is not None:
                self.records.close()

    def ask(self, *fields):
        answer = self.agent.ask(*fields)
        self.said += [answer["error"].get("message") or ""] if "error" in answer else []
        self.shown += [answer["shown"]] if "shown" in answer else []
        return answer

    def end(self, answer, step):
        """Whether the answer is the one that the step expects, or a success if it expects none."""
        if "expect" in step:
            self.judge(answer, step["expect"])
        elif "ok" not in answer:
            raise Failed(f"it failed with {json.dumps(answer)}")

    def judge(self, answer, expected):
        if isinstance(expected, str):
            expected = self.document["endings"][expected]
        if "any" in expected:
            for one in expected["any"]:
                with contextlib.suppress(Failed):
                    return self.judge(answer, one)
        if "ok" in expected and "ok" in answer:
            expected = {"ok": self.timely(answer["ok"], self.filled(expected["ok"]))}
        super().judge(answer, expected)

    def timely(self, found, expected):
        """What is expected, with the times that were found in place of those that they may be.

        Times are told in seconds since the scenario began. Those that the agent's clock has read may be as much later as the
        scenario has taken.
        """
        if not isinstance(expected, dict) or not isinstance(found, dict):
            return expected
        expected = {name: self.timely(found.get(name), one) for name, one in expected.items()}
        late = time.time() - self.begun
        for name, seconds in expected.items():
            told = found.get(name)
            if name.endswith("_at") and isinstance(seconds, int) and isinstance(told, int | float):
                expected[name] = told if 0 <= told - self.begun - seconds <= late else self.begun + seconds
        return expected

    # What the front end does.

    def do_store(self, options, step):
        name = self.named(step.get("as", "store"))
        # Another store of a scenario is the same file, or the same part of the server, opened once more.
        options = self.filled(options)
        url = self.filled(step["url"]) if "url" in step else self.url()
        if self.kind == "host":
            answer = self.ask("host_store", name)
        else:
            if self.kind == "redis" and "url" not in step:
                options = {"namespace": self.mark, **options}
            answer = self.ask("store", name, url, json.dumps(options))
        if "ok" in answer and name not in self.opened:
            self.opened.append(name)
        self.end(answer, step)

    def do_keys(self, options, step):
        options = {**self.document["defaults"]["keys"], **self.scenario["keys"], **options}
        options = {name: value for name, value in options.items() if value is not None}
        peppers = [self.document["peppers"][name] for name in step.get("peppers", self.scenario["peppers"])]
        self.hidden |= set(peppers)
        self.words[step.get("as", "keys")] = [options.get("prefix"), options.get("environment")]
        encoded = [base64.urlsafe_b64encode(pepper.encode()).rstrip(b"=").decode() for pepper in peppers]
        fields = self.named(step.get("with", "store")), json.dumps(options), json.dumps(encoded)
        self.end(self.ask("keys", self.named(step.get("as", "keys")), *fields), step)

    def do_issue(self, options, step):
        options = self.grown(self.filled({"owner": "alice", **options}))
        for _ in range(step.get("times", 1)):
            answer = self.ask("keys_issue", self.with_keys(step), json.dumps(options))
            if "ok" in answer:
                self.keep_secret(answer["ok"], step.get("as", "key"), step.get("with", "keys"))
                self.check_given(answer["ok"], options)
            self.end(answer, step)

    def do_import(self, options, step):
        options = self.filled({"owner": "alice", **options})
        if "text" in step:
            text = self.repeated(step["text"])
            digest = hashlib.sha256(text.encode()).hexdigest()
            options["sha256"] = digest.upper() if options.get("sha256") == "upper" else digest
            self.never_kept |= {text, digest}
            self.hidden.add(text)
        answer = self.ask("keys_import", self.with_keys(step), json.dumps(options))
        if "ok" in answer:
            key = answer["ok"]
            self.names[f"{step.get('as', 'key')}_id"] = key["id"]
            self.check_key(key)
            self.check_given(key, options)
            if key.get("last4") is not None:
                raise Failed("nobody has seen the last characters of an imported key")
        self.end(answer, step)

    def do_verify(self, presented, step):
        now = self.moment(step["now"], step) if "now" in step else ""
        scopes = json.dumps(self.grown(step.get("scopes", [])))
        for _ in range(step.get("times", 1)):
            begun = time.monotonic()
            answer = self.ask("keys_verify", self.with_keys(step), json.dumps(self.presented(presented)), scopes, now)
            if time.monotonic() - begun > step.get("within", player.PATIENCE):
                raise Failed(f"it took {time.monotonic() - begun:.1f} s")
            self.check_key(answer.get("ok"))
            self.end(answer, step)

    def do_get(self, id_, step):
        answer = self.ask("keys_get", self.with_keys(step), self.filled(id_))
        self.check_key(answer.get("ok"))
        self.end(answer, step)

    def do_list(self, owner, step):
        """Answers the ids, in no order."""
        fields = self.filled(owner), self.filled(step.get("after", "")), str(step.get("limit", 100))
        answer = self.ask("keys_list", self.with_keys(step), *fields)
        if "ok" in answer:
            self.check_page(answer["ok"], owner, step.get("limit", 100))
        self.same_ids(answer, step)

    def do_walk(self, owner, step):
        """Pages to the end."""
        owner, limit, found, after = self.filled(owner), step["limit"], [], ""
        for _ in range(100):
            answer = self.ask("keys_list", self.with_keys(step), owner, after, str(limit))
            if "ok" not in answer:
                return self.end(answer, step)
            self.check_page(answer["ok"], owner, limit)
            found += answer["ok"]["keys"]
            if (after := answer["ok"].get("next")) is None:
                return self.same_ids({"ok": {"keys": found}}, step)
        raise Failed("the pages have no end")

    def do_rotate(self, options, step):
        name = step.get("of", "key")
        id_ = self.names.get(f"{name}_id", self.filled(name))
        answer = self.ask("keys_rotate", self.with_keys(step), id_, json.dumps(options))
        if "ok" in answer:
            if answer["ok"]["id"] != id_:
                raise Failed("the id is another")
            self.keep_secret(answer["ok"], step.get("as", name), step.get("with", "keys"))
        self.end(answer, step)

    def do_revoke(self, id_, step):
        answer = self.ask("keys_revoke", self.with_keys(step), self.filled(id_))
        self.check_key(answer.get("ok"))
        self.end(answer, step)

    def do_revoke_all(self, owner, step):
        self.end(self.ask("keys_revoke_all", self.with_keys(step), self.filled(owner)), step)

    def do_well_formed(self, presented, step):
        self.end(self.ask("keys_well_formed", self.with_keys(step), json.dumps(self.presented(presented))), step)

    def do_pattern(self, texts, step):
        """Which of the texts a scanner finds that has the pattern: the keys in them."""
        answer = self.ask("keys_pattern", self.with_keys(step))
        if "ok" in answer:
            answer = {"ok": [re.findall(answer["ok"], self.filled(text)) for text in texts]}
        self.end(answer, step)

    def do_sweep(self, _, step):
        self.end(self.ask("store_sweep", self.named(step.get("with", "store"))), step)

    def do_check(self, _, step):
        answer = self.ask("store_check", self.named(step.get("with", "store")))
        if failed := [one for one in answer.get("ok", {}).get("checks", []) if not one["passed"]]:
            raise Failed(f"the conformance suite found {json.dumps(failed)}")
        self.end(answer, step)

    def do_close(self, _, step):
        self.end(self.ask("store_close", self.named(step.get("with", "store"))), step)

    # What the test does.

    def do_owners(self, owners, step):
        """A key for each of them; each finds their own and no other, and ends their own and no other."""
        owners = [self.repeated(owner) for owner in owners]
        for number, owner in enumerate(owners):
            self.do_issue({"owner": owner}, {"as": f"o{number}", **step})
        for number, owner in enumerate(owners):
            self.do_list(owner, {**step, "expect": {"ok": [f"$o{number}_id"]}})
        for number, owner in enumerate(owners):
            self.do_verify(f"$o{number}", step)
            self.do_revoke_all(owner, {**step, "expect": {"ok": 1}})
            self.do_verify(f"$o{number}", {**step, "expect": "revoked"})
            self.do_revoke_all(owner, {**step, "expect": {"ok": 0}})

    def do_file(self, what, _):
        """What lies where the store's file will be."""
        make_file(self.file, what)
        self.before = self.contents()

    def do_unchanged(self, *_):
        if self.contents() != self.before:
            raise Failed("the file is not as it was, byte for byte")

    def do_alter(self, how, step):
        """Somebody writes to the store who has no pepper."""
        name = step.get("of", "key")
        id_ = self.names[f"{name}_id"]
        records = self.by_hand()
        self.altered[id_] = records.read(id_)
        self.reveals(self.altered[id_])
        other = records.read(self.names[f"{how['other']}_id"]) if "other" in how else None
        records.write(id_, alter(self.altered[id_], self.filled(how), other))
        self.left = records.read(id_)

    def do_heal(self, _, step):
        """Puts the record back; nothing must have happened to it, refused as it was."""
        id_ = self.names[f"{step.get('of', 'key')}_id"]
        if self.by_hand().read(id_) != self.left:
            raise Failed("a record was changed that is not as it was written")
        self.by_hand().write(id_, self.altered[id_])

    def do_kept(self, seconds, step):
        """Until when the record is kept: so many seconds after the scenario began, or for ever."""
        record = self.by_hand().read(self.names[f"{step.get('of', 'key')}_id"])
        if record is None:
            raise Failed("there is no record of the key")
        found = record["expires_at"] and {"kept_at": int(record["expires_at"]) / 1000}
        if found != (expected := seconds and self.timely(found, {"kept_at": seconds})):
            raise Failed(f"it is kept as {found} says, not as {expected}")

    def do_lock(self, is_locked, _):
        """Somebody begins to write to the file, and comes to no end."""
        self.by_hand().database.execute("BEGIN IMMEDIATE" if is_locked else "ROLLBACK")

    def do_sleep(self, seconds, _):
        time.sleep(seconds)

    # Helpers.

    def named(self, name):
        return f"{self.mark}-{name}"

    def with_keys(self, step):
        return self.named(step.get("with", "keys"))

    def url(self):
        match self.kind:
            case "sqlite":
                return f"sqlite:{self.file}"
            case "redis":
                return self.redis.url
        return "memory:"

    def by_hand(self):
        if self.records is None:
            self.records = RedisRecords(self.redis.url, self.mark) if self.kind == "redis" else SqliteRecords(self.file)
        return self.records

    def contents(self):
        """The file, and what SQLite may put beside it."""
        beside = self.folder.glob(f"{self.file.name}*")
        return {path.name: path.read_bytes() if path.is_file() else None for path in beside}

    def moment(self, now, step):
        """Seconds since 1970: from a time of the key, or from the beginning of the scenario."""
        if isinstance(now, dict):
            ((name, seconds),) = now.items()
            if name == "absolute":
                return str(seconds)
            return str(int(self.known[self.names[f"{step.get('of', 'key')}_id"]][name]) + seconds)
        return str(self.begun + now)

    def presented(self, wishes):
        """A key, or what is made of one."""
        if isinstance(wishes, str):
            return self.filled(wishes)
        return mistyped(self.filled(wishes.get("of", "$key")), self.filled(wishes))

    def grown(self, value):
        """The value with its {"repeat", "times"} made longer, and its {"nested"} deeper."""
        if isinstance(value, dict) and set(value) == {"repeat", "times"}:
            return self.repeated(value)
        if isinstance(value, dict) and set(value) == {"nested"}:
            return json.loads('{"a":' * value["nested"] + "{}" + "}" * value["nested"])
        if isinstance(value, dict) and set(value) == {"numbered", "times"}:
            return [f"{value['numbered']}{number}" for number in range(value["times"])]
        if isinstance(value, dict):
            return {name: self.grown(member) for name, member in value.items()}
        return [self.grown(member) for member in value] if isinstance(value, list) else value

    def repeated(self, text):
        return text["repeat"] * text["times"] if isinstance(text, dict) else text

    def keep_secret(self, key, name, with_):
        """What was just issued or rotated, for the steps after this."""
        secret = key.pop("secret", None)
        *words, id_, rest = secret.split("_") if secret and secret.count("_") == 3 else [""] * 4
        if words != self.words[with_] or id_ != key["id"] or len(id_) != 16 or len(rest) != 49:
            raise Failed("the secret is not written as a key")
        if set(id_ + rest) - set(BASE62):
            raise Failed("the secret has other letters than base62")
        if checksum(secret[:-6]) != secret[-6:]:
            raise Failed("the checksum is another")
        if rest[:43] in self.never_kept:
            raise Failed("a secret was issued twice")
        self.hidden.add(rest[:43])
        self.never_kept.add(rest[:43])
        self.names |= {name: secret, f"{name}_id": id_}
        if key.get("last4") != secret[-4:]:
            raise Failed("last4 is not of the key")
        if id_ in self.known:
            self.known[id_]["last4"] = key["last4"]
        self.check_key(key)

    def same_ids(self, answer, step):
        expected = step.get("expect")
        if "ok" not in answer or not isinstance(expected, dict) or "ok" not in expected:
            return self.end(answer, step)
        found = sorted(key["id"] for key in answer["ok"]["keys"])
        if found != sorted(self.filled(expected["ok"])):
            raise Failed(f"expected {self.filled(expected['ok'])}, got {found}")

    # What is so in every scenario.

    def check_key(self, key):
        """Nothing is told but what is known of the key, and that does not change."""
        if key is None:
            return
        if unknown := set(key) - KEY_MEMBERS:
            raise Failed(f"a key has {unknown}")
        known = self.known.setdefault(key["id"], key)
        if wrong := [name for name in LASTING if key.get(name) != known.get(name)]:
            raise Failed(f"the key's {wrong} are not as they were: {key}")
        self.known[key["id"]] = {**known, **{name: time for name, time in key.items() if name.endswith("_at")}}

    def check_given(self, key, options):
        """What was issued is what was asked for."""
        scopes = options.get("scopes", [])
        given = {"owner": options["owner"], "scopes": [scopes] if isinstance(scopes, str) else scopes}
        given["metadata"] = options.get("metadata", {})
        if wrong := [name for name, value in given.items() if key.get(name) != value]:
            raise Failed(f"the key's {wrong} are not what was given: {key}")

    def check_page(self, page, owner, limit):
        ids = [key["id"] for key in page["keys"]]
        if len(ids) > limit or len(set(ids)) != len(ids):
            raise Failed(f"the page has {ids}")
        for key in page["keys"]:
            self.check_key(key)
            if key["owner"] != self.filled(owner):
                raise Failed(f"a key of {key['owner']} is listed for {owner}")

    def reveals(self, record):
        """What a record says must be in no message."""
        _, _, seal, text = parts(record)
        told = json.loads(text)
        self.untold |= {seal, told["hash"], told["owner"], *told["scopes"], *map(str, told["metadata"].values())}

    def check_at_rest(self):
        """No secret is in the store."""
        kept = b""
        if self.kind == "sqlite":
            kept = b"".join(part for part in self.contents().values() if part is not None)
        elif self.kind == "redis":
            kept = self.by_hand().everything()
        if found := [secret for secret in self.never_kept if secret.encode() in kept]:
            raise Failed(f"the store has the secret {found}")

    def check_words(self):
        """Nothing that was said has a secret in it, or could move a terminal; nor has what a language shows of an object."""
        for texts, secrets in ((self.said, self.hidden | self.untold), (self.shown, self.hidden)):
            if found := [(text, secret) for text in texts for secret in secrets if secret in text]:
                raise Failed(f"a secret is in {found}")
        for text in self.said:
            if any(ord(letter) < 32 or 127 <= ord(letter) < 160 for letter in text.replace("\n", "")):
                raise Failed(f"{text!r} has control characters")


class SqliteRecords:
    """The records of an SQLite file, as anybody reads and writes them who has the file."""

    COLUMNS = ("key", "version", "value", "owner", "expires_at")
    NAMES = ", ".join(COLUMNS)

    def __init__(self, file):
        self.database = sqlite3.connect(file, isolation_level=None, timeout=10)
        self.database.text_factory = bytes

    def read(self, id_):
        rows = self.database.execute(f"SELECT {self.NAMES} FROM records WHERE key LIKE ?", (f"%/{id_}",)).fetchall()
        return dict(zip(self.COLUMNS, rows[0], strict=True)) if rows else None

    def write(self, id_, record):
        if record is None:
            self.database.execute("DELETE FROM records WHERE key LIKE ?", (f"%/{id_}",))
            return
        # Bytes that are no text become text by a cast only.
        change = f"REPLACE INTO records ({self.NAMES}) VALUES (CAST(? AS TEXT), ?, CAST(? AS TEXT), CAST(? AS TEXT), ?)"
        self.database.execute(change, [record[name] for name in self.COLUMNS])

    def close(self):
        self.database.close()


class RedisRecords:
    """The records of a Redis server, likewise."""

    def __init__(self, url, namespace):
        address = urllib.parse.urlsplit(url)
        self.connection = socket.create_connection((address.hostname, address.port), timeout=10)
        self.stream, self.namespace = self.connection.makefile("rwb"), namespace

    def ask(self, *words):
        """Bytes, as they are: what is written by hand may be no text."""
        words = [word if isinstance(word, bytes) else str(word).encode() for word in words]
        self.stream.write(b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%b\r\n" % (len(word), word) for word in words))
        self.stream.flush()
        return self.answer()

    def answer(self):
        kind, rest = (line := self.stream.readline())[:1], line[1:-2]
        if kind == b"*":
            return [self.answer() for _ in range(int(rest))]
        if kind == b"$":
            return self.stream.read(int(rest) + 2)[:-2] if int(rest) >= 0 else None
        if kind == b"-":
            raise Failed(f"the server: {rest}")
        return rest

    def keys(self):
        return self.ask("KEYS", f"{self.namespace}:*")

    def key(self, id_):
        found = [key for key in self.keys() if b":r:" in key and id_.encode() in key]
        return found[0] if found else None

    def read(self, id_):
        key = self.key(id_)
        if key is None:
            return None
        fields = self.ask("HGETALL", key)
        told = {"key": key, **dict.fromkeys(FIELDS.values())}
        return told | {FIELDS[name]: value for name, value in zip(fields[::2], fields[1::2], strict=True)}

    def write(self, id_, record):
        key = self.key(id_) or record["key"]
        self.ask("DEL", key)
        for name, member in FIELDS.items():
            if record is not None and record[member] is not None:
                self.ask("HSET", key, name, record[member])

    def everything(self):
        # DUMP would compress it.
        read = {
            b"hash": ("HGETALL",),
            b"zset": ("ZRANGE", "0", "-1"),
            b"list": ("LRANGE", "0", "-1"),
            b"string": ("GET",),
        }
        commands = {key: read[self.ask("TYPE", key)] for key in self.keys()}
        found = {key: self.ask(command, key, *rest) for key, (command, *rest) in commands.items()}
        return b"\n".join(key + b"".join(one if isinstance(one, list) else [one]) for key, one in found.items())

    def close(self):
        self.stream.close()
        self.connection.close()


def alter(record, how, other):
    """The record as somebody has made it who has no pepper. `other` is the record of another key."""
    record = dict(record)
    version, pepper, seal, text = parts(record)
    match how:
        case {"gone": True}:
            return None
        case {"members": members}:
            told = {**json.loads(text), **members}
            text = json.dumps({name: value for name, value in told.items() if value is not None}, separators=(",", ":"))
        case {"member_of": names}:
            text = json.dumps({**json.loads(text), **{name: json.loads(parts(other)[3])[name] for name in names}})
        case {"seal_of": True}:
            seal = parts(other)[2]
        case {"seal": seal}:
            pass
        case {"seal_cut": count}:
            seal = seal[:-count]
        case {"pepper": pepper}:
            pass
        case {"version": version}:
            pass
        case {"spaced": True}:
            text = text.replace(",", ", ", 1)
        case {"value": value}:
            return record | {"value": value.encode()}
        case {"value_of": True}:
            return record | {"value": other["value"]}
        case {"value_cut": count}:
            return record | {"value": record["value"][:count]}
        case {"bytes": digits}:
            return record | {"value": record["value"] + bytes.fromhex(digits)}
        case {"huge": count}:
            return record | {"value": record["value"] + b" " * count}
        case {"column": column, "value_is": value}:
            return record | {column: value.encode() if isinstance(value, str) else value}
        case {"column_of": column}:
            return record | {column: other[column]}
    return record | {"value": f"{version}.{pepper}.{seal}.{text}".encode()}


def parts(record):
    """The version of a record, the name of its pepper, its seal, and what it says."""
    return record["value"].decode().split(".", 3)


def mistyped(key, wishes):
    """What a caller presents in place of the key."""
    match wishes:
        case {"text": text}:
            key = text
        case {"repeat": text, "times": times}:
            key = text * times
        case {"alter": place}:
            place %= len(key)
            key = key[:place] + ("a" if key[place] != "a" else "b") + key[place + 1 :]
        case {"put": [place, text]}:
            place %= len(key)
            key = key[:place] + text + key[place + len(text) :]
        case {"insert": [place, text]}:
            key = key[:place] + text + key[place:]
        case {"swap": [one, two]}:
            letters = list(key)
            # Alike, they would be no mistake.
            two = next(place for place in range(two, len(key)) if key[place] != key[one])
            letters[one], letters[two] = letters[two], letters[one]
            key = "".join(letters)
        case {"cut": count}:
            key = key[:count]
        case {"from": count}:
            key = key[count:]
        case {"add": text}:
            key += text
        case {"before": text}:
            key = text + key
        case {"replace": [old, new]}:
            key = key.replace(old, new)
        case {"case": "upper"}:
            key = key.upper()
        case {"case": "swap"}:
            key = key.swapcase()
        case {"part": number, "random": length}:
            pieces = key.split("_")
            pieces[number] = "".join(random.choices(BASE62, k=length))
            key = "_".join(pieces)
        case {"part": number, "is": text}:
            pieces = key.split("_")
            pieces[number] = text
            key = "_".join(pieces)
        case {"secret_of": other}:
            key = "_".join([*key.split("_")[:3], other.split("_")[3]])
    # The checksum of what it has become: whoever makes up a key can compute it.
    return key[:-6] + checksum(key[:-6]) if wishes.get("checksum") else key


def checksum(text):
    rest, digits = zlib.crc32(text.encode()), ""
    for _ in range(6):
        rest, digit = divmod(rest, 62)
        digits = BASE62[digit] + digits
    return digits


def make_file(path, what):
    """A file that is no store, or not one of this release."""
    match what:
        case {"text": text}:
            path.write_text(text)
        case {"repeat": text, "times": times}:
            path.write_text(text * times)
        case {"directory": True}:
            path.mkdir()
        case {"sql": script}:
            with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as database:
                database.executescript(script)
        case {"sql": script, "cut": count}:
            make_file(path, {"sql": script})
            path.write_bytes(path.read_bytes()[:count])


class Agents:
    """One or more agents on the same stores: each call is the next one's."""

    # What each has of its own.
    OWN = ("store", "host_store", "keys", "store_close")

    def __init__(self, command):
        commands = [list(words) for is_with, words in itertools.groupby(command, "--with".__eq__) if not is_with]
        self.agents = [player.Agent(command) for command in commands]
        self.turn = 0

    def stop(self):
        for agent in self.agents:
            agent.stop()

    def ask(self, command, *fields):
        if command in self.OWN:
            answers = [agent.ask(command, *fields) for agent in self.agents]
            if any(verdict(answer) != verdict(answers[0]) for answer in answers):
                raise Failed(f"{command}: the agents disagree: {answers}")
            return answers[0]
        self.turn += 1
        return self.agents[self.turn % len(self.agents)].ask(command, *fields)


def verdict(answer):
    return answer.get("ok"), {name: answer.get("error", {}).get(name) for name in ("code", "field")}


def scenarios(document):
    """Those of the tables, and the others, on each of their stores; of several agents, on those that they share."""
    numbers = itertools.count(1)
    is_mixed = "--with" in sys.argv
    for scenario in written(document):
        for kind in scenario.get("stores", document["defaults"]["stores"]):
            if is_mixed and (kind not in ("sqlite", "redis") or not scenario.get("mixed", True)):
                continue
            yield {**scenario, "id": f"{kind}-{scenario['id']}", "kind": kind, "number": next(numbers)}


def written(document):
    for name, row in document["presented"].items():
        yield of_presented(name, row)
    for name, row in document["altered"].items():
        yield of_altered(document, name, row)
    for name, row in document["scopes"].items():
        steps = [{"issue": {"scopes": row["has"]}}, {"verify": "$key", "scopes": row["asks"], "expect": row["expect"]}]
        # Whatever was asked, the key is as it was.
        yield {"id": f"scope-{name}", "steps": [*steps, {"verify": "$key"}]}
    for name, metadata in document["metadata"]["taken"].items():
        steps = [{"issue": {"metadata": metadata}}, {"verify": "$key"}, {"get": "$key_id"}]
        # As it was: `check_key` compares.
        yield {"id": f"metadata-{name}", "steps": [*steps, {"list": "alice", "expect": {"ok": ["$key_id"]}}]}
    for name, metadata in document["metadata"]["refused"].items():
        steps = [{"issue": {"metadata": metadata}, "expect": "bad_metadata"}]
        yield {"id": f"metadata-{name}", "steps": [*steps, {"list": "alice", "expect": {"ok": []}}]}
    for verb, rows in document["refused"].items():
        for name, row in rows.items():
            yield of_refused(verb, name, **row)
    for name, row in document["files"].items():
        made = [{"file": row["file"]}, {"store": {}}]
        calls = [{"issue": {}}, {"verify": "$nobodys"}, {"list": "alice"}]
        steps = [*made, *({**call, "expect": row["expect"]} for call in calls), {"unchanged": True}]
        yield {"id": f"file-{name}", "stores": ["sqlite"], "steps": steps}
    yield from document["scenarios"]


def of_presented(name, row):
    """What is not the key is not valid, wherever it differs from it, and is told apart by nothing."""
    wishes = {"text": row} if isinstance(row, str) else row
    is_formed = wishes.get("checksum", False) and not wishes.get("foreign", False)
    return {
        "id": f"presented-{name}",
        "steps": [
            {"issue": {}, "as": "other"},
            {"issue": {"scopes": "read"}},
            {"well_formed": "$key", "expect": {"ok": True}},
            {"verify": "$key", "scopes": ["read"]},
            {"well_formed": wishes, "expect": {"ok": is_formed}},
            {"verify": wishes, "expect": "invalid"},
            {"verify": wishes, "scopes": ["read", "write"], "expect": "invalid"},
            {"verify": "$key", "scopes": ["read"]},
        ],
    }


def of_altered(document, name, row):
    """A record that is not as it was written gives nobody anything, and is left as it is."""
    expect = {**document["after altering"], **row.get("expect", {})}
    listed = expect.pop("list")
    whole = ["$key_id", "$another_id"]
    calls = [
        {"verify": "$key"},
        {"verify": "$key", "scopes": ["admin"]},
        {"verify": {"of": "$key", "part": 3, "random": 49, "checksum": True}},
        {"get": "$key_id"},
        {"rotate": {"overlap": 60}, "of": "key"},
        {"revoke": "$key_id"},
    ]
    told = [{**call, "expect": expect[next(iter(call))]} for call in calls]
    theirs = {"owner": "bob-6042", "scopes": ["read:little"], "metadata": {"tier": "tin-5180"}, "expires_in": 60}
    return {
        "id": f"altered-{name}",
        "stores": row.get("stores", ["sqlite", "redis"]),
        "steps": [
            {"issue": {"owner": "carol", "scopes": ["admin"], "metadata": {"tier": "gold-7431"}}, "as": "other"},
            {"issue": theirs},
            {"issue": {"owner": "bob-6042"}, "as": "another"},
            # Written down now, it is not to be written down again.
            {"verify": "$key"},
            {"verify": "$other"},
            {"alter": row["how"]},
            *told,
            {"list": "bob-6042", "expect": listed},
            {"list": "carol", "expect": {"ok": ["$other_id"]}},
            {"verify": "$other", "scopes": ["admin"]},
            {"verify": "$another"},
            {"heal": True},
            {"verify": "$key", "scopes": ["read:little"]},
            {"list": "bob-6042", "expect": {"ok": whole}},
        ],
    }


def of_refused(verb, name, value, field, code="ERR_INVALID_ARGUMENT", **more):
    """An argument that is none is named, and nothing has changed."""
    begin = [{"issue": {}}, {"verify": "$key"}]
    if verb == "keys":
        begin = [{"keys": {}}, *begin]
    if verb == "store":
        begin = [{"store": {}}, {"keys": {}}, *begin]
    step = {verb: value, **more, "expect": {"code": code, "field": field}}
    end = [{"list": "alice", "expect": {"ok": ["$key_id"]}}, {"verify": "$key", "expect": {"ok": {"rotated_at": None}}}]
    if verb in ("store", "keys"):
        step["as"] = "refused"
    return {"id": f"refused-{verb}-{name}", "stores": ["memory"], "steps": [*begin, step, *end]}


def lane(scenario):
    """One agent for each kind of store, and one for the scenarios of each that wait."""
    return scenario["kind"], any("sleep" in step for step in scenario["steps"])


@contextlib.contextmanager
def running():
    """A folder for files, and a Redis server, unless there is none here."""
    with contextlib.ExitStack() as stack:
        folder = pathlib.Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="authwright-keys-")))
        try:
            redis = stack.enter_context(redis_server.running())
        except redis_server.Unavailable as reason:
            if os.environ.get("AW_REQUIRE_ALL") == "1":
                raise servers.Unavailable(str(reason)) from None
            redis = None
        yield folder, redis


def main():
    document = json.loads((player.HERE / "api_keys.json").read_text())
    begin = lambda *given: Run(document, *given)
    return player.play(__doc__, document, scenarios, running, begin, lane, Agents)


if __name__ == "__main__":
    sys.exit(main())
