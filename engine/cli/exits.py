"""What a command's end tells a program: 0 fine, 1 it could not be done, 2 usage, 3 a file does not compile, 4 a test or
a gate failed."""

from __future__ import annotations

from collections.abc import Mapping

from documents.problem import BefitError

FAILED, USAGE, NOT_COMPILED, GATE = 1, 2, 3, 4

_BY_ERROR: Mapping[str, int] = {
    "ConfigInvalid": USAGE,
    "UsageMistaken": USAGE,
    "Exposed": USAGE,
    "DocumentInvalid": NOT_COMPILED,
    "BundleRefused": NOT_COMPILED,
    "GateFailed": GATE,
}
"""By the error's name, so that telling a code loads neither models nor rules."""


class UsageMistaken(BefitError):
    """A command was asked for something that it cannot do; the message says what would be right."""


class FileUnusable(BefitError):
    """The system refused a file or a folder: it is missing, full, or not ours."""


class GateFailed(BefitError):
    """What was checked does not reach what was asked for."""


def exit_code(failure: BefitError) -> int:
    """The code for an error that ended a command."""
    return next((_BY_ERROR[kind.__name__] for kind in type(failure).__mro__ if kind.__name__ in _BY_ERROR), FAILED)
