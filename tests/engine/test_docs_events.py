"""What docs/events.md shows works as it stands there: the kinds, the files, the calls, the case."""

from __future__ import annotations

import re
from pathlib import Path
from textwrap import indent
from types import SimpleNamespace

import pytest

from befit import calls
from befit.v1.feedback_pb2 import RecordEventsRequest
from documents.strict_yaml import parse
from engine.outcome import Disposition
from engine.profile import know
from engine.snapshot import Snapshot, facts_of, snapshot_of
from engine.wire.items import read_event
from models.feature_file import read_features
from rules.event_types import STANDARD
from rules.policy_file import compile_source
from tests.engine.company import ANNA, NOW, names
from tests.engine.eventful import EventfulCompany
from tests.engine.suites_at_work import failures, tried, written

DOCS = (Path(__file__).parents[2] / "docs" / "events.md").read_text(encoding="utf-8")
POLICIES = Path(__file__).parents[1] / "rules" / "policies"


def blocks(kind: str) -> list[str]:
    return re.findall(rf"```{kind}\n(.*?)```", DOCS, re.DOTALL)


def shop_as_documented() -> Snapshot:
    """The corner shop with every section that the document shows, added to its own."""
    policy = (POLICIES / "corner_shop.yaml").read_text()
    for block in blocks("yaml policy"):
        for section in re.split(r"^(?=\w)", block, flags=re.MULTILINE)[1:]:
            head, _, body = section.partition("\n")
            if head.endswith("}") or f"\n{head}\n" not in policy:
                policy += "\n" + section
            elif head == "contact_policy:":
                policy = policy.replace("\n  stops:\n", "\n  stops:\n" + body.partition("\n")[2], 1)
            else:
                policy = policy.replace(f"\n{head}\n", f"\n{head}\n{body}", 1)
    policy = re.sub(r"exploration: .*|control_groups:\n.*", "", policy)
    features = (POLICIES / "features.yaml").read_text() + indent("".join(blocks("yaml features")), "  ")
    schema = read_features(parse(features, "features.yaml"))
    return snapshot_of(compile_source(parse(policy, "policy.yaml"), facts_of(schema)), schema, None)


@pytest.fixture(scope="module")
def shop() -> Snapshot:
    return shop_as_documented()


class Asked:
    """Stands for the client: what it is told goes over the wire types into a company's own events."""

    def __init__(self) -> None:
        self.wires = []
        self.links = []

    def record_events(self, events):
        self.wires += [event for call in calls.record_events(events) for event in _sent(call.request)]

    def link_identity(self, visitor_id: str, customer_id: str) -> None:
        self.links.append((visitor_id, customer_id))

    def messages(self, channels: list[str]) -> list:
        assert channels == ["push"]
        return []

    def decide(self, *_: object, session_id: str, **__: object) -> SimpleNamespace:
        return SimpleNamespace(procedure=SimpleNamespace(run=session_id))


def _sent(request: RecordEventsRequest):
    return RecordEventsRequest.FromString(request.SerializeToString()).events


def test_the_table_has_every_standard_kind_with_its_attributes():
    rows = dict(re.findall(r"^\| `(\w+)` \| (.*?) \|", DOCS, re.MULTILINE))
    assert [name for name in STANDARD if name not in rows] == []
    for one in STANDARD.values():
        told = re.findall(r"`([a-z]+!?)`", rows[one.name])
        assert told == [f"{a.name}{'!' if a.required else ''}" for a in one.attributes.values()], one.name


async def test_every_example_is_accepted_and_means_what_is_said(shop):
    asked = Asked()
    for block in blocks("python")[1:]:
        exec(compile(block, "docs/events.md", "exec"), {"client": asked})
    company = EventfulCompany(shop)
    company.know(ANNA, consent={"push:marketing": True})
    events = [read_event(wire, ANNA.tenant) for wire in asked.wires]
    verdicts = await company.events.record_events(events, NOW)
    assert [(one.id, one.reason) for one in verdicts if one.disposition is not Disposition.ACCEPTED] == []
    for visitor, customer in asked.links:
        await company.store.link(ANNA.__class__(ANNA.tenant, visitor), ANNA.__class__(ANNA.tenant, customer))
    values = know(shop, ANNA, await company.store.read_profile(ANNA, ""), NOW + 60).values
    said = {name: values[name] for name in ("pages_viewed_7d", "spent_30d", "data_used", "idle_seconds", "open_cases")}
    assert said == pytest.approx(
        {"pages_viewed_7d": 1.0, "spent_30d": 89.0, "data_used": 0.93, "idle_seconds": 60.0, "open_cases": 1.0},
        rel=1e-4,
    )
    assert values["preferred_contact_time"] == "evening"
    assert names(await company.decide(NOW + 60, channel="push"), "message") == []


def test_the_case_holds(shop, tmp_path):
    (case,) = blocks("yaml suite")
    assert failures(tried(written(tmp_path, case), snapshot=shop)) == []
