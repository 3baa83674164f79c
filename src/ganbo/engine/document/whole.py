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
    programme: Id
    name: LocalWords
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
    timezone: Words
    wallets: Annotated[dict[Id, WalletDoc], Field(min_length=1, max_length=MOST_WALLETS)]
    base: BaseDoc = BaseDoc()
    tables: Annotated[dict[Id, Table], Field(max_length=MOST_TABLES)] = {}
    earn: Annotated[list[RuleDoc], Field(max_length=MOST_RULES)] = []
    stamp_cards: Annotated[list[StampCardDoc], Field(max_length=MOST_CARDS)] = []
    tiers: TiersDoc | None = None
    rewards: Annotated[list[RewardDoc], Field(max_length=MOST_REWARDS)] = []
    budget: BudgetDoc | None = None
    late_days: Annotated[int, Field(ge=1, le=366)] = 90
    examples: Annotated[list[ExampleDoc], Field(max_length=MOST_EXAMPLES)] = []
