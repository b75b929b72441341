"""`befit kernel`: the scorer compiled for this machine."""

from __future__ import annotations

from engine.cli.tables import screen
from models.kernel_build import build_kernel, kernel_path


def kernel() -> None:
    """Compile the scorer with this machine's C compiler. Servers and commands that start from now on use it; the scores
    are the same, bit by bit. Delete the file to go back."""
    path = kernel_path()
    build_kernel(path)
    screen().print(str(path), soft_wrap=True, markup=False)
