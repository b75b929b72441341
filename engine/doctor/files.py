"""Whether a project's files and its model load, and fit each other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from documents.problem import DocumentInvalid, Problem
from engine.doctor.finding import Finding, note, well, wrong
from engine.project import compile_text, read_text
from models.bundle import Bundle, BundleRefused, expect_schema, load_bundle
from models.features import FeatureSchema

OLD_DAYS = 90.0
"""After so many days it is worth to look whether a model still holds."""


def files(project: Path, bundle: Path | None, now: float) -> Iterator[Finding]:
    """The project's files, then the model beside them."""
    try:
        compiled, schema = compile_text(read_text(project), project)
    except DocumentInvalid as invalid:
        yield wrong("policy", _first(invalid.problems), f"befit policy check --project {project}")
        return
    policy = compiled.policy
    yield well("policy", f"{policy.company}: {len(policy.actions)} actions, revision {policy.revision}")
    yield well("features", f"{len(schema.features)} declared, {schema.hash.hex()}")
    if bundle is None:
        yield note("model", "none named: rules and starting propensities decide", "--bundle FOLDER")
    else:
        yield _model(bundle, schema, now)


def _model(folder: Path, schema: FeatureSchema, now: float) -> Finding:
    try:
        bundle = load_bundle(folder)
        expect_schema(bundle, schema)
    except BundleRefused as refused:
        return wrong("model", str(refused), "befit train --out FOLDER makes a new one from the project's features")
    age = (now - bundle.manifest.training.end) / 86400
    told = _told(bundle)
    if age > OLD_DAYS:
        return note("model", f"{told}, {age:.0f} days ago", f"befit drift --bundle {folder} --log FOLDER")
    return well("model", told)


def _told(bundle: Bundle) -> str:
    learnt = datetime.fromtimestamp(bundle.manifest.training.end, UTC)
    return f"{bundle.manifest.name} {bundle.revision}, learnt from contacts up to {learnt:%Y-%m-%d}"


def _first(problems: Sequence[Problem]) -> str:
    more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
    return f"does not load: {problems[0].render().splitlines()[0]}{more}"
