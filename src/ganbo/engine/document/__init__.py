"""The shape of a programme document, strict: what pydantic checks before anything is compiled. One file per part."""

from ganbo.engine.document.accounts import AccountsDoc
from ganbo.engine.document.aims import ChallengeDoc, GiftDoc, MilestonesDoc, MilestoneStepDoc, NeedsDoc
from ganbo.engine.document.budget import BudgetDoc, BudgetLineDoc
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
    PackageStepDoc,
    PartnerStepDoc,
    RefundDoc,
    StepDoc,
)
from ganbo.engine.document.frame import LegalDoc, NeverDoc, RunsDoc
from ganbo.engine.document.goals import KPIS, GoalDoc
from ganbo.engine.document.holdout import HoldoutDoc
from ganbo.engine.document.later import LATER, LATER_VALUES
from ganbo.engine.document.offers import BundlePartDoc, NthDoc, OfferDoc, ProductsDoc
from ganbo.engine.document.offline import OfflineDoc
from ganbo.engine.document.packages import PackageDoc
from ganbo.engine.document.partners import PartnerDoc, PartnerEarnsDoc
from ganbo.engine.document.perks import PerkDoc
from ganbo.engine.document.proof import ClaimsDoc, ProofDoc
from ganbo.engine.document.rewards import (
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
from ganbo.engine.document.topups import TopUpDoc
from ganbo.engine.document.wallets import ExpiryDoc, GraceDoc, PayDoc, PendingDoc, WalletDoc
from ganbo.engine.document.whole import ProgrammeDoc

__all__ = [
    "KPIS",
    "LATER",
    "LATER_VALUES",
    "AccountsDoc",
    "BaseDoc",
    "BenefitsDoc",
    "BudgetDoc",
    "BudgetLineDoc",
    "BundlePartDoc",
    "ChallengeDoc",
    "ClaimsDoc",
    "CountsDoc",
    "DowngradeDoc",
    "DuringDoc",
    "ExampleDoc",
    "ExampleEventDoc",
    "ExpectDoc",
    "ExpiryDoc",
    "GiftDoc",
    "GiveDoc",
    "GivenDoc",
    "GivenMemberDoc",
    "GoalDoc",
    "GraceDoc",
    "HoldoutDoc",
    "IssuerDoc",
    "LegalDoc",
    "LevelDoc",
    "LimitDoc",
    "ManyDoc",
    "MetricDoc",
    "MilestoneStepDoc",
    "MilestonesDoc",
    "MultiplyDoc",
    "NeedsDoc",
    "NeverDoc",
    "NthDoc",
    "OfferDoc",
    "OfflineDoc",
    "PackageDoc",
    "PackageStepDoc",
    "PartnerDoc",
    "PartnerEarnsDoc",
    "PartnerStepDoc",
    "PayDoc",
    "PendingDoc",
    "PerkDoc",
    "PriceDoc",
    "ProductsDoc",
    "ProgrammeDoc",
    "ProofDoc",
    "RefundDoc",
    "RewardDoc",
    "RollingDoc",
    "RuleDoc",
    "RunsDoc",
    "StampCardDoc",
    "StepDoc",
    "TiersDoc",
    "TopUpDoc",
    "ValidDoc",
    "ValidFromDoc",
    "WalletDoc",
    "WalletMultiplyDoc",
    "WindowDoc",
]  # fmt: skip
