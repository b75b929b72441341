"""`befit demo`: a made-up company served for real, and a story told through its decisions."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Annotated

import typer

from befit import ClientError
from documents.problem import BefitError
from engine.cli.exits import GateFailed
from engine.cli.flags import flags
from engine.cli.tables import screen
from engine.demo.preparing import Scale
from engine.demo.show import Plan, give


class DemoFailed(BefitError):
    """The demonstration's server did not answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoFlags:
    """What `befit demo` may be told."""

    once: Annotated[bool, typer.Option("--once", help="Tell the story and end; with 4 where an answer breaks it.")] = (
        False
    )
    port: Annotated[int | None, typer.Option(help="Port for gRPC; without one 50051, or any if that is taken.")] = None
    customers: Annotated[int, typer.Option(help="How many customers to make up.", min=500, max=99_999)] = 20_000


@flags
def demo(told: DemoFlags) -> None:
    """Make up a company, learn from its history, serve it, and tell through its decisions what befits whom, and why.

    Nothing is kept: store, model and customers are gone when it ends.
    """
    plan = Plan(told.once, told.port, Scale(customers=told.customers, contacts=3 * told.customers), time.time())
    try:
        broken = give(plan, screen())
    except ClientError as failure:
        raise DemoFailed(f"the server did not answer: {failure}") from failure
    if broken:
        raise GateFailed("the story says what the answers do not bear out:\n" + "\n".join(broken))
