"""Keeps a worker's accounts with the limits over all customers: what decisions see, take, ask for and give back.

Between seeing what is left and taking it nothing else runs: no `await` stands there. Only where a lease does not cover
what won does a decision ask the store, in one extra trip, and is made again where another was faster.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

from msgspec import structs

from engine.decide import resolve
from engine.limits.account import Account
from engine.limits.needs import Need, needs_of
from engine.limits.pacer import Pacer, read_pace
from engine.limits.store import Lease, LeaseCall, LimitStore, Unleased, Want
from engine.limits.take import Take
from engine.resolution import Question, Resolution
from engine.snapshot import Snapshot
from engine.store import StoreUnavailable
from rules.meters import Meter
from rules.rationing import CLOSED, LimitsSeen, MeterSeen

ROUNDS = 3
"""How often a decision is made again because what won was gone, before it does without all that is limited."""

GRANTED, REFUSED, UNANSWERED = "granted", "refused", "unanswered"


@dataclass(frozen=True, slots=True)
class _Kept:
    account: Account
    pacer: Pacer


class LimitKeeper:
    """Not shared between event loops. `note` counts: (metric, labels, amount)."""

    def __init__(self, store: LimitStore, note: Callable[[str, tuple[str, ...], float], None]) -> None:
        self._store = store
        self._note = note
        self._kept: dict[str, _Kept] = {}

    async def resolve(self, snapshot: Snapshot, question: Question, first: Resolution | None = None) -> Resolution:
        """The resolution of a question, with what its picks took of limits; `settle` is to be told what became of it.

        A question that nothing is committed for takes nothing.
        """
        meters = snapshot.policy.rationing.by_channel.get(question.request.channel, ())
        if not meters:
            return resolve(snapshot, question, first)
        if question.known.fields is None:
            return resolve(snapshot, question.under(_closed(meters)), first)
        for made in range(ROUNDS):
            resolution = resolve(snapshot, question.under(self.seen(snapshot, meters, question.now)), first)
            if question.request.dry_run:
                return resolution
            needs = needs_of(resolution, snapshot.policy.catalogue.ids)
            try:
                takes = await self._obtain(needs, question.now, resolution.tier.tier.name)
            except StoreUnavailable:
                break
            if takes is not None:
                return _estimable(resolution.having(takes), made)
        return _estimable(resolve(snapshot, question.under(_closed(meters)), first), ROUNDS)

    def seen(self, snapshot: Snapshot, meters: Iterable[Meter], now: float) -> LimitsSeen:
        """What a decision at this moment may go by."""
        zone = snapshot.policy.zone("")
        return {meter.name: self._of(meter, zone).account.seen(now) for meter in meters}

    async def _obtain(self, needs: list[Need], now: float, tier: str) -> tuple[Take, ...] | None:
        """What is needed, taken: from leases, or asked for. None where some of it could not be had; then nothing is."""
        scarce = self._scarce(needs, now, tier)
        takes = [self._take(need) for need in needs if need.meter.key not in scarce]
        if scarce:
            try:
                granted = await self._ask(scarce, now, tier)
            except BaseException:
                self.settle(takes, frozenset(take.action for take in takes))
                raise
            takes += [self._take(need) for need in needs if need.meter.key in granted]
            if granted != scarce.keys():
                self.settle(takes, frozenset(take.action for take in takes))
                return None
        return tuple(takes)

    def _scarce(self, needs: list[Need], now: float, tier: str) -> dict[str, int]:
        """The units to ask for by meter: those that a lease does not cover."""
        wanted: dict[str, int] = {}
        for need in needs:
            if not self._kept[need.meter.key].account.ungoverned:
                wanted[need.meter.key] = wanted.get(need.meter.key, 0) + need.units
        return {key: units for key, units in wanted.items() if not self._kept[key].account.covers(units, tier, now)}

    def _take(self, need: Need) -> Take:
        kept = self._kept[need.meter.key]
        kept.pacer.note(need.worth + kept.account.price * need.units / need.meter.units, need.units)
        self._note("befit_limit_units", (need.meter.name,), need.units / need.meter.units)
        return kept.account.take(need.units, need.action)

    async def _ask(self, scarce: Mapping[str, int], now: float, tier: str) -> frozenset[str]:
        """The meters whose units were granted: the one extra trip."""
        asking = [(self._kept[key].account, units) for key, units in scarce.items()]
        calls = [(account, account.ask(units, tier, now)) for account, units in asking]
        try:
            answers = await _answers(self._store, calls)
        except StoreUnavailable:
            self._note("befit_scarce_trips", (UNANSWERED,), 1)
            raise
        pairs = zip(calls, answers, strict=True)
        granted = frozenset(call.meter for (account, call), answer in pairs if account.heed(call, answer))
        self._note("befit_scarce_trips", (GRANTED if granted == scarce.keys() else REFUSED,), 1)
        return granted

    def settle(self, takes: Iterable[Take], lost: frozenset[str] = frozenset()) -> None:
        """The decision that took these stands, but for the actions `lost`: their units may be taken again."""
        for take in takes:
            kept = self._kept.get(take.meter)
            if kept is not None:
                kept.account.settle(take, 0 if take.action in lost else take.units)

    async def refresh(self, snapshot: Snapshot, now: float) -> None:
        """Tell the store what was spent, renew the leases, and move and learn the prices. Raises StoreUnavailable."""
        zone = snapshot.policy.zone("")
        calls = []
        for meter in snapshot.policy.rationing.meters:
            kept = self._of(meter, zone)
            want = Want(least=kept.account.largest)
            calls.append((kept.account, kept.account.call(now, want, kept.pacer.move(now))))
        if not calls:
            return
        answers = await _answers(self._store, calls)
        for (account, call), answer in zip(calls, answers, strict=True):
            account.heed(call, answer)
            account.price = read_pace(account.last.pace).price if account.meter.limit.pacing else 0.0

    def accounts(self, snapshot: Snapshot) -> list[Account]:
        """The accounts with the policy's limits, in its order."""
        return [self._of(meter, snapshot.policy.zone("")).account for meter in snapshot.policy.rationing.meters]

    def forget(self, meter: str) -> None:
        """Begin anew with a meter, by its key: for suites of cases, which set what is left."""
        self._kept.pop(meter, None)

    def _of(self, meter: Meter, zone: ZoneInfo) -> _Kept:
        """The account of a meter; where the policy changed its limit, the same account under the new limit."""
        kept = self._kept.get(meter.key)
        if kept is None:
            account = Account(meter, zone)
            kept = self._kept[meter.key] = _Kept(account, Pacer(account))
        elif kept.account.meter is not meter:
            kept.account.govern(meter, zone)
        return kept


async def _answers(store: LimitStore, calls: Sequence[tuple[Account, LeaseCall]]) -> Sequence[Lease | Unleased]:
    try:
        return await store.lease([call for _, call in calls])
    except BaseException:
        for account, call in calls:
            account.unheard(call)
        raise


def _closed(meters: Iterable[Meter]) -> LimitsSeen:
    return {meter.name: MeterSeen(CLOSED, meter.most, 0.0) for meter in meters}


def _estimable(resolution: Resolution, made_before: int) -> Resolution:
    """A choice that was drawn again because what won was gone has no probability of its own."""
    if not made_before:
        return resolution
    placed = tuple(structs.replace(one, probability=None) if one.slot.share > 0.0 else one for one in resolution.placed)
    return replace(resolution, placed=placed)
