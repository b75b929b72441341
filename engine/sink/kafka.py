"""Entries to Kafka, beside the files: one message for each, in the order of its customer.

The key is tenant NUL customer, the value the entry's body as it stands in the log; the rest are headers. Needs the
extra `kafka`.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from documents.problem import BefitError
from engine.sink.log_files import Entries
from engine.sink.log_table import FORMAT
from engine.store import LogEntry

TOPIC = "befit.log"
Headers = list[tuple[str, bytes]]
_FLUSH_S = 30.0


class OutputFailed(BefitError):
    """A batch did not reach where it was to go; the message says why. It is sent again."""


class Producer(Protocol):
    """The part of confluent_kafka.Producer that is used."""

    def produce(
        self, topic: str, *, value: bytes, key: bytes, headers: Headers, on_delivery: Callable[[Any, Any], None]
    ) -> None: ...

    def poll(self, timeout: float) -> int: ...

    def flush(self, timeout: float) -> int: ...


class KafkaOutput:
    """Obeys engine/sink/output.py."""

    def __init__(self, producer: Producer, topic: str = TOPIC) -> None:
        self._producer = producer
        self._topic = topic

    def send(self, entries: Entries) -> None:
        """All of the batch, waiting until the brokers have it. Raises OutputFailed."""
        failures: list[str] = []

        def delivered(error: object, _message: object) -> None:
            if error is not None:
                failures.append(str(error))

        for number, entry in entries:
            self._produce(number, entry, delivered)
        waiting = self._producer.flush(_FLUSH_S)
        if failures or waiting:
            why = failures[0] if failures else f"{waiting} messages were not taken within {_FLUSH_S:g} s"
            raise OutputFailed(f"Kafka, topic {self._topic}: {why}")

    def _produce(self, number: int, entry: LogEntry, delivered: Callable[[Any, Any], None]) -> None:
        key = f"{entry.tenant}\0{entry.customer}".encode()
        while True:
            try:
                self._producer.produce(
                    self._topic, value=entry.body, key=key, headers=_headers(number, entry), on_delivery=delivered
                )
            except BufferError:
                if not self._producer.poll(1.0):
                    raise OutputFailed(f"Kafka, topic {self._topic}: its queue stays full") from None
            else:
                return


def connect(servers: str, topic: str) -> KafkaOutput:
    """An output to these brokers (HOST:PORT,...). Raises OutputFailed where the extra is not installed."""
    try:
        library = importlib.import_module("confluent_kafka")
    except ImportError:
        raise OutputFailed("--kafka needs a library: pip install 'befit[kafka]'") from None
    settings = {"bootstrap.servers": servers, "enable.idempotence": True, "compression.type": "zstd"}
    return KafkaOutput(library.Producer(settings), topic)


def _headers(number: int, entry: LogEntry) -> Headers:
    told: Sequence[tuple[str, object]] = (
        ("kind", entry.kind),
        ("id", entry.id),
        ("partition", number),
        ("stream_id", entry.stream_id),
        ("writer", entry.writer),
        ("sequence", entry.sequence),
        ("dropped", ",".join(map(str, entry.dropped))),
        ("format", FORMAT),
    )
    return [(name, str(value).encode()) for name, value in told]
