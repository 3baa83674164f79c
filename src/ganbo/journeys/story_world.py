"""The world of a story's member, and of their household: judged, settled, redeemed and passed by night as on the books, but all in memory.

Nothing of the rules is here: events go through `judging.Batch`, returns through `settling`, redemptions through
`redeem_reward`, the night through `inactivity` and `evaluate_tiers`. This module keeps what the database would keep.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import orjson

from ganbo.books.events import reading
from ganbo.books.events.reading import Shown
from ganbo.books.ledger.posting import STAMPS, stamp_asset
from ganbo.engine import basket, progress
from ganbo.engine.accounts import OWNER
from ganbo.engine.programme import Programme
from ganbo.features.households.operations import OwnerStays, PersonUnknown
from ganbo.features.households.reading import Household
from ganbo.features.programmes import in_force
from ganbo.journeys import budgeting, choosing, effects, redeem_reward, tiering
from ganbo.journeys.gathering import Standing
from ganbo.journeys.giving import GivenVoucher
from ganbo.journeys.living import Life
from ganbo.journeys.story_packages import Packages
from ganbo.journeys.story_partners import Partners
from ganbo.journeys.story_perks import Perks
from ganbo.kernel.refusal import Refusal

_WHO = UUID(int=1)
NOBODY: Mapping[str, str] = {}
_REGION = "VN"  # nobody is named by phone in a story


class TooLong(Refusal):
    """So much is not lived through for a check; shorten the stories."""

    code = "programme.story_too_long"


@dataclass
class Allowance:
    """How much may happen in all: a document is checked while somebody waits. Nights without anything cost nothing."""

    steps: int = 5_000

    def step(self) -> None:
        """Raises TooLong."""
        self.steps -= 1
        if self.steps < 0:
            raise TooLong()


class World(Life):
    """A member from the instant `at` on, as `given` describes them; `household`: others they spend with, by role.

    `standing` is whose turn it is.
    """

    def __init__(
        self,
        programme: Programme,
        given: Mapping[str, Any],
        *,
        at: datetime,
        allowance: Allowance,
        household: Mapping[str, str] = NOBODY,
    ) -> None:
        member = _standing(programme, given, at=at)
        self._people = {"": member}
        for n, name in enumerate(household, 2):
            self._people[name] = _standing(programme, {}, at=at, member=UUID(int=n))
        self._roles = {self._people[name].member_id: role for name, role in ({"": OWNER} | dict(household)).items()}
        self._live_together()
        people = list(self._people.values())
        super().__init__(in_force.alone(programme, since=member.created_at), people, at=at)
        for card, count in given.get("stamps", {}).items():
            self.posting.balances[_WHO, stamp_asset(card), STAMPS] = count
        self.allowance = allowance
        self._told = self._pay = 0
        self._given: Counter[str] = Counter()
        self._stamped: Counter[str] = Counter()
        self._issued: Counter[str] = Counter()
        self.packages, self._perks = Packages(programme), Perks(programme)
        self.partners = Partners(programme, self.posting, tuple(one.member_id for one in people))

    # --- what happens

    def be(self, name: str) -> None:
        """It is this person's turn; "" is the member."""
        self.standing = self._people[name]

    def leave(self) -> None:
        """Whose turn it is leaves the household with their own lots. Raises OwnerStays or PersonUnknown."""
        role = self._roles.get(self.standing.member_id)
        if role == OWNER and len(self._roles) > 1:
            raise OwnerStays()
        if role is None or len(self._roles) < 2:
            raise PersonUnknown()
        del self._roles[self.standing.member_id]
        self.standing.household = None
        self._live_together()

    def _live_together(self) -> None:
        if len(self._people) > 1:
            home = Household(UUID(int=0), tuple(sorted(self._roles.items())))
            for one in self._people.values():
                one.household = home if one.member_id in self._roles else None

    def record(self, told: Mapping[str, Any], *, proof: str | None = None) -> None:
        """An event; one that names no time happens now. Raises a Refusal."""
        body = {"occurred_at": self.now.isoformat(), **told, "id": self._name(), "member": str(self.standing.member_id)}
        request = reading.read(body, region=_REGION)._replace(shown=Shown(proof) if proof else None)
        if request.type == "refund":
            self.wait_until(request.occurred_at)
            self.refund(request.data, order_key=request.order_key)
            return
        judged = self.tell(request)
        if request.type == "purchase":
            self._pay = basket.order_of(judged.request.data, self.programme.currency).total
        self._note(orjson.loads(judged.answer)["effects"])

    def refund(self, told: Mapping[str, Any], *, order_key: str | None = None) -> None:
        """A return of the last purchase, or of an order. Raises NothingBought or FieldsRefused."""
        self._note(self.take_back(told, event_id=self._name(), order_key=order_key))

    def redeem(self, reward: str, *, proof: str | None = None) -> None:
        """The member takes a reward for its price. Raises a Refusal."""
        issued = self.buy(reward, shown=Shown(proof) if proof else None)
        if issued.voucher is not None:
            self._issued[reward] += 1
        elif issued.reward.wallet is not None:
            self._given[issued.reward.wallet] += issued.reward.amount or 0

    def choose(self, reward: str) -> None:
        """The member picks a reward from the open choice that has it. Raises a Refusal."""
        published = self.snapshot.timeline.at(self.now)
        self.plan(self.now)
        rewards = published.programme.rewards
        mine = [v for v, state in self.vouchers.values() if state == "issued" and reward in rewards[v.reward].choose]
        open_ = [v for v in mine if v.expires_at is None or v.expires_at > self.now]
        if not open_:
            raise choosing.NoChoice()
        first = min(open_, key=lambda v: (v.expires_at is None, v.expires_at or self.now))
        chosen = choosing.chosen(first, reward, published, at=self.now)
        if chosen.budget in self.snapshot.budget and self.snapshot.budget[chosen.budget] < chosen.cost:
            raise redeem_reward.BudgetUsedUp(reward=reward)
        budgeting.pay(self.snapshot.budget, [chosen])
        self.keep([chosen])
        self._issued[reward] += 1

    def use_perk(self, perk: str) -> None:
        """The member uses a perk of their level. Raises NotTheirs or UsedUp."""
        self._perks.use(perk, self.standing.tier, at=self.now)

    def night(self, at: datetime) -> list[GivenVoucher]:
        """As every life's; what it gives is counted."""
        vouchers = super().night(at)
        self._issued.update(voucher.reward for voucher in vouchers)
        return vouchers

    # --- what has become

    def state(self) -> dict[str, Any]:
        """Everything an example may expect, by its keys."""
        held = effects.balances(self.posting, self.standing, self.programme)
        found: dict[str, Any] = {
            "balances": {wallet: amounts["available"] for wallet, amounts in held.items()},
            "pending": {wallet: amounts["pending"] for wallet, amounts in held.items()},
            "owed": {wallet: amounts["owed"] for wallet, amounts in held.items()},
            "expired": {wallet: self._expired(wallet) for wallet in held},
            "stamps": dict(self._stamped),
            "cards": {card.id: self.posting.stamps(self.standing.member_id, card.id) for card in self.programme.cards},
            "vouchers": dict(self._issued),
            "pay": self._pay,
            "owed_by": self.partners.owed,
            "tier": self.standing.tier or self.programme.first_tier,
        }
        return found | self.packages.state(self.now) | {wallet: self._given[wallet] for wallet in held}

    # --- inside

    def _name(self) -> str:
        self._told += 1
        return f"story:{self._told}"

    def _note(self, rows: Iterable[Mapping[str, Any]]) -> None:
        """Count what effects gave and returns took."""
        for row in rows:
            if row["kind"] == "wallet":
                self._given[row["wallet"]] += row["amount"]
            elif row["kind"] == "stamp":
                self._stamped[row["card"]] += row["added"]
            elif row["kind"] == "voucher":
                self._issued[row["reward"]] += -1 if row.get("state") == "void" else 1

    def _expired(self, wallet: str) -> int:
        return sum(t.amount for t in self.posting.transfers if t.kind == "expire" and t.asset == wallet)


def _standing(programme: Programme, given: Mapping[str, Any], *, at: datetime, member: UUID = _WHO) -> Standing:
    """The member as the story finds them; their counters are complete, so that levels can be lost, too."""
    last = at - timedelta(days=given["days_since_purchase"]) if given.get("days_since_purchase", -1) >= 0 else None
    standing = Standing(
        member_id=member,
        locale="",
        address_form="",
        created_at=at - timedelta(days=given.get("age_days", 0)),
        tier=given.get("tier"),
        purchases=given.get("purchases", 0),
        spend=given.get("spend", 0),
        visits=given.get("visits", 0),
        last_purchase_at=last,
        last_visit_on=tiering.local_day(last, programme) if last else None,
        carried={},
        state={"stamps": {card: {"filled": 0} for card in given.get("stamps", {})}},
    )
    if programme.tiers is not None:
        standing.state["counted"] = progress.fingerprint_of(programme.tiers)
        _counted_before(standing, programme, tiering.local_day(last or at, programme))
    return standing


def _counted_before(standing: Standing, programme: Programme, day: date) -> None:
    """What the member had done before counts towards levels, on the day of the last purchase."""
    rules = programme.tiers
    before = {"spend": standing.spend, "purchases": standing.purchases, "visits": standing.visits}
    wanted = {metric: n for metric, n in before.items() if rules and metric in rules.used and n}
    if rules is not None and wanted:
        progress.add(standing.state, rules, day, wanted)
