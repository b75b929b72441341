"""`befit policy challenger`: how the challenger fares."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import typer

from befit import changes
from engine.cli.asking import AddressOption, asking
from engine.cli.changing import at
from engine.cli.exits import FAILED
from engine.cli.output import Output, OutputOption
from engine.cli.tables import print_json, screen, table
from engine.wire.json import plain

MOST_MOVED = 20
UNSURE = (
    "What differs here may be chance. How sure it is tells befit evaluate --log, or befit models promote for a model."
)
ARMS = ("champion", "challenger")


def challenger(address: AddressOption = None, output: OutputOption = Output.TABLE) -> None:
    """Tell how the challenger fares, or how the last one did. Ends with 1 where there never was one.

    A shadow is compared with what was decided; a challenger with a share of customers by what came of its decisions.
    """
    with asking(address) as client:
        found = client.run(changes.get_challenge())
    if output is Output.JSON:
        print_json(plain(found))
    elif found.HasField("challenge"):
        _show(found)
    else:
        screen().print("There is no challenger.")
    if not found.HasField("challenge"):
        raise typer.Exit(FAILED)


def _show(found: Any) -> None:
    console, counted = screen(), {one.name: one.amount for one in found.counted}
    console.print(titled(found.challenge, found.underway), soft_wrap=True)
    if found.challenge.shadow:
        console.print(table("First actions", ("placement", "alike ", "other ", "share alike "), _alike(counted)))
        columns = ("placement", "now", "would be", "times ")
        console.print(table(f"The {MOST_MOVED} most frequent differences", columns, _moved(counted)))
        console.print(expected(counted))
    else:
        console.print(table("By whom it was decided", ("", *(f"{arm} " for arm in ARMS)), by_arm(counted)))
        console.print(UNSURE, soft_wrap=True)


def titled(challenge: Any, underway: bool) -> str:
    """What is on trial, how, since when."""
    model = f"model {challenge.model_revision}" if challenge.model_revision else "no model"
    how = "as a shadow" if challenge.shadow else f"for {share(challenge)} of the customers"
    since = f"since {at(challenge.since)}" if underway else f"begun {at(challenge.since)}, over now"
    return f"policy {challenge.policy_revision}, {model} {how}, {since}"


def share(challenge: Any) -> str:
    """The share of customers that it decides for, in percent as it was asked for."""
    return f"{challenge.share * 100.0:.3g} %"


def _alike(counted: Mapping[str, float]) -> Iterator[tuple[str, ...]]:
    placements = sorted({name.partition(":")[2] for name in counted if name.startswith(("alike:", "other:"))})
    for placement in placements:
        alike, other = counted.get(f"alike:{placement}", 0.0), counted.get(f"other:{placement}", 0.0)
        yield placement, f"{alike:g}", f"{other:g}", f"{alike / (alike + other):.1%}"


def _moved(counted: Mapping[str, float]) -> list[tuple[str, ...]]:
    moved = [(amount, name.split(":")[1:]) for name, amount in counted.items() if name.startswith("moved:")]
    return [(*names, f"{amount:g}") for amount, names in sorted(moved, key=lambda one: -one[0])[:MOST_MOVED]]


def expected(counted: Mapping[str, float]) -> str:
    """What both expect of the decisions that were compared."""
    compared = counted.get("compared", 0.0)
    sums = [counted.get(f"expected:{arm}", 0.0) for arm in ARMS]
    means = [total / compared if compared else 0.0 for total in sums]
    lost = f"{counted.get('missed', 0.0):g} not compared for lack of time, {counted.get('failed', 0.0):g} failed"
    worth = f"expected value a decision {means[0]:.3f} now, {means[1]:.3f} as a shadow ({means[1] - means[0]:+.3f})"
    return f"{compared:g} decisions compared ({lost}); {worth}"


def by_arm(counted: Mapping[str, float]) -> Iterator[tuple[str, ...]]:
    """Decisions, expected value, outcomes and revenue, each for both."""
    decided = [counted.get(f"decided:{arm}", 0.0) for arm in ARMS]
    yield "decisions", *(f"{one:g}" for one in decided)
    worth = [counted.get(f"worth:{arm}", 0.0) for arm in ARMS]
    yield "expected value a decision", *(f"{w / d if d else 0.0:.3f}" for w, d in zip(worth, decided, strict=True))
    outcomes = sorted({name.split(":")[2] for name in counted if name.startswith("outcome:")})
    for outcome in outcomes:
        had = [counted.get(f"outcome:{arm}:{outcome}", 0.0) for arm in ARMS]
        shares = [f"{h:g} ({h / d:.2%})" if d else f"{h:g}" for h, d in zip(had, decided, strict=True)]
        yield outcome, *shares
    yield "revenue", *(f"{counted.get(f'revenue:{arm}', 0.0):.2f}" for arm in ARMS)
