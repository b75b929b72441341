"""One scene of the story: what happens, what is asked, what is answered and how long that took."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Unpack

from befit import Client, Decision
from befit.items import EventFields
from befit.questions import DecideOptions

PATIENCE_MS = 1_000.0


@dataclass(frozen=True, slots=True)
class Scene:
    """`told` says what happens, `asked` who asks what; `decision` None where nothing is decided. `remarks` point
    at what is worth seeing. `millis` from question to answer, in the client."""

    title: str
    told: str
    asked: str = ""
    decision: Decision | None = None
    millis: float = 0.0
    remarks: tuple[str, ...] = ()


@dataclass(slots=True)
class Stage:
    """What scenes play on. `cast` maps role to customer id; `answers` is what earlier scenes left to later ones;
    `zone` is where it is night."""

    client: Client
    cast: Mapping[str, str]
    zone: str
    answers: dict[str, Decision] = field(default_factory=dict)

    def ask(self, role: str, channel: str, **options: Unpack[DecideOptions]) -> tuple[Decision, float]:
        """Ask for a decision, with reasons, and time it (milliseconds)."""
        begun = time.perf_counter()
        options.setdefault("trace", "FULL")
        decision = self.client.decide(self.cast[role], channel, deadline_ms=PATIENCE_MS, **options)
        return decision, (time.perf_counter() - begun) * 1000.0

    def happen(self, role: str, events: Iterable[tuple[str, Mapping[str, str | float]]]) -> None:
        """Tell the server of events, all just now."""
        fields: list[EventFields] = [
            {"event_id": f"{role}-{number}-{kind}", "type": kind, "customer_id": self.cast[role], "attributes": said}
            for number, (kind, said) in enumerate(events)
        ]
        self.client.record_events(fields)

    def outcome(self, decision: Decision, action: str, kind: str, reason: str = "") -> None:
        """Tell the server what came of an action."""
        self.client.record_outcomes(
            [{"decision_id": decision.id, "action_id": action, "type": kind, "reason_code": reason}]
        )
