"""Compares the calls that `mcp-kit diff --traffic` names with those that Python's jsonschema refuses."""

import argparse
import copy
import json
import pathlib
import random
import subprocess
import sys

import jsonschema

DIALECTS = {
    "https://json-schema.org/draft/2020-12/schema": jsonschema.Draft202012Validator,
    "https://json-schema.org/draft/2019-09/schema": jsonschema.Draft201909Validator,
    "http://json-schema.org/draft-07/schema#": jsonschema.Draft7Validator,
}
MODERN = "https://json-schema.org/draft/2020-12/schema"
OLD = "http://json-schema.org/draft-07/schema#"
TEXTS = ["", "a", "ab", "abc", "lamp", "C-17", "on_hold", "2026-11-23", "äöü", "🙂🙂", "x" * 12]
NUMBERS = [0, 1, 2, 3, 7, 10, 12, 50, 99, 1.0, 2.5, 0.5, -1, -3, 1e3, 9007199254740993]
NAMES = ["id", "name", "state", "limit", "tags", "filter", "note", "x_extra"]
PATTERNS = ["^a", "^[A-Z]-[0-9]+$", "b$", "^[a-z_]*$", "[0-9]"]


def scalar(rng):
    return rng.choice([rng.choice(TEXTS), rng.choice(NUMBERS), True, False, None])


def value(rng, depth=0):
    kind = rng.random()
    if kind < 0.6 or depth > 2:
        return scalar(rng)
    if kind < 0.8:
        return [value(rng, depth + 1) for _ in range(rng.randrange(4))]
    names = rng.sample(NAMES, rng.randrange(4))
    return {name: value(rng, depth + 1) for name in names}


class Maker:
    """Makes schemas of a dialect, and changes them."""

    def __init__(self, rng, dialect):
        self.rng, self.dialect = rng, dialect

    def schema(self, depth=0):
        rng = self.rng
        kinds = ["string", "number", "enum", "const", "types", "boolean"]
        if depth < 3:
            kinds += ["array", "object", "anyOf", "oneOf", "allOf", "not", "if", "ref"]
        return getattr(self, "make_" + rng.choice(kinds))(depth)

    def make_string(self, depth):
        rng, schema = self.rng, {"type": "string"}
        if rng.random() < 0.4:
            schema["minLength"] = rng.randrange(4)
        if rng.random() < 0.4:
            schema["maxLength"] = rng.randrange(2, 9)
        if rng.random() < 0.3:
            schema["pattern"] = rng.choice(PATTERNS)
        if rng.random() < 0.2:
            schema["format"] = rng.choice(["date", "email", "uri"])
        return schema

    def make_number(self, depth):
        rng = self.rng
        schema = {"type": rng.choice(["number", "integer"])}
        if rng.random() < 0.4:
            schema[rng.choice(["minimum", "exclusiveMinimum"])] = rng.choice([-2, 0, 1, 2.5])
        if rng.random() < 0.4:
            schema[rng.choice(["maximum", "exclusiveMaximum"])] = rng.choice([3, 10, 50, 1e3])
        if rng.random() < 0.2:
            schema["multipleOf"] = rng.choice([1, 2, 5, 0.5])
        return schema

    def make_enum(self, depth):
        return {"enum": [scalar(self.rng) for _ in range(self.rng.randrange(1, 5))]}

    def make_const(self, depth):
        return {"const": value(self.rng, 2)}

    def make_types(self, depth):
        types = ["string", "integer", "number", "boolean", "null", "array", "object"]
        return {"type": self.rng.sample(types, self.rng.randrange(1, 4))}

    def make_boolean(self, depth):
        return self.rng.choice([True, {}, {"type": "boolean"}])

    def make_array(self, depth):
        rng, schema = self.rng, {"type": "array"}
        if rng.random() < 0.7:
            schema["items"] = self.schema(depth + 1)
        if rng.random() < 0.3:
            positions = [self.schema(depth + 1) for _ in range(rng.randrange(1, 3))]
            if self.dialect == MODERN:
                schema["prefixItems"] = positions
            else:
                schema["items"] = positions
                if rng.random() < 0.5:
                    schema["additionalItems"] = self.schema(depth + 1)
        for keyword, most in [("minItems", 3), ("maxItems", 4)]:
            if rng.random() < 0.3:
                schema[keyword] = rng.randrange(most)
        if rng.random() < 0.2:
            schema["uniqueItems"] = True
        if rng.random() < 0.2:
            schema["contains"] = self.schema(depth + 1)
            if self.dialect != OLD and rng.random() < 0.5:
                schema[rng.choice(["minContains", "maxContains"])] = rng.randrange(1, 3)
        return schema

    def make_object(self, depth):
        rng, schema = self.rng, {"type": "object"}
        names = rng.sample(NAMES, rng.randrange(1, 5))
        schema["properties"] = {name: self.schema(depth + 1) for name in names}
        if rng.random() < 0.4:
            schema["required"] = rng.sample(names, rng.randrange(1, len(names) + 1))
        kind = rng.random()
        if kind < 0.2:
            schema["additionalProperties"] = rng.choice([False, {"type": "string"}])
        elif kind < 0.3 and self.dialect != OLD:
            schema["unevaluatedProperties"] = False
        if rng.random() < 0.15:
            schema["patternProperties"] = {"^x_": self.schema(depth + 1)}
        if rng.random() < 0.1:
            schema["propertyNames"] = {"maxLength": rng.randrange(3, 7)}
        if rng.random() < 0.1:
            schema[rng.choice(["minProperties", "maxProperties"])] = rng.randrange(1, 4)
        if rng.random() < 0.15:
            first, then = rng.sample(NAMES, 2)
            if self.dialect == OLD:
                schema["dependencies"] = {first: rng.choice([[then], {"required": [then]}])}
            else:
                keyword = rng.choice(["dependentRequired", "dependentSchemas"])
                what = [then] if keyword == "dependentRequired" else {"required": [then]}
                schema[keyword] = {first: what}
        return schema

    def several(self, depth):
        return [self.schema(depth + 1) for _ in range(self.rng.randrange(1, 4))]

    def make_anyOf(self, depth):
        return {"anyOf": self.several(depth)}

    def make_oneOf(self, depth):
        return {"oneOf": self.several(depth)}

    def make_allOf(self, depth):
        return {"allOf": self.several(depth)}

    def make_not(self, depth):
        return {"not": self.schema(depth + 1)}

    def make_if(self, depth):
        schema = {"if": self.schema(depth + 1)}
        for keyword in ["then", "else"]:
            if self.rng.random() < 0.7:
                schema[keyword] = self.schema(depth + 1)
        return schema

    def make_ref(self, depth):
        keyword = "definitions" if self.dialect == OLD else "$defs"
        return {"$ref": f"#/{keyword}/{self.rng.choice(['one', 'two'])}"}

    def root(self):
        schema = self.make_object(0)
        keyword = "definitions" if self.dialect == OLD else "$defs"
        schema["$schema"] = self.dialect
        schema[keyword] = {"one": self.schema(2), "two": self.schema(2)}
        # References to each other would never end.
        text = json.dumps(schema[keyword])
        if "$ref" in text:
            schema[keyword] = {"one": {"type": "string"}, "two": {"maximum": 10}}
        return schema

    def changed(self, schema):
        """The same with one to three places made anew."""
        changed = copy.deepcopy(schema)
        for _ in range(self.rng.randrange(1, 4)):
            places = [(changed["properties"], name) for name in changed["properties"]]
            for inner in list(changed["properties"].values()):
                if isinstance(inner, dict) and isinstance(inner.get("properties"), dict):
                    places += [(inner["properties"], name) for name in inner["properties"]]
            kind = self.rng.random()
            if kind < 0.5:
                holder, name = self.rng.choice(places)
                holder[name] = self.schema(1)
            elif kind < 0.7:
                changed["required"] = [self.rng.choice(NAMES)]
            elif kind < 0.85:
                changed["additionalProperties"] = self.rng.choice([False, {"type": "integer"}])
            else:
                changed["properties"][self.rng.choice(NAMES)] = self.schema(1)
        return changed


def corpus(seed):
    rng = random.Random(seed)
    old, new, calls = [], [], []
    for number in range(60):
        name, dialect = f"tool_{number}", rng.choice(list(DIALECTS))
        maker = Maker(rng, dialect)
        before = maker.root()
        after = before if rng.random() < 0.1 else maker.changed(before)
        old.append({"name": name, "inputSchema": before})
        if rng.random() > 0.05:
            new.append({"name": name, "inputSchema": after})
        for _ in range(40):
            names = [name for name in before["properties"] if rng.random() < 0.7]
            names += [name for name in NAMES if rng.random() < 0.1]
            arguments = {argument: value(rng) for argument in names}
            calls.append((name, arguments, rng.random() < 0.5))
    rng.shuffle(calls)
    return old, new, calls


def tape(calls):
    header = {"kind": "header", "format": "mcp-kit.cassette/1", "id": "check", "program": "check"}
    lines, places = [header], []
    for number, (tool, arguments, is_success) in enumerate(calls):
        params = {"name": tool, "arguments": arguments}
        request = {"jsonrpc": "2.0", "id": number, "method": "tools/call", "params": params}
        result = {"content": [], "isError": not is_success}
        lines.append({"kind": "message", "n": len(lines), "from": "client", "message": request})
        places.append(len(lines))
        answer = {"jsonrpc": "2.0", "id": number, "result": result}
        lines.append({"kind": "message", "n": len(lines), "from": "server", "message": answer})
    return "".join(json.dumps(line) + "\n" for line in lines), places


def validator(tool):
    schema = tool["inputSchema"]
    kind = DIALECTS[schema["$schema"]]
    kind.check_schema(schema)
    return kind(schema)


def expected(old, new, calls, places):
    before = {tool["name"]: validator(tool) for tool in old}
    after = {tool["name"]: validator(tool) for tool in new}
    lost = set()
    for (tool, arguments, _), place in zip(calls, places):
        if before[tool].is_valid(arguments):
            if tool not in after or not after[tool].is_valid(arguments):
                lost.add((tool, place))
    return lost


def named(options, folder):
    words = ["diff", "old.json", "new.json", "--isolated", "--format", "json", "--traffic", "a.jsonl"]
    run = subprocess.run([options.mcp_kit, *words], cwd=folder, capture_output=True, text=True)
    if run.returncode not in (0, 1):
        sys.exit(f"mcp-kit failed: {run.stderr}")
    traffic = json.loads(run.stdout)["traffic"]
    calls = {(tool["tool"], call["line"]) for tool in traffic["tools"] for call in tool["calls"]}
    if len(calls) != traffic["lost"]:
        sys.exit(f"{traffic['lost']} calls are lost and {len(calls)} are named")
    return calls, traffic


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--mcp-kit", required=True)
    parser.add_argument("--seeds", type=int, required=True)
    parser.add_argument("--folder", required=True)
    options = parser.parse_args()
    folder, differences, total, all_calls, unjudged = pathlib.Path(options.folder), 0, 0, 0, 0
    for seed in range(options.seeds):
        old, new, calls = corpus(seed)
        text, places = tape(calls)
        (folder / "old.json").write_text(json.dumps({"tools": old}))
        (folder / "new.json").write_text(json.dumps({"tools": new}))
        (folder / "a.jsonl").write_text(text)
        wanted = expected(old, new, calls, places)
        found, traffic = named(options, folder)
        total, all_calls, unjudged = total + len(wanted), all_calls + len(calls), unjudged + traffic["unjudged"]
        for tool, place in sorted(wanted ^ found):
            differences += 1
            who = "only Python" if (tool, place) in wanted else "only mcp-kit"
            schemas = [next((t for t in side if t["name"] == tool), None) for side in (old, new)]
            arguments = calls[places.index(place)]
            print(f"seed {seed}, {tool}, line {place}: {who} takes it for broken")
            print(json.dumps({"old": schemas[0], "new": schemas[1], "call": arguments}))
    print(f"{all_calls} calls, {total} broken, {unjudged} unjudged, {differences} differences")
    sys.exit(1 if differences else 0)


main()
