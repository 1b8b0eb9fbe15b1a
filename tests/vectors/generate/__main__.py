"""Writes every file of the corpus: `python3 tests/vectors/generate`. With --check: compares and writes nothing."""

import importlib
import json
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

import corpus

AREAS = [
    "rfc",
    "algorithms",
    "attacks_algorithm",
    "attacks_key",
    "attacks_signature",
    "attacks_structure",
    "attacks_claims",
    "decoding",
    "claim_checks",
    "policy",
    "profiles",
    "key_import",
    "key_selection",
    "signing",
    "jws",
    "issuers",
    "fuzzing",
]


def validate(texts):
    """Against the schema, where `jsonschema` is installed."""
    try:
        import jsonschema
    except ImportError:
        print("jsonschema is not installed: the files were not validated against schema.json")
        return
    validator = jsonschema.Draft202012Validator(json.loads((corpus.DIRECTORY / "schema.json").read_text()))
    for path, text in texts.items():
        for error in validator.iter_errors(json.loads(text)):
            sys.exit(f"{path.name}: {error.json_path}: {error.message[:500]}")


def main():
    areas = [
        area for module in AREAS if (HERE / f"{module}.py").exists() for area in importlib.import_module(module).areas()
    ]
    texts = {area.path: area.text() for area in areas}
    validate(texts)
    strays = set(corpus.DIRECTORY.glob("*.json")) - set(texts) - {corpus.DIRECTORY / "schema.json"}
    if "--check" in sys.argv:
        stale = [path.name for path, text in texts.items() if not path.exists() or path.read_text() != text]
        stale += [path.name for path in strays]
        if stale:
            sys.exit("not what the generator writes (run `make vectors`): " + ", ".join(sorted(stale)))
    else:
        for path, text in texts.items():
            path.write_text(text)
        for path in strays:
            path.unlink()
    count = sum(len(area.vectors) for area in areas)
    print(f"{count} vectors in {len(texts)} files, {sum(map(len, texts.values())) // 1024} KiB")


if __name__ == "__main__":
    main()
