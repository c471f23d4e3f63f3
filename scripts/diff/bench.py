"""Times `mcp-kit diff` beside its peers, in turn, in one run; see scripts/bench-diff."""

import argparse
import json
import statistics
import subprocess
import sys
import time
from pathlib import Path

PEER = Path(__file__).with_name("peer.py")
SECONDS = 120


def timed(command: list[str], good: tuple[int, ...]) -> tuple[float, bytes]:
    started = time.perf_counter()
    done = subprocess.run(
        command, stdin=subprocess.DEVNULL, capture_output=True, timeout=SECONDS
    )
    milliseconds = (time.perf_counter() - started) * 1000
    if done.returncode not in good:
        last = done.stderr.decode(errors="replace").strip()[-300:]
        raise SystemExit(f"{' '.join(command)}: exit code {done.returncode}: {last}")
    return milliseconds, done.stdout


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mcp-kit", help="the program; without it only the peers run")
    parser.add_argument("--peer", action="append", default=[], metavar="NAME=PYTHON")
    parser.add_argument("--runs", type=int, default=15)
    parser.add_argument("--pair", action="append", default=[], metavar="TITLE=OLD,NEW")
    arguments = parser.parse_args()
    peers = [peer.split("=", 1) for peer in arguments.peer]
    for pair in arguments.pair:
        title, files = pair.split("=", 1)
        files = files.split(",")
        whole: dict[str, list[float]] = {}
        own: dict[str, list[float]] = {}
        changes: dict[str, int] = {}
        # In turn, so that what else the machine does falls on all of them alike.
        for run in range(arguments.runs + 1):
            if arguments.mcp_kit:
                command = [arguments.mcp_kit, "diff", "--format", "json", *files]
                milliseconds, output = timed(command, (0, 1))
                changes["mcp-kit"] = places(output)
                if run:  # The first round only warms up.
                    whole.setdefault("mcp-kit", []).append(milliseconds)
            for name, python in peers:
                milliseconds, output = timed([python, str(PEER), name, *files], (0,))
                said = json.loads(output)
                changes[name] = said["changes"]
                if run:
                    whole.setdefault(name, []).append(milliseconds)
                    own.setdefault(name, []).append(said["milliseconds"])
        show(title, whole, own, changes)
    return 0


def places(output: bytes) -> int:
    return sum(len(finding["places"]) for finding in json.loads(output)["findings"])


ROW = "{:<16}{:>9}{:>12}{:>12}{:>9}{:>14}{:>12}{:>9}"


def show(title: str, whole: dict, own: dict, changes: dict) -> None:
    """Ratios are of medians to mcp-kit's whole process, or to the fastest peer's without it."""
    medians = {name: statistics.median(times) for name, times in whole.items()}
    base = medians.get("mcp-kit", min(medians.values()))
    print(f"\n{title}")
    print(ROW.format(
        "", "changes", "process min", "median", "ratio", "diff only min", "median", "ratio"
    ))
    for name, times in whole.items():
        cells = [f"{min(times):.1f}", f"{medians[name]:.1f}", f"{medians[name] / base:.1f}"]
        if inside := own.get(name):
            median = statistics.median(inside)
            cells += [f"{min(inside):.1f}", f"{median:.1f}", f"{median / base:.2f}"]
        else:
            cells += ["-", "-", "-"]
        print(ROW.format(name, changes[name], *cells))


if __name__ == "__main__":
    sys.exit(main())
