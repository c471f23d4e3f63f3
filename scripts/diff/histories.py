"""Captures and compares consecutive published versions of real servers; see scripts/real-histories."""

import argparse
import json
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

PINS = Path(__file__).resolve().parent.parent / "real-histories.pins"
INSTALL_SECONDS, SNAPSHOT_SECONDS, DIFF_SECONDS = 600, 90, 60

# What a server is started with. None of them needs an account to say which tools it has.
ARGUMENTS = {
    "@modelcontextprotocol/server-everything": ["stdio"],
    "@modelcontextprotocol/server-filesystem": ["{work}"],
    "excel-mcp-server": ["stdio"],
    "mcp-server-sqlite": ["--db-path", "{work}/sqlite.db"],
}
# Telemetry off, where it is on by default.
ENVIRONMENT = {
    "chrome-devtools-mcp": ["CHROME_DEVTOOLS_MCP_NO_USAGE_STATISTICS=1"],
    "mongodb-mcp-server": ["MDB_MCP_TELEMETRY=disabled"],
}


class Failure(Exception):
    """A step that did not work."""


@dataclass
class Package:
    """A package with its versions, oldest first, each with what is installed beside it."""

    registry: str
    name: str
    versions: list[tuple[str, str]] = field(default_factory=list)


def packages() -> dict[str, Package]:
    found: dict[str, Package] = {}
    for line in PINS.read_text().splitlines():
        if line and not line.startswith("#"):
            registry, name, company, *versions = line.split()
            package = found.setdefault(name, Package(registry, name))
            package.versions += [(version, company) for version in versions]
    return found


class Home:
    """The folder that holds installations, captured surfaces, reports and logs."""

    def __init__(self, folder: Path, program: str) -> None:
        self.folder, self.program = folder.resolve(), str(Path(program).resolve())
        self.work = self.folder / "work"
        self.work.mkdir(parents=True, exist_ok=True)

    def of(self, kind: str, package: str) -> Path:
        folder = self.folder / kind / package.replace("/", "__")
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def surface(self, package: str, version: str) -> Path:
        return self.of("surfaces", package) / f"{version}.json"

    def install(self, package: Package, version: str, company: str) -> list[str]:
        """Installs a version over the one before, and gives the command that starts it."""
        folder = self.of("installed", package.name)
        log = self.of("logs", package.name) / f"{version}.install.log"
        others = [] if company == "-" else [company]
        if package.registry == "npm":
            command = ["npm", "install", "--prefix", str(folder), "--no-audit", "--no-fund"]
            # Only `node` needs its install script: it puts the binary in place.
            command += [] if package.name == "node" else ["--ignore-scripts"]
            run([*command, f"{package.name}@{version}", *others], INSTALL_SECONDS, log)
            return self.node(folder, package.name)
        if not (folder / "bin").exists():
            run([sys.executable, "-m", "venv", str(folder)], INSTALL_SECONDS, log)
        pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet"]
        pip += ["--disable-pip-version-check"]
        run([*pip, f"{package.name}=={version}", *others], INSTALL_SECONDS, log)
        return [str(folder / "bin" / package.name)]

    def node(self, folder: Path, name: str) -> list[str]:
        node = self.of("installed", "node") / "node_modules" / ".bin" / "node"
        described = json.loads((folder / "node_modules" / name / "package.json").read_text())
        programs = described.get("bin", {})
        path = programs if isinstance(programs, str) else next(iter(programs.values()), None)
        if path is None:
            raise Failure("the package has no program")
        return [str(node), str(folder / "node_modules" / name / path)]

    def capture(self, package: Package) -> list[str]:
        """Captures every version that is not there yet; says which could not be."""
        problems = []
        for version, company in package.versions:
            surface = self.surface(package.name, version)
            failed = surface.with_suffix(".failed")
            if failed.exists():
                problems.append(f"{package.name} {version}: {failed.read_text().strip()}")
            if surface.exists() or failed.exists():
                continue
            try:
                server = self.install(package, version, company)
                self.snapshot(package.name, version, server, surface)
                print(f"captured {package.name} {version}", file=sys.stderr, flush=True)
            except (Failure, OSError) as failure:
                # Kept, so that the next run does not try again; delete the file to make it.
                failed.write_text(f"{failure}\n")
                problems.append(f"{package.name} {version}: {failure}")
                print(f"FAILED {problems[-1]}", file=sys.stderr, flush=True)
        return problems

    def snapshot(self, package: str, version: str, server: list[str], surface: Path) -> None:
        log = self.of("logs", package) / f"{version}.snapshot.log"
        arguments = [part.format(work=self.work) for part in ARGUMENTS.get(package, [])]
        command = [self.program, "snapshot", "--no-input", "--connect-timeout", "40s"]
        for setting in ENVIRONMENT.get(package, []):
            command += ["--env", setting]
        command += ["--cwd", str(self.work), "--server-log", str(log.with_suffix(".stderr"))]
        fresh = surface.with_suffix(".fresh")
        run([*command, "-o", str(fresh), "--", *server, *arguments], SNAPSHOT_SECONDS, log)
        fresh.rename(surface)

    def compare(self, package: str, old: str, new: str) -> "Comparison":
        report = self.of("reports", package) / f"{old}..{new}.json"
        log = report.with_suffix(".log")
        files = [str(self.surface(package, version)) for version in (old, new)]
        command = [self.program, "diff", "--format", "json", "-o", str(report), *files]
        report.unlink(missing_ok=True)
        started = time.monotonic()
        run(command, DIFF_SECONDS, log, good=(0, 1))
        seconds = time.monotonic() - started
        tools = [tools_of(Path(file)) for file in files]
        return Comparison(package, old, new, *tools, json.loads(report.read_text()), seconds)


def tools_of(file: Path) -> dict[str, dict]:
    """The tools of a contract by name."""
    contract = json.loads(file.read_text())
    return {tool["name"]: tool for tool in contract["surface"].get("tools", [])}


SCHEMAS = ("inputSchema", "outputSchema")
# What a finding about a schema that is in both versions is called, by what it says of the schema.
BROKEN = {"breaking/input-narrowed", "breaking/output-widened"}
UNDECIDED = {"breaking/schema-undecided"}


@dataclass
class Comparison:
    """Two consecutive versions and what `mcp-kit diff` said of them."""

    package: str
    old: str
    new: str
    old_tools: dict[str, dict]
    new_tools: dict[str, dict]
    report: dict
    seconds: float

    def counts(self) -> dict[str, int]:
        both = [name for name in self.old_tools if name in self.new_tools]
        changed = {
            (name, side)
            for name in both
            for side in SCHEMAS
            if side in self.old_tools[name] and side in self.new_tools[name]
            and self.old_tools[name][side] != self.new_tools[name][side]
        }
        broken, undecided = self.judged(BROKEN) & changed, self.judged(UNDECIDED) & changed
        tools = sum(self.old_tools[name] != self.new_tools[name] for name in both)
        return {
            "tools": len(self.new_tools),
            "added": len(self.new_tools.keys() - self.old_tools.keys()),
            "removed": len(self.old_tools.keys() - self.new_tools.keys()),
            "changed": tools,
            "schemas": len(changed),
            "included": len(changed - broken - undecided),
            "broken": len(broken),
            "undecided": len(undecided),
        }

    def judged(self, rules: set[str]) -> set[tuple[str, str]]:
        """The schemas (tool, side) that findings of these rules point into."""
        return {
            (place["name"], side)
            for finding in self.report["findings"]
            if finding["rule"] in rules
            for place in finding["places"]
            for side in SCHEMAS
            if f"/{side}" in place["pointer"]
        }


def run(command: list[str], seconds: int, log: Path, good: tuple[int, ...] = (0,)) -> None:
    with log.open("wb") as output:
        streams = {"stdin": subprocess.DEVNULL, "stdout": output, "stderr": output}
        try:
            code = subprocess.run(command, timeout=seconds, **streams).returncode
        except subprocess.TimeoutExpired:
            raise Failure(f"{Path(command[0]).name} took over {seconds} s") from None
    if code not in good:
        last = log.read_text(errors="replace").strip().splitlines()[:3]
        raise Failure(f"{Path(command[0]).name} left with {code}: {' | '.join(last)[:300]}")


ROW = "{:<38} {:>10} {:>10} {:>5} {:>5} {:>7} {:>7} {:>7} {:>8} {:>6} {:>9} {:>6}"
HEADINGS = "package old new tools added removed changed schemas included broken undecided ms"


def report(comparisons: list[Comparison]) -> None:
    total: dict[str, int] = {}
    print(ROW.format(*HEADINGS.split()))
    for one in comparisons:
        counts = one.counts()
        for name, count in counts.items():
            total[name] = total.get(name, 0) + count
        if counts["added"] or counts["removed"] or counts["changed"]:
            cells = [one.package, one.old, one.new, *counts.values(), round(one.seconds * 1000)]
            print(ROW.format(*cells))
    schemas, undecided = total.get("schemas", 0), total.get("undecided", 0)
    share = f"{100 * undecided / schemas:.2f} %" if schemas else "none changed"
    milliseconds = [one.seconds * 1000 for one in comparisons]
    print(
        f"\n{len(comparisons)} pairs of versions, {total.get('changed', 0)} tools changed, "
        f"{schemas} schemas changed: {total.get('included', 0)} included, "
        f"{total.get('broken', 0)} broken, {undecided} undecided ({share}); "
        f"{sum(milliseconds):.0f} ms in all, slowest {max(milliseconds, default=0):.0f} ms"
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mcp-kit", required=True)
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--capture-only", action="store_true")
    parser.add_argument("package", nargs="*")
    arguments = parser.parse_args()
    home, known = Home(arguments.home, arguments.mcp_kit), packages()
    node = known.pop("node")
    if unknown := set(arguments.package) - set(known):
        parser.error(f"not in {PINS.name}: {', '.join(sorted(unknown))}")
    wanted = [known[name] for name in arguments.package] or list(known.values())

    if any(package.registry == "npm" for package in wanted):
        folder = home.of("installed", "node")
        if not (folder / "node_modules" / ".bin" / "node").exists():
            home.install(node, *node.versions[0])
    with ThreadPoolExecutor(max_workers=min(2, os.cpu_count() or 1)) as pool:
        problems = [line for lines in pool.map(home.capture, wanted) for line in lines]
    comparisons = []
    if not arguments.capture_only:
        for package in wanted:
            versions = [v for v, _ in package.versions if home.surface(package.name, v).exists()]
            for old, new in zip(versions, versions[1:]):
                comparisons.append(home.compare(package.name, old, new))
        report(comparisons)
    for problem in problems:
        print(f"not captured: {problem}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
