"""A promotion on the running server: asked for, perhaps waiting for a second person, in force; and how it is told."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from befit import changes
from engine.cli.asking import AddressOption, asking
from engine.cli.changing import SECONDS, tell_change
from engine.cli.exits import GATE, NOT_COMPILED, UsageMistaken
from engine.cli.output import Output, OutputOption
from engine.cli.tables import print_json, screen
from engine.registry.entry import Decided
from engine.registry.registry import Registry

_LOOKED_AT = 1_000
"""How many of the newest changes are looked through."""


def put_in_force(bundle: str, decided: Decided, address: str | None) -> Any:
    """Ask the server for a bundle, a folder in its project. Raises what a client raises."""
    note = f"promoted: {decided.why}" if decided.passed else f"forced: {decided.reason}"
    with asking(address) as client:
        return client.run(changes.activate(bundle=bundle, author=decided.author, note=note), SECONDS)


def in_force(address: str | None) -> str | None:
    """The model that the server decides by, "" = the rules alone; None where it does not tell. Raises what a client
    raises."""
    with asking(address) as client:
        history = client.run(changes.list_revisions(1)).history
    return history[0].model_revision if history else None


def as_answered(decided: Decided, answer: Any) -> Decided:
    """What became of the decision: promoted where it is in force, else waiting, or not taken and why."""
    if answer.activated:
        return decided
    if answer.pending:
        return msgspec.structs.replace(decided, promoted=False, waits=answer.revision)
    refused = answer.bundle_refused or answer.fault or f"cases fail: {len(answer.failed_cases) + len(answer.problems)}"
    return msgspec.structs.replace(decided, promoted=False, why=f"{decided.why}; the server did not take it: {refused}")


def end_with(answer: Any, output: Output) -> None:
    """Tell people what the server said; ends as changes do: with 3 or 4 where it did not take it."""
    if output is Output.TABLE:
        tell_change(answer, output)
    elif not answer.activated and not answer.pending:
        raise typer.Exit(NOT_COMPILED if answer.problems or answer.bundle_refused else GATE)


def tell_decision(revision: str, decided: Decided, output: Output) -> None:
    """What was decided and why."""
    if output is Output.JSON:
        print_json({"revision": revision, **msgspec.to_builtins(decided)})
        return
    console = screen()
    verdict = "[green]is promoted[/green]" if decided.promoted else "[red]is not promoted[/red]"
    if decided.waits:
        verdict = "[yellow]waits for another person[/yellow]"
    champion = f"model {decided.champion}" if decided.champion else "the rules alone"
    console.print(f"{revision} {verdict}, judged against {champion}: {decided.why}", soft_wrap=True)
    if decided.reason and (decided.promoted or decided.waits) and not decided.passed:
        who = decided.author or "nobody named"
        console.print(f"overruled by {who}: {decided.reason}", markup=False, soft_wrap=True)
    if decided.waits:
        console.print(f"once approved, note it with: befit models confirm {revision}", markup=False, soft_wrap=True)


def confirm(
    model: Annotated[str, typer.Argument(metavar="MODEL", help="A revision, its beginning, or a bundle's folder.")],
    models: Annotated[Path, typer.Option(help="Folder whose subfolders are bundles.")] = Path("models"),
    address: AddressOption = None,
    output: OutputOption = Output.TABLE,
) -> None:
    """Note as promoted what waited for a second person and is in force now. Ends with 4 where it still waits."""
    registry = Registry(models)
    entry = registry.find(model)
    if entry.waiting is None:
        raise UsageMistaken(f"{entry.revision} does not wait for another person")
    with asking(address) as client:
        history = client.run(changes.list_revisions(_LOOKED_AT)).history
    came = [one for one in history if _came(one, entry.revision, entry.waiting.at)]
    decided = entry.waiting
    if came:
        last = came[0]
        decided = msgspec.structs.replace(
            decided, at=last.at.ToNanoseconds() / 1e9, promoted=True, waits="", approver=last.approver
        )
        registry.note(entry.revision, decided)
    tell_decision(entry.revision, decided, output)
    if not came:
        raise typer.Exit(GATE)


def _came(state: Any, revision: str, since: float) -> bool:
    return bool(state.model_revision == revision and state.at.ToNanoseconds() / 1e9 >= since)
