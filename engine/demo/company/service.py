"""How customers pay, how they were served, and what the company reckons of them."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from engine.demo.company.relationship import Bond
from engine.demo.company.traits import Flags, Floats, Texts, Traits, forget, happens, one_of, rounded, sigmoid

Columns = Mapping[str, Floats | Flags | Texts]


def billing_columns(traits: Traits, bond: Bond, abroad: Floats, rng: np.random.Generator) -> dict[str, Floats | Texts]:
    """Payments and invoices; `abroad` = charges for roaming, which show on the invoice."""
    count = len(traits)
    late = rng.poisson(np.exp(-1.9 + 0.6 * traits.thrift - 0.4 * traits.means)) * bond.contract
    jump = np.where(rng.random(count) < 0.12, rng.gamma(2.0, 9.0, count), rng.normal(0.0, 1.5, count))
    change = np.where(bond.contract, jump + 0.4 * abroad * (rng.random(count) < 0.5), 0.0)
    methods = np.column_stack([np.full(count, 1.2), np.full(count, 0.2), 0.1 * late - 0.3, np.full(count, -9.0)])
    method = one_of(("direct_debit", "card", "transfer", "top_up"), methods, rng)
    classes = np.column_stack([1.0 + traits.means, np.full(count, 0.6), 0.5 * late - 0.6, 0.7 * late - 3.0])
    return {
        "late_payments_12m": late.astype(np.float64),
        "payment_method": np.where(bond.contract, method, np.where(bond.stranger, "unknown", "top_up")),
        "billing_disputes_90d": rng.poisson(np.where(change > 20.0, 0.35, 0.02)).astype(np.float64),
        "last_bill_change": np.round(change, 2),
        "days_since_bill": np.floor(rng.uniform(0.0, 30.0, count)),
        "credit_class": np.where(bond.contract, one_of(("a", "b", "c", "d"), classes, rng), "unknown"),
    }


def care_columns(traits: Traits, bond: Bond, rng: np.random.Generator) -> dict[str, Floats | Flags]:
    """Contacts with the desks, complaints, faults, deliveries, and the answers to surveys where there are any."""
    count = len(traits)
    known = ~bond.stranger
    fault = known & (rng.random(count) < 0.02)
    pending = known & (rng.random(count) < 0.05)
    late = np.where(pending & (rng.random(count) < 0.3), np.floor(rng.exponential(4.0, count)) + 1.0, 0.0)
    calls = rng.poisson(np.exp(-0.6 - 0.15 * traits.warmth) + 1.5 * fault + 0.25 * late) * known
    complaint = known & happens(-3.9 + 0.45 * calls - 0.3 * traits.warmth, rng)
    content = 3.7 + 0.35 * traits.warmth - 1.2 * complaint - 0.4 * fault + 0.8 * rng.normal(size=count)
    return {
        "calls_90d": calls.astype(np.float64),
        "open_complaints": complaint.astype(np.float64),
        "open_fault": fault,
        "delivery_pending": pending,
        "delivery_late_days": late,
        "last_csat": forget(np.where(known, np.clip(np.round(content), 1.0, 5.0), np.nan), 0.65, rng),
        "nps": forget(np.where(known, np.clip(np.round(2.0 * content - 1.0), 0.0, 10.0), np.nan), 0.75, rng),
    }


def reckoned_columns(traits: Traits, bond: Bond, calls: Floats, rng: np.random.Generator) -> dict[str, Floats | Texts]:
    """Estimates, which see their traits only through noise, and preferences that few customers told."""
    count = len(traits)
    noise = rng.normal(size=(2, count))
    leaving = -2.2 + 0.6 * traits.thrift - 0.4 * traits.warmth + 0.2 * calls - 0.012 * bond.tenure + 0.5 * noise[0]
    bands = [np.full(count, 2.2), np.full(count, 0.2), np.full(count, -1.2), np.full(count, -0.8)]
    language = one_of(("de", "en", "zh", "tr"), np.column_stack(bands), rng)
    times = np.column_stack([0.02 * (traits.years - 46.0), np.full(count, -0.3), -0.02 * (traits.years - 46.0)])
    uses = np.column_stack(
        [traits.hunger, traits.hunger - 0.03 * traits.years + 1.0, traits.means, 0.3 * traits.warmth]
    )
    return {
        "price_sensitivity": np.round(sigmoid(1.3 * traits.thrift + 0.6 * noise[1]), 3),
        "churn_risk": rounded(np.where(bond.stranger, 0.1, sigmoid(leaving)), 3),
        "preferred_language": _told(language, 0.45, bond, rng),
        "preferred_contact_time": _told(one_of(("morning", "afternoon", "evening"), times, rng), 0.3, bond, rng),
        "main_use": _told(one_of(("streaming", "gaming", "work", "family"), uses, rng), 0.35, bond, rng),
    }


def _told(answers: Texts, share: float, bond: Bond, rng: np.random.Generator) -> Texts:
    return np.where((rng.random(answers.shape) < share) & ~bond.stranger, answers, "")
