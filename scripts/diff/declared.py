"""Whether an instance holds only what its schema declares: an independent reading of the convention.

Callers of an open object send the properties that it declares. This module says, for an instance
that a schema accepts, whether such a caller would send it. It is deliberately naive: no proofs, one
instance at a time, and every branch that accepts the instance counts as followed.
"""

import re

from pairs import accepts_exactly

APPLIES_BESIDE_REF = ("2019-09", "2020-12")


class Reader:
    """Reads one document; `others` are the names that the other side's document mentions."""

    def __init__(self, document: object, others: set[str]) -> None:
        self.document, self.others = document, others
        dialect = document.get("$schema", "2020-12") if isinstance(document, dict) else "2020-12"
        self.siblings = any(name in dialect for name in APPLIES_BESIDE_REF)

    def is_declared(self, instance: object) -> bool:
        return self._fits([self.document], instance, is_root=True)

    def _fits(self, schemas: list, instance: object, is_root: bool = False) -> bool:
        flat = [part for schema in schemas for part in self.in_place(schema, instance)]
        if isinstance(instance, list):
            return all(
                self._fits(self._items(flat, index), item) for index, item in enumerate(instance)
            )
        if not isinstance(instance, dict):
            return True
        names, patterns, openness = set(), set(), 0
        for part in flat:
            names |= set(part.get("properties", ())) | set(part.get("required", ()))
            for keyword in ("dependentRequired", "dependencies"):
                for name, needed in part.get(keyword, {}).items():
                    names |= {name, *(needed if isinstance(needed, list) else ())}
            patterns |= set(part.get("patternProperties", ()))
            for keyword in ("additionalProperties", "unevaluatedProperties"):
                rest = part.get(keyword, False)
                openness = max(openness, 1 if rest is True or rest == {} else 2 if rest else 0)
        # `additionalProperties: true` alone says what an empty schema says.
        free_form = not is_root and not names and not patterns and openness < 2
        for name, value in instance.items():
            known = name in names or any(re.search(pattern, name) for pattern in patterns)
            invited = openness == 2 or (openness == 1 and name not in self.others)
            if not (known or invited or free_form):
                return False
            below = [schema for part in flat for schema in self._members(part, name)]
            if not self._fits(below, value):
                return False
        return True

    def in_place(self, schema: object, instance: object, depth: int = 0) -> list[dict]:
        """The schema objects that apply to the instance itself."""
        if not isinstance(schema, dict) or depth > 40:
            return []
        followed: list = []
        for keyword in ("$ref", "$dynamicRef"):
            if keyword in schema:
                followed.append(self.resolve(schema[keyword]))
        if "$ref" in schema and not self.siblings:
            return self.in_place(followed[0], instance, depth + 1)
        followed += schema.get("allOf", [])
        for keyword in ("anyOf", "oneOf"):
            followed += [part for part in schema.get(keyword, []) if self.holds(part, instance)]
        if "if" in schema:
            arm = ["if", "then"] if self.holds(schema["if"], instance) else ["else"]
            followed += [schema.get(name, True) for name in arm]
        for keyword in ("dependentSchemas", "dependencies"):
            for name, part in schema.get(keyword, {}).items():
                if isinstance(instance, dict) and name in instance and not isinstance(part, list):
                    followed.append(part)
        deeper = [part for one in followed for part in self.in_place(one, instance, depth + 1)]
        return [schema, *deeper]

    def holds(self, part: object, instance: object) -> bool:
        """Whether a part of the document accepts; its references still lead into the document."""
        if not isinstance(part, dict):
            return bool(part)
        shared = ("$schema", "$defs", "definitions", "properties")
        kept = {name: self.document[name] for name in shared if name in self.document}
        kept.pop("properties", None)
        return accepts_exactly({**kept, "allOf": [part]}, instance)

    def resolve(self, reference: str) -> object:
        if not reference.startswith("#"):
            return True
        fragment = reference[1:]
        if fragment and not fragment.startswith("/"):
            return next(self._anchored(self.document, fragment), True)
        found = self.document
        for step in fragment.split("/")[1:]:
            step = step.replace("%25", "%").replace("~1", "/").replace("~0", "~")
            found = found[int(step)] if isinstance(found, list) else found.get(step, True)
        return found

    def _anchored(self, value: object, name: str):
        children = value.values() if isinstance(value, dict) else value
        if isinstance(value, dict) and name in (value.get("$anchor"), value.get("$dynamicAnchor")):
            yield value
        if isinstance(value, (dict, list)):
            for child in children:
                yield from self._anchored(child, name)

    def _members(self, part: dict, name: str) -> list:
        found = [part["properties"][name]] if name in part.get("properties", {}) else []
        found += [
            schema
            for pattern, schema in part.get("patternProperties", {}).items()
            if re.search(pattern, name)
        ]
        rest = ("additionalProperties", "unevaluatedProperties")
        return found or [part[keyword] for keyword in rest if keyword in part]

    def _items(self, flat: list[dict], index: int) -> list:
        found = []
        for part in flat:
            prefix, rest = part.get("prefixItems", []), part.get("items")
            if isinstance(rest, list):
                prefix, rest = rest, part.get("additionalItems")
            if index < len(prefix):
                found.append(prefix[index])
            elif rest is not None:
                found.append(rest)
        return found


def names_in(schema: object) -> set[str]:
    """Every property name that a document mentions anywhere."""
    if isinstance(schema, list):
        return set().union(*map(names_in, schema))
    if not isinstance(schema, dict):
        return set()
    own = schema.get("properties", {})
    own = set(own) if isinstance(own, dict) else set()
    required = schema.get("required", [])
    own |= {name for name in required if isinstance(name, str)} if isinstance(required, list) else set()
    return own.union(*map(names_in, schema.values()))
