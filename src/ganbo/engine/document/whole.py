"""The whole document."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field, StringConstraints

from ganbo.engine.document.accounts import AccountsDoc
from ganbo.engine.document.aims import ChallengeDoc, MilestonesDoc
from ganbo.engine.document.budget import BudgetDoc
from ganbo.engine.document.earn import BaseDoc, RuleDoc, Table
from ganbo.engine.document.examples import ExampleDoc
from ganbo.engine.document.frame import LegalDoc, NeverDoc, RunsDoc
from ganbo.engine.document.goals import GoalDoc
from ganbo.engine.document.holdout import HoldoutDoc
from ganbo.engine.document.offers import OfferDoc, ProductsDoc
from ganbo.engine.document.offline import OfflineDoc
from ganbo.engine.document.packages import PackageDoc
from ganbo.engine.document.partners import PartnerDoc
from ganbo.engine.document.perks import PerkDoc
from ganbo.engine.document.proof import ClaimsDoc, ProofDoc
from ganbo.engine.document.rewards import RewardDoc
from ganbo.engine.document.shapes import STRICT, Id, LocalWords, Words
from ganbo.engine.document.stamps import StampCardDoc
from ganbo.engine.document.tiers import TiersDoc
from ganbo.engine.document.topups import TopUpDoc
from ganbo.engine.document.wallets import WalletDoc

MOST_WALLETS = 10
MOST_RULES = 100
MOST_CARDS = 10
MOST_CHALLENGES = 50
MOST_REWARDS = 500
MOST_OFFERS = 100
MOST_EXAMPLES = 200
MOST_TABLES = 20
MOST_PACKAGES = 30
MOST_PARTNERS = 50
MOST_PERKS = 30
MOST_TOPUPS = 12  # more buttons than a till can show
MOST_LEVELS_OF_PROOF = 5
MOST_GOALS = 10  # more than that is no goal any more


class ProgrammeDoc(BaseModel):
    """Everything a business promises its members."""

    model_config = STRICT
    ganbo: Literal[1]
    """Version of the document's form.

    {ganbo: 1}
    """
    programme: Id
    """The programme's id.

    {programme: gan-bo}
    """
    name: LocalWords
    """What people call it.

    {name: {vi: Gắn Bó, en: Gắn Bó Club}}
    """
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
    """All money of the document and of events.

    {currency: VND}
    """
    timezone: Words
    """IANA name; days, weekdays, hours and periods count in it.

    {timezone: Asia/Ho_Chi_Minh}
    """
    wallets: Annotated[dict[Id, WalletDoc], Field(min_length=1, max_length=MOST_WALLETS)]
    """What can be earned.

    {wallets: {points: {name: điểm}, miles: {name: dặm}, card: {name: tiền trong thẻ, money: true}}}
    """
    base: BaseDoc = BaseDoc()
    """Which parts of a bill earn.

    {base: {shipping: in}}
    """
    tables: Annotated[dict[Id, Table], Field(max_length=MOST_TABLES)] = {}
    """Whole numbers by name, for formulas.

    {tables: {class: {Y: 50, C: 150}}}
    """
    earn: Annotated[list[RuleDoc], Field(max_length=MOST_RULES)] = []
    """The rules.

    {earn: [{id: base, on: purchase, give: {wallet: points, amount: 1, per: 10000, of: net}}]}
    """
    stamp_cards: Annotated[list[StampCardDoc], Field(max_length=MOST_CARDS)] = []
    """So many stamps, then a reward.

    {stamp_cards: [{id: coffee, size: 10, reward: free-coffee}]}
    """
    milestones: MilestonesDoc | None = None
    """Gifts for passing steps of a lifetime.

    {milestones: {of: spend, steps: [{at: 5000000, give: {voucher: ten-percent}}]}}
    """
    challenges: Annotated[list[ChallengeDoc], Field(max_length=MOST_CHALLENGES)] = []
    """Something to do within a time, for a gift.

    {challenges: [{id: seven-brews, from: 2027-03-01, until: 2027-04-01, needs: {distinct: sku, n: 7}, give: {voucher: ten-percent}}]}
    """
    tiers: TiersDoc | None = None
    """Levels of membership.

    {tiers: {levels: [{id: bronze}, {id: silver, enter: {spend: 5000000}}]}}
    """
    rewards: Annotated[list[RewardDoc], Field(max_length=MOST_REWARDS)] = []
    """What members get.

    {rewards: [{id: free-coffee, kind: free_item, sku: latte}, {id: ten-percent, kind: discount, percent: 10}]}
    """
    perks: Annotated[list[PerkDoc], Field(max_length=MOST_PERKS)] = []
    """Small favours of levels, counted at the till.

    {perks: [{id: upsize, text: {vi: Nâng size miễn phí, en: Free upsize}, count: 1, per: month}]}
    """
    packages: Annotated[list[PackageDoc], Field(max_length=MOST_PACKAGES)] = []
    """Units paid in advance.

    {packages: [{id: wash-10, price: 800000, units: {wash: 11}, months: 12}]}
    """
    accounts: AccountsDoc | None = None
    """People of a household who spend their points together.

    {accounts: {pool: household, wallets: [points], people: 6, may_spend: [owner, adult]}}
    """
    topups: Annotated[list[TopUpDoc], Field(max_length=MOST_TOPUPS)] = []
    """Amounts that members can pay onto their card, and what the shop adds.

    {topups: [{pay: 200000}, {pay: 500000, bonus: 50000, bonus_wallet: gift_money}]}
    """
    partners: Annotated[list[PartnerDoc], Field(max_length=MOST_PARTNERS)] = []
    """Businesses where members earn our points, or that take them as payment.

    {partners: [{id: bookshop, earns: {per: 20000, amount: 1, pays_us: 110}, accepts: [gift_card], settle: monthly}]}
    """
    products: ProductsDoc | None = None
    """The list of products is used for prices, categories and labels.

    {products: {source: file}}
    """
    offers: Annotated[list[OfferDoc], Field(max_length=MOST_OFFERS)] = []
    """What lowers prices in the basket; a [quote](api.md) says the price to pay.

    {offers: [{id: wed, during: {days: [wed]}, lines: 'line.category == "ticket"', price: 50000}]}
    """
    budget: BudgetDoc | None = None
    """What is planned for rewards, and what happens when it is used up; the advice compares it with what the rules can give.

    {budget: {lines: {rewards: {planned: 120000000}}}}
    """
    never: NeverDoc | None = None
    """What is left out of the whole programme, by category or label.

    {never: {earn: [tobacco], pay: [tobacco], reward: [alcohol]}}
    """
    spend_proof: Annotated[list[ProofDoc], Field(max_length=MOST_LEVELS_OF_PROOF)] = []
    """What a member shows before points or card money are spent, by what is spent in the day; left out, nothing.

    {spend_proof: [{up_to: 50000, per: day, by: [card_pin, token, otp]}, {by: [token, otp, manager]}]}
    """
    claims: ClaimsDoc | None = None
    """Sales without a member can be claimed afterwards; left out, only by the business itself.

    {claims: {within_days: 7, by: [receipt_qr], max_per_day: 2}}
    """
    runs: RunsDoc | None = None
    """How long the programme runs.

    {runs: {from: 2026-12-01, earn_until: 2027-12-31, spend_until: 2028-03-31}}
    """
    offline: OfflineDoc | None = None
    """What a till may give while it has no network; left out, it only records sales.

    {offline: {redeem_up_to: 100000}}
    """
    legal: LegalDoc | None = None
    """Who answers for it, for the terms and vouchers.

    {legal: {organiser: Công ty Gắn Bó, tax_code: "0101234567"}}
    """
    holdout: HoldoutDoc | None = None
    """Members who are left out of what nobody was promised, so that its effect can be told; left out, nobody.

    {holdout: {share: 0.05, only: unpromised}}
    """
    goals: Annotated[list[GoalDoc], Field(max_length=MOST_GOALS)] = []
    """What the programme is for, in figures.

    {goals: [{kpi: repeat_purchase_rate, from: 0.38, to: 0.45, by: 2027-06-30, owner: hanh@example.com}]}
    """
    late_days: Annotated[int, Field(ge=1, le=366)] = 90
    """How many days late an event is accepted.

    {late_days: 30}
    """
    examples: Annotated[list[ExampleDoc], Field(max_length=MOST_EXAMPLES)] = []
    """Cases that must come out as written.

    {examples: [{event: {type: purchase, occurred_at: 2026-11-23T10:00:00+07:00, data: {amount: 55000}}, expect: {points: 5}}]}
    """
