"""What may be asked of those who change what is in force, and what they answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from documents.problem import Problem
from engine.activation.in_force import Challenge, FailedCase, InForce
from engine.revisions.kept import About


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where a policy and a bundle come from. `bundle` is a folder, relative to the project, or a revision in the store;
    "" = leave the model. The policy is `revision` from the store, or `files` by name (suites among them), or the
    project's files where `reload_policy`; none of them = leave the policy. `bundle_files` stand for a folder."""

    bundle: str = ""
    bundle_files: Mapping[str, bytes] = field(default_factory=dict)
    without_model: bool = False
    revision: str = ""
    reload_policy: bool = False
    files: Mapping[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Activation:
    """Put another policy or bundle in force; `dry_run` only tries them."""

    source: Source
    author: str = ""
    note: str = ""
    dry_run: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Challenging:
    """Try another policy or bundle beside the one in force: on a share of the customers, or as a shadow."""

    source: Source
    share: float
    shadow: bool
    author: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Activated:
    """What became of it. `activated`: all that was asked for is in force. `pending`: it waits for another person under
    the name `revision`. Else `problems`, `bundle_refused`, `failed` cases (of `cases`) or `fault` say why nothing
    changed. `workers` switched, `late` had not when the answer was given, at `at` (s)."""

    activated: bool
    policy_revision: str
    model_revision: str
    problems: tuple[Problem, ...] = ()
    bundle_refused: str = ""
    pending: bool = False
    revision: str = ""
    cases: int = 0
    failed: tuple[FailedCase, ...] = ()
    fault: str = ""
    epoch: int = 0
    workers: int = 0
    late: tuple[str, ...] = ()
    at: float = 0.0


@dataclass(frozen=True, slots=True)
class ToldChallenge:
    """A challenge, whether it goes on, and what was counted of it so far, by name (see
    engine/activation/comparing.py)."""

    challenge: Challenge
    underway: bool
    counted: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Revisions:
    """What was in force, the newest first, and all policies and bundles that the store has."""

    history: tuple[InForce, ...]
    policies: tuple[About, ...]
    bundles: tuple[About, ...]
