"""The example companies, each read and drawn once for all tests of the examples."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import pytest

from tests.examples.packs import PACKS, Pack

read_once = cache(Pack)


@pytest.fixture(scope="session", params=PACKS)
def pack(request) -> Pack:
    """Each company in turn."""
    return read_once(request.param)


@pytest.fixture(scope="session")
def packs() -> Callable[[str], Pack]:
    """Any of the companies by name."""
    return read_once


@pytest.fixture(scope="session")
def telco() -> Pack:
    return read_once("telco")
