"""Times `mcp-kit lint` beside its peers, in turn, in one run, and counts what they find; see
scripts/bench-lint."""

import argparse
import json
import statistics
import sys
import tempfile
import tomllib
from dataclasses import dataclass, field
from pathlib import Path

from bench import timed  # scripts/diff/bench.py

HERE = Path(__file__).parent
Found = list[tuple[str, str]]  # Tool and rule of each place that is found.


def mcp_kit(report: dict) -> Found:
    """A finding has a place for each tool; what is about the whole server has no tool."""
    return [
        (place["name"] or "", finding["rule"])
        for finding in report["findings"]
        for place in finding["places"]
    ]


def mcp_tool_card_linter(report: dict) -> Found:
    return [(tool["tool_name"], issue["code"]) for tool in report["tools"] for issue in tool["issues"]]


def mcp_contrast(report: dict) -> Found:
    """A finding is about two tools, and counts at both."""
    return [
        (tool["name"], finding["rule"]) for finding in report["findings"] for tool in finding["tools"]
    ]


def bastionsupply(report: dict) -> Found:
    return [(finding["tool"] or "", finding["check"]) for finding in report["findings"]]


def agent_friend(report: dict) -> Found:
    return [(issue["tool"] or "", issue["check"]) for issue in report["issues"]]


# The arguments of each peer's program for a JSON report of everything it has, and how to read it.
# The default of mcp-contrast fetches a language model first; `lexical` works offline.
PEERS = {
    "mcp-tool-card-linter": (
        ["lint", "--format", "json", "--profile", "strict", "--tools-file"], mcp_tool_card_linter
    ),
    "mcp-contrast": (["check", "--format", "json", "--embedder", "lexical"], mcp_contrast),
    "bastionsupply": (["scan", "--json"], bastionsupply),
    "agent-friend": (["validate", "--json"], agent_friend),
}


@dataclass
class Row:
    """One linter over one file."""

    linter: str
    found: Found = field(default_factory=list)
    whole: list[float] = field(default_factory=list)
    inside: list[float] = field(default_factory=list)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mcp-kit", required=True, help="the program")
    parser.add_argument("--peer", action="append", default=[], metavar="NAME=PYTHON")
    parser.add_argument("--runs", type=int, default=15)
    parser.add_argument("files", nargs="+", type=Path)
    arguments = parser.parse_args()
    peers = dict(peer.split("=", 1) for peer in arguments.peer)
    for file in arguments.files:
        rows = measure(arguments.mcp_kit, peers, file, arguments.runs)
        show(file, rows)
    return 0


def measure(program: str, peers: dict[str, str], file: Path, runs: int) -> dict[str, Row]:
    rows = {title: Row("mcp-kit") for title in ("mcp-kit", "mcp-kit, strict")}
    rows |= {name: Row(name) for name in peers}
    with tempfile.NamedTemporaryFile("w", suffix=".json") as bare:
        # agent-friend takes the list alone.
        json.dump(tools(file), bare)
        bare.flush()
        # In turn, so that what else the machine does falls on all of them alike.
        for run in range(runs + 1):
            for title, row in rows.items():
                if row.linter == "mcp-kit":
                    profile = "strict" if title.endswith("strict") else "recommended"
                    command = [program, "lint", "--format", "json", "--profile", profile, str(file)]
                    read = mcp_kit
                else:
                    python = peers[title]
                    options, read = PEERS[title]
                    path = bare.name if title == "agent-friend" else str(file)
                    command = [str(Path(python).with_name(title)), *options, path]
                milliseconds, output = timed(command, (0, 1))
                row.found = read(json.loads(output))
                if run:  # The first round only warms up.
                    row.whole.append(milliseconds)
                if run and row.linter != "mcp-kit":
                    _, said = timed([python, str(HERE / "peer.py"), title, path], (0,))
                    row.inside.append(float(said))
    return rows


def tools(file: Path) -> list[dict]:
    return json.loads(file.read_text())["tools"]


def recall(file: Path, row: Row) -> tuple[str, str]:
    """Of the planted defects, those that the linter names, and those at whose tool it finds anything
    at all; nothing over a file that has none."""
    defects = tomllib.loads((HERE / "defects.toml").read_text())["defect"]
    if [tool["name"] for tool in tools(file)] != [defect["tool"] for defect in defects]:
        return "", ""
    found = set(row.found)
    named = sum(
        any((defect["tool"], rule) in found for rule in defect.get(row.linter, [])) for defect in defects
    )
    touched = {tool for tool, _ in found}
    near = sum(defect["tool"] in touched for defect in defects)
    return f"{named}/{len(defects)}", f"{near}/{len(defects)}"


COLUMNS = "{:<22}{:>9}{:>10}{:>8}{:>8}{:>13}{:>9}{:>8}{:>14}{:>9}"


def show(file: Path, rows: dict[str, Row]) -> None:
    """Ratios are of medians to the whole process of mcp-kit with every rule on."""
    count = len(tools(file))
    base = statistics.median(rows["mcp-kit, strict"].whole)
    print(f"\n{file.name}, {count} tools")
    print(COLUMNS.format(
        "", "findings", "per tool", "named", "near", "process min", "median", "ratio",
        "function min", "ratio",
    ))
    for title, row in rows.items():
        median = statistics.median(row.whole)
        inside = ["-", "-"]
        if row.inside:
            inside = [f"{min(row.inside):.1f}", f"{statistics.median(row.inside) / base:.1f}"]
        print(COLUMNS.format(
            title, len(row.found), f"{len(row.found) / count:.1f}", *recall(file, row),
            f"{min(row.whole):.1f}", f"{median:.1f}", f"{median / base:.1f}", *inside,
        ))


if __name__ == "__main__":
    sys.exit(main())
