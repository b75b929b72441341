"""The project's files on this machine, and how a process comes to its first snapshot.

What is in force is a matter of the store: a worker that starts takes it from there, whatever the files say by then, so
that a restart on a busy afternoon changes nothing. Only where the store has nothing in force do the files decide.
"""

from __future__ import annotations

import asyncio
import logging
import pwd
import secrets
import socket
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from documents.problem import BefitError
from engine.activation.gathering import bundle_revision
from engine.activation.in_force import InForce, Origin, StateDamaged
from engine.activation.loader import Loader
from engine.project import POLICY_FILE, compile_text, joined, read_text
from engine.revisions.kept import About, KeptBundle, KeptRevision
from engine.snapshot import Snapshot
from engine.store import Store, StoreUnavailable
from models.bundle import load_bundle
from models.bundle_files import read_raw

_LOG = logging.getLogger("befit.activation")


@dataclass(frozen=True, slots=True)
class Home:
    """Where the files are: the project's folder, and a bundle's or None."""

    project: Path
    bundle: Path | None = None

    @property
    def name(self) -> str:
        """HOST:FOLDER, as all machines know it."""
        return f"{socket.gethostname()}:{self.project.resolve()}"

    def owner(self) -> str:
        """Who owns the policy's file, as the author of what is in it; by number where the system has no name."""
        try:
            number = (self.project / POLICY_FILE).stat().st_uid
        except OSError:
            return ""
        try:
            return pwd.getpwuid(number).pw_name
        except KeyError:
            return f"user {number}"


async def first_snapshot(store: Store, home: Home) -> tuple[Snapshot, InForce | None]:
    """What to decide by at first, and what it stands for: None where the files were taken and the store has yet to
    agree. Raises DocumentInvalid, BundleRefused, StoreMismatch."""
    try:
        await store.open()
        in_force = (await store.activations.read()).in_force
        if in_force is not None:
            return await Loader(store.revisions).load(in_force), in_force
    except (StoreUnavailable, StateDamaged) as away:
        _LOG.warning("what is in force cannot be read (%s): the project's files decide", away)
    except BefitError as failure:
        _LOG.error("what is in force does not load here, so that the project's files decide: %s", failure)
    return await asyncio.to_thread(_from_files, home), None


def _from_files(home: Home) -> Snapshot:
    policy, schema = compile_text(read_text(home.project), home.project)
    return joined(policy, schema, None if home.bundle is None else load_bundle(home.bundle))


async def found(store: Store, snapshot: Snapshot, home: Home, clock: Callable[[], float]) -> None:
    """Put the project's files in force where nothing is, unless they changed since they were loaded. Raises
    StoreUnavailable."""
    if (await store.activations.read()).in_force is not None:
        return
    text = await asyncio.to_thread(read_text, home.project)
    files = {} if home.bundle is None else await asyncio.to_thread(read_raw, home.bundle)
    if text.revision != snapshot.policy_revision or (files and bundle_revision(files) != snapshot.model_revision):
        return
    author, now = home.owner(), clock()
    plan = InForce(1, text.revision, snapshot.model_revision, now, author, plan=secrets.token_hex(8))
    about = About(text.revision, now, author, origin=Origin.START.value)
    await store.revisions.keep(KeptRevision(about, text))
    if files:
        about = About(snapshot.model_revision, now, author, origin=Origin.START.value)
        await store.revisions.keep_bundle(KeptBundle(about, files))
    await store.activations.put(plan)
