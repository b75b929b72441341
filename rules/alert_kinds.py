"""What people are alerted to, by name; a policy says who is told of each."""

from __future__ import annotations

BROKEN_PROMISE = "broken_promise"
OVERDUE_STEP = "overdue_step"
ALERT_KINDS = (BROKEN_PROMISE, OVERDUE_STEP)
