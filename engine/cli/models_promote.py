"""`befit models promote`: judge a model against the champion, note the verdict, put it in force if it passes."""

from __future__ import annotations

import contextlib
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from engine.batch import greedy
from engine.cli.as_served import SERVED, CountsOption, RedisOption, counted_too, learned_counts
from engine.cli.asking import AddressOption
from engine.cli.changing import AuthorOption, person
from engine.cli.exits import GATE, UsageMistaken
from engine.cli.flags import flags
from engine.cli.models_in_force import as_answered, end_with, in_force, put_in_force, tell_decision
from engine.cli.output import Output, OutputOption
from engine.cli.times import moment
from engine.evaluation.judging import Judgement, PastChoices, judged
from engine.evaluation.promotion import Gate
from engine.evaluation.told import told as plain
from engine.evaluation.tried import NothingToEvaluate
from engine.learning.store import Learned
from engine.project import load_snapshot
from engine.registry.entry import Decided, Entry, Judged
from engine.registry.registry import NotInRegistry, Registry


@dataclass(frozen=True, slots=True, kw_only=True)
class PromoteFlags:
    """What `befit models promote` is told."""

    model: Annotated[str, typer.Argument(metavar="MODEL", help="A revision, its beginning, or a bundle's folder.")]
    models: Annotated[Path, typer.Option(help="Folder whose subfolders are bundles.")] = Path("models")
    against: Annotated[
        str | None,
        typer.Option(help="Champion; else what the server decides by, with --no-activate the one promoted last."),
    ] = None
    log: Annotated[Path | None, typer.Option(help="Folder that `befit sink` wrote the log to.")] = None
    history: Annotated[list[Path] | None, typer.Option(help="Files of past choices with probabilities.")] = None
    since: Annotated[str, typer.Option(help="Choices of the log from this moment on.")] = ""
    until: Annotated[str, typer.Option(help="Choices of the log before this moment.")] = ""
    project: Annotated[Path, typer.Option(help="Folder with policy.yaml and features.yaml.")] = Path()
    force: Annotated[bool, typer.Option("--force", help="Promote whatever the gate says; takes --reason.")] = False
    reason: Annotated[str, typer.Option(help="Why the gate is overruled; it is noted.")] = ""
    counts: CountsOption = SERVED
    redis_url: RedisOption = None
    activate: Annotated[bool, typer.Option(help="Put it in force on the running server.")] = True
    author: AuthorOption = None
    address: AddressOption = None
    output: OutputOption = Output.TABLE


@flags
def promote(told: PromoteFlags) -> None:
    """Judge a model against the champion on past choices, and put it in force if it is better by more than noise, or
    not worse and simpler. Evaluation and decision are noted beside the models: as promoted only what came in force.

    Ends with 4 where the gate refuses; --force with a --reason overrules it. Where the policy asks for two people it
    waits for the other; `befit models confirm` notes that it came in force.
    """
    if bool(told.history) == (told.log is not None):
        raise UsageMistaken("name either --log FOLDER or --history FILE...")
    if told.force and not told.reason.strip():
        raise UsageMistaken("--force takes a --reason, which is noted")
    registry, now = Registry(told.models), time.time()
    entry = registry.find(told.model)
    champion = _champion(told, registry)
    if champion is not None and champion.revision == entry.revision:
        raise UsageMistaken(f"{entry.revision} is the champion already; name another with --against")
    bundle = _within(told, entry) if told.activate else ""
    learned = learned_counts(told.counts, told.project, told.redis_url)
    judgement, verdict = _judged(told, (entry, champion), learned, now)
    beaten = "" if champion is None else champion.revision
    evaluation = _evaluation(told, judgement, beaten, learned, now)
    decided = _decided(told, verdict, beaten, now)
    answer = put_in_force(bundle, decided, told.address) if decided.promoted and told.activate else None
    decided = decided if answer is None else as_answered(decided, answer)
    registry.note(entry.revision, evaluation, decided)
    tell_decision(entry.revision, decided, told.output)
    if answer is not None:
        end_with(answer, told.output)
    elif not decided.promoted:
        raise typer.Exit(GATE)


def _champion(told: PromoteFlags, registry: Registry) -> Entry | None:
    """What is to be replaced: the one named, else what the server decides by, else the one promoted last; None = the
    rules alone."""
    if told.against:
        return _known(told, registry, told.against)
    revision = in_force(told.address) if told.activate else None
    if revision is None:
        return registry.champion()
    if not revision:
        return None
    try:
        return _known(told, registry, revision)
    except NotInRegistry:
        where = f"the server decides by model {revision}, which is neither in {told.models} nor in {told.project}"
        raise UsageMistaken(f"{where}: copy its folder there, or name the champion with --against") from None


def _known(told: PromoteFlags, registry: Registry, name: str) -> Entry:
    """A model of the registry, else one that lies beside it in the project, as the first one does. Raises
    NotInRegistry."""
    try:
        return registry.find(name)
    except NotInRegistry:
        with contextlib.suppress(NotInRegistry):
            return Registry(told.project).find(name)
        raise


def _decided(told: PromoteFlags, verdict: Gate, beaten: str, now: float) -> Decided:
    """The decision, before anybody asked the server for it."""
    return Decided(
        at=now,
        author=person(told.author),
        promoted=verdict.promoted or told.force,
        passed=verdict.promoted,
        why=verdict.why,
        reason=told.reason if told.force else "",
        champion=beaten,
    )


def _judged(
    told: PromoteFlags, sides: tuple[Entry, Entry | None], learned: Learned, now: float
) -> tuple[Judgement, Gate]:
    bounds = {"since": moment(told.since, "--since"), "until": moment(told.until, "--until")}
    past = PastChoices(now=now, history=tuple(told.history or ()), log=told.log, **bounds)
    challenger, beaten = (
        greedy(load_snapshot(told.project, None if one is None else _place(one))).with_learned(learned) for one in sides
    )
    try:
        found = judged(challenger, beaten, past)
    except NothingToEvaluate as nothing:
        raise UsageMistaken(str(nothing)) from None
    assert found.verdict is not None
    return found, found.verdict


def _place(entry: Entry) -> Path:
    if not entry.place:
        raise UsageMistaken(f"the files of model {entry.revision} are gone; only notes of it are left")
    return Path(entry.place)


def _evaluation(told: PromoteFlags, found: Judgement, against: str, learned: Learned, now: float) -> Judged:
    source = str(told.log) if told.log else ", ".join(map(str, told.history or ()))
    notes = [*found.notes, *counted_too(learned, found.first)]
    said = plain(found.found, found.verdict) | {"notes": notes, "learned_counts": learned.number}
    return Judged(at=now, source=source, first=found.first, last=found.last, against=against, told=said)


def _within(told: PromoteFlags, entry: Entry) -> str:
    """The bundle's folder as the server's project names it."""
    place, project = _place(entry).resolve(), told.project.resolve()
    if not place.is_relative_to(project):
        raise UsageMistaken(f"{place} is not in the project {project}, from which the server reads; or --no-activate")
    return place.relative_to(project).as_posix()
