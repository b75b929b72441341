"""Options that take several values in a row."""

from pathlib import Path
from typing import Annotated

import pytest
import typer
from typer.testing import CliRunner

from engine.cli.several_files import SeveralFiles

app = typer.Typer()


@app.command(cls=SeveralFiles)
def told(
    files: Annotated[list[Path], typer.Option("--file", "-f")],
    out: Annotated[Path, typer.Option()] = Path("none"),
    quick: Annotated[bool, typer.Option("--quick")] = False,
) -> None:
    typer.echo(f"{' '.join(map(str, files))} | {out} | {quick}")


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("--file a b c --out d", "a b c | d | False"),
        ("--out d --file a --quick --file b c", "a b c | d | True"),
        ("-f a b", "a b | none | False"),
        ("--file=a --file b", "a b | none | False"),
    ],
)
def test_values_up_to_the_next_option_belong_to_it(words: str, expected: str) -> None:
    answered = CliRunner().invoke(app, words.split())
    assert answered.output.strip() == expected


def test_an_option_for_one_value_takes_one() -> None:
    assert CliRunner().invoke(app, ["--file", "a", "--out", "b", "c"]).exit_code == 2
