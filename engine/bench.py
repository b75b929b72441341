"""What the parts of a decision cost, measured in this process: no store, no wire, one customer after the other.

The customers of the demonstration with contacts of their own, decided for in turn. Hot is one decision right after the
other; cold is after a pause, as in a service that waits for its next call: the processor has turned to other things,
and the same work takes up to twice as long. Wall-clock times of a shared machine move; compare parts of one run.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator
from dataclasses import dataclass
from statistics import median, quantiles

import numpy as np

from engine.commit import Proposal, commit_request
from engine.decide import resolve
from engine.decision import Audience, Request
from engine.demo.company.customers import draw_customers
from engine.demo.company.read_sketch import load_sketch
from engine.demo.company.records import customers_table
from engine.demo.pack import pack_folder
from engine.ids import CustomerKey, decision_id
from engine.present import present
from engine.profile import know
from engine.resolution import Question
from engine.snapshot import Snapshot
from engine.store import Profile
from engine.wire.decision import DecisionEncoder
from models.codec import encode
from rules.ledger import Contact, short_id
from rules.policy import CONTACT_KINDS, Direction
from rules.situation import Moment

PARTS = ("know", "resolve", "present", "commit", "encode")
SEED = 7
DAY = 86400.0
COLD = 0.003
"""s before each decision that is to find the processor cold."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How many decisions, for customers with how many contacts; `pause` s before each."""

    decisions: int
    contacts: int
    pause: float = 0.0


@dataclass(frozen=True, slots=True)
class Measured:
    """Microseconds of one part over all decisions."""

    part: str
    median: float
    p99: float


@dataclass(frozen=True, slots=True)
class Case:
    """One question and the fields that the store would have given."""

    request: Request
    profile: Profile
    now: float


def measure(snapshot: Snapshot, pace: Pace, now: float) -> list[Measured]:
    """Decide at a pace; the parts in their order, then all together."""
    cases = list(cases_of(snapshot, pace.contacts, now))
    encoder = DecisionEncoder()
    _once(snapshot, cases[0], encoder)
    times = []
    for case in itertools.islice(itertools.cycle(cases), pace.decisions):
        time.sleep(pace.pause)
        times.append(_once(snapshot, case, encoder))
    columns = [*zip(*times, strict=True), [sum(row) for row in times]]
    named = zip((*PARTS, "all"), columns, strict=True)
    return [Measured(part, median(column), quantiles(column, n=100)[98]) for part, column in named]


def _once(snapshot: Snapshot, case: Case, encoder: DecisionEncoder) -> tuple[float, ...]:
    """Microseconds of each part."""
    request = case.request
    marks = [time.perf_counter_ns()]
    known = know(snapshot, request.customer, case.profile, case.now)
    marks.append(time.perf_counter_ns())
    moment = Moment(case.now, request.channel, request.intent, request.locale, request.context)
    resolution = resolve(snapshot, Question(request, known, moment))
    marks.append(time.perf_counter_ns())
    decision = present(snapshot, resolution, decision_id(0, case.now, 0))
    marks.append(time.perf_counter_ns())
    commit_request(Proposal(snapshot, resolution, decision), (), take=False)
    marks.append(time.perf_counter_ns())
    encoder.encode(decision, Audience.AGENT)
    marks.append(time.perf_counter_ns())
    return tuple((after - before) / 1000 for before, after in itertools.pairwise(marks))


def cases_of(snapshot: Snapshot, contacts: int, now: float) -> Iterator[Case]:
    """The demonstration's customers, each over every channel."""
    rng = np.random.default_rng(SEED)
    sketch = load_sketch(pack_folder("telco"), snapshot.schema, snapshot.policy.policy)
    table = customers_table(draw_customers(sketch, 200, SEED), snapshot.schema)
    features = [name for name in table.columns if name in snapshot.schema]
    for row in table.iter_rows(named=True):
        key = CustomerKey("default", row["customer_id"])
        vector = encode(snapshot.schema, {name: row[name] for name in features}, key, now - DAY)
        profile = Profile(vector=vector, contacts=_ledger(snapshot, contacts, now, rng))
        for channel in snapshot.policy.policy.channels:
            yield Case(Request(key, channel), profile, now)


def _ledger(snapshot: Snapshot, contacts: int, now: float, rng: np.random.Generator) -> bytes:
    """Contacts of the last sixty days, as the store keeps them."""
    contacted = [one for one in snapshot.policy.policy.actions if one.kind in CONTACT_KINDS]
    channels = list(snapshot.policy.policy.channels.values())
    packed = []
    for at in np.sort(rng.uniform(now - 60 * DAY, now, contacts)).tolist():
        action, channel = contacted[rng.integers(len(contacted))], channels[rng.integers(len(channels))]
        outcome = int(rng.choice([0, 1, 1, 4]))
        direction = int(channel.direction == Direction.OUTBOUND)
        made = Contact(at, action.stable_id, 0, short_id(channel.name), direction, outcome, 0, 1, at + 5.0)
        packed.append(made.pack())
    return b"".join(packed)
