"""A server that asks nobody who they are is not put before the world by a slip."""

from __future__ import annotations

import pytest
from typer.testing import CliRunner

from engine.cli.app import app
from engine.config import ListenConfig
from engine.workers.exposure import Exposed, expect_guarded
from tests.engine.served_project import write_project


@pytest.mark.parametrize("host", ["127.0.0.1", "127.3.4.5", "::1", "localhost"])
def test_this_machine_alone_is_no_risk(host):
    expect_guarded(ListenConfig(host=host))


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "10.0.0.7", "befit.example"])
def test_an_address_beyond_this_machine_takes_a_word(host):
    with pytest.raises(Exposed, match="--plaintext"):
        expect_guarded(ListenConfig(host=host))
    expect_guarded(ListenConfig(host=host, plaintext=True))


def test_serve_refuses_before_it_makes_a_store(tmp_path):
    project = write_project(tmp_path / "shop")
    ran = CliRunner().invoke(app, ["serve", "--project", str(project), "--host", "0.0.0.0", "--port", "0"])
    assert isinstance(ran.exception, Exposed)
    assert not (project / ".befit").exists()
