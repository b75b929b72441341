"""Settings: which source wins, and what is said about mistakes."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.config import (
    ClientConfig,
    ConfigInvalid,
    ListenConfig,
    ProjectConfig,
    ServeConfig,
    StoreConfig,
    read,
    read_serve,
)


def test_defaults_hold_when_nothing_is_given():
    assert read(ListenConfig, {}, {}) == ListenConfig()
    assert read_serve({}, {}) == ServeConfig()


def test_the_environment_overrides_a_default():
    assert read(ListenConfig, {}, {"BEFIT_METRICS_PORT": "8080"}).metrics_port == 8080


def test_a_flag_overrides_the_environment():
    assert read(ListenConfig, {"port": 7000}, {"BEFIT_PORT": "6000"}).port == 7000


def test_a_flag_that_was_not_given_leaves_the_environment_in_force():
    assert read(ListenConfig, {"port": None}, {"BEFIT_PORT": "6000"}).port == 6000


def test_an_empty_variable_counts_as_not_given():
    assert read(StoreConfig, {}, {"BEFIT_REDIS_URL": "", "BEFIT_PARTITIONS": ""}) == StoreConfig()


def test_the_environment_is_read_when_none_is_handed_in(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("BEFIT_ADDRESS", "decide.example:443")
    assert read(ClientConfig, {}).address == "decide.example:443"


@pytest.mark.parametrize(
    ("word", "meant"), [("1", True), ("Yes", True), ("on", True), ("0", False), ("FALSE", False), ("off", False)]
)
def test_flags_take_the_usual_words(word: str, meant: bool):
    assert read(ListenConfig, {}, {"BEFIT_REFLECTION": word}).reflection is meant


def test_paths_become_paths_and_an_absent_bundle_stays_none():
    project = read(ProjectConfig, {"project": "shop"}, {})
    assert project.project == Path("shop")
    assert project.bundle is None
    assert read(ProjectConfig, {}, {"BEFIT_BUNDLE": "models/may"}).bundle == Path("models/may")


def test_a_word_for_a_number_is_refused_by_the_name_it_was_given_under():
    with pytest.raises(ConfigInvalid) as refused:
        read(ListenConfig, {}, {"BEFIT_PORT": "fifty"})
    assert refused.value.mistakes == ("BEFIT_PORT: 'fifty' is not a whole number",)


def test_a_number_out_of_bounds_names_both_bounds():
    with pytest.raises(ConfigInvalid) as refused:
        read(ListenConfig, {"metrics_port": 70000}, {})
    assert refused.value.mistakes == ("--metrics-port: 70000 is not between -1 and 65535",)


@pytest.mark.parametrize("text", ["nan", "inf", "-inf"])
def test_a_number_that_is_not_finite_is_refused(text: str):
    with pytest.raises(ConfigInvalid):
        read(StoreConfig, {}, {"BEFIT_READ_TIMEOUT_MS": text})


def test_every_mistake_of_every_section_is_told_at_once():
    environ = {"BEFIT_PORT": "x", "BEFIT_WORKERS": "0", "BEFIT_REFLECTION": "perhaps"}
    with pytest.raises(ConfigInvalid) as refused:
        read_serve({"partitions": 0}, environ)
    assert len(refused.value.mistakes) == 4
