"""One thing that a review found: an error or a warning, told as any problem of a document."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from documents.problem import Problem


class Severity(StrEnum):
    """An error cannot be meant; a warning may be meant, and only a strict check fails for it."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Finding:
    severity: Severity
    problem: Problem


Note = Callable[[Severity, Problem], None]
"""Takes what a review finds, as it finds it."""
