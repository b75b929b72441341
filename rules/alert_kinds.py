"""What people are alerted to, by name; a policy says who is told of each."""

from __future__ import annotations

BROKEN_PROMISE = "broken_promise"
OVERDUE_STEP = "overdue_step"
COMPLAINT = "complaint"
LOW_RATING = "low_rating"
DUE_KINDS = (BROKEN_PROMISE, OVERDUE_STEP)
"""What falls due; the others are what customers say."""
ALERT_KINDS = (*DUE_KINDS, COMPLAINT, LOW_RATING)
