"""Lets a command take one value whose fields are its arguments and options."""

from __future__ import annotations

import inspect
import typing
from collections.abc import Callable
from dataclasses import MISSING, Field, fields
from typing import Any, TypeVar

T = TypeVar("T")


def flags(command: Callable[[T], None]) -> Callable[..., None]:
    """Turns `command(asked: Asked)` into what typer takes: one parameter for each field of the dataclass Asked.

    A field's annotation says how it is read, as in `port: Annotated[int, typer.Option(help="...")] = 0`.
    """
    (asked,) = inspect.signature(command, eval_str=True).parameters.values()
    hints = typing.get_type_hints(asked.annotation, include_extras=True)

    def called(**given: Any) -> None:
        command(asked.annotation(**given))

    parameters = [_parameter(field, hints[field.name]) for field in fields(asked.annotation)]
    called.__name__, called.__doc__ = command.__name__, command.__doc__
    called.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    vars(called)["__signature__"] = inspect.Signature(parameters)
    return called


def _parameter(field: Field[Any], annotation: Any) -> inspect.Parameter:
    default = inspect.Parameter.empty if field.default is MISSING else field.default
    return inspect.Parameter(field.name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation)
