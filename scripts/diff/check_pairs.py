"""Tries to refute the ground truth of fixtures/pairs with Python's jsonschema; see scripts/check-pairs.

- A breaking pair: its witness is accepted by the schema that senders follow, refused by the other
  one, and holds only declared properties.
- A safe pair: random instances of the sending schema that hold only declared properties are
  accepted by the other one. For `none` the two schemas accept the same instances, both ways and
  without the convention.
- A `compatible` pair: some instance tells the two schemas apart, else it should be `none`.
"""

import argparse
import json
import sys

import pairs
from declared import Reader, names_in
from pairs import Pair, accepts_exactly
from sample import Sampler

LEVELS = ("none", "compatible", "warning", "breaking")


def check(pair: Pair, tries: int) -> tuple[list[str], str]:
    """What is wrong with the pair, and a word on how it was looked at."""
    wrong = [] if pair.expected in LEVELS else [f"expected is {pair.expected!r}"]
    if pair.direction is None:
        return wrong, "no schema judged"
    sent, applied = pair.schemas()
    if pair.rule == "breaking/schema-undecided":
        return wrong, "has no decidable meaning"
    if any("://" in reference for reference in references(pair.old) + references(pair.new)):
        return wrong, "remote reference"
    reader = Reader(sent, names_in(applied))
    if pair.expected == "breaking":
        if not pair.witness:
            return [*wrong, "no witness"], ""
        witness = pair.witness[0]
        if not accepts_exactly(sent, witness):
            wrong.append("the sending schema refuses the witness")
        if accepts_exactly(applied, witness):
            wrong.append("the applied schema accepts the witness")
        if "$id" not in json.dumps(sent) and not reader.is_declared(witness):
            wrong.append("the witness holds something undeclared")
        return wrong, "witness"
    forth, strict = attack(sent, applied, tries)
    back, back_strict = attack(applied, sent, tries)
    if forth.against is not None:
        wrong.append(f"counterexample: {forth.against[0]!r}")
    if pair.expected == "none":
        for found in (strict, back_strict):
            if found is not None:
                wrong.append(f"not the same instances: {found[0]!r}")
    if pair.expected == "compatible" and strict is None and back_strict is None:
        wrong.append("nothing tells the schemas apart")
    if pair.rule == "breaking/input-implicitly-closed" and strict is None:
        wrong.append("no undeclared property is refused")
    return wrong, f"{forth.accepted} and {back.accepted} instances"


class Attack:
    """How many declared instances were accepted by the sender, and one that was then refused."""

    def __init__(self) -> None:
        self.accepted, self.against = 0, None


def attack(sent: object, applied: object, tries: int) -> tuple[Attack, tuple | None]:
    """Also gives an instance, declared or not, that is accepted by `sent` only."""
    sampler, reader = Sampler(sent, applied, seed=1), Reader(sent, names_in(applied))
    found, strict, seen, recent = Attack(), None, set(), []
    for index in range(tries):
        if recent and index % 3 == 0:
            instance = sampler.mutated(sampler.random.choice(recent))
        else:
            instance = sampler.make()
        text = json.dumps(instance, sort_keys=True)
        # Python's `$` also matches before a line feed at the end; ECMA-262's does not.
        if text in seen or "\\n" in text:
            continue
        seen.add(text)
        if not accepts_exactly(sent, instance):
            continue
        recent = [*recent[-20:], instance]
        refused = not accepts_exactly(applied, instance)
        if refused and strict is None:
            strict = (instance,)
        if reader.is_declared(instance):
            found.accepted += 1
            if refused and found.against is None:
                found.against = (instance,)
    return found, strict


def references(value: object) -> list[str]:
    if isinstance(value, list):
        return [found for item in value for found in references(item)]
    if not isinstance(value, dict):
        return []
    own = [value["$ref"]] if isinstance(value.get("$ref"), str) else []
    return own + [found for item in value.values() for found in references(item)]


def main() -> int:
    sys.setrecursionlimit(20_000)  # The validator goes deep on recursive schemas.
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--tries", type=int, default=1500, help="instances made per direction")
    parser.add_argument("--verbose", action="store_true", help="say how each pair was looked at")
    parser.add_argument("pair", nargs="*", help="only the pairs with these ids")
    arguments = parser.parse_args()
    all_pairs = pairs.fixtures() + pairs.corpus()
    bad = 0
    for pair in all_pairs:
        if arguments.pair and pair.id not in arguments.pair:
            continue
        wrong, how = check(pair, arguments.tries)
        bad += bool(wrong)
        if wrong or arguments.verbose:
            print(f"{pair.source}/{pair.id} ({pair.expected}; {how}): {'; '.join(wrong) or 'ok'}")
    ids = [pair.id for pair in all_pairs]
    for id in sorted({id for id in ids if ids.count(id) > 1}):
        print(f"the id {id} is taken twice")
        bad += 1
    print(f"{len(all_pairs)} pairs, {bad} refuted")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
