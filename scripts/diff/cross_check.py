"""Checks verdicts and witnesses of `mcp-kit diff` with Python's jsonschema; see scripts/cross-check."""

import argparse
import collections
import json
import subprocess
import sys

import pairs
from pairs import Pair, accepts
from report import Failure, Report, Witness, diff


def check(pair: Pair, report: Report) -> list[str]:
    """What is wrong with the report on this pair."""
    wrong = []
    verdict = report.verdict()
    if verdict != pair.expected and not (pair.undecided and report.is_only_undecided()):
        wrong.append(f"{verdict} instead of {pair.expected} {sorted(report.rules())}")
    elif pair.rule and verdict == pair.expected and pair.rule not in report.rules():
        wrong.append(f"no {pair.rule} among {sorted(report.rules())}")
    witnesses = report.witnesses()
    wrong += [line for witness in witnesses for line in refuted(pair, witness)]
    if pair.direction and verdict == pair.expected == "breaking" and not witnesses:
        wrong.append("broken without a witness")
    return wrong


def refuted(pair: Pair, witness: Witness) -> list[str]:
    wrong = []
    for side, wanted in ((witness.accepted_by, True), (witness.refused_by, False)):
        surface = {"old": pair.old, "new": pair.new}[side]
        tool = next(tool for tool in surface["tools"] if tool["name"] == witness.tool)
        if accepts(tool[witness.side], witness.instance) != wanted:
            said = "refuses" if wanted else "accepts"
            shown = json.dumps(witness.instance, ensure_ascii=False)[:200]
            wrong.append(f"the {side} {witness.side} {said} {shown} ({witness.rule})")
    if witness.accepted_by == witness.refused_by:
        wrong.append(f"one side accepts and refuses ({witness.rule})")
    return wrong


def main() -> int:
    sys.setrecursionlimit(20_000)  # The validator goes deep on recursive schemas.
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("program", help="the mcp-kit to check")
    parser.add_argument("pair", nargs="*", help="only the pairs with these ids")
    arguments = parser.parse_args()
    table: dict[str, collections.Counter] = {}
    problems = []
    for pair in pairs.fixtures() + pairs.corpus():
        if arguments.pair and pair.id not in arguments.pair:
            continue
        row = table.setdefault(pair.source, collections.Counter())
        row["pairs"] += 1
        row["breaking"] += pair.expected == "breaking"
        try:
            report = diff(arguments.program, pair.old, pair.new)
        except (Failure, OSError, subprocess.TimeoutExpired) as failure:
            row["wrong"] += 1
            problems.append(f"{pair.source}/{pair.id}: {failure}")
            continue
        row["witnesses"] += len(report.witnesses())
        row["undecided"] += "breaking/schema-undecided" in report.rules()
        if wrong := check(pair, report):
            row["wrong"] += 1
            problems.append(f"{pair.source}/{pair.id}: {'; '.join(wrong)}")
    columns = ["pairs", "breaking", "witnesses", "undecided", "wrong"]
    print(f"{'source':<14}" + "".join(f"{column:>11}" for column in columns))
    total = sum(table.values(), collections.Counter())
    for source, row in [*table.items(), ("all", total)]:
        print(f"{source:<14}" + "".join(f"{row[column]:>11}" for column in columns))
    for problem in problems:
        print(problem)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
