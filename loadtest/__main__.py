"""`python -m loadtest [SCENARIO...]`: measure, print tables, write JSON and pictures."""

from __future__ import annotations

import argparse
import asyncio
import importlib
import json
import sys
from pathlib import Path

from loadtest.clients import ClientFailed
from loadtest.company import Company, company
from loadtest.measure import Measured, measure
from loadtest.report import show, summary
from loadtest.scenario import Scenario, ScenarioInvalid, load, names
from loadtest.serving import ServerFailed, Target, serving

HOME = Path("build/loadtest")


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="loadtest", description="Measure a server from outside.")
    parser.add_argument("scenarios", nargs="*", default=["steady"], help=f"{', '.join(names())}, or a file")
    parser.add_argument("--runs", type=int, default=3, help="measurements of each; the median is told (default 3)")
    parser.add_argument("--out", type=Path, default=HOME / "results", help="folder for JSON and pictures")
    parser.add_argument("--address", default="", help="HOST:PORT of a server that runs already")
    parser.add_argument("--metrics", default="", help="HOST:PORT of its /metrics")
    parser.add_argument("--no-plot", action="store_true", help="no pictures")
    return parser.parse_args()


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


async def measured(scenario: Scenario, made: Company) -> Measured:
    """One measurement on a server of its own."""
    async with serving(made, scenario.workers) as target:
        return await measure(scenario, target, made.ids, made.project)


def runs_of(scenario: Scenario, asked: argparse.Namespace) -> list[Measured]:
    """All measurements of one scenario."""
    runs = []
    for number in range(asked.runs):
        say(f"{scenario.name}: run {number + 1} of {asked.runs}, {scenario.window:g} s")
        if asked.address:
            runs.append(asyncio.run(measure(scenario, Target(asked.address, asked.metrics), None)))
        else:
            runs.append(asyncio.run(measured(scenario, company(HOME, scenario.customers, say))))
    return runs


def main() -> int:
    asked = arguments()
    try:
        scenarios = [load(name) for name in asked.scenarios]
    except ScenarioInvalid as mistake:
        say(str(mistake))
        return 2
    asked.out.mkdir(parents=True, exist_ok=True)
    for scenario in scenarios:
        try:
            runs = runs_of(scenario, asked)
        except (ClientFailed, ServerFailed) as failure:
            say(str(failure))
            return 1
        told = summary(runs)
        (asked.out / f"{scenario.name}.json").write_text(json.dumps(told, indent=2) + "\n")
        if not asked.no_plot:
            importlib.import_module("loadtest.plot").draw(runs, asked.out / f"{scenario.name}.png")
        show(told)
    return 0


if __name__ == "__main__":
    sys.exit(main())
