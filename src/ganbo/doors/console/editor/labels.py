"""What each question, choice and part is called."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as N_
from pydantic import BaseModel

from ganbo.engine import document as shape

PERIODS = ("day", "week", "month", "quarter", "year", "ever", "rolling")
MONEY = {
    ("WalletDoc", "face_value"), ("PayDoc", "rate"), ("LimitDoc", "money"), ("PriceDoc", "plus"), ("RewardDoc", "amount"),
    ("RewardDoc", "max"), ("RewardDoc", "cost"), ("RewardDoc", "value"), ("RewardDoc", "min_order"),
    ("StampCardDoc", "min_order"), ("BudgetDoc", "total"), ("TopUpDoc", "pay"), ("TopUpDoc", "bonus"),
    ("OfferDoc", "price"), ("OfferDoc", "max"),
    ("NeedsDoc", "spend"),
    ("PackageDoc", "price"),
    ("OfflineDoc", "redeem_up_to"),
    ("PartnerDoc", "we_pay"), ("PartnerEarnsDoc", "per"), ("PartnerEarnsDoc", "pays_us"),
    ("PackageDoc", "price"), ("ProofDoc", "up_to"),
}  # fmt: skip
PARTS = {
    "about": N_("Name and place"), "base": N_("What of a bill counts"), "rule": N_("Earn rule"),
    "milestones": N_("Milestones"), "challenge": N_("Challenge"),
    "card": N_("Stamp card"), "tiers": N_("Moving up and down"), "level": N_("Tier"), "reward": N_("Reward"),
    "wallet": N_("Kind of points"), "budget": N_("Budget"), "topup": N_("Top-up"), "offer": N_("Offer"),
    "never": N_("What is left out"), "runs": N_("How long it runs"), "legal": N_("Who answers for it"),
    "package": N_("Package"), "perk": N_("Perk"),
    "offline": N_("Without a network"), "partner": N_("Partner"), "accounts": N_("Household account"),
    "holdout": N_("Left out to compare"), "goal": N_("Goal"),
    "proof": N_("Proof for spending"), "claims": N_("Claims of forgotten sales"),
}  # fmt: skip
ADD = {
    "welcome": N_("Give something for joining"), "rule": N_("Add an earn rule"), "card": N_("Add a stamp card"),
    "milestones": N_("Set milestones"), "challenge": N_("Add a challenge"),
    "level": N_("Add a tier"),
    "offer": N_("Add an offer"),
    "reward": N_("Add a reward"), "wallet": N_("Add a kind of points"), "tiers": N_("Set how tiers move"),
    "topup": N_("Add a top-up"), "budget": N_("Set a budget"), "never": N_("Leave something out"), "runs": N_("Set how long it runs"),
    "legal": N_("Say who answers for it"), "base": N_("Set what of a bill counts"),
    "package": N_("Add a package"), "perk": N_("Add a perk"),
    "offline": N_("Set what a till gives without a network"), "partner": N_("Add a partner"),
    "accounts": N_("Let households spend together"),
    "holdout": N_("Leave some members out to compare"), "goal": N_("Set a goal"),
    "proof": N_("Ask for a proof before spending"),
    "claims": N_("Let members claim forgotten sales"),
}  # fmt: skip
_LABELS = {
    "earn": N_("Never earn"), "why": N_("The reason"), "earn_until": N_("Last day to earn"),
    "spend_until": N_("Last day to redeem"), "organiser": N_("Organiser"), "tax_code": N_("Tax code"),
    "type": N_("Kind of promotion"), "notice_no": N_("Notice number"), "areas": N_("Where it holds"),
    "accepts": N_("What of ours pays there"), "business": N_("Short name of the business, when it is here"),
    "pays_us": N_("The partner pays us for each"), "settle": N_("Settled"), "we_pay": N_("We pay it for each point used"),
    "amount": N_("Amount"), "as": N_("How they count on a bill"), "base": N_("What of the bill counts"),
    "benefits": N_("Benefits"),
    "bonus": N_("The shop adds"), "bonus_wallet": N_("The bonus goes into"),
    "at": N_("Reached at"),
    "budget": N_("Line of the budget"), "by": N_("Times"), "by_tier": N_("Other price for a tier"),
    "by_store": N_("Stores with a plan of their own"), "bundle": N_("Goods together"), "category": N_("Category"),
    "carry": N_("Carry what is left over to the next purchase"), "codes": N_("Codes"),
    "combine": N_("Together with other multipliers"), "competitor": N_("It is a competitor's"),
    "cost": N_("What it costs you"), "count": N_("At most so many times"), "counts": N_("Which purchases count"),
    "currency": N_("Currency"), "date": N_("From this day"), "distinct": N_("Different ones"), "dates": N_("On these days of the year"),
    "days": N_("Days"), "discounts": N_("Discounts"), "downgrade": N_("Moving down"), "during": N_("When it holds"),
    "earns_on_rest": N_("Only the rest of the bill earns"),
    "enter": N_("Reached with"), "event": N_("When this happens"), "every": N_("Every so many"), "expires": N_("When they end"),
    "face_value": N_("One is worth"), "floor": N_("How far below zero"), "for": N_("For whom"), "from": N_("From"),
    "fulfil": N_("Handed over"), "gift_cards": N_("Gift cards sold"), "give": N_("Gives"),
    "grace": N_("Longer use after the end"), "grace_days": N_("Days of patience"),
    "head_start": N_("Stamps given at the start"),
    "head_start_on": N_("Given on"), "hours": N_("Between the hours"), "id": N_("Short id"),
    "invitation_only": N_("By invitation only"), "issuer": N_("Whose card or code"), "keep": N_("Kept with"),
    "kind": N_("Kind"), "label": N_("Label"), "labels": N_("Labels"), "late_days": N_("Late sales are accepted for (days)"),
    "limits": N_("Limits"), "lines": N_("Only these items"), "max": N_("At most"), "max_per_day": N_("At most a day"),
    "max_share": N_("At most this share of the bill"),
    "metric": N_("What counts"), "metrics": N_("Measures of your own"), "min": N_("At least"),
    "min_order": N_("Least bill"), "mode": N_("How"), "money": N_("It is money on a card"), "months": N_("Months"),
    "multiply": N_("Multiplies"), "name": N_("Name"), "no_downgrade": N_("Once reached it is kept for good"),
    "n": N_("Pieces"), "nth": N_("Only every so many"),
    "notice_days": N_("Told so many days before"), "of": N_("Of what"), "on": N_("On what"),
    "on_enter": N_("Given on reaching it"), "on_exceed": N_("Above the limit"),
    "on_refund": N_("When goods come back"), "paid_only": N_("Only what is paid for"),
    "pause_days": N_("May be paused for (days)"), "share": N_("Used together with"),
    "refund": N_("For unused units"), "redeem_up_to": N_("Gifts of one customer and day may be worth"),
    "pay": N_("The member pays"), "refundable": N_("It was paid for (the shop's bonus was not)"),
    "spend": N_("Spent first"),
    "paid_with_points": N_("The part paid with points"), "pending": N_("When they can be used"), "per": N_("For every"),
    "percent": N_("Percent off"), "period": N_("In"), "plus": N_("Money besides"),
    "plus_months": N_("And so many months"),
    "points": N_("At most so many points"), "price": N_("Price"), "price_list": N_("Or by the price list"), "programme": N_("Short id"),
    "purchase": N_("Purchases that count"),
    "quarters": N_("Quarters later"), "rate": N_("One pays"), "step": N_("In steps of"),
    "repeat": N_("A full card begins anew"), "reset_by": N_("Kept alive by"),
    "returned": N_("Returned points can be used for (days)"), "reward": N_("Full card brings"),
    "rewards": N_("Rewards only for this tier"),
    "rounding": N_("Part steps"), "rule": N_("Only this rule"), "say": N_("The condition in words"),
    "scope": N_("Counted"),
    "service_priority": N_("Service priority (1 is first)"), "shipping": N_("Delivery fee"),
    "size": N_("Stamps on a full card"),
    "sku": N_("Item (SKU)"), "spendable": N_("Members can spend them"),
    "show": N_("Where it shows"), "text": N_("What people read"), "perks": N_("Perks"),
    "message_cost": N_("What one message costs"),
    "choose": N_("One of these is picked"), "within_days": N_("Open for so many days"),
    "unit_names": N_("What the units are called"), "stacking": N_("With other offers"),
    "stock": N_("Pieces in all"),
    "taste": N_("What it appeals to"), "tax": N_("Tax"), "tier_multiplier": N_("The tier's multiplier applies"),
    "timezone": N_("Time zone"), "total": N_("In all"), "unlocks": N_("Rewards visible from here"),
    "until": N_("Until"),
    "upgrade": N_("Moving up"), "uses": N_("Uses of one voucher"), "valid": N_("How long"),
    "valid_days": N_("Voucher is good for (days)"),
    "value": N_("What it is worth to the member"), "voucher": N_("Or a voucher for"), "wallet": N_("Kind of points"),
    "needs": N_("To be done"),
    "steps": N_("Steps"), "units": N_("Or so many pieces"),
    "when": N_("Only when"), "window": N_("What time counts"), "yearly": N_("Given every year"),
    "years": N_("Years later"),
    "pool": N_("Who spends together"), "people": N_("At most so many people"), "may_spend": N_("Who may spend"),
    "join": N_("How one joins"), "invite_days": N_("An invitation lasts (days)"), "leave": N_("One leaves with"),
    "up_to": N_("Up to this amount a day"), "experiment": N_("Compared in the experiment"),
}  # fmt: skip
_OF_SHAPE = {
    (shape.OfferDoc, "price"): N_("Price of a piece, or of all together"),
    (shape.OfferDoc, "max"): N_("At most off a bill"), (shape.NthDoc, "of"): N_("Of which"),
    (shape.TopUpDoc, "wallet"): N_("Goes into"), (shape.RewardDoc, "base"): N_("Percent of"), (shape.RewardDoc, "wallet"): N_("Goes into"),
    (shape.GiveDoc, "by_tier"): N_("Or a voucher by tier"),
    (shape.PackageDoc, "units"): N_("How many of what"), (shape.PartnerDoc, "earns"): N_("Earned there"),
    (shape.PartnerDoc, "competitor"): N_("It is a competitor"), (shape.PartnerEarnsDoc, "amount"): N_("How many"),
    (shape.PerkDoc, "per"): N_("In each"),
    (shape.ProofDoc, "by"): N_("One of these is enough"),
    (shape.HoldoutDoc, "share"): N_("Share of the members"), (shape.HoldoutDoc, "only"): N_("Left out of"),
    (shape.GoalDoc, "kpi"): N_("Figure"), (shape.GoalDoc, "from"): N_("Where it stands"), (shape.GoalDoc, "to"): N_("Where it is to be"),
    (shape.GoalDoc, "by"): N_("By the day"), (shape.GoalDoc, "owner"): N_("Who answers for it (e-mail)"),
    (shape.ClaimsDoc, "by"): N_("What is shown"), (shape.ClaimsDoc, "within_days"): N_("Days after the sale"),
    (shape.ClaimsDoc, "max_per_day"): N_("At most so many a day"),
    (shape.NeedsDoc, "count"): N_("Or so many purchases"), (shape.NeedsDoc, "spend"): N_("Or so much money"),
    (shape.MilestonesDoc, "of"): N_("Which total"), (shape.NeedsDoc, "n"): N_("How many different ones"),
    (shape.ChallengeDoc, "until"): N_("Until (first day that no longer counts)"),
    (shape.RewardDoc, "amount"): N_("Amount of money"), (shape.RewardDoc, "max"): N_("Discount at most"),
    (shape.RewardDoc, "when"): N_("Shown only when"), (shape.RewardDoc, "valid"): N_("Voucher can be used"),
    (shape.RewardDoc, "kind"): N_("What it is"), (shape.StampCardDoc, "count"): N_("A stamp for"),
    (shape.BenefitsDoc, "multiply"): N_("Points from purchases times"), (shape.BenefitsDoc, "expires"): N_("Other end of points"),
    (shape.MultiplyDoc, "wallet"): N_("Or all of"), (shape.PriceDoc, "amount"): N_("How many"),
    (shape.LimitDoc, "money"): N_("At most so much spending"), (shape.ValidDoc, "until"): N_("Kept to the end of"),
    (shape.CountsDoc, "max_per_day"): N_("At most so many a day"), (shape.BudgetDoc, "lines"): N_("By purpose"),
    (shape.GraceDoc, "until"): N_("Until the next (MM-DD)"), (shape.RunsDoc, "from"): N_("First day"),
    (shape.NeverDoc, "reward"): N_("Never lowered by vouchers"), (shape.NeverDoc, "pay"): N_("Never paid for with points"),
    (shape.BudgetDoc, "period"): N_("The plan is for"), (shape.AccountsDoc, "tier"): N_("Tier"),
    (shape.AccountsDoc, "wallets"): N_("What is spent together"),
    (shape.PayDoc, "min"): N_("At least so many"), (shape.WalletDoc, "pay"): N_("Paying bills with them"),
}  # fmt: skip
_HINTS = {
    (shape.GiveDoc, "by_tier"): N_("As YAML: {silver: ten-percent, gold: birthday-cake}"),
    (shape.OfferDoc, "say"): N_("Needed when the condition has no standard sentence."),
    (shape.BundlePartDoc, "category"): N_("A category, an item or a label."),
    (shape.RuleDoc, "id"): N_("Lower-case letters, digits, - and _. It stays when the name changes."),
    (shape.RuleDoc, "lines"): N_("Left empty, the whole bill counts."),
    (shape.GiveDoc, "amount"): N_("A whole number, or a formula without “for every”."),
    (shape.GiveDoc, "per"): N_("Left empty, the amount is given once."),
    (shape.RewardDoc, "sku"): N_("A free item needs it."),
    (shape.DuringDoc, "from"): N_("YYYY-MM-DD"), (shape.DuringDoc, "until"): N_("YYYY-MM-DD; this day no longer"),
    (shape.DuringDoc, "hours"): N_("Two hours, like 16, 18"),
    (shape.ExpiryDoc, "dates"): N_("MM-DD, separated by commas"), (shape.ExpiryDoc, "reset_by"): N_("Kinds of events, separated by commas"),
    (shape.PayDoc, "max_share"): N_("0.5 is half of it"), (shape.PayDoc, "rate"): N_("Left empty, what one is worth."),
    (shape.PendingDoc, "date"): N_("YYYY-MM-DD"), (shape.WalletDoc, "floor"): N_("0 or less; only when returns take everything back"),
    (shape.LimitDoc, "count"): N_("A limit says one of: times, points, spending."),
    (shape.RewardDoc, "labels"): N_("Separated by commas"), (shape.TiersDoc, "metrics"): N_("As YAML: miles: {wallet: tier-miles}"),
    (shape.BenefitsDoc, "expires"): N_("As YAML: points: {kind: rolling, months: 24}"),
    (shape.NeverDoc, "earn"): N_("Categories or labels, separated by commas"),
    (shape.NeverDoc, "pay"): N_("Categories or labels, separated by commas"),
    (shape.NeverDoc, "reward"): N_("Categories or labels, separated by commas"), (shape.LegalDoc, "areas"): N_("Separated by commas"),
    (shape.RunsDoc, "from"): N_("YYYY-MM-DD"), (shape.RunsDoc, "earn_until"): N_("YYYY-MM-DD; this day still counts"),
    (shape.RunsDoc, "spend_until"): N_("YYYY-MM-DD; this day still counts"),
    (shape.PackageDoc, "units"): N_("As YAML: wash: 11"),
    (shape.GoalDoc, "from"): N_("Left out: as measured on the day it begins"),
    (shape.GoalDoc, "to"): N_("Shares from 0 to 1, such as 0.45; money in whole amounts"),
    (shape.GoalDoc, "by"): N_("YYYY-MM-DD"),
    (shape.ProofDoc, "by"): N_("card_pin, token, otp, manager; separated by commas"),
    (shape.ProofDoc, "up_to"): N_("Left empty for any amount."),
    (shape.BudgetDoc, "lines"): N_("As YAML: rewards: {planned: 6000000, stop: hard}"),
    (shape.MilestonesDoc, "steps"): N_("As YAML: [{at: 100, give: {voucher: ten-percent}}]"),
    (shape.StampCardDoc, "say"): N_("Needed when the condition has no standard sentence."),
    (shape.RuleDoc, "say"): N_("Needed when the condition has no standard sentence."),
    (shape.LevelDoc, "enter"): N_("The first tier has none: every member begins there."),
}  # fmt: skip
_CHOICES = {
    "points_earned": N_("Points earned"), "spend": N_("Spending"), "visits": N_("Visits"),
    "sku": N_("Kinds of items"), "category": N_("Categories"),
    "monthly": N_("every month"), "points": N_("Points"),
    "add": N_("are added"), "after": N_("after some days"), "anniversary": N_("the member's own year"),
    "at_once": N_("at once"), "best": N_("the best one counts"), "bonus_first": N_("the bonus"),
    "household": N_("the household, or people the buyer names"),
    "pro_rata": N_("their part of the price"),
    "card_pin": N_("PIN"), "token": N_("changing code in the wallet"),
    "otp": N_("one-time code"), "manager": N_("approval of a manager"), "receipt_qr": N_("QR code of the slip"),
    "paid_first": N_("the paid money"), "business": N_("for everybody together"),
    "calendar_year": N_("the calendar year"), "cap": N_("only what is left"), "card_money": N_("Money on the card"),
    "day": N_("a day"), "discount": N_("Discount"), "discounted": N_("the bill after discounts"),
    "down": N_("earn nothing"),
    "emotional": N_("Feeling"), "end_of_month": N_("at the end of a month"),
    "end_of_quarter": N_("at the end of a quarter"),
    "end_of_year": N_("at the end of a year"), "ever": N_("all time"), "every": N_("every card"), "everybody": N_("everybody"),
    "exclusive": N_("not together with others"), "experience": N_("Experience"), "first": N_("the first card"),
    "fixed_dates": N_("on fixed days"), "free_delivery": N_("Free delivery"), "free_item": N_("Free item"),
    "generated": N_("made by ganbo"), "choice": N_("Choice of gifts"), "gift": N_("Gift"), "gift_card": N_("Gift card"),
    "gross": N_("the bill before discounts"),
    "half_up": N_("from half a step on"), "imported": N_("from an imported list"), "in": N_("count"),
    "inactivity": N_("when nothing happens for a while"), "initial": N_("the bill before discounts"),
    "joint": N_("together with others"),
    "keep": N_("points stay"), "later": N_("later, as an order"), "lifetime": N_("all time"), "material": N_("Value"),
    "member": N_("per member"), "members": N_("members only"), "month": N_("a month"), "net": N_("the bill"), "never": N_("never"),
    "next_order": N_("from the next order"), "none": N_("at once"), "on_date": N_("from a day on"),
    "one_step": N_("one tier at a time"),
    "only_pending": N_("only points not yet usable go back"), "order": N_("every order"), "out": N_("do not count"),
    "partner_card": N_("Card of another shop"), "period_end": N_("at the end of the period"),
    "product": N_("are multiplied"),
    "programme": N_("for everybody together"), "purchases": N_("a member's purchases"),
    "quantity": N_("pieces"), "quarter": N_("a quarter"),
    "reject": N_("nothing from this rule"),
    "rolling": N_("rolling"), "rule": N_("for everybody together, this rule"),
    "since_change": N_("since the tier changed"),
    "code": N_("per voucher code"), "store": N_("per store"), "to_eligible": N_("to the tier deserved"), "unit": N_("every piece"),
    "units": N_("pieces on one bill"), "unlimited": N_("everything goes back, below zero too"), "until_event": N_("when something happens"),
    "up": N_("earn a whole step"),
    "upgrade": N_("Upgrade"), "visit": N_("every day's visit"), "week": N_("a week"),
    "within_balance": N_("go back as far as there are; the rest is settled later"), "year": N_("a year"),
}  # fmt: skip
_OF_CHOICE = {
    (shape.PerkDoc, "till"): N_("at the till, counted"), (shape.PerkDoc, "wallet"): N_("in the wallet only"),
    (shape.NeedsDoc, "store"): N_("Stores"), (shape.MilestonesDoc, "purchases"): N_("Purchases"),
    (shape.GiveDoc, "none"): N_("count in part"), (shape.ExpiryDoc, "rolling"): N_("some time after earning"),
    (shape.WindowDoc, "rolling"): N_("the last months"), (shape.ValidDoc, "end_of_month"): N_("the month"),
    (shape.ValidDoc, "end_of_year"): N_("the year"), (shape.DowngradeDoc, "never"): N_("nobody moves down"),
    (shape.BudgetDoc, "month"): N_("each month"), (shape.AccountsDoc, "household"): N_("a household"),
    (shape.AccountsDoc, "owner"): N_("the owner"), (shape.AccountsDoc, "adult"): N_("adults"),
    (shape.AccountsDoc, "child"): N_("children"), (shape.AccountsDoc, "both_confirm"): N_("the owner invites, the invited accepts"),
    (shape.AccountsDoc, "own_lots"): N_("what one earned"), (shape.AccountsDoc, "own"): N_("each one's own"),
    (shape.HoldoutDoc, "unpromised"): N_("only what was not promised to everybody"),
    (shape.PayDoc, "payment"): N_("they pay, beside other money"), (shape.PayDoc, "discount"): N_("they come off the price"),
}  # fmt: skip
_VARIABLES = {
    "order.net": N_("the bill"), "order.gross": N_("the bill before discounts"),
    "order.shipping": N_("the delivery fee"),
    "order.discount": N_("the discount"), "order.paid_with_points": N_("the part paid with points"),
    "order.quantity": N_("pieces on the bill"),
    "local.weekday": N_("the day (mon–sun)"), "local.hour": N_("the hour"), "local.date": N_("the date"),
    "member.tier": N_("the tier"),
    "member.purchases": N_("purchases so far"), "member.visits": N_("visits so far"),
    "member.spend": N_("spending so far"),
    "member.age_days": N_("days as a member"), "member.days_since_purchase": N_("days since the last purchase"),
    "store": N_("the store"),
    "channel": N_("the channel"), "line.category": N_("the category"), "line.sku": N_("the item"),
    "line.quantity": N_("pieces of one item"),
    "line.weight": N_("thousandths of one item"), "line.unit_price": N_("the unit price"),
    "line.net": N_("the line's price"),
    "written": N_("Advanced (as written)"),
}  # fmt: skip
_OPERATORS = {
    "==": N_("is"), "!=": N_("is not"), ">=": N_("is at least"), ">": N_("is more than"), "<=": N_("is at most"),
    "<": N_("is less than"),
}  # fmt: skip
_METRICS = {
    "spend": N_("Spending"),
    "purchases": N_("Purchases"),
    "points_earned": N_("Points earned"),
    "visits": N_("Visits"),
}
_EVENTS = {
    "purchase": N_("a purchase"), "signup": N_("joining"), "review": N_("a review"), "visit": N_("a visit"),
    "share": N_("sharing"),
    "survey": N_("answering a survey"), "subscribe": N_("subscribing"), "checkin": N_("checking in"),
}  # fmt: skip
_DAYS = {
    "mon": N_("Mon"),
    "tue": N_("Tue"),
    "wed": N_("Wed"),
    "thu": N_("Thu"),
    "fri": N_("Fri"),
    "sat": N_("Sat"),
    "sun": N_("Sun"),
}


def label(model: type[BaseModel], key: str) -> str:
    """The question; a key that has no words yet is asked by its name."""
    found = _OF_SHAPE.get((model, key)) or _LABELS.get(key)
    return _(found) if found else key


def hint(model: type[BaseModel], key: str) -> str:
    """What helps to answer, or nothing."""
    found = _HINTS.get((model, key))
    return _(found) if found else ""


def choice(model: type[BaseModel], value: str) -> str:
    """One answer of a list."""
    found = _OF_CHOICE.get((model, value)) or _CHOICES.get(value)
    return _(found) if found else value


def period(value: str) -> str:
    """One span that limits count in."""
    return _("the last days") if value == "rolling" else _(_CHOICES[value])


def variable(name: str) -> str:
    """What a condition reads."""
    found = _VARIABLES.get(name)
    return _(found) if found else name


def operator(op: str) -> str:
    return _(_OPERATORS[op])


def metric(name: str) -> str:
    found = _METRICS.get(name)
    return _(found) if found else name


def events() -> list[tuple[str, str]]:
    return [(id, _(words)) for id, words in _EVENTS.items()]


def weekdays() -> list[tuple[str, str]]:
    return [(id, _(words)) for id, words in _DAYS.items()]


def together() -> list[tuple[str, str]]:
    """How several measures go together."""
    return [("", _("as above")), ("any", _("one of them is enough")), ("all", _("all of them"))]


def three() -> dict[str, str]:
    return {"": _("as usual"), "yes": _("yes"), "no": _("no")}


def nothing() -> str:
    return "–"


def language(code: str) -> str:
    return {"vi": "Tiếng Việt", "en": "English"}[code]
