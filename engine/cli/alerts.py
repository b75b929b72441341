"""`befit alerts`: what people have to look at, and what was done about it."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Annotated, Any

import typer

from engine.cli.asking import AddressOption, asking
from engine.cli.exits import UsageMistaken
from engine.cli.output import Output, OutputOption
from engine.cli.tables import print_json, screen, table
from engine.wire.json import plain

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, help="What people have to look at.")
_COLUMNS = (" ", "since", "kind", "about", "for", "what")
_IDS = 8
"""So many ids are told by themselves, where they can be copied; all of them with -o json."""
_MOST = 1000
_RESOLVED = ("resolved", "by", "what was done", "kind", "about", "what")


@app.callback(invoke_without_command=True)
def alerts(
    context: typer.Context,
    resolved: Annotated[bool, typer.Option("--resolved", help="Those that are resolved.")] = False,
    limit: Annotated[int, typer.Option(help="How many, the latest.", min=1, max=1000)] = 100,
    address: AddressOption = None,
    output: OutputOption = Output.TABLE,
) -> None:
    """List the alerts that are open."""
    if context.invoked_subcommand is not None:
        return
    with asking(address) as client:
        found = client.alerts(resolved=resolved, limit=limit)
    if output is Output.JSON:
        print_json([plain(one) for one in found])
        return
    rows = _resolved(found) if resolved else _open(found)
    title = "1 alert" if len(found) == 1 else f"{len(found)} alerts"
    screen().print(table(title, _RESOLVED if resolved else _COLUMNS, rows))
    for number, one in enumerate(found[:_IDS] if not resolved else (), start=1):
        screen().print(f"{number}: befit alerts resolve {shlex.quote(one.id)} --by NAME --note ...", soft_wrap=True)


@app.command()
def resolve(
    alert: Annotated[str, typer.Argument(help="The alert's id, or a part that no other open alert has.")],
    by: Annotated[str, typer.Option(help="Who says so.")],
    note: Annotated[str, typer.Option(help="What was done.")] = "",
    address: AddressOption = None,
) -> None:
    """Say what was done about an alert; what it stands for ends with it: a broken promise stops no selling any more."""
    if not by.strip():
        raise UsageMistaken("say who it is: --by NAME")
    with asking(address) as client:
        found = client.resolve_alert(_whole(alert, client.alerts(limit=_MOST)), by, note=note)
    screen().print(f"{found.kind} about {found.subject} is resolved by {found.resolved_by}")


def _whole(part: str, found: Iterable[Any]) -> str:
    """The id of the one open alert that has this part in it; the part itself where none has. Raises UsageMistaken."""
    ids = [one.id for one in found]
    having = [name for name in ids if part in name]
    if part in ids or not having:
        return part
    if len(having) > 1:
        raise UsageMistaken(f"{len(having)} open alerts have {part!r} in their id: {', '.join(having[:3])} ...")
    return str(having[0])


def _open(found: Iterable[Any]) -> Iterator[tuple[str, ...]]:
    for number, one in enumerate(found, start=1):
        yield str(number), _time(one.at), one.kind, one.subject, one.to or "nobody named", one.text


def _resolved(found: Iterable[Any]) -> Iterator[tuple[str, ...]]:
    return ((_time(one.resolved_at), one.resolved_by, one.note, one.kind, one.subject, one.text) for one in found)


def _time(stamp: Any) -> str:
    return datetime.fromtimestamp(stamp.seconds).astimezone().strftime("%Y-%m-%d %H:%M")
