"""`befit init`: a project of one's own to start from, copied from an example company."""

from __future__ import annotations

import shlex
import shutil
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from engine.cli.exits import UsageMistaken
from engine.cli.output import Output, OutputOption
from engine.cli.tables import print_json, screen
from engine.demo.days.lived_log import Days
from engine.demo.days.living import LOG_FOLDER, live_through
from engine.demo.drawing import CUSTOMERS_FILE, HISTORY_FILE, Drawn, Size, draw_company, is_drawable
from engine.demo.pack import PackUnknown, pack_files, pack_folder, pack_names
from engine.embedded.store import STORE_FOLDER
from engine.suites.read_suite import PATTERN
from rules.policy import Direction

CONTACTS_EACH = 5
ONE_VISITS_OF = 20
"""Of so many customers one comes by on a day that is lived through."""
DAY_S = 86_400.0
SOMEBODY = "c-00042"
_OF_A_PROJECT = ("bundle", STORE_FOLDER.parts[0])
"""What serving and training leave in a project, beside its suites."""


def init(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Where to write; made where it is missing.")],
    pack: Annotated[str, typer.Option(help=f"The example company to start from: {', '.join(pack_names())}.")],
    customers: Annotated[
        int, typer.Option(help="How many customers to make up, with a history; 0 = none.", min=0, max=99_999)
    ] = 10_000,
    days: Annotated[
        int, typer.Option(help="Let them live so many days under the policy, and write their log.", min=0, max=60)
    ] = 0,
    output: OutputOption = Output.TABLE,
) -> None:
    """Write a project to start from: policy, features, suites, and made-up customers with half a year of history.

    Nothing is ever overwritten, and nothing is mixed with another project.
    """
    if days and not customers:
        raise UsageMistaken("--days needs customers: leave --customers 0 out")
    written = write_pack(pack, folder)
    drawn = _draw(folder, customers, days) if customers and is_drawable(folder) else None
    if drawn is not None:
        written = (*written, drawn.customers.name, drawn.history.name, *[LOG_FOLDER] * bool(days))
    steps = (*next_steps(folder, drawn), *(log_steps(folder) if drawn is not None and days else ()))
    if output is Output.JSON:
        print_json({"folder": str(folder), "files": written, "next": steps})
        return
    console = screen()
    told = f" of {drawn.policy.company}" if drawn is not None else ""
    console.print(Text.assemble((f"{folder}", "bold"), f" has {', '.join(written)}{told} now. Next:"), soft_wrap=True)
    for step in steps:
        console.print(Text(f"  {step}", style="cyan"), soft_wrap=True)


def _draw(folder: Path, customers: int, days: int) -> Drawn:
    """Half a year of history, then the days under the policy."""
    now = time.time()
    drawn = draw_company(folder, folder, Size(customers, CONTACTS_EACH * customers), now - days * DAY_S)
    if days:
        live_through(folder, drawn, Days(now, days, max(customers // ONE_VISITS_OF, 1)))
    return drawn


def write_pack(pack: str, folder: Path) -> tuple[str, ...]:
    """Copy the files of an example company; their names. Raises UsageMistaken, before anything is written, where there
    is no such pack or something stands in the way."""
    try:
        source = pack_folder(pack)
    except PackUnknown as unknown:
        raise UsageMistaken(str(unknown)) from None
    names = pack_files(source)
    _check_free(folder, (*names, CUSTOMERS_FILE, HISTORY_FILE, LOG_FOLDER) if is_drawable(source) else names)
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        shutil.copyfile(source / name, folder / name)
    return names


def _check_free(folder: Path, names: Sequence[str]) -> None:
    if folder.exists() and not folder.is_dir():
        raise UsageMistaken(f"{folder} is a file: name a folder")
    belongs = (path.name for path in (*sorted(folder.glob(PATTERN)), *(folder / name for name in _OF_A_PROJECT)))
    taken = [name for name in dict.fromkeys((*names, *belongs)) if (folder / name).exists()]
    if taken:
        raise UsageMistaken(f"{folder} has {', '.join(taken)} already: nothing is overwritten, name another folder")


def next_steps(folder: Path, drawn: Drawn | None) -> tuple[str, ...]:
    """What to do with a new project, as commands; a model only where there is a history to learn from."""
    place = shlex.quote(str(folder))
    policy = (f"befit policy check --project {place}", f"befit policy test --project {place} --coverage")
    if drawn is None:
        return (*policy, f"befit serve --project {place}", "befit decide SOMEBODY --channel CHANNEL --explain")
    inbound = (one.name for one in drawn.policy.channels.values() if one.direction is Direction.INBOUND)
    channel = next(inbound, next(iter(drawn.policy.channels)))
    bundle = shlex.quote(str(folder / "bundle"))
    return (
        *policy,
        f"befit load --project {place} --customers {shlex.quote(str(drawn.customers))}",
        f"befit train --project {place} --history {shlex.quote(str(drawn.history))} --out {bundle}",
        f"befit serve --project {place} --bundle {bundle}",
        f"befit decide {SOMEBODY} --channel {channel} --explain",
    )


def log_steps(folder: Path) -> tuple[str, ...]:
    """What to do with the log of a company that lived."""
    place, log = shlex.quote(str(folder)), shlex.quote(str(folder / LOG_FOLDER))
    learnt, page = shlex.quote(str(folder / "learnt")), shlex.quote(str(folder / "report.html"))
    return (
        f"befit train --project {place} --from-log {log} --out {learnt}",
        f"befit report --project {place} --log {log} --out {page}",
    )
