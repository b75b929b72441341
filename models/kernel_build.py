"""Compiles the scorer's kernel for this machine, once for each version of its source; what is missing leaves numpy."""

from __future__ import annotations

import hashlib
import os
import platform
import shutil
import subprocess
import sys
from importlib.resources import files
from pathlib import Path

from documents.problem import BefitError

COMPILERS = ("cc", "gcc", "clang")
_FLAGS = ("-O3", "-march=native", "-ffp-contract=off", "-fPIC", "-shared")
_SECONDS = 120


class KernelNotBuilt(BefitError):
    """There is no compiler, or it refused; the message says which and why."""


def kernel_path() -> Path:
    """Where the kernel of this version is kept, within the Python environment that uses it."""
    digest = hashlib.sha256(_source() + platform.machine().encode()).hexdigest()[:12]
    return Path(sys.prefix) / "lib" / "befit" / f"kernel-{digest}.so"


def build_kernel(path: Path) -> None:
    """Compile the kernel to `path`. Raises KernelNotBuilt."""
    compiler = next((found for name in COMPILERS if (found := shutil.which(name))), None)
    if compiler is None:
        raise KernelNotBuilt(f"there is no C compiler: none of {', '.join(COMPILERS)}")
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix(f".{os.getpid()}")
    given = [compiler, *_FLAGS, "-x", "c", "-", "-o", str(fresh)]
    try:
        made = subprocess.run(given, input=_source(), capture_output=True, timeout=_SECONDS)  # noqa: S603, PLW1510 - ours
    except (OSError, subprocess.TimeoutExpired) as failure:
        raise KernelNotBuilt(f"{compiler}: {failure}") from failure
    if made.returncode:
        raise KernelNotBuilt(f"{compiler}: {made.stderr.decode(errors='replace').strip()[:500]}")
    fresh.replace(path)


def _source() -> bytes:
    return (files("models") / "kernel.c").read_bytes()
