"""The bench measures every part, hot and cold, and screening by sizes that it really has."""

import orjson
import pytest
from typer.testing import CliRunner

from engine import bench_screening
from engine.bench import PARTS
from engine.cli.app import app
from engine.demo.pack import pack_folder
from engine.project import load_snapshot


@pytest.fixture(scope="module")
def telco():
    return load_snapshot(pack_folder("telco"), None)


def test_every_part_is_measured_hot_and_cold():
    told = CliRunner().invoke(app, ["bench", "--decisions", "100", "--output", "json"])
    found = orjson.loads(told.stdout)
    assert [one["part"] for one in found] == [*PARTS, "all"]
    assert all(one["median_us"] > 0 and one["cold_p99_us"] >= one["cold_median_us"] for one in found)


def test_screening_is_measured_at_sizes_that_are_told(telco, monkeypatch):
    monkeypatch.setattr(bench_screening, "RULES", (10, 60))
    monkeypatch.setattr(bench_screening, "ACTIONS", (20, 90))
    found = bench_screening.screening(telco, 20, 1_790_000_000.0)
    assert [(one.rules, one.actions) for one in found] == [(10, 20), (10, 90), (60, 20), (60, 90)]


def test_copies_of_rules_share_no_condition(telco):
    own, grown = (bench_screening.grown(telco, rules, 60) for rules in (30, 200))
    assert len(grown.conditions) - len(own.conditions) >= 150
