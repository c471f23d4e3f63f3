"""Compares two surfaces with a peer's own diff function: peer.py PEER OLD NEW.

Run with the Python of the peer's own environment. The command lines of mcp-contract and
mcp-toolguard compare a live server with a file, so their libraries are called instead. Prints the
number of changes and the milliseconds that the peer itself took: without starting Python, importing
it, reading JSON, and bringing the tools into the shape in which it would have them from the SDK.
"""

import json
import sys
import time
from types import SimpleNamespace


def mcp_compat(old: list[dict], new: list[dict]):
    from mcp_compat.compat import compare_schemas

    return lambda: len(compare_schemas(old, new).to_dict()["changes"])


def mcp_toolguard(old: list[dict], new: list[dict]):
    from mcp_toolguard.diff import diff_contents

    names = {"inputSchema": "input_schema", "outputSchema": "output_schema"}
    plain = ("name", "title", "description", "annotations")

    def content(tools: list[dict]) -> dict:
        entries = [
            {**{name: tool.get(name) for name in plain},
             **{theirs: tool.get(ours) for ours, theirs in names.items()}}
            for tool in tools
        ]
        return {
            "snapshot_format": 1, "server": {"name": "s", "title": None, "version": "1"},
            "protocol_version": "2025-06-18", "capabilities": {}, "instructions": None,
            "tools": sorted(entries, key=lambda tool: tool["name"]),
        }

    contents = content(old), content(new)
    return lambda: len(diff_contents(*contents))


def mcp_contract(old: list[dict], new: list[dict]):
    from mcp_contract.compare import compare
    from mcp_contract.model import Contract
    from mcp_contract.probe import _behaviour, surface_from_schema

    def contract(tools: list[dict]) -> Contract:
        # Its contracts hold schemas as it reads them; reading is part of its work.
        made = []
        for tool in tools:
            hints = SimpleNamespace(**tool.get("annotations", {}))
            made.append(surface_from_schema(
                tool["name"], tool.get("description") or "", tool.get("inputSchema") or {},
                tool.get("outputSchema") or {}, [], tool.get("title") or "",
                _behaviour(SimpleNamespace(annotations=hints)),
            ))
        return Contract(tools=made)

    return lambda: len(compare(contract(old), contract(new)).sorted_changes())


PEERS = {"mcp-compat": mcp_compat, "mcp-toolguard": mcp_toolguard, "mcp-contract": mcp_contract}

if __name__ == "__main__":
    peer, *files = sys.argv[1:]
    old, new = (json.load(open(file))["tools"] for file in files)
    compare = PEERS[peer](old, new)
    started = time.perf_counter()
    changes = compare()
    milliseconds = (time.perf_counter() - started) * 1000
    print(json.dumps({"changes": changes, "milliseconds": milliseconds}))
