"""How commands reach a running server, and what they say when it does not answer."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Annotated

import typer

from befit import Client, ClientError, Conflict, InvalidRequest, NotFound, Unreachable
from documents.problem import BefitError
from engine.cli.exits import UsageMistaken
from engine.config import ClientConfig, read

AddressOption = Annotated[str | None, typer.Option(help="HOST:PORT of a running server; else BEFIT_ADDRESS.")]


CUSTOMER = "customer"


class NotAnswered(BefitError):
    """The server did not give an answer; the message says why and what would help."""


class NotDone(BefitError):
    """The server cannot do it as things stand; the message says what stands in the way."""


def called(client: Client) -> str:
    """What the policy in force calls a customer; plainly that where the server does not say."""
    with suppress(ClientError):
        return str(client.status().words.get(CUSTOMER) or CUSTOMER)
    return CUSTOMER


@contextmanager
def asking(address: str | None) -> Iterator[Client]:
    """A connection to the server. Raises NotAnswered, and UsageMistaken where the server refuses what was asked."""
    config = read(ClientConfig, {"address": address})
    wait = config.timeout_seconds * 1000
    try:
        with Client(config.address, deadline_ms=wait, timeout_ms=wait) as client:
            yield client
    except (InvalidRequest, NotFound) as refused:
        raise UsageMistaken(_told(refused)) from refused
    except Conflict as refused:
        raise NotDone(_told(refused)) from refused
    except Unreachable as failure:
        raise NotAnswered(f"no server answers at {config.address}; start one with: befit serve") from failure
    except ClientError as failure:
        raise NotAnswered(f"{config.address} did not answer: {failure}") from failure


def _told(refused: InvalidRequest | NotFound | Conflict) -> str:
    """What the server says, and of which field."""
    return f"{refused.field}: {refused}" if refused.field else str(refused)
