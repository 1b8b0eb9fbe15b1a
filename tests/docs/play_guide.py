"""Runs a guide's Python, page.py in this folder, and logs users in with it. guides.py says with what."""

import json
import os
import runpy
import sys

import authwright as aw

FACTS = json.loads(os.environ["AW_GUIDE"])
BASE = "https://app.example"
sys.path.insert(0, FACTS["servers"])

from servers import QuirkyProvider

provider = QuirkyProvider(FACTS["control"], FACTS["provider"])


def turned(real):
    """The class, with the provider on this machine in the place of the real one."""

    def make(issuer=None, **options):
        options |= FACTS["options"]
        if issuer is not None:
            options["issuer"] = FACTS["provider"]["issuer"]
        if "client_key" in options:
            options["client_key"] = aw.Key.from_jwk(FACTS["provider"]["client_key"])
        return real(**options)

    return make


def expect(found, wanted, what):
    """Ends the run unless both are the same."""
    if found != wanted:
        sys.exit(f"{what}: found {found!r}, wanted {wanted!r}")


def come_back(browser, way_back):
    """What the browser does with the provider's answer."""
    if "form" in way_back:
        kind = "application/x-www-form-urlencoded"
        return browser.post(way_back["callback_url"], data=way_back["form"], content_type=kind)
    return browser.get(way_back["callback"])


def begin(browser, **wishes):
    """A click on the link to /login, and what the provider answers."""
    page = browser.get("/login", base_url=BASE)
    expect(page.status_code, 302, "GET /login")
    return provider.authorize(page.location, **wishes)


def play_routes(app):
    """A good login, and those that must fail."""
    browser, stranger = app.test_client(), app.test_client()
    way_back = begin(browser)
    expect(come_back(stranger, way_back).status_code, 400, "the callback in another browser")
    page = come_back(browser, way_back)
    expect((page.status_code, page.location), (302, "/inbox"), "the callback")
    with browser.session_transaction(base_url=BASE) as session:
        expect(session["user"][0], FACTS["user"][0], "the issuer")
        expect(session["user"][1], FACTS["user"][1] or session["user"][1], "the subject")
        expect(session.get("name"), FACTS["name"], "the name")
    expect(come_back(browser, way_back).status_code, 400, "the callback once more")
    page = come_back(browser, begin(browser, deny=1))
    removal = page.headers.get("Set-Cookie", "")
    expect((page.status_code, "Max-Age=0" in removal), (400, True), "a user who says no")


def log_in(client):
    """Tokens, without a browser."""
    begun = client.begin_login()
    way_back = provider.authorize(begun.url)
    return client.finish_login(begun.transaction, way_back.get("callback") or way_back["form"])


def play_rest(page):
    """What the guide shows beyond the routes, as far as this one has it."""
    client = page["client"]
    tokens = log_in(client)
    expect(tokens.leniencies, FACTS["leniencies"] or [], "the leniencies")
    for call in FACTS["missing"] or []:
        try:
            getattr(client, call)(tokens)
            sys.exit(f"{call}() works, and the guide says otherwise")
        except aw.EndpointMissingError:
            pass
    if "connect" in page:
        provider.authorize(page["connect"]().url)
    if "belongs" in page:
        expect(page["belongs"](tokens), True, "belongs()")
    if "is_customer" in page:
        expect(page["is_customer"](tokens), True, "is_customer()")
    if "manage" in page:
        kept = []
        manager = page["manage"](tokens, kept.append)
        manager.tokens(force=True)
        expect(page["headers"](manager), {"Authorization": manager.current.authorization}, "headers()")
        expect(aw.oauth.Tokens.from_json(kept[0]).access_token, manager.current.access_token, "what was kept")
    if "begin" in page:
        play_async(page)
    if "logout" in page:
        answer = page["app"].test_client().post("/logout", base_url=BASE)
        expect(answer.status_code, 302, "POST /logout")
    if "sessions" in page:
        play_sessions(page, tokens)
    if "delete_account" in page:
        page["delete_account"](tokens.to_json())


def play_async(page):
    """The asynchronous twin of the routes."""
    import asyncio

    async def play():
        url, cookies = await page["begin"](None)
        callback = provider.authorize(url)["callback"]
        return await page["finish"](cookies[0].split(";")[0], callback.partition("?")[2])

    expect(asyncio.run(play()).return_to, "/inbox", "the asynchronous login")


def play_sessions(page, tokens):
    """Both kinds of logout."""
    browser, sessions = page["app"].test_client(), page["sessions"]
    sessions["one"] = {"sub": "alice", "sid": "7", "id_token": tokens.id_token}
    sessions["two"] = {"sub": "bob", "sid": "8", "id_token": tokens.id_token}
    with browser.session_transaction(base_url=BASE) as session:
        session["id"] = "two"
    expect("id_token_hint=" in browser.post("/logout", base_url=BASE).location, True, "the hint")
    expect(list(sessions), ["one"], "the sessions after a logout")
    for token, status in (
        (provider.logout_token(fault="nonce"), 400),
        (provider.logout_token(sub="alice", sid="7"), 200),
    ):
        answer = browser.post("/backchannel-logout", base_url=BASE, data={"logout_token": token})
        expect(answer.status_code, status, "POST /backchannel-logout")
    expect(list(sessions), [], "the sessions after a logout at the provider")


aw.oauth.Client = turned(aw.oauth.Client)
aw.oauth.AsyncClient = turned(aw.oauth.AsyncClient)
guide = runpy.run_path("page.py")
play_routes(guide["app"])
play_rest(guide)
