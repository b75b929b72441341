"""`befit push`: an example of a worker that sends what events started: prints messages, or posts them to an address."""

from __future__ import annotations

import signal
from typing import Annotated, Any

import orjson
import typer

from befit import Client, ClientError
from befit.push import Messages
from engine.alerts.webhook import taken_by
from engine.cli.asking import AddressOption, asking
from engine.cli.exits import UsageMistaken
from engine.wire.json import plain


def push(
    channel: Annotated[list[str], typer.Option(help="An outbound channel; may be repeated.")],
    to: Annotated[str, typer.Option(help="Post each message as JSON to this http(s) address; else print it.")] = "",
    most: Annotated[int, typer.Option(help="End after so many messages; 0 = never.", min=0)] = 0,
    address: AddressOption = None,
) -> None:
    """Send what events started, until stopped with Ctrl-C or SIGTERM.

    What is sent is printed, one line of JSON each. With --to, what the address does not answer with 2xx comes again
    later.
    """
    if to and not to.startswith(("http://", "https://")):
        raise UsageMistaken("--to is an http or https address")
    with asking(address) as client:
        sender = Sender(client, channel, to)
        for signalled in (signal.SIGINT, signal.SIGTERM):
            signal.signal(signalled, lambda *_: sender.stop())
        typer.echo(f"{sender.send(most):,} messages", err=True)


class Sender:
    """Sends messages as they come. One that is being sent when it is told to stop is sent and reported first."""

    def __init__(self, client: Client, channels: list[str], to: str) -> None:
        self._messages = client.messages(channels, paused=_paused)
        self._to = to
        self._waits, self._stops = True, False

    def stop(self) -> None:
        """End soon; may be called by a signal's handler."""
        self._stops = True
        if self._waits:
            self._messages.leave()

    def send(self, most: int = 0) -> int:
        """Until stopped, or `most` messages were tried (0 = no bound); how many were."""
        done = 0
        for message in self._messages:
            self._waits = False
            if not self._over():
                _send(self._messages, message, self._to)
                done += 1
            self._waits = True
            if self._over() or done == most:
                break
        self._messages.finish()
        return done

    def _over(self) -> bool:
        return self._stops


def _send(messages: Messages, message: Any, to: str) -> None:
    """What is printed counts as sent; an address says by its status whether it took it."""
    body = orjson.dumps(plain(message))
    if not to or taken_by(to, body):
        messages.sent(message)
        typer.echo(body)
    else:
        messages.failed(message, "the address did not take it")
        typer.echo(f"{message.message_id} comes again: the address did not take it", err=True)


def _paused(why: ClientError) -> None:
    typer.echo(f"waiting: {why}", err=True)
