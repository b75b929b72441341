"""The value of a policy and a bundle on choices that were made otherwise, with the baselines that it has to beat."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from engine.arbitrate import NOTHING
from engine.evaluation.chances import Chances, chances_of
from engine.evaluation.tried import GONE, Tried
from engine.snapshot import Snapshot
from models.folds import folds_of
from models.offpolicy import Estimate, clustered_error, difference
from models.personal import Trial, Valued, choices, evenly, valued
from models.reward_model import RewardModels, RewardSettings
from models.served import Level

FOLDS = 3
SPLITS = 3
RANDOM, BEST_SINGLE, TIER_TABLE, LIKELIEST = "random", "best_single", "tier_table", "propensity_only"

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Money per choice. `logged` is what the choices earned as they were made; `baselines` by name; `arms` what taking
    always the same action would have earned, by its id; `better` the policy's value less each baseline's, on the same
    rows. `nothing` and `untried` are the shares of choices where the policy proposes nothing, or what was never
    tried."""

    choices: int
    customers: int
    logged: Estimate
    policy: Valued
    baselines: Mapping[str, Valued]
    arms: Mapping[str, Valued]
    better: Mapping[str, Estimate]
    nothing: float
    untried: float

    @property
    def refused(self) -> str:
        """Why the log cannot tell what the policy would have earned; "" where it can."""
        return self.policy.support.refused


def evaluate(snapshot: Snapshot, tried: Tried, seed: int = 1) -> Evaluation:
    """Value the snapshot's policy and bundle, as they choose, exploration included, on these choices."""
    found = chances_of(snapshot, tried)
    models = RewardModels(tried.contexts, tried.logged.reward, tried.places, RewardSettings())
    whole = _trial(tried, found, models, seed)
    wanted = found.allowed | (found.policy > 0.0)
    trials = [whole, *(_trial(tried, found, models, seed + split, wanted) for split in range(1, SPLITS))]
    usual = [choices(trial) for trial in trials]
    ways: dict[str, list[Floats]] = {
        RANDOM: [evenly(found.allowed)] * SPLITS,
        BEST_SINGLE: [one[Level.ONE] for one in usual],
        TIER_TABLE: [one[Level.TIERS] for one in usual],
        LIKELIEST: [found.likeliest] * SPLITS,
    }
    baselines = {name: valued(trials, chances) for name, chances in ways.items()}
    policy = valued(trials, [found.policy] * SPLITS, float(found.untried.mean()))
    return Evaluation(
        choices=len(tried.logged),
        customers=len(np.unique(tried.logged.customer)),
        logged=_as_logged(tried),
        policy=policy,
        baselines=baselines,
        arms=_arms(snapshot, tried, whole),
        better={name: difference(policy.value, one.value, tried.logged.customer) for name, one in baselines.items()},
        nothing=float(found.nothing.mean()),
        untried=float(found.untried.mean()),
    )


def _trial(
    tried: Tried, found: Chances, models: RewardModels, seed: int, wanted: npt.NDArray[np.bool_] | None = None
) -> Trial:
    """Choices among what was tried, with rewards expected of all or of what is `wanted`; of nothing it is known what it
    earns."""
    folds = folds_of(tried.logged.customer, FOLDS, seed)
    expected = models.expected(folds, wanted)
    expected[:, tried.tried == NOTHING] = 0.0
    return Trial(tried.logged, tried.places, found.tiers, folds, expected, found.allowed)


def _arms(snapshot: Snapshot, tried: Tried, trial: Trial) -> dict[str, Valued]:
    """What each action would have earned, taken for everyone whether the policy allows it or not."""
    ids = snapshot.policy.catalogue.ids
    shape = (len(tried.logged), len(tried.tried))
    found = {}
    for action, always in zip(tried.tried.tolist(), np.eye(len(tried.tried)), strict=True):
        if action == GONE:
            continue
        name = "nothing" if action == NOTHING else ids[action]
        found[name] = valued([trial], [np.broadcast_to(always, shape)])
    return found


def _as_logged(tried: Tried) -> Estimate:
    reward = tried.logged.reward
    return Estimate(float(reward.mean()), clustered_error(reward, tried.logged.customer), reward)
