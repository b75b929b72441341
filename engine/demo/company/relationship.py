"""What binds customers to the company: relationship, plan, products, value."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.demo.company.traits import Flags, Floats, Texts, Traits, happens, one_of

RELATIONSHIPS = ("none", "prepaid", "postpaid", "family", "business")
REGIONS = ("north", "east", "south", "west", "capital")
PLANS = ("none", "prepaid", "small", "medium", "large", "unlimited", "business")
PLAN_PRICE = np.array([0.0, 10.0, 15.0, 25.0, 38.0, 55.0, 32.0])
PLAN_DATA_GB = np.array([0.0, 5.0, 8.0, 20.0, 50.0, 200.0, 40.0])


@dataclass(frozen=True, slots=True)
class Bond:
    """The relationship as such, shape (n,) each. `plan` indexes PLANS; `contract` = bound by a contract."""

    relationship: Texts
    plan: Floats
    contract: Flags
    tenure: Floats

    @property
    def plan_price(self) -> Floats:
        return np.take(PLAN_PRICE, self.plan.astype(np.intp))

    @property
    def plan_data_gb(self) -> Floats:
        return np.take(PLAN_DATA_GB, self.plan.astype(np.intp))

    @property
    def stranger(self) -> Flags:
        return np.equal(self.relationship, "none")


def draw_bond(traits: Traits, rng: np.random.Generator) -> Bond:
    count = len(traits)
    margins = np.column_stack(
        [
            np.full(count, -1.6) - 0.4 * traits.warmth,
            0.1 + 0.7 * traits.thrift - 0.3 * traits.means,
            0.9 + 0.2 * traits.means,
            -0.4 - np.abs(traits.years - 42.0) / 25.0 + 0.4 * traits.means,
            -1.0 + 0.5 * traits.means - np.abs(traits.years - 45.0) / 20.0,
        ]
    )
    relationship = one_of(RELATIONSHIPS, margins, rng)
    bound = (relationship == "postpaid") | (relationship == "family") | (relationship == "business")
    tenure = np.minimum(np.floor(rng.exponential(34.0, count) * np.exp(0.35 * traits.warmth)), 12 * traits.years / 2)
    return Bond(relationship, _plan(traits, relationship, rng), bound, np.where(relationship == "none", 0.0, tenure))


def _plan(traits: Traits, relationship: Texts, rng: np.random.Generator) -> Floats:
    size = 0.8 * traits.hunger + 0.5 * traits.means - 0.4 * traits.thrift + 0.7 * rng.normal(size=len(traits))
    plan = 2.0 + np.digitize(size, [-0.7, 0.4, 1.3])
    plan = np.where(relationship == "business", 6.0, plan)
    plan = np.where(relationship == "prepaid", 1.0, plan)
    return np.where(relationship == "none", 0.0, plan)


def bond_columns(traits: Traits, bond: Bond, rng: np.random.Generator) -> dict[str, Floats | Flags | Texts]:
    """The features of relationship and plan by name."""
    count = len(traits)
    lines = 1.0 + rng.poisson(np.where(bond.relationship == "family", 1.6, 0.25))
    orders = rng.poisson(np.where(bond.relationship == "prepaid", 5.0, 0.8 + 0.4 * np.exp(0.5 * traits.curiosity)))
    ending = np.floor(rng.uniform(-60.0, 730.0, count))
    adult = traits.years >= 18.0
    return {
        "tenure_months": bond.tenure,
        "relationship_type": bond.relationship,
        "contract_end_days": np.where(bond.contract, ending, np.nan),
        "orders_12m": orders.astype(np.float64),
        "days_since_last_order": np.where(orders > 0, np.floor(rng.exponential(130.0, count)) + 4.0, 999.0),
        "age": np.where(bond.contract, np.floor(traits.years), np.nan),
        "is_minor": ~adult & (bond.relationship != "none"),
        "region": one_of(REGIONS, np.tile([0.2, -0.2, 0.3, 0.4, 0.0], (count, 1)), rng),
        "household_lines": np.where(bond.relationship == "family", np.maximum(lines, 2.0), lines),
        "loyalty_points": np.floor(bond.tenure * 14.0 * rng.random(count)),
        "plan_family": np.array(PLANS)[bond.plan.astype(np.intp)],
        "plan_price": bond.plan_price,
        "plan_data_gb": bond.plan_data_gb,
    }


def product_columns(traits: Traits, bond: Bond, rng: np.random.Generator) -> dict[str, Floats | Flags | Texts]:
    """What else customers have, and what their address allows."""
    count = len(traits)
    tie = np.where(bond.stranger, -9.0, 0.3 * traits.warmth)
    fibre = happens(0.2 * traits.means - 0.3, rng)
    fixed = happens(tie - 1.2 + 0.4 * traits.means + 0.8 * fibre, rng)
    return {
        "fibre_available": fibre,
        "home_5g_available": rng.random(count) < 0.35,
        "has_fixed_line": fixed,
        "has_tv": happens(tie - 2.3 + 1.4 * fixed + 0.3 * traits.hunger, rng),
        "has_insurance": happens(tie - 1.8 + 0.3 * traits.means, rng),
        "has_cloud": happens(tie - 1.3 + 0.4 * traits.curiosity, rng),
        "has_watch": happens(tie - 2.6 + 0.6 * traits.curiosity + 0.3 * traits.means, rng),
        "has_roaming_pack": happens(tie - 2.0 + 0.7 * traits.wanderlust, rng),
    }


def value_columns(bond: Bond, fixed: Flags, rng: np.random.Generator) -> dict[str, Floats | Flags | Texts]:
    """Margin of this year and the year before, and the average invoice. Young relationships have little past."""
    count = len(bond.tenure)
    months = np.minimum(bond.tenure, 12.0)
    margin = months * (0.9 * bond.plan_price + 14.0 * fixed) * np.exp(rng.normal(0.0, 0.25, count))
    past = np.clip((bond.tenure - 12.0) / 12.0, 0.0, 1.0)
    before = np.where(past > 0.0, margin * past * np.exp(rng.normal(-0.02, 0.22, count)), 0.0)
    return {
        "value_12m": np.round(margin, 2),
        "value_prior_12m": np.round(before, 2),
        "arpu": np.round((bond.plan_price + 32.0 * fixed) * np.exp(rng.normal(0.0, 0.12, count)), 2),
    }
