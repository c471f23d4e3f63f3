"""Lints a file with a peer's own function: peer.py PEER FILE.

Run with the Python of the peer's own environment. Prints the milliseconds that the peer itself took:
without starting Python, importing it, reading JSON, and writing a report.
"""

import json
import sys
import time


def mcp_tool_card_linter(file: str):
    from mcp_tool_card_linter.discovery import load_tools_file
    from mcp_tool_card_linter.lint import LintConfig, lint_sources

    source = load_tools_file(file)
    return lambda: lint_sources([source], LintConfig())


def mcp_contrast(file: str):
    from pathlib import Path

    from mcp_contrast.analyze import analyze
    from mcp_contrast.config import load
    from mcp_contrast.embed import make_embedder
    from mcp_contrast.sources import Connect, from_file

    settings = load(None).with_overrides(embedder="lexical")
    servers = from_file(Path(file), Connect())
    embedder = make_embedder(settings.embedder, settings.model, settings.model_revision)
    return lambda: analyze(servers, settings, embedder)


def bastionsupply(file: str):
    from bastionsupply.fetch import load_json_file
    from bastionsupply.scanner import scan

    server = load_json_file(file)
    return lambda: scan(server)


def agent_friend(file: str):
    from agent_friend.validate import validate_tools

    with open(file) as opened:
        tools = json.load(opened)
    return lambda: validate_tools(tools)


PEERS = {
    "mcp-tool-card-linter": mcp_tool_card_linter,
    "mcp-contrast": mcp_contrast,
    "bastionsupply": bastionsupply,
    "agent-friend": agent_friend,
}

if __name__ == "__main__":
    peer, file = sys.argv[1:]
    lint = PEERS[peer](file)
    started = time.perf_counter()
    lint()
    print((time.perf_counter() - started) * 1000)
