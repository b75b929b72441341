"""Whatever people write in a suite, it holds or its mistakes are told: reading never fails otherwise."""

import json
from contextlib import suppress

from hypothesis import given, settings
from hypothesis import strategies as st

from documents.problem import DocumentInvalid
from tests.engine.suites_at_work import read

WHOLE = {
    "version": 1,
    "suite": "all of it",
    "now": "2026-09-24T12:00:00+02:00",
    "customers": {
        "anna": {
            "features": {"age": 40, "handset_os": "ios"},
            "consent": {"push": ["marketing"]},
            "time_zone": "Europe/Berlin",
            "history": [
                {"ago": "2d", "channel": "web", "action": "film_box", "outcome": "CLICKED", "outcome_ago": "1d"}
            ],
        },
        "berta": {"like": "anna", "id": "b-1", "consent": "all"},
    },
    "moments": {
        "call": {"channel": "call_centre", "intent": "cancel", "context": {"queue_minutes": 4, "page": "home"}},
        "again": {"like": "call", "exclude": ["new_phone"], "placements": ["offer"], "max_actions": 2, "store": "away"},
    },
    "cases": [
        {
            "name": "<who>",
            "for each": [["who", "tier"], ["anna", "prospect"], ["berta", "prospect"]],
            "customer": "<who>",
            "moment": "call",
            "stopped": ["film_box"],
            "explore": True,
            "expect": {
                "tier": "<tier>",
                "degraded": ["MODEL_MISSING"],
                "offer": {
                    "first": "new_phone",
                    "order": ["new_phone", "film_box"],
                    "cause": "none",
                    "send_at": "08:00",
                },
                "route": ["route_general"],
                "proposed": {
                    "new_phone": {"in": "offer", "rank": 1, "reason": {"agent": "x"}, "content": {"say": "x"}}
                },
                "not_proposed": {"film_box": {"stage": "contact", "rule": "push_week", "because": "CAPPED"}},
                "allowed": ["new_phone"],
            },
        },
        {
            "name": "steps",
            "customer": {"like": "anna", "features": {"age": None}},
            "group": "random_arm",
            "steps": [
                {"decide": "call", "as": "one", "expect": {"placements": {"offer": "nothing"}}},
                {"outcome": "REJECTED", "action": "new_phone", "reason": "not_now", "of": "one"},
                {"wait": "3d"},
                {"change": {"features": {"age": 3}, "time_zone": "UTC"}},
                {"decide": {"like": "call", "follows": "previous"}},
            ],
        },
    ],
}


def paths(value, path=()):
    yield path
    for key, child in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield from paths(child, (*path, key))


def planted(value, path, other):
    if not path:
        return other
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[path[0]] = planted(value[path[0]], path[1:], other)
    return copy


anything = st.sampled_from(
    [None, True, 0, -1.5, "", "anna", "<who>", "nothing", [], [[]], ["x", 3], {}, {"like": "anna"}, {"x": []}]
)


@settings(max_examples=300, deadline=None)
@given(path=st.sampled_from(list(paths(WHOLE))[1:]), other=anything)
def test_whatever_stands_anywhere_it_holds_or_is_told(tmp_path_factory, path, other):
    file = tmp_path_factory.getbasetemp() / "any_test.yaml"
    file.write_text(json.dumps(planted(WHOLE, path, other)), encoding="utf-8")
    with suppress(DocumentInvalid):
        assert read(file)[0].cases


def test_the_whole_of_it_holds(tmp_path):
    file = tmp_path / "whole_test.yaml"
    file.write_text(json.dumps(WHOLE), encoding="utf-8")
    assert [one.name for one in read(file)[0].cases] == ["anna", "berta", "steps"]
