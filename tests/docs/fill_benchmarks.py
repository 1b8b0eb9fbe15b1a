#!/usr/bin/env python3
"""Fills in README.md's benchmark section from benches/RESULTS.md, which `make bench` writes.

tests/docs/fill_benchmarks.py           writes the section between the markers
tests/docs/fill_benchmarks.py --check   only says whether it is as it would be written
"""

import pathlib
import re
import sys
import textwrap

ROOT = pathlib.Path(__file__).resolve().parents[2]
README = ROOT / "README.md"
BEGIN, END = "<!-- benchmarks -->", "<!-- /benchmarks -->"
OPERATIONS = ("HS256 verify", "HS256 sign", "RS256 verify", "ES256 verify", "EdDSA verify")
# The row of ours that returns what the peers' rows return, where there are several.
OURS = ("authwright, typed claims, owned", "authwright, typed claims", "authwright")


def main():
    """Writes, or checks, the section."""
    readme = README.read_text()
    before, _, rest = readme.partition(BEGIN)
    _, _, after = rest.partition(END)
    filled = f"{before}{BEGIN}\n{section((ROOT / 'benches/RESULTS.md').read_text())}{END}{after}"
    if "--check" in sys.argv:
        sys.exit(0 if filled == readme else "README.md's benchmarks are not those of benches/RESULTS.md")
    README.write_text(filled)


def section(results):
    """The machine, the table, and the goals."""
    machine = re.search(r"^(\d{4}-\d\d-\d\d, [^.]*)\. (.*)$", results, re.MULTILINE)
    about = f"Measured on {machine.group(1)}. Versions: {machine.group(2)}"
    lines = [*textwrap.wrap(about, 120, break_on_hyphens=False), ""]
    lines += ["| | | authwright | the others, in multiples of its time |", "| --- | --- | ---: | --- |"]
    languages = {part.partition("\n")[0]: part for part in results.split("\n## ")}
    for operation in OPERATIONS:
        for language in ("Rust", "C", "Python", "Node"):
            rows = table(languages.get(language, ""), operation)
            ours = next((rows[name] for name in OURS if name in rows), None)
            if ours is not None:
                others = [f"{short(name)} {multiple(took / ours)}" for name, took in rows.items() if is_peer(name)]
                shown = ", ".join(others) or "no peer has it"
                lines.append(f"| {operation} | {language} | {ours / 1000:.2f} µs | {shown} |")
    lines += ["", *api_keys(languages.get("API keys", ""))]
    return "\n".join(lines).rstrip("\n") + "\n\n" + goals(languages.get("Goals", "")) + "\n"


def api_keys(text):
    """The first table of the report's part, as it is there."""
    found = re.search(r"^\| API keys \|.*\n\|[-:| ]+\|\n(?:\|.*\n?)*", text, re.MULTILINE)
    return found.group().splitlines() if found else []


def table(text, operation):
    """The rows of one table: names and nanoseconds."""
    found = re.search(rf"^\| {operation} \|.*\n\|[-:| ]+\|\n((?:\|.*\n?)*)", text, re.MULTILINE)
    rows = {}
    for line in found.group(1).splitlines() if found else []:
        name, took = (cell.strip(" *") for cell in line.split("|")[1:3])
        rows[name] = float(re.sub(r"\s", "", took))
    return rows


def is_peer(name):
    """Neither one of ours nor a bare primitive."""
    return not name.startswith(("authwright", "bare "))


def short(name):
    """A peer's name without what distinguishes rows that are not shown here."""
    return re.sub(r"( \(aws_lc_rs\))?(, (typed|owned|borrowed).*)?$", "", name).replace(
        ", answering from its cache", " (cache hit)"
    )


def multiple(ratio):
    """Two digits that say something."""
    return f"{ratio:.1f}" if ratio >= 1 else f"{ratio:.2f}"


def goals(text):
    """How many goals are met, and which are not."""
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line.startswith("| ")
    ]
    rows = [row for row in rows if row[-1] in {"met", "MISSED", "?"}]
    met = sum(row[-1] == "met" for row in rows)
    missed = [f"- {row[0]} (measured {row[1]})" for row in rows if row[-1] == "MISSED"]
    unmeasured = sum(row[-1] == "?" for row in rows)
    text = f"Of {len(rows)} goals that the project set itself, {met} are met"
    text += f" and {unmeasured} were not measured in this run" if unmeasured else ""
    return text + (". Missed:\n\n" + "\n".join(missed) if missed else ".") + "\n"


if __name__ == "__main__":
    main()
