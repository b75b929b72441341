"""A project that an imported history fits: its channels, actions and features, to train, evaluate and go on from."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import polars as pl

from documents.problem import BefitError
from engine.interchange.pega.imported import Imported
from engine.project import FEATURES_FILE, POLICY_FILE
from engine.sink.files import write_bytes
from rules.ledger import STANDARD_OUTCOMES

_HEAD = """\
# Made from what an export of Pega's told. Values, costs, rules, limits and words are yours to write.
version: 1
company: {company}
currency: EUR
time_zone: UTC
"""
_GOALS = """\
goals:
  success: {unit_value: 1}

tiers:
  order:
    - {name: everyone, otherwise: true, weights: {success: 1}}
"""


class NothingKnown(BefitError):
    """A project needs a feature, and the file has none."""


def write_project(imported: Imported, folder: Path, company: str) -> None:
    """Write `policy.yaml` and `features.yaml`. Raises NothingKnown, OSError."""
    features = features_text(imported)
    write_bytes(folder / POLICY_FILE, policy_text(imported, company).encode())
    write_bytes(folder / FEATURES_FILE, features.encode())


def policy_text(imported: Imported, company: str) -> str:
    """A policy in which every action that was imported is an offer, in the channels where it was made."""
    own = [one for one in imported.history["outcome"].drop_nulls().unique().sort() if one not in STANDARD_OUTCOMES]
    outcomes = f"outcomes: {_said(own)}\n" if own else ""
    parts = [_HEAD.format(company=_said(company)) + outcomes, _channels(imported.actions), _GOALS]
    types = imported.events["type"].unique().sort().to_list()
    if types:
        lines = [f"  {one}: {{meaning: {_said(f'Pega told {one} of the customer.')}}}" for one in types]
        parts.append("\n".join(["events:", *lines, ""]))
    return "\n".join([*parts, _actions(imported.actions)])


def features_text(imported: Imported) -> str:
    """The features that the history has, and how long ago each kind of event was. Raises NothingKnown."""
    columns = imported.history.select(imported.features)
    lines = [f"  {column.name}: {_feature(column)}" for column in columns.get_columns()]
    for type_ in imported.events["type"].unique().sort():
        source = f"{{event: {type_}, aggregate: age}}"
        lines.append(f"  since_{type_}: {{type: number, unit: s, default: none, from: {source}}}")
    if not lines:
        raise NothingKnown("the file tells nothing of customers beside their answers: there is no feature to declare")
    return "\n".join(["version: 1", "", "features:", *lines, ""])


def _channels(actions: pl.DataFrame) -> str:
    lines = ["channels:"]
    for channel, direction in actions.select("channel", "direction").unique("channel").sort("channel").iter_rows():
        place = "{kinds: [OFFER], count: 3}" if direction.lower() == "inbound" else "{kinds: [OFFER], count: 1}"
        lines += [f"  {_said(channel)}:", f"    direction: {direction.lower()}", f"    placements: {{offer: {place}}}"]
    return "\n".join([*lines, ""])


def _actions(actions: pl.DataFrame) -> str:
    lines = ["actions:"]
    for (action,), rows in actions.group_by("action", maintain_order=True):
        issue, group = rows.row(0, named=True)["issue"], rows.row(0, named=True)["group"]
        lines += [f"  {_said(action)}:", "    kind: OFFER", f"    issue: {_said(issue)}", f"    group: {_said(group)}"]
        lines += ["    value: {success: 1}", "    treatments:"]
        lines += [f"      {_said(one)}: {{title: {_said(action)}}}" for one in rows["channel"]]
    return "\n".join([*lines, ""])


def _feature(column: pl.Series) -> str:
    if column.dtype == pl.Boolean:
        return "{type: flag}"
    if column.dtype == pl.String:
        return f"{{type: category, values: {_said(column.drop_nulls().unique().sort().to_list())}}}"
    return "{type: number}"


def _said(value: str | Iterable[str]) -> str:
    """A text or texts as YAML has them in double quotes."""
    plain: Any = value if isinstance(value, str) else list(value)
    return json.dumps(plain, ensure_ascii=False)
