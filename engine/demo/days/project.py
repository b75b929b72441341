"""The demo company's project for a log to compare by: with large comparison groups, some boosts, a small model."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path

from engine.demo.company.customers import Population
from engine.demo.company.read_sketch import load_sketch
from engine.demo.company.truth import Truth, truth_of
from engine.demo.drawing import SEED, Size, draw_company
from engine.demo.pack import pack_folder
from engine.history_terms import history_terms
from engine.project import FEATURES_FILE, POLICY_FILE, load_snapshot
from engine.revisions.kept import ProjectText
from engine.snapshot import Snapshot
from models.bundle_writer import write_bundle
from models.history import read_history
from models.served import Level
from models.train import train
from models.train_settings import read_settings

TRAINING = ("rounds=80", "leaves=15", "learning_rate=0.06", "least_rows_per_leaf=60", "threads=1")
_GROUP = re.compile(r"(?m)^(  - \{id: \w+, share: )[\d.]+(, arm: \w+\})$")
SHARE = 0.07
"""Of each comparison group: a small company's few percent would be nobody."""


@dataclass(frozen=True, slots=True)
class DemoProject:
    """The company: its files in `folder`, what decides, its customers and what is true of them."""

    folder: Path
    text: ProjectText
    snapshot: Snapshot
    population: Population
    truth: Truth


def demo_project(pack: str, folder: Path, size: Size, now: float) -> DemoProject:
    """Write the project of a pack into a folder and learn its model from the history before `now` (s).

    Raises PackUnknown, DocumentInvalid, BundleRefused, OSError.
    """
    source = pack_folder(pack)
    policy = compared((source / POLICY_FILE).read_text(encoding="utf-8"))
    text = ProjectText(policy, (source / FEATURES_FILE).read_bytes())
    (folder / POLICY_FILE).write_bytes(text.policy)
    (folder / FEATURES_FILE).write_bytes(text.features)
    drawn = draw_company(source, folder, size, now)
    truth = truth_of(load_sketch(source, drawn.schema, drawn.policy), drawn.population, SEED)
    terms = history_terms(drawn.schema, drawn.policy)
    settings = replace(read_settings(TRAINING), force=Level.FULL)
    learnt = train(read_history([drawn.history], terms), terms, settings, now, _unwatched)
    write_bundle(folder / "bundle", learnt.parts)
    return DemoProject(folder, text, load_snapshot(folder, folder / "bundle"), drawn.population, truth)


def compared(policy: str) -> bytes:
    """The policy's text with as many customers in each of its comparison groups as can be compared."""
    return _GROUP.sub(rf"\g<1>{SHARE}\g<2>", policy).encode()


def _unwatched(step: str, done: float) -> None:
    del step, done
