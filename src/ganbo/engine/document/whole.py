"""The whole document."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field, StringConstraints

from ganbo.engine.document.earn import BaseDoc, RuleDoc, Table
from ganbo.engine.document.examples import ExampleDoc
from ganbo.engine.document.rewards import BudgetDoc, RewardDoc
from ganbo.engine.document.shapes import STRICT, Id, LocalWords, Words
from ganbo.engine.document.stamps import StampCardDoc
from ganbo.engine.document.tiers import TiersDoc
from ganbo.engine.document.wallets import WalletDoc

MOST_WALLETS = 10
MOST_RULES = 100
MOST_CARDS = 10
MOST_REWARDS = 500
MOST_EXAMPLES = 200
MOST_TABLES = 20


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
    tiers: TiersDoc | None = None
    """Levels of membership.

    {tiers: {levels: [{id: bronze}, {id: silver, enter: {spend: 5000000}}]}}
    """
    rewards: Annotated[list[RewardDoc], Field(max_length=MOST_REWARDS)] = []
    """What members get.

    {rewards: [{id: free-coffee, kind: free_item, sku: latte}, {id: ten-percent, kind: discount, percent: 10}]}
    """
    budget: BudgetDoc | None = None
    """What is planned for rewards; the advice compares it with what the rules can give.

    {budget: {lines: {rewards: {planned: 120000000}}}}
    """
    late_days: Annotated[int, Field(ge=1, le=366)] = 90
    """How many days late an event is accepted.

    {late_days: 30}
    """
    examples: Annotated[list[ExampleDoc], Field(max_length=MOST_EXAMPLES)] = []
    """Cases that must come out as written.

    {examples: [{event: {type: purchase, occurred_at: 2026-11-23T10:00:00+07:00, data: {amount: 55000}}, expect: {points: 5}}]}
    """
