"""The shape of a programme document, strict: what pydantic checks before anything is compiled. One file per part."""

from ganbo.engine.document.earn import (
    BaseDoc,
    DuringDoc,
    GiveDoc,
    LimitDoc,
    MultiplyDoc,
    RollingDoc,
    RuleDoc,
)
from ganbo.engine.document.examples import (
    ExampleDoc,
    ExampleEventDoc,
    ExpectDoc,
    GivenDoc,
    GivenMemberDoc,
    RefundDoc,
    StepDoc,
)
from ganbo.engine.document.later import LATER, LATER_VALUES
from ganbo.engine.document.rewards import (
    BudgetDoc,
    BudgetLineDoc,
    IssuerDoc,
    PriceDoc,
    RewardDoc,
    ValidFromDoc,
)
from ganbo.engine.document.stamps import StampCardDoc
from ganbo.engine.document.tiers import (
    BenefitsDoc,
    CountsDoc,
    DowngradeDoc,
    LevelDoc,
    ManyDoc,
    MetricDoc,
    TiersDoc,
    ValidDoc,
    WalletMultiplyDoc,
    WindowDoc,
)
from ganbo.engine.document.wallets import ExpiryDoc, GraceDoc, PendingDoc, WalletDoc
from ganbo.engine.document.whole import ProgrammeDoc

__all__ = [
    "LATER", "LATER_VALUES", "BaseDoc", "BenefitsDoc", "BudgetDoc", "BudgetLineDoc", "CountsDoc", "DowngradeDoc",
    "DuringDoc", "ExampleDoc", "ExampleEventDoc", "ExpectDoc", "ExpiryDoc", "GiveDoc", "GivenDoc", "GivenMemberDoc",
    "GraceDoc", "IssuerDoc", "LevelDoc", "LimitDoc", "ManyDoc", "MetricDoc", "MultiplyDoc", "PendingDoc", "PriceDoc",
    "ProgrammeDoc", "RefundDoc", "RewardDoc", "RollingDoc", "RuleDoc", "StampCardDoc", "StepDoc", "TiersDoc",
    "ValidDoc", "ValidFromDoc", "WalletDoc", "WalletMultiplyDoc", "WindowDoc",
]  # fmt: skip
