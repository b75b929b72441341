"""Pega's own tools read our log and say of it what we say."""

from __future__ import annotations

from collections import Counter, defaultdict

import numpy as np
import pdstools
import polars as pl
import pytest
from pdstools.decision_analyzer.DecisionAnalyzer import DecisionAnalyzer
from pdstools.decision_analyzer.stage_grouping import DISPLAY_NAME_LOOKUP
from pdstools.impactanalyzer.statistics import calculate_engagement_lift

from engine.interchange.pega.contests import Contests
from engine.interchange.pega.exposures import Exposure
from engine.interchange.pega.impact import is_compared
from engine.interchange.pega.names import CONTROL_GROUPS, OUTCOMES
from engine.interchange.pega.stages import stage_of
from engine.sink.pseudonyms import Pseudonyms
from models.lift import lift, rate
from rules.policy import Direction, Levers
from tests.engine.company import changed
from tests.engine.pega import Week, boosted_by, founded, lived, win_share, winners

pytestmark = pytest.mark.xdist_group("pega")
VISITS = 80


@pytest.fixture(scope="module")
def company(tmp_path_factory):
    return founded(tmp_path_factory.mktemp("company"))


@pytest.fixture(scope="module")
def week(company, tmp_path_factory) -> Week:
    return lived(company, tmp_path_factory.mktemp("pega"), VISITS)


@pytest.fixture(scope="module")
def analyzer(week):
    return DecisionAnalyzer.from_decision_analyzer(week.file("decision"))


def test_every_file_has_rows_and_every_policy_was_kept(week):
    assert len(week.exported.rows) == 5
    assert all(week.exported.rows.values())
    assert week.exported.missing == ()
    assert week.exported.decisions == len(week.decisions) == 4 * VISITS


def test_customers_stand_under_pseudonyms(week):
    said = pl.read_parquet(week.file("interaction"))["pySubjectID"].unique().to_list()
    names = Pseudonyms(bytes(32))
    assert set(said) <= {names.customer("default", one) for one in week.project.population.ids}


def test_rates_by_channel_are_those_of_the_contacts(week):
    history = pdstools.IH.from_ds_export(week.file("interaction"))
    told = {row["Channel"]: row for row in history.aggregates.summary_success_rates(by="Channel").collect().to_dicts()}
    engaged: dict[str, dict[str, bool]] = defaultdict(dict)
    for one in week.shown:
        told_of_it = [each.type for each in one.outcomes if not each.offered_instead]
        positive = bool({"CLICKED", "ACCEPTED", one.action.success}.intersection(told_of_it))
        mine = engaged[one.channel.name]
        mine[one.interaction] = mine.get(one.interaction, False) or positive
    assert set(told) == set(engaged)
    for channel, mine in engaged.items():
        assert told[channel]["Positives_Engagement"] == sum(mine.values())
        assert told[channel]["SuccessRate_Engagement"] == pytest.approx(sum(mine.values()) / len(mine))


def test_outcomes_are_counted_as_they_were_told(week):
    history = pdstools.IH.from_ds_export(week.file("interaction"))
    counted = dict(history.aggregates.summary_outcomes().collect().iter_rows())
    mine = Counter(
        "Overridden" if told.offered_instead else OUTCOMES.get(told.type, "Accepted")
        for one in week.shown
        for told in one.outcomes
        if told.type != "IMPRESSION"
    )
    assert mine["Overridden"] > 0
    assert counted == {**mine, "Impression": len(week.shown)}


def test_rates_are_told_by_day(week):
    history = pdstools.IH.from_ds_export(week.file("interaction"))
    told = history.data.collect()["OutcomeTime"]
    days = history.aggregates.summary_success_rates(every="1d").collect()
    assert told.null_count() == 0
    assert days.height == told.dt.date().n_unique() > 3
    seen = pl.read_parquet(week.file("interaction"))["pxOutcomeTime"].to_list()
    assert min(told).isoformat(timespec="milliseconds").replace("-", "").replace(":", "") + " GMT" == min(seen)


def test_models_and_predictors_run_through_the_health_check(week, tmp_path):
    datamart = pdstools.ADMDatamart.from_ds_export(week.file("model"), week.file("predictor"))
    closed = [one for one in week.shown if one.closed]
    last = datamart.aggregates.last().collect()
    assert last["ResponseCount"].sum() == len(closed)
    assert last["Positives"].sum() == sum(one.success for one in closed)
    assert datamart.aggregates.summary_by_channel().collect()["Positives"].sum() == last["Positives"].sum()
    assert datamart.analysis.findings()
    assert "Befit" in datamart.analysis.markdown()
    assert datamart.generate.health_check_markdown(output_dir=tmp_path).stat().st_size > 1000


def test_bins_of_a_predictor_hold_every_response_and_the_classifier_is_one(week):
    bins = pl.read_parquet(week.file("predictor"))
    models = pl.read_parquet(week.file("model")).filter(pl.col("pySnapshotTime") == pl.col("pySnapshotTime").max())
    counts = dict(models.select("pyModelID", "pyResponseCount").iter_rows())
    summed = bins.group_by("pyModelID", "pyPredictorName").agg(pl.col("pyBinResponseCount").sum())
    assert all(count == counts[model] for model, _, count in summed.iter_rows())
    classifiers = bins.filter(pl.col("pyEntryType") == "Classifier")
    assert set(classifiers["pyModelID"]) == set(counts)
    assert set(bins["pyEntryType"]) == {"Active", "Inactive", "Classifier"}


def test_its_ranks_are_ours(week, analyzer):
    assert analyzer.validation_error is None
    ours = pl.read_parquet(week.file("decision")).select(
        pl.col("pxInteractionID").alias("Interaction ID"), pl.col("pyName").alias("Action"), "pxRank", "PlacementType"
    )
    ranked = analyzer.scoring.re_rank().collect().join(ours, on=["Interaction ID", "Action"])
    assert ranked.height == ours["pxRank"].is_not_null().sum() > 1000
    assert (ranked["rank_PVCL"] == ranked["pxRank"]).all()
    ranks = {(one, action): rank for one, action, rank in ranked.select("Interaction ID", "Action", "rank_PVCL").rows()}
    greedy = [one for one in week.shown if _went_by_priority(one)]
    assert len(greedy) > 80
    assert all(ranks[one.interaction, one.action.id] == 1 for one in greedy)


def _went_by_priority(one: Exposure) -> bool:
    """Whether it stands first in the first placement of its contest, and nothing but its priority put it there."""
    contest = Contests(one.record, one.channel).of_placement(one.placement)
    first = next(each.placement for each in one.record.placements if contest and each.placement in contest.placements)
    all_its_kinds = contest is not None and one.channel.placements[one.placement].kinds == contest.kinds
    thresholds = any(each.code == "LOW_PRIORITY" for each in one.record.removals)
    chosen_so = one.rank == 1 and not one.record.group and not one.pick.explored and not thresholds
    return chosen_so and first == one.placement and all_its_kinds


def test_a_lever_that_it_finds_wins_as_often_as_it_says_where_contacts_cost_money(week, analyzer):
    assert max(action.cost for action in week.project.snapshot.policy.policy.actions) > 0.0
    for action, target in (("tv_pack", 30.0), ("tv_pack", 15.0), ("smartwatch", 20.0)):
        base, won = _replayed(week, analyzer, action, target)
        assert base < target / 200
        assert won == pytest.approx(target / 100, abs=0.01)


def test_dropping_its_levers_moves_as_many_first_places_as_ours(week, analyzer):
    records = [one.record for one in week.decisions]
    snapshot = week.project.snapshot
    plain, without = (winners(one, records) for one in (snapshot, changed(snapshot, levers=Levers())))
    moved = sum(plain[contest] != without[contest] for contest in plain)
    told = dict(analyzer.scoring.get_sensitivity().collect().rows())
    assert told["Levers"] == pytest.approx(moved, abs=0.01 * len(plain))


def _replayed(week: Week, analyzer: DecisionAnalyzer, action: str, target: float) -> tuple[float, float]:
    """The share of first places as the policy is, and with the lever that is to win `target` per cent of them."""
    records = [one.record for one in week.decisions]
    lever = analyzer.scoring.find_lever_value(pl.col("Action") == action, target)
    plain, boosted = (boosted_by(week.project.snapshot, action, one) for one in (None, lever))
    return win_share(plain, records, action), win_share(boosted, records, action)


def test_its_funnel_counts_what_our_rules_removed(week, analyzer):
    actions = {one.stable_id: one for one in week.project.snapshot.policy.policy.actions}
    removed: Counter[tuple[str, str]] = Counter()
    for joined in week.decisions:
        channel = week.project.snapshot.policy.policy.channels[joined.record.request.channel]
        contests, seen = Contests(joined.record, channel), set()
        for one in joined.record.removals:
            stage = stage_of(one.stage, one.code, outbound=channel.direction is Direction.OUTBOUND)
            for stable in set(np.frombuffer(one.actions, dtype="<u4").tolist()) - seen:
                seen.add(stable)
                if contests.of_kind(actions[stable].kind):
                    removed[stage.name, actions[stable].id] += 1
    analyzer.set_level("Stage")
    _, _, filtered = analyzer.aggregates.get_funnel_data("Action")
    analyzer.set_level("Stage Group")
    theirs = {(row["Stage"], row["Action"]): row["action_occurrences"] for row in filtered.to_dicts()}
    later = {DISPLAY_NAME_LOOKUP["ArbitrationPriorityThresholds"]}
    ours = {(DISPLAY_NAME_LOOKUP[stage], action): count for (stage, action), count in removed.items()}
    assert {key: count for key, count in ours.items() if key[0] not in later} == {
        key: count for key, count in theirs.items() if key[0] in {stage for stage, _ in ours} - later
    }
    assert all(theirs[key] >= count for key, count in ours.items())


def test_what_came_out_is_what_was_proposed(week, analyzer):
    out = analyzer.decision_data.filter(pl.col("Record Type") == "OUTPUT").collect()
    assert sorted(out["Action"]) == sorted(one.action.id for one in week.shown)


def test_rows_that_were_never_scored_have_no_chance_and_no_priority(week):
    rows = pl.read_parquet(week.file("decision"))
    early = rows.filter(pl.col("Stage_pyOrder") < 2000)
    assert early["FinalPropensity"].null_count() == early["Priority"].null_count() == early.height > 0
    scored = rows.filter(pl.col("Priority").is_not_null() & (pl.col("Priority") < 1e6))
    product = scored["FinalPropensity"] * scored["Value"] * scored["ContextWeight"] * scored["Weight"]
    assert np.allclose(product, scored["Priority"], rtol=1e-9)


def test_sensitivity_and_other_reports_run(analyzer):
    assert analyzer.overview_stats["Decisions"] > 4 * VISITS
    assert set(analyzer.scoring.get_sensitivity().collect()["Factor"]) >= {"Propensity", "Value", "Levers"}
    assert analyzer.aggregates.get_optionality_data().collect().height
    assert analyzer.aggregates.get_filter_component_data(3).height
    assert analyzer.aggregates.get_decisions_without_actions_data().height


def test_its_lift_is_ours(week):
    impact = pdstools.ImpactAnalyzer(pl.scan_parquet(week.file("impact")))
    found = {row["Control"]: row for row in impact.summarize_experiments().collect().to_dicts()}
    groups: dict[str, list[bool]] = defaultdict(list)
    for one in week.shown:
        if is_compared(one):
            groups[CONTROL_GROUPS[one.arm]].append(one.success)
    assert set(groups) == set(CONTROL_GROUPS.values())
    test = rate(sum(groups["NBA"]), len(groups["NBA"]))
    for name in set(groups) - {"NBA"}:
        control = groups[name]
        ours = lift(test, rate(sum(control), len(control)))
        if sum(control):
            assert found[name]["CTR_Lift"] == pytest.approx(ours.value)
            theirs = calculate_engagement_lift(sum(groups["NBA"]), len(groups["NBA"]), sum(control), len(control))
            assert (theirs.lift, theirs.se) == (pytest.approx(ours.value), pytest.approx(ours.error))
            assert theirs.significant == ours.significant


def test_an_impression_stands_for_every_outbound_contact(week):
    rows = pl.read_parquet(week.file("interaction")).filter(pl.col("pyDirection") == "Outbound")
    sent = sum(one.channel.direction is Direction.OUTBOUND for one in week.shown)
    assert rows.filter(pl.col("pyOutcome") == "Impression").height == sent > 0
