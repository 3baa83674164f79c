"""A business that has some of everything: pending points, holds, a household, packages, partners, cards, vouchers of every state."""

from contextlib import closing
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
from django.conf import settings
from django.db import connection, transaction

from ganbo.doors.worker import subscriptions
from ganbo.features.products.queries import ProductRow
from ganbo.features.rewards import batches
from ganbo.features.rewards import queries as vouchers
from ganbo.foundation import chance, clock
from ganbo.foundation.pipelines import Pipeline, connection_parameters
from ganbo.foundation.staff import keys
from ganbo.foundation.staff import operations as staff
from ganbo.foundation.tenancy import context
from ganbo.journeys import (
    accept_terms,
    claim_slip,
    edit_draft,
    evaluate_tiers,
    expire_points,
    gift_cards,
    holdings,
    holds,
    households,
    import_codes,
    join,
    make_vouchers,
    packages,
    partner_bills,
    perks,
    publish_facts,
    put_products,
    redeem_reward,
    release_pending,
    reverse,
    settle_budgets,
    show_proof,
    sign_in_member,
    verify_books,
)
from ganbo.journeys.holds import Wish as HoldWish
from ganbo.journeys.make_vouchers import Wanted
from ganbo.journeys.packages import Wish
from ganbo.journeys.partner_bills import Told
from ganbo.journeys.redemption_writing import Ask
from ganbo.people.members import bringing
from ganbo.people.members import queries as members
from ganbo.people.members.bringing import Consent
from ganbo.people.members.operations import Person
from ganbo.people.members.proofs import Asking
from tests.journeys.test_record_events import record

PROGRAMME = """\
ganbo: 1
programme: everything
name: {vi: "Đủ thứ", en: Everything}
currency: VND
timezone: Asia/Ho_Chi_Minh
wallets:
  points: {name: {vi: điểm, en: points}, face_value: 100, expires: {kind: end_of_month, months: 12}, on_refund: within_balance, pay: {rate: 100, min: 1, step: 1}}
  miles: {name: dặm, pending: {kind: after, days: 7}}
  card: {name: tiền, money: true}
earn:
  - {id: base, on: purchase, give: {wallet: points, amount: 1, per: 10000, of: net}}
  - {id: fly, on: purchase, give: {wallet: miles, amount: 2, per: 10000, of: net}}
  - {id: seen, on: visit, give: {wallet: points, amount: 1000}, limits: [{scope: member, period: day, count: 5}]}
  - {id: soon, on: checkin, give: {wallet: points, amount: 40}, expires: {kind: rolling, days: 9}}
  - {id: thanks, on: review, give: {voucher: ten}}
stamp_cards:
  - {id: coffee, on: purchase, lines: 'line.category == "coffee"', size: 10, head_start: 2, reward: tea, repeat: true}
tiers:
  metric: {any: [spend]}
  window: {kind: rolling, months: 12}
  levels:
    - {id: bronze, benefits: {perks: [upsize]}}
    - {id: gold, enter: {spend: 1000000}, benefits: {multiply: 2, perks: [upsize]}}
perks:
  - {id: upsize, text: {vi: Nâng size, en: Upsize}, count: 2, per: month, show: till}
rewards:
  - {id: tea, kind: free_item, sku: tea, price: {wallet: points, amount: 100}, cost: 9000, budget: rewards, stock: 40}
  - {id: ten, kind: discount, percent: 10, valid_days: 30}
  - {id: bunch, kind: discount, percent: 20, stock: 1000}
  - {id: our-card, kind: gift_card, amount: 200000, valid_days: 365}
  - {id: cinema, kind: partner_card, codes: imported, price: {wallet: points, amount: 300}}
packages:
  - {id: wash, price: 80000, units: {wash: 11}, share: household, months: 12, pause_days: 60}
accounts: {pool: household, wallets: [points], people: 4, may_spend: [owner, adult], join: both_confirm, leave: own_lots, tier: own}
partners:
  - {id: florist, earns: {per: 50000, amount: 3, pays_us: 101}, accepts: [points], we_pay: 97}
claims: {within_days: 7, by: [receipt_qr], max_per_day: 2}
budget:
  total: 9000000
  lines: {rewards: {planned: 9000000, stop: hard}}
"""
NAMES = ("=cmd|' /C calc'!A1", 'Lê "Tư", Hà Nội\nxã Đông', "Nguyễn Thị Lan", "Trần Văn Minh", "@SUM(A1)")
BY = "staff:7"


class World:
    """The business, who is in it, and what a test asks of it again after it moved."""

    def __init__(self, business: Any) -> None:
        self.business = business
        with context.within(business):
            self.members = [self._somebody(n, name) for n, name in enumerate(NAMES)]
            self.lan, self.minh = self.members[0], self.members[1]
            self._buys()
            self._vouchers()
            self._together()
            self._elsewhere()
            self._said()

    def _event(self, member: UUID | None, type: str, **more: Any) -> dict[str, Any]:
        body = {"id": f"e:{chance.new_id()}", "type": type, "occurred_at": clock.now().isoformat(), "staff": BY}
        return body | ({"member": str(member)} if member else {}) | more

    def _sale(self, member: UUID | None, amount: int, order: str, **data: Any) -> dict[str, Any]:
        return self._event(member, "purchase", store="hoan-kiem", data={"amount": amount, "order_id": order} | data)

    def told(self, *bodies: dict[str, Any]) -> None:
        outcomes = record(self.business, *bodies)
        assert [o.status for o in outcomes] == ["applied"] * len(outcomes), [o.refusal for o in outcomes]

    def _somebody(self, number: int, name: str) -> UUID:
        person = Person(
            phone=f"+849{chance.digits(8)}",
            email=f"khach{number}.{chance.digits(6)}@example.com",
            card=f"C{chance.digits(9)}",
            name=name,
            address_form="chị",
        )
        return join.join(person, at=clock.now()).member_id

    def _buys(self) -> None:
        coffee = {"lines": [{"sku": "latte", "category": "coffee", "quantity": 2, "unit_price": 55_000}]}
        for member in self.members:
            self.told(self._event(member, "visit"), self._event(member, "checkin"), self._event(member, "review"))
        self.told(self._event(self.lan, "purchase", store="hoan-kiem", data=coffee | {"order_id": "D-1"}))
        self.told(self._sale(self.lan, 1_500_000, "D-2"), self._sale(self.minh, 300_000, "D-3"))
        self.told(self._event(self.minh, "refund", store="hoan-kiem", data={"order_id": "D-3", "amount": 100_000}))
        undone = self._sale(self.minh, 90_000, "D-4")
        self.told(undone)
        reverse.reverse_event(undone["id"], reason='sai món, "nhầm"', by=BY, now=clock.now())
        forgotten = self._sale(None, 70_000, "D-5")
        self.told(forgotten, parked := self._sale(None, 20_000, "D-6"))
        self.slip = claim_slip.slip(forgotten["id"], at=clock.now()).code
        claim_slip.slip(parked["id"], at=clock.now())

    def _vouchers(self) -> None:
        now = clock.now()
        found = import_codes.read("AB-12\nAB-13, 2031-01-31\nAB-14\n", now=now)
        import_codes.bring_in(import_codes.look("cinema", found, now=now), by=BY, now=now)
        wanted = [(self.lan, "cinema", 1), (self.lan, "tea", 1), (self.minh, "tea", 2), (self.minh, "tea", 1)]
        asks = [Ask(("id", str(member)), reward, quantity) for member, reward, quantity in wanted]
        self.redemptions = [redeemed(self.business, ask) for ask in asks]
        reverse.reverse_redemption(self.redemptions[3], by=BY, now=now)
        with transaction.atomic():
            self.batch = make_vouchers.order(Wanted("bunch", 5, pattern="TET-#####-#####-##"), now=now).id
            while make_vouchers.make_some(at=now):
                pass
        self.card = gift_cards.sell("our-card", by=BY, now=now, store="hoan-kiem")
        pay = [{"with": "gift_card", "amount": 50_000}]
        self.told(self._sale(None, 50_000, "D-7", codes=[self.card.code], paid=pay))
        self.held = holds.place(HoldWish(self.lan, "points", 50), by=BY, now=now).id
        captured = holds.place(HoldWish(self.lan, "points", 60), by=BY, now=now).id
        holds.capture(captured, 20, by=BY, now=now)

    def _together(self) -> None:
        now = clock.now()
        household = households.found(self.lan, by=BY, now=now)
        households.invite(household.id, self.minh, by=BY, now=now, hint="…78")
        households.accept(household.id, self.minh, by=BY, now=now)
        households.invite(household.id, self.members[2], by=BY, now=now)
        bought = packages.sell("wash", member_id=self.lan, by=BY, now=now, store="hoan-kiem")
        packages.share(bought.id, member_id=self.minh, by=BY, now=now)
        packages.use(bought.id, Wish("wash", 2), by=BY, now=now)
        packages.pause(bought.id, by=BY, now=now + timedelta(minutes=1))
        self.package = bought.id
        perks.use("upsize", member_id=self.lan, by=BY, now=now)

    def _elsewhere(self) -> None:
        now = clock.now()
        with connection.cursor() as cursor:
            cursor.execute("SELECT number FROM members_card WHERE member_id = %s", [self.lan])
            (card,) = cursor.fetchone()
        self.card_number = card
        partner_bills.sell("florist", Told("f-1", 150_000, card, points=30), by=BY, now=now)

    def _said(self) -> None:
        now = clock.now()
        said = [Consent("sms", "marketing", True, "tờ khai ở quầy", now - timedelta(days=3))]
        said += [
            Consent("sms", "marketing", False, "+84 tin nhắn", now),
            Consent("email", "marketing", True, "web", now),
        ]
        with transaction.atomic():
            bringing.consent([(chance.new_id(), self.lan, one) for one in said], at=now)
        accept_terms.accept(self.lan, at=now, lang="vi", channel="wallet")
        show_proof.ask_manager(self.lan, Asking(BY, "hoan-kiem", "500 điểm"), at=now)
        edit_draft.save(PROGRAMME + "# nháp\n", revision=0, based_on=1, by=BY)
        put_products.put(
            [ProductRow("latte", "Cà phê sữa", "coffee", ("hot",), 55_000, 12_000, {"members": 50_000})], by=BY, now=now
        )
        publish_facts.publish_some(self.business, subscriptions.tell, at=now)
        self.first = self._event(self.lan, "visit")
        self.told(self.first)
        held = [v.code for v in vouchers.vouchers_of(self.lan) if v.reward == "ten"]
        batch = batches.get(self.batch)
        assert batch is not None
        self.ten, self.bearer = held[0], next(batches.all_codes(batch, key=settings.CODE_KEY))
        self.later = clock.now()
        self._hidden()

    def _hidden(self) -> None:
        """What must never leave: a PIN, a session, a code to sign in, a key of the API, a password."""
        now = clock.now()
        show_proof.set_pin(self.minh, "2580", by=BY, at=now)
        phone = members.get(self.minh).phone
        assert phone is not None
        sign_in_member.ask_code(phone, network="", locale="vi", at=now)
        sign_in_member.open_session(self.minh, at=now)
        with transaction.atomic():
            keys.create(self.business.id, name="till", scopes=["events:write"])
            staff.ensure(
                "hanh@example.com", name="Hạnh", business_id=self.business.id, role="owner", password="not told"
            )
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT (SELECT hashed FROM members_pin), (SELECT encode(digest, 'hex') FROM members_session),"
                " (SELECT body FROM channels_message WHERE kind = 'sign_in_code'),"
                " (SELECT encode(digest, 'hex') FROM public.staff_api_key WHERE business_id = %s),"
                " (SELECT password FROM public.staff_user WHERE email = 'hanh@example.com')",
                [self.business.id],
            )
            found = cursor.fetchone()
        self.secrets: dict[str, str] = dict(
            zip(("pin", "session", "sign-in code", "key", "password"), found, strict=True)
        )

    def live_on(self, business: Any) -> list[Any]:
        """What the next year is in this place: everything begun here goes on, at the same instants, under the same ids."""
        now = self.later
        with context.within(business):
            bodies = [
                sale("n:1", self.lan, 220_000, "N-1", now),
                event("n:2", None, "refund", now, data={"order_id": "D-2", "amount": 500_000}),
                sale("n:3", self.lan, 90_000, "N-3", now, codes=[self.ten]),
                sale(
                    "n:4",
                    None,
                    30_000,
                    "N-4",
                    now,
                    codes=[self.card.code],
                    paid=[{"with": "gift_card", "amount": 30_000}],
                ),
                sale("n:5", None, 40_000, "N-5", now, codes=[self.bearer]),
                sale("D-again", self.lan, 5_000, "D-2", now),
                event(self.first["id"], None, "visit", now) | self.first,
            ]
            said = [(o.status, o.refusal.code if o.refusal else o.answer) for o in record(business, *bodies, now=now)]
            said.append(claim_slip.claim(self.slip, self.minh, by=BY, at=now).answer)
            holds.capture(self.held, 30, by=BY, now=now)
            packages.resume(self.package, by=BY, now=now)
            packages.use(self.package, Wish("wash"), by=BY, now=now)
            perks.use("upsize", member_id=self.lan, by=BY, now=now)
            reverse.reverse_redemption(self.redemptions[1], by=BY, now=now)
            for days in (8, 40, 420):
                at = now + timedelta(days=days)
                while release_pending.release_some(at=at) or settle_budgets.settle_some(at=at):
                    pass
                while expire_points.expire_some(at=at):
                    pass
                packages.expire(now=at)
                said.append(evaluate_tiers.evaluate_due(at=at))
            said += [[(v.id, v.code, v.state) for v in vouchers.vouchers_of(member)] for member in self.members]
            said += [holdings.balances(member, ["points", "miles"], at=now) for member in self.members]
            assert verify_books.verify().differences == ()
        return said


def event(id: str, member: UUID | None, type: str, at: datetime, **more: Any) -> dict[str, Any]:
    body = {"id": id, "type": type, "occurred_at": at.isoformat(), "store": "hoan-kiem"}
    return body | ({"member": str(member)} if member else {}) | more


def sale(id: str, member: UUID | None, amount: int, order: str, at: datetime, **data: Any) -> dict[str, Any]:
    return event(id, member, "purchase", at, data={"amount": amount, "order_id": order} | data)


def redeemed(business: Any, ask: Ask) -> UUID:
    with closing(Pipeline.open(**connection_parameters())) as pipe:
        given = redeem_reward.redeem(pipe, business, [ask], now=clock.now())[0]
    assert given.refusal is None, given.refusal
    return UUID(orjson.loads(given.answer)["id"])
