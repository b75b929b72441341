"""`befit policy table`: decision tables to a spreadsheet and back."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Annotated

import typer

from documents.csv_cells import load_csv
from documents.reader import did_you_mean
from documents.strict_yaml import load
from engine.cli.exits import UsageMistaken
from engine.project import FEATURES_FILE, POLICY_FILE
from engine.snapshot import facts_of
from models.feature_file import load_features
from rules.policy_file import compile_source
from rules.table import DecisionTable
from rules.table_csv import csv_rows, table_as_csv
from rules.table_file import TableNotReplaced, replaced_rows

app = typer.Typer(
    help="Write a decision table as CSV, or read one back.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

Table = Annotated[str, typer.Argument(metavar="ID", help="The table, as the policy names it.")]
CsvFile = Annotated[Path, typer.Argument(metavar="FILE", help="The CSV file.")]
Project = Annotated[Path, typer.Option(help="Folder with policy.yaml and features.yaml.")]


@app.command("export")
def export(table: Table, file: CsvFile, project: Project = Path()) -> None:
    """Write a decision table as CSV, one line per row."""
    facts = facts_of(load_features(project / FEATURES_FILE))
    compiled = compile_source(load(project / POLICY_FILE), facts)
    text = table_as_csv(_named(compiled.policy.tables, table))
    file.write_text(text, encoding="utf-8", newline="")
    typer.echo(f"{file} holds the table {table}")


@app.command("import")
def import_(table: Table, file: CsvFile, project: Project = Path()) -> None:
    """Put the rows of a CSV in the place of those in policy.yaml, if the policy then holds. What did not change stays
    as it is written; a comment above a row goes with it."""
    path = project / POLICY_FILE
    facts = facts_of(load_features(project / FEATURES_FILE))
    source = load(path)
    found = _named(compile_source(source, facts).policy.tables, table)
    rows = csv_rows(found, load_csv(file), str(file))
    text = path.read_bytes().decode("utf-8")
    try:
        changed = replaced_rows(text, source, found, rows, facts)
    except TableNotReplaced as refused:
        raise UsageMistaken(str(refused)) from None
    write_whole(path, changed)
    typer.echo(f"{path} has the table {table} with {len(rows)} rows")


def write_whole(path: Path, text: str) -> None:
    """Put a text in the place of a file, all of it or nothing."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    with os.fdopen(handle, "w", encoding="utf-8", newline="") as written:
        written.write(text)
    new = Path(name)
    new.chmod(path.stat().st_mode & 0o777)
    new.replace(path)


def _named(tables: tuple[DecisionTable, ...], name: str) -> DecisionTable:
    for table in tables:
        if table.id == name:
            return table
    known = [table.id for table in tables]
    hint = did_you_mean(name, known) if known else "the policy has no tables"
    raise UsageMistaken(f"there is no table {name!r}; {hint}")
