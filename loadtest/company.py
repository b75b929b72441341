"""The company that a measurement asks for: the telco pack with drawn customers and a bundle learnt from their history.

Made once and kept; the customers are written into the store anew for every server, so that no measurement sees the
contacts of the one before.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from engine.demo.loading import write_customers
from engine.demo.pack import pack_folder
from engine.demo.preparing import Scale, found_company, learn
from engine.project import load_snapshot

PACK = "telco"
CONTACTS_PER_CUSTOMER = 3
_FILES = ("policy.yaml", "features.yaml", "company.yaml")


@dataclass(frozen=True, slots=True)
class Company:
    """Where the company's files are; `ids` has one customer id a line."""

    project: Path
    bundle: Path
    customers: Path
    ids: Path


def company(folder: Path, customers: int, say: Callable[[str], None]) -> Company:
    """The company of this size under `folder`: the one that was made before from the same pack, or a new one."""
    pack = pack_folder(PACK)
    home = folder / f"{PACK}-{customers}"
    made = Company(home, home / "bundle", home / "customers.parquet", home / "customers.txt")
    if made.ids.exists() and all((home / name).read_bytes() == (pack / name).read_bytes() for name in _FILES):
        return made
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir(parents=True)
    for name in _FILES:
        shutil.copy(pack / name, home / name)
    _make(made, Scale(customers, customers * CONTACTS_PER_CUSTOMER), say)
    return made


def _make(made: Company, scale: Scale, say: Callable[[str], None]) -> None:
    say(f"drawing {scale.customers} customers and {scale.contacts} contacts")
    founded = found_company(made.project, made.project, scale, time.time())
    say("learning a model")
    learnt = learn(founded, made.bundle, scale.training, _silently)
    say(f"learnt {learnt.trees} trees from {learnt.contacts} contacts")
    ids = pl.read_parquet(made.customers, columns=["customer_id"])["customer_id"]
    made.ids.write_text("\n".join(ids) + "\n")


async def fill(made: Company, store_url: str) -> int:
    """Write all customers into a store; how many."""
    return await write_customers(made.customers, store_url, load_snapshot(made.project, None).schema, _silently)


def _silently(share: float) -> None:
    del share
