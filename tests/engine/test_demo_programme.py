"""What is said after the story: commands and lines of Python that can be copied and run as they stand."""

import ast
import io

import pytest
from rich.console import Console

from engine.config import ListenConfig
from engine.demo import programme
from engine.demo.cast import Cast
from engine.demo.company.people import AYLIN, JONAS, LENA, MIA, TOM, WEI

CAST = Cast("v-1", MIA, TOM, LENA, JONAS, AYLIN, WEI)


@pytest.fixture
def said(monkeypatch):
    def at(port: int) -> list[str]:
        """The hints for a server on this port, as a narrow terminal shows them."""
        monkeypatch.setattr(programme, "command", lambda: "befit")
        console = Console(file=io.StringIO(), width=60)
        for line in programme.hints(ListenConfig(port=port, metrics_port=9464), CAST):
            console.print(line, soft_wrap=True)
        return console.file.getvalue().splitlines()

    return at


def test_the_lines_of_python_are_whole(said):
    lines = [line[2:] for line in said(50051)]
    begin, end = lines.index("from befit import Client"), lines.index("project of your own to change:")
    assert len(ast.parse("\n".join(lines[begin:end])).body) == 2


def test_commands_name_the_address_only_where_it_is_not_the_usual_one(said):
    assert not [line for line in said(50051) if "--address" in line]
    elsewhere = [line for line in said(50077) if line.startswith("  befit ") and " init " not in line]
    assert elsewhere
    assert all("--address 127.0.0.1:50077" in line for line in elsewhere)


def test_metrics_are_where_it_is_said(said):
    assert "  curl http://127.0.0.1:9464/metrics" in said(50051)
