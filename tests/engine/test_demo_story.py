"""The demonstration as people run it, on a real server: every scene holds, and it reads well in a narrow terminal."""

import os
import re
import subprocess
import sys

import pytest
from rich.cells import cell_len

SCENES = (
    "Somebody looks at phones",
    "She logs in, and it is Mia Berger",
    "Soon after, she calls",
    "Too expensive, she says",
    "A customer for whom the price decides",
    "A complaint is open",
    "He bought a phone yesterday",
    "It is late where she is",
    "The same policy on WeChat",
)
COLUMNS = 80


@pytest.fixture(scope="module")
def ran() -> subprocess.CompletedProcess[str]:
    """`befit demo --once` for a small company, in a narrow terminal."""
    code = "from engine.cli.app import main; main()"
    command = [sys.executable, "-c", code, "demo", "--once", "--customers", "3000"]
    narrow = {**os.environ, "COLUMNS": str(COLUMNS)}
    return subprocess.run(command, check=False, capture_output=True, text=True, timeout=120, env=narrow)


@pytest.fixture(scope="module")
def scenes(ran) -> dict[str, str]:
    """What is printed of each scene, by its title."""
    parts = re.split(r"^\d\. (.+?) ─+$", ran.stdout.split("The end.")[0], flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def test_the_story_is_told_to_its_end_and_ends_well(ran):
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert ran.stderr == ""
    assert re.search(r"All \d+ things said of the answers hold\.", ran.stdout)


def test_the_scenes_come_in_order(scenes):
    assert tuple(scenes) == SCENES


@pytest.mark.parametrize("title", SCENES)
def test_what_the_scene_says_is_borne_out_by_the_answer(scenes, title):
    assert "✓" in scenes[title]
    assert "✗" not in scenes[title]


@pytest.mark.parametrize("title", [title for title in SCENES if title != "She logs in, and it is Mia Berger"])
def test_an_answer_comes_with_its_tier_and_its_time(scenes, title):
    assert ("Tier " in scenes[title]) is (title != "The same policy on WeChat"), "customers are not told their tier"
    assert re.search(r"decided in \d+\.\d ms, \d+\.\d ms in all with what explains it", scenes[title])


def test_nothing_is_kept_is_said_before_anything_is_made(ran):
    assert "an embedded Valkey that keeps nothing" in " ".join(ran.stdout.split("✓")[0].split())


def test_no_line_is_broken_by_a_narrow_terminal(ran):
    assert [line for line in ran.stdout.splitlines() if cell_len(line) > COLUMNS] == []


def test_only_plain_words_are_shown(ran):
    inner = r"\b(mask|commit|lease|epoch|partition|propensity|arbitration|slate|degraded|suppression)\b"
    assert re.findall(inner, ran.stdout, flags=re.IGNORECASE) == []
