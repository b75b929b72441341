"""What `befit sink` tells: rounds of writing, and the proof that nothing is missing."""

from __future__ import annotations

from dataclasses import asdict

import orjson
import typer

from engine.cli.output import Output
from engine.cli.tables import print_json, screen, table
from engine.sink.following import Round
from engine.sink.gaps import Gap, Proof

_MOST_SHOWN = 50


def round_told(round_: Round, output: Output) -> None:
    """One line for each round; as JSON one document in a line."""
    if output is Output.JSON:
        typer.echo(orjson.dumps(asdict(round_)))
        return
    console = screen()
    if round_.failure:
        console.print(f"waiting: {round_.failure}", style="yellow", markup=False, soft_wrap=True)
        return
    if round_.counts:
        console.print(f"counts {round_.counts} of what contacts came to are published")
        return
    lines = [f"{round_.passed.entries:,} entries written"]
    if round_.passed.busy:
        lines.append(f"{len(round_.passed.busy)} slices are in the hands of another sink")
    if round_.packed:
        lines.append(f"{round_.packed:,} small files put together with others")
    if round_.trimmed.entries:
        lines.append(f"{round_.trimmed.entries:,} removed from the store")
    if round_.trimmed.holding:
        waits = ", ".join(round_.trimmed.holding)
        lines.append(f"trimming waits for folder {waits}: `befit sink --forget --folder ID` gives one up that is gone")
    console.print("; ".join(lines), markup=False, soft_wrap=True)


def proof_told(proof: Proof, output: Output) -> bool:
    """Print the proof; whether nothing is missing."""
    if output is Output.JSON:
        print_json({**asdict(proof), "missing": proof.missing})
        return not proof.gaps
    console = screen()
    console.print(f"{proof.written:,} entries in the files, {proof.waiting:,} more wait in the store")
    if proof.twice:
        console.print(f"{proof.twice:,} rows stand twice; readers take each entry once")
    if proof.restarts:
        console.print(f"{proof.restarts:,} times a writer's numbers began anew, as after a store was emptied")
    if proof.earlier:
        console.print(f"{sum(gap.entries for gap in proof.earlier):,} entries are older than this folder")
    if not proof.gaps:
        console.print("nothing is missing", style="green")
        return True
    columns = ("partition ", "writer", "first ", "last ", "entries ")
    console.print(table(f"missing: {proof.missing:,} entries", columns, map(_row, proof.gaps[:_MOST_SHOWN])))
    if len(proof.gaps) > _MOST_SHOWN:
        console.print(f"and {len(proof.gaps) - _MOST_SHOWN} gaps more: -o json has them all")
    return False


def _row(gap: Gap) -> tuple[str, ...]:
    return str(gap.partition), gap.writer, f"{gap.first:,}", f"{gap.last:,}", f"{gap.entries:,}"
