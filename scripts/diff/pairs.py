"""The pairs of fixtures/pairs (and of a corpus in the older spelling), and validators for them."""

import json
import os
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

import jsonschema
from jsonschema.exceptions import ValidationError

PROJECT = Path(__file__).resolve().parent.parent.parent
FIXTURES = PROJECT / "fixtures" / "pairs"
# Beside the checkout on machines that have it; nowhere else.
BESIDE = PROJECT.parent / "shared" / "corpus" / "diff-pairs.json"
CORPUS = Path(os.environ.get("MCP_KIT_DIFF_PAIRS", BESIDE))
SIDES = {"input": "inputSchema", "output": "outputSchema"}


@dataclass
class Pair:
    """Two surfaces and what is to be said of them; the fields are those of fixtures/pairs."""

    id: str
    source: str
    old: dict
    new: dict
    expected: str
    why: str = ""
    kind: str = ""
    direction: str | None = None
    rule: str | None = None
    undecided: bool = False
    witness: list = field(default_factory=list)  # One instance, or none.

    def schemas(self) -> tuple[object, object] | None:
        """The schema that senders follow and the one that is applied, where a schema is judged."""
        if self.direction is None:
            return None
        old, new = (side["tools"][0][SIDES[self.direction]] for side in (self.old, self.new))
        return (old, new) if self.direction == "input" else (new, old)


def fixtures() -> list[Pair]:
    return [
        Pair(source=file.stem, **{**entry, "witness": _optional(entry)})
        for file in sorted(FIXTURES.glob("*.json"))
        for entry in json.loads(file.read_text())
    ]


def corpus() -> list[Pair]:
    if not CORPUS.exists():
        return []
    return [
        Pair(
            entry["id"], "corpus", {"tools": entry["old_tools"]}, {"tools": entry["new_tools"]},
            entry["expected"], entry["why"], entry["category"], entry.get("direction"),
            witness=_optional(entry) if entry["expected"] == "breaking" else [],
        )
        for entry in json.loads(CORPUS.read_text())
    ]


def _optional(entry: dict) -> list:
    return [entry["witness"]] if "witness" in entry else []


def accepts(schema: object, instance: object) -> bool:
    """Python's jsonschema says so, by the schema's own dialect; formats are not asserted."""
    return _validator(schema, exact=False).is_valid(instance)


def accepts_exactly(schema: object, instance: object) -> bool:
    """The same with decimals instead of floats under multipleOf, for judging ground truth."""
    return _validator(schema, exact=True).is_valid(instance)


def _validator(schema: object, exact: bool) -> jsonschema.protocols.Validator:
    default = jsonschema.Draft202012Validator
    kind = jsonschema.validators.validator_for(schema, default=default)
    kind = _EXACT.setdefault(kind, _made_exact(kind)) if exact else kind
    return kind(schema)


_EXACT: dict = {}


def _made_exact(kind: type) -> type:
    return jsonschema.validators.extend(kind, {"multipleOf": _multiple_of})


def _multiple_of(validator, step, instance, _schema):
    if validator.is_type(instance, "number"):
        if (Fraction(repr(instance)) / Fraction(repr(step))).denominator != 1:
            yield ValidationError(f"{instance!r} is no multiple of {step!r}")
