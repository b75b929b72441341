"""What `befit train` tells: where the bundle is, how good it is on customers apart, and what it could not use."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.markup import escape

from documents.problem import Problem
from engine.cli.output import Output
from engine.cli.tables import print_json, screen, table
from models.manifest import Manifest
from models.suspicions import suspicions
from models.train import Trained

WORTH_A_WORD = 0.02
_MOST_INPUTS = 10
_ACTION_COLUMNS = ("contacts ", "successes ", "rate ", "expected ", "order (AUC) ", "gap ")


def summary(trained: Trained, manifest: Manifest, out: Path, notes: Sequence[Problem]) -> dict[str, Any]:
    """All that there is to tell, as plain values."""
    return {
        "bundle": str(out),
        "revision": manifest.revision,
        "rows": manifest.training.rows,
        "open_rows": trained.open_rows,
        "from": manifest.training.start,
        "to": manifest.training.end,
        "copied_customers": trained.copied,
        "inputs": [one.name for one in manifest.inputs],
        "metrics": dict(manifest.metrics),
        "notes": [f"{one.place.file}: {one.message}" for one in notes],
        "suspicions": suspicions(manifest.metrics),
    }


def show(told: Mapping[str, Any], output: Output) -> None:
    """Print it."""
    if output is Output.JSON:
        print_json(told)
        return
    console = screen()
    console.print(f"[bold]{escape(told['bundle'])}[/bold] revision {told['revision']}")
    for line in _lines(told):
        console.print(line)
    console.print(table("by action", ("action", *_ACTION_COLUMNS), _action_rows(told["metrics"]["actions"])))
    title = "by chance of acceptance, best tenth first"
    console.print(
        table(title, ("tenth ", "contacts ", "rate ", "expected ", "lift "), _lift_rows(told["metrics"]["lift"]))
    )
    for note in told["notes"]:
        console.print(f"note: {note}", style="yellow", markup=False)
    for one in told["suspicions"]:
        console.print(f"striking: {one}", style="yellow", markup=False)


def _lines(told: Mapping[str, Any]) -> Iterator[str]:
    metrics = told["metrics"]
    split = metrics["split"]
    yield f"{told['rows']:,} closed contacts, {_day(told['from'])} to {_day(told['to'])}; {metrics['trees']} trees"
    if told["open_rows"]:
        yield f"{told['open_rows']:,} contacts left out: their outcome may still come"
    if early := metrics["newest"]["left_out"]:
        yield f"{early:,} contacts left out: of contacts so new only what went well is known"
    if told["copied_customers"] > WORTH_A_WORD * told["rows"]:
        yield f"[yellow]{told['copied_customers']:,} customers look like copies of others[/yellow]: kept on one side"
    since = f", met since {_day(split['cut'])}" if split["cut"] is not None else ""
    yield f"measured on {split['test']:,} contacts with customers that the measured model had not seen{since}:"
    alone, within = _figure(metrics["auc_of_actions"]), _figure(metrics["auc_within_actions"])
    yield f"  order (AUC) {_figure(metrics['auc'])}; by the action alone {alone}; within actions {within}"
    yield f"  log loss {metrics['log_loss']:.4f}, calibration error {metrics['calibration_error']:.4f}"
    yield from _latest(metrics.get("latest", {}))
    yield from _prior(metrics.get("prior"))
    yield from _personal(metrics["personal"])
    leading = list(metrics["gain"].items())[:_MOST_INPUTS]
    yield "what tells most: " + ", ".join(f"{name} {share:.0%}" for name, share in leading)


def _latest(told: Mapping[str, Any]) -> Iterator[str]:
    """What became of the calibration, held against the latest rows."""
    if told.get("repaired"):
        yield (
            f"[yellow]calibrated by the {told['rows']:,} latest contacts alone[/yellow]: those of all times err by "
            f"{told['without_repair']:.4f} on them, their own by {told['calibration_error']:.4f}"
        )


def _prior(told: Mapping[str, Any] | None) -> Iterator[str]:
    if told is not None:
        lacking = f"; here it lacks {', '.join(told['lacking'])}" if told["lacking"] else ""
        yield f"starts from {escape(told['name'])} {told['revision']}, believed by {told['weight']:.0%}{lacking}"


_SERVED = {
    "one": "one chance of acceptance per action, the same for all",
    "tiers": "a chance of acceptance per action and tier",
    "full": "each customer's own chances of acceptance",
}


def _personal(told: Mapping[str, Any]) -> Iterator[str]:
    """What is served, and what each way of choosing would have earned per contact."""
    yield f"served: {_SERVED[told['level']]} ({told['why']})"
    ways = {**told.get("values", {}), **({"at random": told["random"]} if "random" in told else {})}
    if all(one["refused"] for one in ways.values()):
        return
    for way, one in ways.items():
        worth = "-" if one["refused"] else f"{one['value']:.4g} a contact, {one['low']:.4g} to {one['high']:.4g}"
        yield f"  {way}: {worth}"


def _action_rows(actions: Mapping[str, Mapping[str, Any]]) -> Iterator[tuple[str, ...]]:
    for action, one in actions.items():
        yield (
            action,
            f"{one['rows']:,}",
            f"{one['positives']:,}",
            f"{one['rate']:.2%}",
            f"{one['propensity']:.2%}",
            _figure(one["auc"]),
            f"{one['calibration_error']:.4f}",
        )


def _lift_rows(parts: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, ...]]:
    for one in parts:
        lift = "-" if one["lift"] is None else f"{one['lift']:.2f}"
        yield str(one["part"]), f"{one['rows']:,}", f"{one['rate']:.2%}", f"{one['propensity']:.2%}", lift


def _figure(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


def _day(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).date().isoformat()
