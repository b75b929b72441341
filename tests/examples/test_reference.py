"""What docs/policy.md and docs/cases.md say is what the files may say: every key is there, every example loads."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path

import pytest

from documents.node import Node
from documents.strict_yaml import parse
from engine.demo.pack import pack_folder
from engine.project import compile_text
from engine.revisions.kept import ProjectText
from engine.suites.read_suite import read_suite
from engine.suites.terms import Terms
from rules.key_order import policy_key_order

DOCS = Path(__file__).parents[2] / "docs"
POLICY, CASES = ((DOCS / name).read_text(encoding="utf-8") for name in ("policy.md", "cases.md"))
BLOCK = re.compile(r"^```yaml\n# loads\n(.*?)^```$", re.MULTILINE | re.DOTALL)
HEADING = re.compile(r"^#{2,3} `(\w+)`$", re.MULTILINE)
TICKED = re.compile(r"`(\w+)`")
PARTS = {
    "tiers": ("tiers", "order", "-"),
    "actions": ("actions", "x"),
    "channels": ("channels", "x", "placements", "x"),
    "rules": ("rules", "-"),
    "tables": ("tables", "-"),
    "caps": ("contact_policy", "caps", "-"),
    "cool_downs": ("contact_policy", "cool_downs", "-"),
    "pauses": ("contact_policy", "pauses", "-"),
    "quiet_hours": ("contact_policy", "quiet_hours", "-"),
    "consent": ("contact_policy", "consent", "-"),
    "stops": ("contact_policy", "stops", "-"),
    "limits": ("limits", "-"),
    "context_weights": ("context_weights", "-"),
    "influencers": ("influencers", "-"),
    "thresholds": ("thresholds", "-"),
    "alerts": ("alerts",),
    "triggers": ("triggers", "-"),
    "procedures": ("procedures", "-"),
}


def plain(node: Node) -> object:
    """A document's values without their places."""
    if isinstance(node.value, dict):
        return {key: plain(child) for key, child in node.value.items()}
    return [plain(child) for child in node.value] if isinstance(node.value, tuple) else node.value


@cache
def mapping(text: str, file: str) -> dict[str, object]:
    found = plain(parse(text, file).root)
    assert isinstance(found, dict)
    return found


def section(name: str) -> str:
    """The text under a heading, up to the next heading of any level."""
    return re.split(r"^#{1,3} ", POLICY.split(f"# `{name}`\n", 1)[1], maxsplit=1, flags=re.MULTILINE)[0]


def examples(text: str) -> list[str]:
    return BLOCK.findall(text)


def merged(base: dict[str, object], fragment: dict[str, object]) -> dict[str, object]:
    """The fragment's entries in the place of what stands under the same names, one level deep; ladders as a whole."""
    found = dict(base)
    for key, value in fragment.items():
        before = found.get(key)
        both = key != "tiers" and isinstance(before, dict) and isinstance(value, dict)
        found[key] = {**before, **value} if both else value  # type: ignore[dict-item]
    return found


def test_every_key_of_a_policy_has_its_section_in_the_order_of_the_file():
    headings = [name for name in HEADING.findall(POLICY) if name in policy_key_order(())]
    assert headings == list(policy_key_order(()))


@pytest.mark.parametrize("part", PARTS)
def test_every_key_within_is_told(part):
    assert set(policy_key_order(PARTS[part])) - set(TICKED.findall(section(part))) == set()


@pytest.mark.parametrize("example", examples(POLICY))
def test_examples_load_in_the_telephone_company(example):
    folder = pack_folder("telco")
    files = {name: mapping((folder / name).read_text("utf-8"), name) for name in ("policy.yaml", "features.yaml")}
    fragment = mapping(example, "docs/policy.md")
    name = "features.yaml" if "features" in fragment else "policy.yaml"
    files[name] = merged(files[name], fragment)
    told = {name: json.dumps(value, ensure_ascii=False).encode() for name, value in files.items()}
    compiled, _ = compile_text(ProjectText(told["policy.yaml"], told["features.yaml"]), folder)
    assert compiled.policy.actions


def test_the_suite_reads(tmp_path, telco):
    (suite,) = examples(CASES)
    file = tmp_path / "example_test.yaml"
    file.write_text(suite, encoding="utf-8")
    assert read_suite(file, Terms.of(telco.policy, telco.schema)).cases
