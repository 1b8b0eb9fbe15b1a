"""The classes of errors, and that they are the core's table."""

import copy
import pathlib
import pickle
import sys

import pytest

import authwright as aw
from authwright import errors
from authwright._core import error_table

PACKAGE = pathlib.Path(__file__).parents[1]


def test_the_classes_are_the_cores_table() -> None:
    table = error_table()
    assert len(table) >= 30
    for number, name, cls, meaning, _ in table:
        found = getattr(aw, cls)
        assert issubclass(found, aw.AuthwrightError)
        assert (found.code, found.number) == (name, number)
        assert " ".join(found.__doc__.split()).startswith(meaning)
    assert sorted(errors.__all__) == sorted(["AuthwrightError", *(row[2] for row in table)])
    assert set(errors.__all__) <= set(aw.__all__)


def test_the_committed_file_is_what_the_generator_writes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(PACKAGE))
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    import generate_errors

    assert generate_errors.TARGET.read_text(encoding="utf-8") == generate_errors.render()


def test_pythons_own_classes_catch_what_they_mean(key: aw.Key) -> None:
    for cls in (ValueError, TypeError, aw.InvalidArgumentError, aw.AuthwrightError):
        with pytest.raises(cls):
            aw.Key.from_pem(5)  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        aw.Verifier(key, audiance="api")  # type: ignore[call-arg]
    # A call that no options document comes from is Python's own mistake.
    with pytest.raises(TypeError):
        aw.Key.from_pem()  # type: ignore[call-arg]


def test_errors_travel_between_processes() -> None:
    error = aw.ClaimMissingError("the claim is missing", "sub")
    for again in (pickle.loads(pickle.dumps(error)), copy.copy(error)):
        assert (type(again), str(again), again.field, again.code) == (
            type(error),
            str(error),
            "sub",
            "ERR_CLAIM_MISSING",
        )
    assert aw.TokenExpiredError().field is None
