"""Compares `mcp-kit diff` with the jsoncompat wheel; see scripts/second-opinion."""

import argparse
import collections
import json
import subprocess
import sys

import jsoncompat
import pairs
from check_pairs import attack
from pairs import Pair, accepts
from report import Failure, diff


def theirs(pair: Pair) -> tuple[str, object]:
    """compatible, incompatible, unknown or error; and a counterexample, where one is given.

    The newest releases tell broken from unknown and show an instance; 0.3 says only yes or no.
    """
    role = "deserializer" if pair.direction == "input" else "serializer"
    side = pairs.SIDES[pair.direction]
    old, new = (json.dumps(surface["tools"][0][side]) for surface in (pair.old, pair.new))
    try:
        if hasattr(jsoncompat, "analyze_compat"):
            return told(jsoncompat.analyze_compat(old, new, role))
        return ("compatible" if jsoncompat.check_compat(old, new, role) else "no"), None
    except Exception as error:  # A wheel that panics must not end the run.
        return "error", f"{type(error).__name__}: {str(error)[:80]}"


def told(answer: dict) -> tuple[str, object]:
    if answer["status"] == "unknown":
        return "unknown", None
    return answer["status"], answer.get("counterexample")


def ours(pair: Pair, program: str) -> tuple[str, list]:
    report = diff(program, pair.old, pair.new)
    witnesses = report.witnesses()
    if "breaking/schema-undecided" in report.rules() and not witnesses:
        return "unknown", []
    return ("incompatible" if report.verdict() == "breaking" else "compatible"), witnesses


def cause(pair: Pair, our: str, their: str, witnesses: list, shown: object) -> str:
    """Why the two disagree, as far as instances can settle it."""
    if their == "error":
        return "they give no answer"
    if our == "unknown":
        return "undecided here"
    if their == "unknown":
        return f"undecided there, {our} here"
    if our == "incompatible":
        sent, applied = pair.schemas()
        holds = any(accepts(sent, w.instance) and not accepts(applied, w.instance) for w in witnesses)
        return "they overlook a confirmed witness" if holds else "OURS IS NOT CONFIRMED"
    sent, applied = pair.schemas()
    if shown is not None and accepts(sent, shown) and not accepts(applied, shown):
        return "their instance holds: is every property in it declared?"
    # The convention cannot be told to jsoncompat; a strict counterexample explains its no.
    found, strict = attack(sent, applied, tries=400)
    if found.against is not None:
        return "OURS IS REFUTED"
    if strict is not None:
        return "only undeclared properties are refused: they do not follow the convention"
    return "they cannot prove it, and random instances do not refute it"


def main() -> int:
    sys.setrecursionlimit(20_000)
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("program", help="the mcp-kit to compare")
    arguments = parser.parse_args()
    counts: collections.Counter = collections.Counter()
    causes: dict[str, list[str]] = collections.defaultdict(list)
    failed = 0
    for pair in pairs.fixtures() + pairs.corpus():
        if pair.direction is None:
            continue
        try:
            our, witnesses = ours(pair, arguments.program)
        except (Failure, OSError, subprocess.TimeoutExpired) as failure:
            print(f"{pair.source}/{pair.id}: {failure}")
            failed += 1
            continue
        their, shown = theirs(pair)
        counts[our, their] += 1
        no = their in ("no", "incompatible")
        if our != their and not (our == "incompatible" and no):
            line = f"{pair.source}/{pair.id}: {our} here, {their} there, expected {pair.expected}"
            line += "".join(f"; witness {json.dumps(w.instance)[:120]}" for w in witnesses[:1])
            line += f"; they show {shown}" if shown is not None else ""
            causes[cause(pair, our, their, witnesses, shown)].append(line)
    print(f"{'mcp-kit':<14}{'jsoncompat':<14}{'pairs':>6}")
    for (our, their), count in sorted(counts.items()):
        print(f"{our:<14}{their:<14}{count:>6}")
    for why, lines in sorted(causes.items()):
        print(f"\n{why}: {len(lines)}", *lines, sep="\n  ")
    return 1 if failed or any(why.startswith("OURS") for why in causes) else 0


if __name__ == "__main__":
    sys.exit(main())
