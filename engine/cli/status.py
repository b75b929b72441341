"""`befit status`: what a running server has in force, and whether all is well."""

from __future__ import annotations

from datetime import UTC
from typing import Any

import typer

from engine.cli.asking import AddressOption, asking
from engine.cli.exits import FAILED
from engine.cli.in_force_told import in_force_rows, refused_files
from engine.cli.output import Output, OutputOption
from engine.cli.tables import print_json, screen, table
from engine.wire.json import plain

LIMIT_COLUMNS = ("limit", "used ", "lent to workers ", "left ", "of ", "budget brake ", "begins anew")
SCORERS = {0: "none", 1: "none", 2: "Befit's own", 3: "LightGBM"}


def status(address: AddressOption = None, output: OutputOption = Output.TABLE) -> None:
    """Tell what a running server has in force; ends with 1 when something is wrong."""
    with asking(address) as client:
        found = client.status()
    if output is Output.JSON:
        print_json(plain(found))
    else:
        screen().print(table(found.company, ("", ""), status_rows(found)))
        if found.limits:
            screen().print(table("limits over all customers", LIMIT_COLUMNS, map(limit_row, found.limits)))
        for line in refused_files(found):
            screen().print(line, style="red", soft_wrap=True, markup=False)
    if not found.store_ok or refused_files(found):
        raise typer.Exit(FAILED)


def status_rows(found: Any) -> list[tuple[str, str]]:
    """What there is to tell, in plain words."""
    reason = f" ({found.scorer_reason})" if found.scorer_reason else ""
    model = f"{found.model_name} {found.model_revision}" if found.model_revision else "none: the rules decide alone"
    return [
        ("version", found.version),
        ("policy", f"{found.policy_revision}, {found.actions} actions"),
        ("model", model),
        ("evaluated by", SCORERS.get(found.scorer, "") + reason),
        ("features", found.schema_hash),
        ("store", "answers" if found.store_ok else f"does not answer: {found.store_problem}"),
        ("stopped actions", ", ".join(found.stopped_actions) or "none"),
        ("workers", str(found.workers)),
        ("up for", f"{found.uptime_seconds:.0f} s"),
        *in_force_rows(found),
    ]


def limit_row(one: Any) -> tuple[str, ...]:
    """One limit: amounts without needless digits, and the price where pacing asks one."""
    if not one.known:
        return one.name, "not known", "", "", _amount(one.most), "", ""
    ends = one.ends_at.ToDatetime(UTC).strftime("%Y-%m-%d %H:%M UTC") if one.HasField("ends_at") else ""
    price = _amount(one.price) if one.price else ""
    lent = max(0.0, one.most - one.used - one.left)
    return one.name, _amount(one.used), _amount(lent), _amount(one.left), _amount(one.most), price, ends


def _amount(number: float) -> str:
    return f"{number:,.2f}".rstrip("0").rstrip(".")
