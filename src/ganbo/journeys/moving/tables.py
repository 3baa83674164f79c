"""Which tables of a business's schema an export holds, under which names; and which it leaves out, and why.

A test compares this list with the schema: a new table is carried or has its reason, or the test fails.
"""

from dataclasses import dataclass, field

from django.apps import apps
from django.db.models import Model

FOLDER = "tables"
FORMAT = 1  # of the files; an import takes its own and no other
SIGN_IN_CODE = "sign_in_code"


@dataclass(frozen=True, slots=True)
class Table:
    """One table as a file of JSON lines, tables/`name`.jsonl; `of` its name in the database, `about` what a line is.

    `actors`: columns that name who of the staff did it; `only`: the rows that are taken (SQL); `arrives`: columns
    that are written otherwise than they stand in the file (SQL over the row `r`), and the docs say why.
    """

    name: str
    of: str
    about: str
    actors: tuple[str, ...] = ()
    only: str = ""
    arrives: dict[str, str] = field(default_factory=dict)

    @property
    def file(self) -> str:
        return f"{FOLDER}/{self.name}.jsonl"

    @property
    def columns(self) -> tuple[str, ...]:
        """Its columns in the order of the model."""
        return tuple(f.column for f in _model(self.of)._meta.local_fields if f.column)

    @property
    def key(self) -> tuple[str, ...]:
        """The columns of its primary key: the order of the lines."""
        return tuple(f.column for f in _model(self.of)._meta.pk_fields if f.column)


_WAITS = "r.state IN ('queued', 'sending')"
TABLES = (
    Table("versions", "programmes_version", "a published programme document", actors=("published_by",)),
    Table("terms", "programmes_terms", "the terms of a version in one language, as published"),
    Table("draft", "programmes_draft", "the document being written", actors=("updated_by",)),
    Table("redatings", "programmes_redating", "a version whose expiry also reaches older points, and how far that is"),
    Table("usages", "programmes_usage", "how much of a limit is used, by subject, rule and period"),
    Table("members", "members_member", "a member: contacts, name, birthday"),
    Table("cards", "members_card", "a card number of a member"),
    Table("consents", "members_consent", "a yes or no to being written to, with its source"),
    Table("standings", "members_standing", "a member's level and counters"),
    Table("acceptances", "programmes_acceptance", "a member's yes to the terms of a version"),
    Table(
        "proofs",
        "members_proof",
        "what a member showed, or a manager allowed, before value was spent",
        actors=("asked_by", "decided_by"),
    ),
    Table("households", "households_household", "people who spend together"),
    Table("household-people", "households_person", "one stay of a member in a household"),
    Table("household-invitations", "households_invitation", "somebody asked to join a household"),
    Table("stores", "events_store", "a shop of the business"),
    Table("products", "products_product", "an item with its prices and labels"),
    Table("event-keys", "events_key", "the id of an event and the order it is, so that nothing is recorded twice"),
    Table("events", "events_event", "what happened: a purchase, a refund, a visit …", actors=("staff",)),
    Table("decisions", "events_decision", "what was decided about an event, the exact answer and why"),
    Table("refunds", "events_refund", "which order a refund belongs to"),
    Table("settlements", "events_settlement", "what returns have taken of a sale"),
    Table("slips", "events_slip", "a slip printed for a sale without a member; a hash of its code"),
    Table("accounts", "ledger_account", "an account of the books: holder, asset, role, balance"),
    Table("lots", "ledger_lot", "points of one account with one end, earned in one month, and what is left"),
    Table("transfers", "ledger_transfer", "one debit, one credit, a whole number: every move of the books"),
    Table("pending-points", "ledger_pending", "points given that are not usable yet"),
    Table("holds", "ledger_hold", "points set aside"),
    Table("hold-ends", "ledger_hold_end", "how a hold was resolved"),
    Table("redemptions", "rewards_redemption", "points turned into a reward"),
    Table("vouchers", "rewards_voucher", "a voucher, coupon or gift card; a hash of its code"),
    Table("voucher-uses", "rewards_use", "a voucher used on an order"),
    Table("batches", "rewards_batch", "codes ordered in bulk"),
    Table("card-moves", "rewards_card_move", "money onto a gift card that was sold", actors=("by",)),
    Table("stocks", "rewards_stock", "how many pieces of a reward were taken"),
    Table("budgets", "rewards_budget", "what a line of the budget has committed and spent"),
    Table("budget-notices", "rewards_budget_notice", "a line of which it was told that it is used up"),
    Table("pool-codes", "rewards_pool", "a partner's code, sealed"),
    Table("packages", "packages_package", "a package somebody bought, on its terms", actors=("sold_by", "refunded_by")),
    Table("package-units", "packages_unit", "units of a package: sold, used, left, refunded, expired"),
    Table("package-uses", "packages_use", "units used at once", actors=("by",)),
    Table("package-people", "packages_person", "somebody besides the buyer who may use a package"),
    Table("partner-deals", "partners_deal", "a member's bill at a partner's"),
    Table("partner-lines", "partners_line", "a line of a partner's statement"),
    Table("partner-settlings", "partners_settling", "how far a partner's months are settled"),
    Table("partner-agreements", "partners_agreement", "terms of a partner that were agreed to", actors=("by",)),
    Table("perk-uses", "perks_use", "a perk that was used", actors=("by",)),
    Table("experiments", "experiments_experiment", "who is compared by what", actors=("created_by",)),
    Table("exposures", "experiments_exposure", "from when on a member belongs to a group"),
    Table("baselines", "goals_baseline", "where a figure stood when a version began"),
    Table("leases", "offline_lease", "what a till without a network may give a member on one day"),
    Table(
        "conflicts",
        "offline_conflict",
        "what a till did without a network and could not be recorded as it was",
        actors=("staff", "seen_by"),
    ),
    Table(
        "messages",
        "channels_message",
        "a message to a member, without codes to sign in",
        only=f"kind <> '{SIGN_IN_CODE}'",
        arrives={
            "state": f"CASE WHEN {_WAITS} THEN 'failed' ELSE r.state END",
            "failure": f"CASE WHEN {_WAITS} THEN 'left to the place it came from' ELSE r.failure END",
        },
    ),
    Table("audit", "audit_line", "who did what to what", actors=("actor",)),
)
# what no export holds: why, in Vietnamese and English; tables of the schema first
LEFT_OUT = {
    "members_pin": ("bí mật: thành viên đặt PIN mới trong ví", "a secret: members choose a new PIN in the wallet"),
    "members_session": ("bí mật: thành viên đăng nhập lại", "a secret: members sign in again"),
    "members_sign_in_code": ("bí mật, hết hạn sau mười phút", "a secret, and over after ten minutes"),
    "rewards_guess": ("số lần nhập sai mã trong giờ qua", "wrong codes typed in the last hour"),
    "idempotency_answer": (
        "chỉ giữ ba mươi ngày, cho khóa API ở lại đây",
        "kept thirty days for keys of the API, which stay here",
    ),
    "outbox_fact": ("việc chưa báo thì nơi này báo", "what is still to be told is told from here"),
    "starting_past_sales": (
        "tệp vẫn ở máy này; thả lại tệp ở nơi mới",
        "the files stay on this machine; drop them again at the new place",
    ),
    "starting_proposal": ("tính lại từ tệp", "reckoned anew from the files"),
    "django_migrations": (
        "sinh ra cùng các bảng",
        "made with the tables; the manifest names the last one of each part",
    ),
}
STAYS = {
    "staff accounts": (
        "mật khẩu và phiên là bí mật; staff.csv ghi ai từng làm ở đây",
        "passwords, second factors and sessions are secrets; staff.csv says who works here",
    ),
    "API keys": ("chỉ lưu dạng băm; hãy tạo khóa mới", "kept as hashes only; make new ones"),
    "host names": ("dẫn đến máy này", "they lead to this installation"),
    "warehouse": ("dựng lại từ sổ", "filled anew from the books"),
}


def parts() -> set[str]:
    """The labels of the applications whose tables these are."""
    return {_model(table.of)._meta.app_label for table in TABLES}


def _model(table: str) -> type[Model]:
    return next(model for model in apps.get_models() if model._meta.db_table == table)
