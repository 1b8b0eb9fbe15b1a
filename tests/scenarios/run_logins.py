#!/usr/bin/env python3
"""Runs the scenarios of logins against the servers through a front end.

    tests/scenarios/run_logins.py [--only TEXT] [--list] -- agent...

README.md defines the agent's commands, and the scenarios of logins.json. With --only, the scenarios whose id contains the
text are run.
"""

import base64
import collections
import hashlib
import json
import pathlib
import sys
import time
import urllib.parse

import player
from player import Failed, Unsupported, servers

# The longest Set-Cookie value (the library's promise), and how it begins.
MOST_COOKIE = 2048
COOKIE = "__Host-aw-login."


class Run(player.Run):
    """One scenario under way."""

    VERBS = (
        *("client", "begin", "finish", "forget", "refresh", "userinfo", "revoke", "logout_url", "verify_logout_token"),
        *("manager", "hook", "manager_tokens", "cancelled", "current", "replace", "persisted"),
        *("authorize", "logout", "cookies", "alter", "requests", "counts", "grants"),
        *("rotate", "down", "up", "sleep", "lifetimes"),
    )
    MODIFIERS = (
        *("expect", "within", "with", "as", "login", "browser", "by", "callback", "tokens"),
        *("secrets", "key", "http", "concurrent", "timeout"),
    )
    MEMBERS = (
        *("id", "about", "server", "registration", "behaviour", "parameters", "options", "key", "http", "secrets"),
        *("pkce", "steps"),
    )

    def __init__(self, document, spent, scenario, agent, login, quirks, glewlwyd):
        super().__init__(document, scenario, agent)
        self.clients, self.logins, self.browsers, self.tokens = {}, {}, {}, {}
        self.begun, self.spent = [], spent
        # What nobody may read in a message, and what was said.
        self.hidden, self.said = set(), []
        self.own_key, self.own_http = None, {}
        match self.scenario["server"]:
            case "quirks":
                parameters = self.scenario["parameters"]
                self.server = quirks.new(self.scenario["behaviour"], **parameters)
                self.registered = self.server.options
                self.own_key = self.server.facts["client_key"]
                self.names = {name: value for name, value in self.server.facts.items() if isinstance(value, str)}
                self.names |= {name: value for name, value in self.server.facts["endpoints"].items() if value}
            case "login":
                login.reset()
                self.server = login
                self.register(login.clients[self.scenario["registration"]])
                files = ("ca", "untrusted_client_certificate", "untrusted_client_key")
                self.names = {name: pathlib.Path(login.facts[name]).read_text() for name in files}
                self.names["issuer"] = login.issuer
            case "glewlwyd":
                if glewlwyd is None:
                    raise Unsupported("there is no glewlwyd")
                self.server = glewlwyd
                self.register(glewlwyd.clients[self.scenario["registration"]])
                self.names = {"issuer": glewlwyd.issuer}

    def register(self, described):
        """What the server says of a client of its own."""
        self.registered = {name: value for name, value in described["options"].items() if value is not None}
        self.own_key = described.get("client_key")
        if "client_certificate" in described:
            files = {"client_certificate": "client_certificate", "client_key": "client_certificate_key"}
            self.own_http = {name: pathlib.Path(described[file]).read_text() for name, file in files.items()}
            self.own_http["ca"] = pathlib.Path(self.server.facts["ca"]).read_text()

    def steps(self):
        steps = self.scenario["steps"]
        common = self.document["common"]
        steps = [one for step in steps for one in (common[step] if isinstance(step, str) else [step])]
        self.scenario["steps"] = steps if "client" in steps[0] else [{"client": {}}, *steps]
        super().steps()
        self.check_requests()
        self.check_words()

    def step(self, step):
        begun = time.monotonic()
        super().step(step)
        took = time.monotonic() - begun
        if took > step.get("within", player.PATIENCE):
            raise Failed(f"it took {took:.1f} s")

    def ask(self, *fields):
        answer = self.agent.ask(*fields)
        self.said += words(answer)
        return answer

    def end(self, answer, step):
        """Whether the answer is the one that the step expects, and that there is one at all."""
        self.judge(answer, step.get("expect", {"ok": answer.get("ok", "a success")}))
        return answer.get("ok")

    def judge(self, answer, expected):
        expected = self.document["endings"][expected] if isinstance(expected, str) else expected
        if "uncertain" in expected:
            cause = expected["uncertain"]
            cause = self.document["endings"][cause] if isinstance(cause, str) else cause
            expected = {"code": "ERR_REFRESH_UNCERTAIN", "cause": cause}
        super().judge(answer, expected)

    # What the front end does.

    def do_client(self, overriding, step):
        scenario, name = self.scenario, step.get("as", "client")
        options = {**self.document["defaults"]["options"], **scenario["options"], **overriding}
        options = {**self.registered, **self.filled(options)}
        options = {name: value for name, value in options.items() if value is not None}
        secrets = step.get("secrets", scenario["secrets"])
        key = step.get("key", scenario["key"] or self.scenario["server"] != "quirks")
        key = self.own_key if key is True else key
        key = json.dumps(key) if key else ""
        http = step.get("http", scenario["http"])
        http = self.own_http if http is None else self.filled(http)
        self.clients[name] = options
        self.hidden |= {options.get("client_secret"), *secrets, json.loads(key or "{}").get("d")} - {None}
        fields = json.dumps(options), ",".join(secrets), key, json.dumps(http)
        self.end(self.ask("client", name, *fields), step)

    def do_begin(self, options, step):
        client, browser = step.get("with", "client"), step.get("browser", "browser")
        options = self.filled(options)
        if isinstance(browser, dict):
            browser, self.browsers["browser"] = "browser", dict(browser)
        answer = self.ask("begin", client, json.dumps(options), self.header(browser))
        if "ok" in answer:
            login = answer["ok"]
            url = urllib.parse.urlsplit(login["url"])
            pairs = urllib.parse.parse_qsl(url.query, keep_blank_values=True, strict_parsing=True)
            login["query"] = dict(pairs)
            if len(pairs) != len(login["query"]):
                raise Failed(f"a parameter twice: {login['url']}")
            self.hidden.add(login["transaction"])
            self.check_login(login, self.clients[client])
            self.begun.append(login)
            self.logins[step.get("login", "login")] = login
            self.names["cookie"] = login["cookie"].partition(";")[0]
            for header in (login["cookie"], *login["stale_cookies"]):
                self.set_cookie(browser, header)
        self.end(answer, step)

    def do_finish(self, how, step):
        login = self.logins.get(step.get("login", "login"), {})
        by = step.get("by", "transaction")
        transaction = cookies = ""
        match by:
            case "transaction":
                transaction = login["transaction"]
            case "cookies":
                cookies = self.header(step.get("browser", "browser"))
            case {"transaction": text}:
                transaction = self.filled(text)
            case {"cookies": text}:
                cookies = self.filled(text)
            case {"altered": place}:
                transaction = altered(login["transaction"], place)
            case {"cut": count}:
                transaction = login["transaction"][:-count]
        callback = step.get("callback", step.get("login", "login"))
        callback = self.filled(callback["text"]) if isinstance(callback, dict) else self.logins[callback]["callback"]
        answer = self.ask("finish", step.get("with", "client"), transaction, cookies, put(callback, how))
        if clear := answer.get("ok", {}).get("clear_cookie"):
            self.set_cookie(step.get("browser", "browser"), clear)
        elif "ok" in answer and cookies:
            raise Failed("there is no clear_cookie")
        self.keep(answer, step)

    def do_forget(self, how, step):
        callback = self.logins[step.get("login", "login")]["callback"]
        browser = step.get("browser", "browser")
        answer = self.ask("forget_login", step.get("with", "client"), self.header(browser), put(callback, how))
        if "ok" not in answer or answer["ok"] is None:
            raise Failed(f"nothing was to be forgotten: {answer}")
        self.set_cookie(browser, answer["ok"])

    def do_refresh(self, options, step):
        fields = json.dumps(self.chosen(step)), json.dumps(options)
        self.keep(self.ask("refresh_tokens", step.get("with", "client"), *fields), step)

    def do_userinfo(self, _, step):
        self.end(self.ask("userinfo", step.get("with", "client"), json.dumps(self.chosen(step))), step)

    def do_revoke(self, _, step):
        self.end(self.ask("revoke", step.get("with", "client"), json.dumps(self.chosen(step))), step)

    def do_logout_url(self, options, step):
        answer = self.ask("logout_url", step.get("with", "client"), json.dumps(self.filled(options)))
        if "ok" in answer:
            url, _, query = answer["ok"].partition("?")
            self.names["logout_url"] = answer["ok"]
            answer["ok"] = {"url": url, "query": dict(urllib.parse.parse_qsl(query, strict_parsing=True))}
        self.end(answer, step)

    def do_verify_logout_token(self, wishes, step):
        if "captured" in wishes:
            token = self.server.logout_tokens()[wishes["captured"]]
        else:
            token = wishes["text"] if "text" in wishes else self.server.logout_token(**wishes)
        self.end(self.ask("verify_logout_token", step.get("with", "client"), self.filled(token)), step)

    def do_manager(self, options, step):
        hook = options.get("hook", "")
        options = json.dumps({name: value for name, value in options.items() if name != "hook"})
        fields = json.dumps(self.chosen(step)), options, hook
        self.end(self.ask("manager", step.get("as", "manager"), step.get("with", "client"), *fields), step)

    def do_hook(self, how, step):
        self.end(self.ask("hook", step.get("with", "manager"), how), step)

    def do_manager_tokens(self, how, step):
        count = step.get("concurrent", 1)
        force, milliseconds = "1" if how.get("force") else "0", str(round(step.get("timeout", 20) * 1000))
        answer = self.ask("manager_tokens", step.get("with", "manager"), force, milliseconds, str(count))
        answers = answer.get("all", [answer])
        if len(answers) != count:
            raise Failed(f"{len(answers)} answers")
        if wanted := step["expect"].get("outcomes") if isinstance(step["expect"], dict) else None:
            outcomes = collections.Counter(one.get("error", {"code": "ok"})["code"] for one in answers)
            if outcomes != wanted:
                raise Failed(f"the outcomes are {dict(outcomes)}")
            return
        for one in answers:
            self.keep(one, step)

    def do_cancelled(self, how, step):
        milliseconds = str(round(how["after"] * 1000))
        force = "1" if how.get("force") else "0"
        self.end(self.ask("cancelled", step.get("with", "manager"), force, milliseconds), step)

    def do_current(self, expected, step):
        answer = self.ask("manager_current", step.get("with", "manager"))
        self.judge({"ok": told(answer["ok"])}, {"ok": expected})

    def do_replace(self, name, step):
        self.end(self.ask("manager_replace", step.get("with", "manager"), json.dumps(self.tokens[name])), step)

    def do_persisted(self, expected, step):
        self.judge(self.ask("persisted", step.get("with", "manager")), {"ok": expected})

    # What the browser does.

    def do_authorize(self, how, step):
        login = self.logins[step.get("login", "login")]
        how = {"login": "alice", **how}
        members = self.filled(how.pop("set", {}))
        try:
            back = self.server.authorize(login["url"], **how, **members)
        except ValueError as error:
            raise Failed(f"the provider: {error}") from None
        login["callback"] = back["form"] if "form" in back else back["callback"]
        given = dict(urllib.parse.parse_qsl(back["form"] if "form" in back else put(back["callback"], "query")))
        self.names |= {name: given[name] for name in ("code", "state") if name in given}
        self.hidden |= {given[name] for name in ("code", "id_token") if len(given.get(name, "")) > 16}
        if "expect" in step:
            found = {"callback": None, "form": None, **back, "query": given}
            self.judge({"ok": found}, {"ok": step["expect"]})

    def do_logout(self, session, step):
        back = self.server.logout(self.names["logout_url"], session=session)
        self.judge({"ok": back}, {"ok": step["expect"]})

    def do_cookies(self, expected, step):
        found = len(self.jar(step.get("browser", "browser")))
        if found != expected:
            raise Failed(f"the browser has {found} cookies")

    # What the test does.

    def do_alter(self, members, step):
        tokens = dict(self.chosen(step))
        for name, value in self.filled(members).items():
            if name == "expires_in":
                tokens["expires_at"] = int(time.time()) + value
            elif value is None:
                tokens.pop(name, None)
            else:
                tokens[name] = value
        self.tokens[step.get("as", "tokens")] = tokens

    def do_rotate(self, options, _):
        self.server.rotate(**options)

    def do_down(self, *_):
        self.server.down()

    def do_up(self, *_):
        self.server.up()

    def do_sleep(self, seconds, _):
        time.sleep(seconds)

    def do_lifetimes(self, seconds, _):
        self.server.lifetimes(**seconds)

    def do_requests(self, what, step):
        self.judge({"ok": self.server.requests(what)}, {"ok": step["expect"]})

    def do_counts(self, expected, _):
        counted = self.server.counts()
        if any(counted[name] != number for name, number in expected.items()):
            raise Failed(f"the provider counted {counted}")

    def do_grants(self, expected, _):
        found = self.server.grants()
        numbers = {name: value if isinstance(value, int) else len(value) for name, value in found.items()}
        for name, wanted in self.filled(expected).items():
            if (numbers if isinstance(wanted, int) else found)[name] != wanted:
                raise Failed(f"the provider's grants are {found}")

    # Helpers.

    def chosen(self, step):
        return self.tokens[step.get("tokens", "tokens")]

    def keep(self, answer, step):
        """Judges tokens, and keeps them for the steps after this."""
        if "ok" in answer:
            tokens = answer["ok"]
            self.tokens[step.get("as", "tokens")] = tokens
            secrets = {name: tokens[name] for name in ("access_token", "refresh_token", "id_token") if name in tokens}
            self.names |= secrets
            self.hidden |= set(secrets.values())
            answer = {"ok": told(tokens)}
        self.end(answer, step)

    def jar(self, browser):
        return self.browsers.setdefault(browser, {})

    def header(self, browser):
        return "; ".join(f"{name}={value}" for name, value in self.jar(browser).items())

    def set_cookie(self, browser, header):
        """What a browser does with a Set-Cookie header, and refuses to do if it is not as the prefix of the name demands."""
        pair, *attributes = header.split("; ")
        name, _, value = pair.partition("=")
        lax = {"Path=/", "HttpOnly", "Secure", "SameSite=Lax"}
        across = {"Path=/", "HttpOnly", "Secure", "SameSite=None"}
        life = [attribute for attribute in attributes if attribute.startswith("Max-Age=")]
        if not name.startswith(COOKIE) or len(header) > MOST_COOKIE or set(attributes) - set(life) not in (lax, across):
            raise Failed(f"the cookie is {header}")
        if life == ["Max-Age=0"]:
            self.jar(browser).pop(name, None)
        elif life == ["Max-Age=600"] and value:
            self.jar(browser)[name] = value
        else:
            raise Failed(f"the cookie is {header}")

    # What is so in every scenario.

    def check_login(self, login, client):
        """The URL has what every login's has, and no secret."""
        query = login["query"]
        posted = client.get("response_mode") == "form_post"
        wanted = {
            "client_id": client["client_id"],
            "redirect_uri": client["redirect_uri"],
            "response_type": client.get("response_type", "code"),
            "response_mode": "form_post" if posted else None,
            **({"code_challenge_method": "S256"} if self.scenario["pkce"] else {"code_challenge": None}),
        }
        if "openid" in query.get("scope", "").split() and not client.get("dangerous_no_nonce"):
            wanted["nonce"] = "*"
        if not client.get("provider") and not player.holds(query, wanted):
            raise Failed(f"the URL has {query}")
        fresh = [query["state"], *(query[name] for name in ("nonce", "code_challenge") if name in query)]
        if any(len(text) < 43 or text in self.spent for text in fresh) or len(set(fresh)) != len(fresh):
            raise Failed(f"state, nonce and challenge are {fresh}")
        self.spent.update(fresh)
        if found := [secret for secret in self.hidden if secret in urllib.parse.unquote_plus(login["url"])]:
            raise Failed(f"the URL has the secret {found}")
        across = "SameSite=None" in login["cookie"]
        if across != (query.get("response_mode") == "form_post"):
            raise Failed(f"the cookie does not suit the way back: {login['cookie']}")

    def check_requests(self):
        """Each request was as it should be: its headers, its verifier, and no secret in its URL."""
        if not hasattr(self.server, "requests"):
            return
        challenges = {login["query"].get("code_challenge") for login in self.begun}
        for request in self.server.requests():
            what, headers, form = request["what"], request["headers"], request["form"]
            if what in ("authorize", "logout"):
                continue
            posted = what in ("token", "revoke", "revocation", "introspection")
            wanted = {"user-agent": "authwright/*", "accept": "application/json*", "cookie": None}
            if posted:
                wanted |= {"content-type": "application/x-www-form-urlencoded"}
            if request["method"] != ("POST" if posted else "GET") or not player.holds(headers, wanted):
                raise Failed(f"a request was {request}")
            secrets = ("code_verifier", "client_assertion", "client_secret")
            self.hidden |= {form[name] for name in secrets if name in form}
            if form.get("grant_type") == "authorization_code" and self.scenario["pkce"]:
                verifier = form.get("code_verifier", "")
                if not 43 <= len(verifier) <= 128 or s256(verifier) not in challenges:
                    raise Failed(f"the verifier {verifier} is not of the challenges {challenges}")
            if not self.scenario["pkce"] and "code_verifier" in form:
                raise Failed("a verifier was sent that belongs to no challenge")
            if found := [secret for secret in self.hidden if secret in urllib.parse.unquote_plus(request["url"])]:
                raise Failed(f"the URL {request['url']} has the secret {found}")
        if self.server.counts().get("followed"):
            raise Failed("a redirect was followed")

    def check_words(self):
        """Nothing that was said has a secret in it, or could move a terminal."""
        for text in self.said:
            if found := [secret for secret in self.hidden if secret in text]:
                raise Failed(f"{text!r} has the secret {found}")
            if not text.replace("\n", "").isprintable() and any(ord(letter) < 32 for letter in text.replace("\n", "")):
                raise Failed(f"{text!r} has control characters")


def words(answer):
    """The messages of an answer, and what its language shows of it."""
    if "all" in answer:
        return [text for one in answer["all"] for text in words(one)]
    said = [answer["shown"]] if "shown" in answer else []
    error = answer.get("error")
    while error:
        said.append(error.get("message") or "")
        error = error.get("cause")
    return said


def told(tokens):
    """Tokens with their `lifetime`, to the nearest ten seconds."""
    left = tokens["expires_at"] - time.time() if tokens.get("expires_at") is not None else None
    return {**tokens, "lifetime": None if left is None else round(left / 10) * 10}


def put(callback, how):
    """The callback as the program hands it over: as it came, or a part of it."""
    if how == "path":
        parts = urllib.parse.urlsplit(callback)
        return f"{parts.path}?{parts.query}"
    if how == "query":
        return urllib.parse.urlsplit(callback).query
    if how == "proxy":
        return urllib.parse.urlsplit(callback)._replace(scheme="http", netloc="10.0.0.1:8080").geturl()
    return callback


def altered(text, place):
    """The text with one of its characters changed to another."""
    place %= len(text)
    return text[:place] + ("A" if text[place] != "A" else "B") + text[place + 1 :]


def s256(verifier):
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def scenarios(document):
    """Those of the tables, and the others."""
    for behaviour, row in document["behaviours"].items():
        yield of_behaviour(document, behaviour, row)
    for name, row in document["answers"].items():
        for place in ("token", "refresh", "userinfo"):
            made = of_behaviour(document, f"{place}-{name}", row)
            if place == "refresh" and row["spent"]:
                made["steps"][-2]["expect"] = {"uncertain": made["steps"][-2]["expect"]}
            yield made
    for name, row in document["id_tokens"].items():
        row = row if isinstance(row, dict) else {"expect": row}
        for place in row.get("places", ("id-token", "hybrid", "refresh-id-token")):
            yield of_behaviour(document, f"{place}-{name}", row)
    for name, row in document["leniencies"].items():
        for place in ("token", "refresh"):
            lenient = {"expect": {"ok": {"leniencies": row["leniencies"], **row.get("ok", {})}}}
            yield of_behaviour(document, f"{place}-{name}", lenient)
            strict = {"code": "ERR_RESPONSE_INVALID", "field": row["field"]}
            strict = strict if place == "token" else {"uncertain": strict}
            made = of_behaviour(document, f"{place}-{name}", {"options": {"strict": True}, "expect": strict})
            yield {**made, "id": f"{place}-{name}-strict"}
    for fault, expected in document["logout_tokens"].items():
        steps = [{"verify_logout_token": {"fault": fault}, "expect": expected}]
        yield {"id": f"logout-token-{fault}", "steps": steps}
    for name, profile in document["profiles"].items():
        yield of_profile(name, **profile)
    for name, registration in document["registrations"].items():
        yield of_registration(name, **registration)
    yield from document["scenarios"]


def of_behaviour(document, behaviour, row):
    """A behaviour of the quirks server, and the calls up to the one that it is about."""
    row = row if isinstance(row, dict) else {"expect": row}
    place = max((name for name in document["places"] if behaviour.startswith(f"{name}-")), key=len)
    about = {**document["places"][place], **row}
    last, begin = about["at"], about.get("login", {})
    calls = [{"begin": begin}, {"authorize": about.get("user", {})}, {"finish": True}]
    calls = calls[:1] if last == "begin" else calls if last == "finish" else [*calls, {last: {}}]
    calls[-1] |= {"expect": about["expect"], **({"within": about["within"]} if "within" in about else {})}
    expected = document["endings"][about["expect"]] if isinstance(about["expect"], str) else about["expect"]
    counts = {"token": about["sent"] if "ok" in expected else about.get("refused", about["sent"])}
    members = ("about", "options", "parameters", "key", "pkce")
    return {
        "id": behaviour,
        "behaviour": about.get("behaviour", behaviour),
        **{name: about[name] for name in members if name in about},
        "steps": [*calls, {"counts": counts}],
    }


def of_profile(name, tokens, user, **members):
    """A whole login at a provider that is as it is known to be, with its profile's own scope."""
    return {
        "id": f"provider-{name}",
        "behaviour": f"provider-{name}",
        "options": {"scope": None},
        **members,
        "steps": [
            {"begin": {}},
            {"authorize": {}},
            {"finish": True, "by": "cookies", "expect": {"ok": tokens}},
            {"userinfo": {}, "expect": {"ok": user}},
            {"counts": {"token": 1}},
        ],
    }


def of_registration(name, headers, form, options=None):
    """All that a client of the login provider does at its endpoints, and how it authenticates there."""
    code = {"grant_type": "authorization_code", "code": "*", "code_verifier": "*", **form}
    refresh = {"grant_type": "refresh_token", "refresh_token": "*", "code_verifier": None, **form}
    token = [{"status": 200, "headers": headers, "form": code}, {"status": 200, "headers": headers, "form": refresh}]
    return {
        "id": f"oidc-client-{name}",
        "server": "login",
        "registration": name,
        "options": {"scope": "openid email profile offline_access", **(options or {})},
        "steps": [
            "log in at the login provider",
            {"userinfo": {}, "expect": "user"},
            {"refresh": {}, "expect": {"ok": {"claims": {"sub": "alice"}, "leniencies": []}}},
            {"userinfo": {}, "expect": "user"},
            {"revoke": {}, "expect": "done"},
            {"userinfo": {}, "expect": {"code": "ERR_RESPONSE_STATUS", "http_status": 401}},
            {"requests": "token", "expect": token},
            {"requests": "revocation", "expect": [{"headers": headers, "form": form}] * 2},
        ],
    }


def lane(scenario):
    """The login provider and glewlwyd serve one scenario at a time, and one that sleeps must not hold up the others."""
    if scenario.get("server", "quirks") != "quirks":
        return "certified"
    return "sleeping" if any("sleep" in step for step in scenario["steps"]) else "others"


def main():
    document = json.loads((player.HERE / "logins.json").read_text())
    # The states, nonces and challenges of all scenarios: each is new.
    spent = set()
    begin = lambda *given: Run(document, spent, *given)
    return player.play(__doc__, document, scenarios, servers.running_logins, begin, lane)


if __name__ == "__main__":
    sys.exit(main())
