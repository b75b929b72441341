"""The story plays while the server runs: it ends the server when it is over or fails, and only then."""

import os
import signal

import pytest

from engine.config import ServeConfig
from engine.demo import performance
from engine.demo.performance import Performance


@pytest.fixture(autouse=True)
def told(monkeypatch) -> list[int]:
    """The signals that the play sent to its own process."""
    sent: list[int] = []
    monkeypatch.setattr(os, "kill", lambda _pid, number: sent.append(number))
    monkeypatch.setattr(performance, "GRACE", 0.0)
    return sent


def play(act, *, stays: bool) -> Performance:
    """A play run to its end in this thread, on a server that runs."""
    playing = Performance(act, stays=stays)
    playing._run(ServeConfig())
    return playing


def fail(_config):
    raise ConnectionError("gone")


def test_a_story_told_once_ends_the_server(told):
    playing = play(lambda _config: None, stays=False)
    assert playing.finished
    assert told == [signal.SIGINT]


def test_a_story_that_stays_leaves_the_server_running(told):
    assert play(lambda _config: None, stays=True).finished
    assert told == []


def test_a_story_that_fails_ends_the_server_and_keeps_the_reason(told):
    playing = play(fail, stays=True)
    assert not playing.finished
    assert isinstance(playing.failure, ConnectionError)
    assert told == [signal.SIGINT]


def test_a_story_cut_short_by_the_servers_end_has_not_failed(told):
    playing = Performance(fail, stays=True)
    playing.end()
    playing._run(ServeConfig())
    assert not playing.finished
    assert playing.failure is None
    assert told == []


def test_the_end_waits_for_the_play(told):
    seen = []
    playing = Performance(seen.append, stays=True)
    playing.begin(ServeConfig())
    assert playing._thread is not None
    playing._thread.join()
    playing.end()
    assert len(seen) == 1
