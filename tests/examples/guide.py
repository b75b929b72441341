"""Somebody who follows a guide of `docs`, block by block, as it says."""

from __future__ import annotations

import os
import re
import shlex
import socket
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from typer.testing import CliRunner

from engine.cli.app import app
from engine.cli.exits import GATE
from tests.engine.served_project import COMMAND, PATIENT

DOCS = Path(__file__).parents[2] / "docs"
BLOCK = re.compile(r"^```(\w+) ?(.*?)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
QUICK = {"train": ["--set", "rounds=10", "threads=1"]}
"""So that the walk is quick; the guides themselves take what is usual."""


@dataclass(frozen=True)
class Block:
    """A fenced block: its language, what stands beside it, and its text."""

    language: str
    beside: str
    text: str


def blocks(guide: str) -> Iterator[Block]:
    """The blocks of a guide to be followed, in their order."""
    for language, beside, text in BLOCK.findall((DOCS / guide).read_text(encoding="utf-8")):
        if beside != "setup":
            yield Block(language, beside, text)


class Reader:
    """Somebody who follows a guide in a folder of their own, with a company of so many `customers`."""

    def __init__(self, folder: Path, customers: int) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self._told = {"BEFIT_PORT": f"{port}", "BEFIT_METRICS_PORT": "-1", "BEFIT_ADDRESS": f"127.0.0.1:{port}"}
        self._folder = folder
        self._fewer = {**QUICK, "init": ["--customers", f"{customers}"]}
        self._server: subprocess.Popen[str] | None = None
        self.said = ""

    def follow(self, block: Block) -> None:
        match block.language, block.beside:
            case "sh", "in another terminal":
                self._serve(block.text)
            case "sh", "fails":
                assert self._run(block.text) != 0, self.said
            case "sh", "may be refused":
                assert self._run(block.text) in (0, GATE), self.said
            case "sh", "":
                assert self._run(block.text) == 0, self.said
            case "text", _:
                self._read(block.text)
            case "yaml", place:
                self._write(place, block.text)
            case strange:
                raise AssertionError(strange)

    def leave(self) -> None:
        if self._server is not None:
            self._server.terminate()
            self._server.communicate(timeout=30)

    def _run(self, text: str) -> int:
        """One command a line, until one fails; Befit's own without a process of their own, to be quick."""
        self.said = ""
        for line in text.splitlines():
            code = self._befit(line) if line.startswith("befit ") else self._shell(line)
            if code:
                return code
        return 0

    def _befit(self, line: str) -> int:
        words = shlex.split(line)[1:] + self._fewer.get(shlex.split(line)[1], [])
        ran = CliRunner().invoke(app, words, env={**self._told, "COLUMNS": "160"})
        self.said += ran.output + str(ran.exception or "")
        return ran.exit_code

    def _shell(self, line: str) -> int:
        ran = subprocess.run(["/bin/sh", "-c", line], check=False, capture_output=True, text=True, timeout=30)
        self.said += ran.stdout + ran.stderr
        return ran.returncode

    def _serve(self, text: str) -> None:
        command = [*COMMAND[:-1], *shlex.split(text)[1:]]
        told = {**os.environ, **PATIENT, **self._told, "PYTHONPATH": str(DOCS.parent)}
        self._server = subprocess.Popen(command, env=told, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        assert self._server.stdout is not None
        assert any(line.startswith("store") for line in self._server.stdout)

    def _read(self, expected: str) -> None:
        said = " ".join(self.said.split())
        assert [line for line in expected.splitlines() if line not in said] == [], self.said

    def _write(self, place: str, text: str) -> None:
        """A whole file, or a block right below the first line that is this key."""
        name, _, key = place.partition(" ")
        path = self._folder / name
        if not key:
            path.write_text(text)
            return
        found = re.findall(rf"^ *{re.escape(key)}\n", path.read_text(), re.MULTILINE)
        assert len(found) == 1, f"{key} stands {len(found)} times in {name}"
        path.write_text(path.read_text().replace(found[0], found[0] + text))
