"""Random instances near the edges of two schemas, for attacking what is said to be compatible."""

import copy
import random
import re

from declared import Reader

try:
    import rstr  # Strings that match a pattern.
except ImportError:
    rstr = None

TYPES = ["string", "integer", "number", "boolean", "null", "object", "array"]
STRINGS = ["", "x", "A", "0", "xx", "low", "x-y", "day", " ", "\t"]
NUMBERS = [0, 1, -1, 2, 0.5, 1.5, 7, 100, -0.5, 10.5]
KEYS = ["extra", "X", "x", "n_", "abc", "longer_name"]


class Sampler:
    """Makes instances that the first schema probably accepts, with values that matter to both."""

    def __init__(self, schema: object, other: object, seed: int) -> None:
        self.random = random.Random(seed)
        self.schema, self.reader = schema, Reader(schema, set())
        self.strings, self.numbers, self.keys = list(STRINGS), list(NUMBERS), list(KEYS)
        self.patterns, self.members = [], []
        for document in (schema, other):
            self._collect(document)

    def _collect(self, value: object) -> None:
        if isinstance(value, list):
            for item in value:
                self._collect(item)
        if not isinstance(value, dict):
            return
        for keyword, part in value.items():
            if keyword == "pattern" and isinstance(part, str):
                self.patterns.append(part)
            elif keyword in ("enum", "const"):
                self.members += part if keyword == "enum" else [part]
            elif keyword == "patternProperties":
                self.keys += [self._matching(pattern) for pattern in part]
            elif keyword in ("properties", "required") and not isinstance(part, bool):
                self.keys += [name for name in part if isinstance(name, str)]
            elif isinstance(part, (int, float)) and not isinstance(part, bool):
                if keyword in ("minLength", "maxLength"):
                    self.strings += ["x" * max(0, part + by) for by in (-1, 0, 1)]
                elif "Items" not in keyword and "Properties" not in keyword:
                    self.numbers += [part, part - 1, part + 1, part * 2, part + 0.5]
            self._collect(part)

    def _matching(self, pattern: str) -> str:
        if rstr is None:
            return "x"
        # Look-aheads only narrow; what does not fit is refused afterwards.
        text = rstr.Rstr(self.random).xeger(re.sub(r"\(\?[=!][^)]*\)", "", pattern))
        return text[:60]

    def any_value(self, depth: int = 0) -> object:
        pick = self.random.random()
        if pick < 0.3 and self.members:
            return copy.deepcopy(self.random.choice(self.members))
        return self._of_type(self.random.choice(TYPES), [], depth + 1)

    def make(self, schemas: list | None = None, depth: int = 0) -> object:
        flat = self._flat([self.schema] if schemas is None else schemas)
        members = [part.get("enum", [part.get("const")]) for part in flat
                   if "enum" in part or "const" in part]
        if members and self.random.random() < 0.9:
            return copy.deepcopy(self.random.choice(self.random.choice(members) or [None]))
        allowed = TYPES
        for part in flat:
            own = part.get("type", TYPES)
            own = own if isinstance(own, list) else [own]
            own = own + ["integer"] if "number" in own else own
            allowed = [name for name in allowed if name in own] or allowed
        return self._of_type(self.random.choice(allowed), flat, depth)

    def _flat(self, schemas: list) -> list[dict]:
        """What applies in place, one branch of each choice taken at random."""
        flat, left = [], list(schemas)
        for _ in range(200):
            if not left:
                break
            part = left.pop()
            if not isinstance(part, dict):
                continue
            flat.append(part)
            left += part.get("allOf", [])
            for keyword in ("$ref", "$dynamicRef"):
                left += [self.reader.resolve(part[keyword])] if keyword in part else []
            for keyword in ("anyOf", "oneOf"):
                if part.get(keyword):
                    left.append(self.random.choice(part[keyword]))
            negated = part.get("not")
            if isinstance(negated, dict) and "not" in negated:
                left.append(negated["not"])
            if "if" in part and self.random.random() < 0.5:
                left += [part["if"], part.get("then", True)]
            elif "if" in part:
                left.append(part.get("else", True))
        return flat

    def _of_type(self, name: str, flat: list[dict], depth: int) -> object:
        choose, chance = self.random.choice, self.random.random
        if name == "null":
            return None
        if name == "boolean":
            return chance() < 0.5
        if name in ("integer", "number"):
            number = choose(self.numbers)
            steps = [part["multipleOf"] for part in flat if "multipleOf" in part]
            if steps and chance() < 0.7:
                number = round(choose(steps) * self.random.randint(-3, 12), 6)
            if name == "integer" and isinstance(number, float):
                number = int(number)
            return number
        if name == "string":
            own = [part["pattern"] for part in flat if "pattern" in part]
            if own and chance() < 0.8:
                return self._matching(choose(own))
            if self.patterns and chance() < 0.3:
                return self._matching(choose(self.patterns))
            return choose(self.strings)
        if name == "array":
            return self._array(flat, depth)
        return self._object(flat, depth)

    def _array(self, flat: list[dict], depth: int) -> list:
        least = max([part.get("minItems", 0) for part in flat], default=0)
        count = 0 if depth > 6 else least + self.random.randint(0, 3)
        array = []
        for index in range(count):
            below = self.reader._items(flat, index)
            contained = [part["contains"] for part in flat if "contains" in part]
            if contained and self.random.random() < 0.5:
                below = contained
            array.append(self.make(below, depth + 1) if below else self.any_value(depth + 1))
        return array

    def _object(self, flat: list[dict], depth: int) -> dict:
        needed = {name for part in flat for name in part.get("required", [])}
        named = {name for part in flat for name in part.get("properties", {})}
        share = self.random.random() if depth < 3 else 0.9
        names = {name for name in needed if self.random.random() < 0.98}
        if depth < 30:
            # Deep and wide recursion: one way down is enough.
            limit = 8 if depth < 3 else 1
            some = self.random.sample(sorted(named), min(len(named), limit))
            names |= {name for name in some if self.random.random() < share}
        if depth < 8:
            for part in flat:
                if isinstance(part.get("propertyNames"), dict):
                    names.add(str(self.make([part["propertyNames"]], depth + 1)))
                for pattern in part.get("patternProperties", {}):
                    names.add(self._matching(pattern))
            count = self.random.choice([0, 0, 1, 2]) if depth < 3 else 0
            names |= {self.random.choice(self.keys) for _ in range(count)}
        made = {}
        for name in sorted(names):
            below = [one for part in flat for one in self.reader._members(part, name)]
            made[name] = self.make(below, depth + 1) if below else self.any_value(depth + 1)
        return made

    def mutated(self, instance: object) -> object:
        """The instance with one place changed, removed or added."""
        instance = copy.deepcopy(instance)
        if isinstance(instance, dict) and instance and self.random.random() < 0.8:
            name = self.random.choice(sorted(instance))
            if self.random.random() < 0.2:
                del instance[name]
            else:
                instance[name] = self.mutated(instance[name])
            return instance
        if isinstance(instance, list) and instance and self.random.random() < 0.8:
            index = self.random.randrange(len(instance))
            way = self.random.random()
            if way < 0.2:
                del instance[index]
            elif way < 0.4:
                instance.append(copy.deepcopy(instance[index]))
            else:
                instance[index] = self.mutated(instance[index])
            return instance
        return self.any_value(3)
