"""Every revision is kept as it was: its bytes for good, what is told of it as last told."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.project import compile_text, load_snapshot, read_text
from engine.revisions.kept import (
    About,
    KeptBundle,
    KeptRevision,
    ProjectText,
    RevisionDamaged,
    packed_files,
    packed_text,
    read_about,
    read_files,
)
from engine.revisions.kept import read_text as read_kept
from tests.engine.served_project import write_project

TEXT = ProjectText(b"version: 1\n", b"features: {}\n")
ABOUT = About(TEXT.revision, 10.0, author="mia", origin="activate")


async def test_what_was_kept_is_read_back(store):
    assert await store.revisions.read(TEXT.revision) is None
    await store.revisions.keep(KeptRevision(ABOUT, TEXT))
    kept = await store.revisions.read(TEXT.revision)
    assert (kept.policy, kept.features, kept.about) == (TEXT.policy, TEXT.features, ABOUT)


async def test_a_revision_that_is_approved_keeps_its_bytes_and_tells_by_whom(store):
    await store.revisions.keep(KeptRevision(ABOUT, TEXT))
    approved = replace(ABOUT, approver="tom")
    await store.revisions.keep(KeptRevision(approved, ProjectText(b"other", b"bytes")))
    assert (await store.revisions.read(TEXT.revision)) == KeptRevision(approved, TEXT)


async def test_revisions_are_listed_the_newest_first(store):
    for at in (1.0, 3.0, 2.0):
        text = replace(TEXT, policy=b"%f" % at)
        await store.revisions.keep(KeptRevision(About(text.revision, at), text))
    assert [about.at for about in await store.revisions.list()] == [3.0, 2.0, 1.0]


async def test_bundles_are_kept_with_all_their_files(store, tmp_path):
    assert await store.revisions.read_bundle("abc") is None
    files = {"model.txt": b"tree\n" * 10_000, "manifest.json": b"{}"}
    await store.revisions.keep_bundle(KeptBundle(About("abc", 1.0), files))
    kept = await store.revisions.read_bundle("abc")
    assert (await store.revisions.list_bundles(), kept.files) == ((About("abc", 1.0),), files)
    assert (kept.write(tmp_path) / "model.txt").read_bytes() == files["model.txt"]


@given(st.binary(), st.binary())
def test_bytes_of_any_sort_come_back(policy: bytes, features: bytes):
    text = ProjectText(policy, features)
    assert read_kept(packed_text(text)) == text


@given(st.binary(max_size=20), st.binary(max_size=20))
def test_the_revision_tells_where_one_file_ends_and_the_other_begins(policy: bytes, features: bytes):
    text = ProjectText(policy, features)
    moved = ProjectText(policy + features, b"")
    assert (text.revision == moved.revision) == (text == moved)


@pytest.mark.parametrize("damaged", [b"", b"not zlib", packed_text(TEXT)[:-9], packed_files({"../x": b""})])
def test_what_is_damaged_is_said_to_be(damaged: bytes):
    with pytest.raises(RevisionDamaged):
        read_files(damaged)
    with pytest.raises(RevisionDamaged):
        read_about(damaged)


def test_a_projects_revision_stands_for_both_of_its_files(tmp_path: Path):
    project = write_project(tmp_path)
    before = load_snapshot(project, None).policy_revision
    assert before == read_text(project).revision
    (project / "features.yaml").write_text((project / "features.yaml").read_text() + "# another default\n")
    policy, _ = compile_text(read_text(project), project)
    assert policy.policy.revision != before
