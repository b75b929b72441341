"""`befit init`: a project of one's own to start from, copied from an example company."""

from __future__ import annotations

import shlex
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from engine.cli.exits import UsageMistaken
from engine.cli.output import Output, OutputOption
from engine.cli.tables import print_json, screen
from engine.demo.pack import PackUnknown, pack_files, pack_folder


def init(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Where to write; made where it is missing.")],
    pack: Annotated[str, typer.Option(help="The example company to start from, as in telco.")],
    output: OutputOption = Output.TABLE,
) -> None:
    """Write a project to start from: policy.yaml, features.yaml and a README. Nothing is ever overwritten."""
    written = write_pack(pack, folder)
    if output is Output.JSON:
        print_json({"folder": str(folder), "files": written, "next": next_steps(folder)})
        return
    console = screen()
    console.print(Text.assemble((f"{folder}", "bold"), f" has {', '.join(written)} now. Next:"), soft_wrap=True)
    for step in next_steps(folder):
        console.print(Text(f"  {step}", style="cyan"), soft_wrap=True)


def write_pack(pack: str, folder: Path) -> tuple[str, ...]:
    """Copy the files of an example company; their names. Raises UsageMistaken, before anything is written, where there
    is no such pack or something stands in the way."""
    try:
        source = pack_folder(pack)
    except PackUnknown as unknown:
        raise UsageMistaken(str(unknown)) from None
    names = pack_files(source)
    _check_free(folder, names)
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        shutil.copyfile(source / name, folder / name)
    return names


def _check_free(folder: Path, names: Sequence[str]) -> None:
    if folder.exists() and not folder.is_dir():
        raise UsageMistaken(f"{folder} is a file: name a folder")
    taken = [name for name in names if (folder / name).exists()]
    if taken:
        raise UsageMistaken(f"{folder} has {', '.join(taken)} already: nothing is overwritten, name another folder")


def next_steps(folder: Path) -> tuple[str, ...]:
    """What to do with a new project, as commands."""
    return (
        f"befit policy check --project {shlex.quote(str(folder))}",
        f"befit serve --project {shlex.quote(str(folder))}",
        "befit decide SOMEBODY --channel CHANNEL --explain",
    )
