"""Claims from Python to JSON, and from JSON to Python."""

import base64
import collections
import contextlib
import decimal
import enum
import json
import types
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import Any

import pytest
from conftest import NOW

import authwright as aw


@pytest.fixture(scope="module")
def signer(secret: aw.Key) -> aw.Signer:
    return aw.Signer(secret, lifetime=900)


@pytest.fixture(scope="module")
def verifier(secret: aw.Key) -> aw.Verifier:
    return aw.Verifier(secret, max_token_bytes=1 << 24)


class Colour(enum.StrEnum):
    RED = "red"


class Level(enum.IntEnum):
    HIGH = 3


class Text(str):
    __slots__ = ()


class Half(float):
    __slots__ = ()


EXACT = [
    None,
    True,
    False,
    0,
    -1,
    1,
    2**31,
    -(2**63),
    2**63 - 1,
    2**63,
    2**64,
    -(2**64),
    2**127,
    2**128,
    -(2**200),
    10**307,
    10**308 - 1,
    -(10**308 - 1),
    0.5,
    -0.0,
    1e22,
    5e-324,
    1.7976931348623157e308,
    "",
    "a",
    "é",
    "ÿ",
    "€",
    "日本語",
    "🦀",
    "mixed é € 🦀 ascii",
    'quote " backslash \\ slash / controls \x00\x01\x1f\x7f newline \n tab \t',
    "\u2028\u2029\ufeff\uffff",
    "x" * 300,
    "é" * 300,
    [],
    {},
    [[]],
    [{}],
    {"": ""},
    {"a": {"b": {"c": [1, [2, [3, {"d": None}]]]}}},
    [None, True, 1, 1.5, "x", [], {}],
    {"key with é": 1, 'quote"': 2, "back\\slash": 3, "\x00": 4, "x" * 100: 5},
    list(range(2000)),
    {f"name{number}": number for number in range(300)},
]


@pytest.mark.parametrize("value", EXACT, ids=lambda value: repr(value)[:40])
def test_what_goes_in_comes_out(value: Any, signer: aw.Signer, verifier: aw.Verifier) -> None:
    claims = verifier.verify(signer.sign({"value": value, "nested": {"list": [value]}}, NOW), NOW).claims
    assert claims["value"] == value
    assert repr(claims["value"]) == repr(value)
    assert claims["nested"]["list"][0] == value
    # Another reader of JSON reads the same.
    payload = signer.sign({"value": value}, NOW).split(".")[1]
    assert json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))["value"] == value


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (Colour.RED, "red"),
        (Level.HIGH, 3),
        (Text("text"), "text"),
        (Half(0.5), 0.5),
        ((), []),
        ((1, (2, "x")), [1, [2, "x"]]),
        (collections.OrderedDict(a=1, b=2), {"a": 1, "b": 2}),
        (collections.defaultdict(int, a=1), {"a": 1}),
        (types.MappingProxyType({"a": [1]}), {"a": [1]}),
        (collections.ChainMap({"a": 1}, {"b": 2}), {"a": 1, "b": 2}),
        (collections.namedtuple("Point", "x y")(1, 2), [1, 2]),
        ({Colour.RED: 1, Text("t"): 2}, {"red": 1, "t": 2}),
        (datetime.fromtimestamp(NOW, UTC), NOW),
        (datetime.fromtimestamp(NOW + 0.999999, UTC), NOW),
        (datetime.fromtimestamp(NOW, timezone(timedelta(hours=9))), NOW),
        (datetime(1969, 12, 31, 23, 59, 59, 500000, UTC), -1),
    ],
    ids=repr,
)
def test_what_is_taken_for_json(value: Any, expected: Any, signer: aw.Signer, verifier: aw.Verifier) -> None:
    claims = verifier.verify(signer.sign({"value": value, "list": [value]}, NOW), NOW).claims
    assert claims["value"] == expected
    assert claims["list"] == [expected]
    assert type(claims["value"]) is type(expected)


def nested(levels: int, inner: Any = 1) -> Any:
    for _ in range(levels):
        inner = [inner]
    return inner


class Odd(tzinfo):
    def utcoffset(self, _: datetime | None) -> None:
        return None


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (float("nan"), "NaN"),
        (float("inf"), "infinite"),
        (-float("inf"), "infinite"),
        (10**308, "308 digits"),
        (-(10**308), "308 digits"),
        (2**20000, "308 digits"),
        (b"bytes", "bytes"),
        (bytearray(b"bytes"), "bytearray"),
        ({1, 2}, "set"),
        (object(), "object"),
        (1j, "complex"),
        (decimal.Decimal("1.5"), "Decimal"),
        (datetime(2026, 11, 1), "naive"),
        (datetime(2026, 11, 1, tzinfo=Odd()), "naive"),
        (timedelta(seconds=5), "timedelta"),
        (datetime(2026, 11, 1).date(), "date"),
        (iter([]), "iterator"),
        (range(3), "range"),
        ("\ud800", "surrogate"),
        ({1: 2}, "key"),
        ({None: 2}, "key"),
        ({"\udfff": 2}, "surrogate"),
        ({b"a": 2}, "key"),
        (nested(64), "deeper"),
        (nested(100_000), "deeper"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_json_cannot_say_is_refused_with_the_claims_name(value: Any, words: str, signer: aw.Signer) -> None:
    for claims in ({"my_claim": value}, {"a": 1, "my_claim": {"deep": [value]}}):
        for call in (signer.sign, signer.prepare):
            with pytest.raises(aw.InvalidArgumentError, match=words) as caught:
                call(claims, NOW)
            assert caught.value.field == "my_claim"
            assert "my_claim" in caught.value.message


def test_a_cycle_is_refused(signer: aw.Signer) -> None:
    around: dict[str, Any] = {}
    around["around"] = around
    with pytest.raises(aw.InvalidArgumentError, match="deeper"):
        signer.sign(around, NOW)


def test_as_deep_as_a_verifier_reads(signer: aw.Signer, verifier: aw.Verifier) -> None:
    deepest = nested(63)
    assert verifier.verify(signer.sign({"deep": deepest}, NOW), NOW).claims["deep"] == deepest


@pytest.mark.parametrize("claims", [None, "claims", b"{}", [("sub", "alice")], 5, object(), {"sub"}])
def test_claims_are_a_mapping(claims: Any, signer: aw.Signer) -> None:
    with pytest.raises(aw.InvalidArgumentError) as caught:
        signer.sign(claims, NOW)
    assert caught.value.field == "claims"


@pytest.mark.parametrize("claims", [{1: "one"}, {"\ud800": 1}])
def test_names_of_claims_are_str(claims: Any, signer: aw.Signer) -> None:
    with pytest.raises(aw.InvalidArgumentError) as caught:
        signer.sign(claims, NOW)
    assert caught.value.field == "claims"


def test_what_an_objects_own_code_raises_passes_through(signer: aw.Signer, verifier: aw.Verifier) -> None:
    class Broken(collections.UserDict[str, Any]):
        def keys(self) -> Any:
            raise ZeroDivisionError("my own")

    class Zone(tzinfo):
        def utcoffset(self, _: datetime | None) -> timedelta:
            raise ZeroDivisionError("my own")

    for claims in (Broken(a=1), {"inner": Broken(a=1)}, {"exp": datetime(2026, 11, 1, tzinfo=Zone())}):
        with pytest.raises(ZeroDivisionError, match="my own"):
            signer.sign(claims, NOW)
    with pytest.raises(ZeroDivisionError, match="my own"):
        verifier.verify("a.b.c", datetime(2026, 11, 1, tzinfo=Zone()))


def test_claims_that_change_while_they_are_written(signer: aw.Signer) -> None:
    claims: dict[str, Any] = {}

    class Zone(tzinfo):
        """Runs in the middle of signing."""

        def utcoffset(self, _: datetime | None) -> timedelta:
            for number in range(1000):
                claims[f"more{number}"] = datetime(2026, 11, 1, tzinfo=self)
            claims.get("list", []).clear()
            return timedelta()

    claims["list"] = [datetime(2026, 11, 1, tzinfo=Zone()), "x", "y"]
    claims["date"] = datetime(2026, 11, 1, tzinfo=Zone())
    # Whatever comes out, nothing crashes and nothing hangs.
    with contextlib.suppress(aw.AuthwrightError):
        signer.sign(claims, NOW)


def test_dates_of_the_token_as_datetimes(secret: aw.Key, verifier: aw.Verifier) -> None:
    signer = aw.Signer(secret)
    expires = datetime.fromtimestamp(NOW + 60, timezone(timedelta(hours=2)))
    claims = verifier.verify(signer.sign({"exp": expires, "nbf": expires - timedelta(60)}, NOW), NOW).claims
    assert claims["exp"] == NOW + 60


def test_known_and_unknown_names_alike(signer: aw.Signer, verifier: aw.Verifier) -> None:
    names = "a ab abc abcd abcdefgh sub scp scope subject email_verified realm_access preferred_username cognito:groups"
    claims = {name: {name: name} for name in [*names.split(), "s\u00fcb", "x" * 16, "x" * 17, "resource_access"]}
    claims = {name: value for name, value in claims.items() if name != "sub"}
    got = verifier.verify(signer.sign(claims, NOW), NOW).claims
    assert {name: got[name] for name in claims} == claims
    assert all(type(name) is str for name in got)


def test_values_of_one_token_never_get_into_another(signer: aw.Signer, verifier: aw.Verifier) -> None:
    values = [
        "read",
        "write",
        "",
        "s\u00fcb",
        'with "escapes"',
        "x" * 128,
        "x" * 129,
        None,
        7,
        1.5,
        ["read"],
        {"read": 1},
    ]
    for value in [*values, *reversed(values)]:
        claims = {
            "scope": value,
            "client_id": "web",
            "roles": [value, "web"],
            "sub": value if isinstance(value, str) else "s",
        }
        for _ in range(20):
            got = verifier.verify(signer.sign(claims, NOW), NOW).claims
            assert {name: got[name] for name in claims} == claims
            assert list(got)[: len(claims)] == list(claims)
            got["scope"] = "changed"
