"""A worker process without an engine: speaks the link and does what its mode says. Run with MODE and a descriptor."""

from __future__ import annotations

import signal
import socket
import sys
import time

from engine.counts import Counts
from engine.workers.link import Assignment, Report


def main(mode: str, descriptor: int) -> int:
    with socket.socket(fileno=descriptor) as link:
        assignment = Assignment.from_line(link.makefile("rb").readline())
        if mode == "refuses":
            return 3
        if mode == "ignores-term":
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
        counts = Counts()
        counts.add("befit_calls", ("Decide", "OK"), 10 + assignment.number)
        link.sendall(Report(ready=True).to_line())
        link.sendall(Report(counts=counts.snapshot()).to_line())
        while mode != "falls-silent":
            if mode == "talks-nonsense":
                link.sendall(b"what?\n")
            link.sendall(Report().to_line())
            time.sleep(0.02)
        time.sleep(600)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], int(sys.argv[2])))
