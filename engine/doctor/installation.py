"""Whether this machine has what Befit can use."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterator
from importlib.metadata import version
from importlib.util import find_spec

from engine.doctor.finding import Finding, note, well
from models.kernel_build import kernel_path

_LIBRARIES = ("grpcio", "protobuf", "hiredis", "lightgbm", "numpy", "polars")
_EXTRAS = {"matplotlib": ("report", "plots in pages"), "confluent_kafka": ("kafka", "befit sink --kafka")}


def installation() -> Iterator[Finding]:
    """Python, libraries, extras, and the compiled scorer."""
    system = f"Python {platform.python_version()}, {platform.system()} {platform.machine()}, {os.cpu_count()} cores"
    yield well("machine", system)
    yield well("libraries", ", ".join(f"{name} {version(name)}" for name in _LIBRARIES))
    for module, (extra, gives) in _EXTRAS.items():
        if find_spec(module) is None:
            yield note(f"extra {extra}", f"not installed: no {gives}", f'pip install "befit[{extra}]"')
        else:
            yield well(f"extra {extra}", "installed")
    if kernel_path().is_file():
        yield well("scorer", "compiled for this machine")
    else:
        yield note("scorer", "numpy: as right, and slower", "befit kernel")
