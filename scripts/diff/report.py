"""Runs `mcp-kit diff --format json` on two surfaces and reads its report."""

import json
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

SECONDS = 60
# Levels of findings as verdicts on a pair. Exit codes: 0 clean, 1 findings that fail the gate.
VERDICTS = {"error": "breaking", "breaking": "breaking", "warning": "warning", "info": "compatible"}
# What these say is that nothing changed that anybody could rely on.
MEANS_THE_SAME = {
    "breaking/hint-restated",
    "breaking/list-order-changed",
    "breaking/schema-refactored",
    "breaking/text-reflowed",
}
ORDER = ["none", "compatible", "warning", "breaking"]


class Failure(Exception):
    """The program did not give a report."""


@dataclass
class Witness:
    """An instance that the program says one side accepts and the other refuses."""

    rule: str
    pointer: str
    tool: str
    side: str  # Which schema: inputSchema or outputSchema.
    instance: object
    accepted_by: str
    refused_by: str


@dataclass
class Report:
    """What `mcp-kit diff` says."""

    findings: list[dict]

    def verdict(self) -> str:
        counting = [finding for finding in self.findings if finding["rule"] not in MEANS_THE_SAME]
        found = [VERDICTS[finding["severity"]] for finding in counting]
        return max(found, key=ORDER.index, default="none")

    def rules(self) -> set[str]:
        return {finding["rule"] for finding in self.findings}

    def is_only_undecided(self) -> bool:
        """Nothing worse than a warning, and every warning an undecided schema."""
        rules = {f["rule"] for f in self.findings if VERDICTS[f["severity"]] != "compatible"}
        return rules == {"breaking/schema-undecided"}

    def witnesses(self) -> list[Witness]:
        sides = {"call": "inputSchema", "result": "outputSchema"}
        return [
            Witness(
                finding["rule"], place["pointer"], place["name"], sides[witness["kind"]],
                witness["instance"], witness["accepted_by"], witness["refused_by"],
            )
            for finding in self.findings
            for place in finding["places"]
            if (witness := place.get("witness"))
        ]


def diff(program: str, old: dict, new: dict) -> Report:
    with tempfile.TemporaryDirectory() as folder:
        files = []
        for name, surface in (("old.json", old), ("new.json", new)):
            files.append(Path(folder) / name)
            files[-1].write_text(json.dumps(surface))
        # An empty folder, so that no configuration of the project has a say.
        done = subprocess.run(
            [program, "diff", "--format", "json", *map(str, files)],
            cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, timeout=SECONDS,
        )
    if done.returncode not in (0, 1):
        last = done.stderr.decode(errors="replace").strip()[:300]
        raise Failure(f"exit code {done.returncode}: {last}")
    try:
        return Report(json.loads(done.stdout)["findings"])
    except (ValueError, KeyError, TypeError) as error:
        raise Failure(f"no usable report: {error!r}") from error
