"""Becomes the server given on the command line, having arranged that the kernel ends it when its parent dies.

Run as a script, in an interpreter of its own, because a process with threads must not run Python between fork and exec:

    python -I -S server_child.py PARENT_PID BINARY ARGUMENT...
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1


def become(parent: int, command: list[str]) -> None:
    """Does not return. Elsewhere than on Linux the server outlives a parent that is killed."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
        if os.getppid() != parent:
            sys.exit("the parent has died")
    os.execv(command[0], command)  # noqa: S606  (the binary that the package brings, with our own settings)


if __name__ == "__main__":
    become(int(sys.argv[1]), sys.argv[2:])
