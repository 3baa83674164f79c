"""What is wrong with a programme document, as sentences that name the remedy, in Vietnamese and English."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_noop as N_

from ganbo.engine.examples import ExampleFailure
from ganbo.engine.loading import DocumentError
from ganbo.engine.programme import Programme
from ganbo.foundation import i18n

_SENTENCES: dict[str, str] = {
    "programme.not_yet": N_("“%(key)s” comes with a later version of ganbo; leave it out for now."),
    "document_syntax": N_("This is not readable YAML or JSON: %(detail)s. Check indents, quotes and brackets here."),
    "document_empty": N_("The document is empty; start it with “ganbo: 1”."),
    "document_not_a_mapping": N_("A programme is a list of keys with values; start it with “ganbo: 1”."),
    "document_alias": N_("Anchors and aliases (& and *) are not allowed; write the part out."),
    "document_tag": N_("Tags like “%(detail)s” are not allowed; write the plain value."),
    "document_key": N_("A key must be a plain word."),
    "document_duplicate_key": N_("“%(detail)s” stands here twice; keep one."),
    "document_too_deep": N_("Nested too deeply; no part of a programme goes this deep."),
    "document_too_long": N_("The document is longer than %(detail)s characters; shorten it."),
    "unknown_key": N_("“%(key)s” is not a key that can stand here; check its spelling."),
    "missing": N_("“%(key)s” is missing here; add it."),
    "string_pattern_mismatch": N_(
        "“%(key)s” has a form that is not allowed; ids are lower-case letters, digits, - and _."
    ),
    "string_type": N_("“%(key)s” must be a text; put it in quotes."),
    "string_too_short": N_("“%(key)s” must not be empty."),
    "string_too_long": N_("“%(key)s” is longer than %(max_length)s characters; shorten it."),
    "int_type": N_("“%(key)s” must be a whole number, without quotes or decimals."),
    "bool_type": N_("“%(key)s” must be true or false."),
    "list_type": N_("“%(key)s” must be a list."),
    "dict_type": N_("“%(key)s” must be a group of keys with values."),
    "model_type": N_("“%(key)s” must be a group of keys with values."),
    "literal_error": N_("“%(key)s” must be one of: %(expected)s."),
    "greater_than": N_("“%(key)s” must be more than %(gt)s."),
    "greater_than_equal": N_("“%(key)s” must be at least %(ge)s."),
    "less_than_equal": N_("“%(key)s” must be at most %(le)s."),
    "too_short": N_("“%(key)s” needs at least one entry."),
    "too_long": N_("“%(key)s” may have at most %(max_length)s entries."),
    "decimal_max_places": N_("“%(key)s” may have at most %(decimal_places)s decimals."),
    "not_a_number": N_("“%(key)s” must be a number, like 1.2."),
    "expiry_needs": N_(
        "rolling and inactivity need “months” or “days”, end_of_month “months”, fixed_dates “dates”; the others neither."
    ),
    "grace_needs": N_("“grace” needs either “days” or “until”."),
    "grace_without_end": N_("“grace” lengthens an end, and never or inactivity have none."),
    "inactivity_of_wallet": N_(
        "Inactivity ends the whole of “%(id)s”; a rule or a tier cannot choose it or opt out of it."
    ),
    "pending_needs": N_("after needs “days”, on_date “date”, until_event “event” and “days”; none needs nothing."),
    "per_and_of": N_("“per” and “of” go together: so many points per 10000 of net."),
    "carry_needs_down": N_("“carry” needs “per” and “rounding: down”, for only then something is left over."),
    "rule_or_wallet": N_("“multiply” names either a rule or a wallet."),
    "one_of_count_points_money": N_("A limit names exactly one of “count”, “points” and “money”."),
    "give_or_multiply": N_("A rule has either “give” or “multiply”."),
    "lines_need_purchase_and_give": N_("“lines” goes with “on: purchase” and “give”."),
    "of_needs_purchase": N_("“of” counts a bill, so the rule needs “on: purchase”."),
    "multiply_limits_count": N_("A multiplier can only be limited by “count”."),
    "percent_or_amount": N_("A discount has either “percent” or “amount”."),
    "percent_needs_discount": N_("“percent” and “max” belong to “kind: discount”."),
    "sku_needed": N_("A free item needs its “sku”."),
    "reward_limits": N_("A reward is limited by “count” or “points”, not by money or store."),
    "unknown_timezone": N_("“%(timezone)s” is not a known time zone; try Asia/Ho_Chi_Minh."),
    "unknown_wallet": N_("There is no wallet “%(id)s”; define it under “wallets” or correct the name."),
    "unknown_rule": N_("There is no rule “%(id)s” that gives points; define it under “earn” or correct the name."),
    "unknown_tier": N_("There is no tier “%(id)s”; define it under “tiers” or correct the name."),
    "duplicate_id": N_("The id “%(id)s” is used twice; choose another one."),
    "condition_unknown_name": N_("The condition reads something ganbo does not know: %(detail)s."),
    "condition_wrong": N_("The condition does not fit together: %(detail)s."),
    "say_needed": N_(
        "This cannot be told in standard words; add “say: {vi: …, en: …}” beside it, or write it more simply."
    ),
    "condition_too_long": N_("The condition is longer than %(detail)s characters; make two rules of it."),
    "condition_too_heavy": N_("The condition loops more than %(detail)s time; make two rules of it."),
    "condition_not_yes_or_no": N_("The condition must answer yes or no; compare the value with something."),
    "condition_event_key": N_("Name what the event says, like event.verified."),
    "condition_without_order": N_("“%(name)s” is known on purchases only, and this rule is on “%(on)s”."),
    "amount_needed": N_("Card money and gift cards need their “amount”."),
    "any_or_all": N_("“metric” has either “any” or “all”."),
    "base_needs_of": N_("“base” says which parts of the bill count, so it needs “of: net” or “of: gross”."),
    "card_money_wallet": N_("“wallet” goes with “kind: card_money”: the wallet the money goes into."),
    "combine_needs_multiply": N_("“combine” says how multipliers go together, so the rule needs “multiply”."),
    "competitor_refused": N_("A competitor's card makes people buy from them; choose another issuer."),
    "condition_member_only": N_("A reward's condition knows the member, the day and the place only, not “%(name)s”."),
    "during_needs": N_("“during” needs “from”, “until”, “days” or “hours”."),
    "during_needs_order": N_("What begins must come before what ends; turn the two around."),
    "event_or_story": N_("An example has either “event” or “story”."),
    "first_level_open": N_(
        "Everybody begins in the first level “%(id)s”, so it has neither “enter” nor “invitation_only”."
    ),
    "floor_and_unlimited": N_("“floor” and “on_refund: unlimited” go together."),
    "formula_not_a_number": N_("The formula must come to a number, not %(detail)s."),
    "formula_without_per": N_("A formula says the whole amount; leave out “per” and “of”."),
    "head_start_below_size": N_("“head_start” must be less than “size”, or the card is full before the first stamp."),
    "money_is_money": N_("A money wallet has no “face_value” and is always spendable."),
    "needs_give_wallet": N_(
        "“expires”, “pending” and “tier_multiplier” are about units of a wallet, so the rule needs “give” with a wallet."
    ),
    "not_a_day": N_("“%(key)s” must be a day like 2027-06-30."),
    "not_a_day_of_year": N_("“%(key)s” must be a day of a year like 06-30."),
    "not_a_money_wallet": N_("“%(id)s” is not a wallet with “money: true”."),
    "one_step_at_a_time": N_("A step is one of “event”, “refund” and “redeem”; make two steps of it."),
    "partner_card_codes": N_("A partner's card has “codes: imported”, for the partner made them."),
    "stamps_need_purchase": N_(
        "“lines”, “min_order” and “count: unit” read a bill; without one say “count: order” or “count: visit”."
    ),
    "story_begins_with_event": N_("A story begins with an event that says when it happened."),
    "threshold_form": N_("A threshold is {metric: least}, {any: […]} or {all: […]}, with whole numbers above 0."),
    "unknown_budget_line": N_("There is no budget line “%(id)s”; define it under “budget” or correct the name."),
    "unknown_card": N_("There is no stamp card “%(id)s”; define it under “stamp_cards” or correct the name."),
    "unknown_metric": N_("There is no metric “%(id)s”; define it under “metrics” or correct the name."),
    "unknown_reward": N_("There is no reward “%(id)s”; define it under “rewards” or correct the name."),
    "valid_needs": N_("“valid” needs “until” or “plus_months”."),
    "wallet_not_spendable": N_("“%(id)s” has “spendable: false”, so nothing can cost it."),
    "wallet_or_events": N_("A metric of your own names either a wallet or events."),
    "wallet_or_voucher": N_("“give” has either “wallet” with “amount”, or “voucher”."),
    "window_months": N_("“months” goes with “kind: rolling”, and rolling needs it."),
}
_OTHERWISE = N_("“%(key)s” does not have the right form (%(code)s).")


class _Numbers(dict[str, Any]):
    """Parameters of a sentence; one that is not there is shown as an ellipsis rather than failing."""

    def __missing__(self, key: str) -> str:
        return "…"


def message(error: DocumentError, *, locale: str) -> str:
    """The sentence for one error: what is wrong and what to do."""
    locale = i18n.known(locale)
    key = error.path.rpartition(".")[2] or error.path
    params = _Numbers({"key": key, "code": error.code, **error.params})
    return i18n.text(locale, _SENTENCES.get(error.code, _OTHERWISE)) % params


def placed(error: DocumentError, *, locale: str) -> str:
    """The same with where it stands, for a terminal or a list."""
    where = i18n.text(i18n.known(locale), "line %(line)s, column %(column)s", line=error.line, column=error.column)
    return f"{where}: {message(error, locale=locale)}"


def example_message(failure: ExampleFailure, programme: Programme, *, locale: str) -> str:
    """What an example of the document expected and what came."""
    locale = i18n.known(locale)
    place = i18n.number(failure.place + 1, locale)
    if failure.problem:
        return i18n.text(locale, "Example %(place)s cannot run: %(problem)s", place=place, problem=failure.problem)
    return i18n.text(
        locale,
        "Example %(place)s expects %(expected)s, but the rules give %(got)s.",
        place=place,
        expected=_amounts(failure.expected, programme, locale),
        got=_amounts({wallet: failure.got.get(wallet, 0) for wallet in failure.expected}, programme, locale),
    )


def _amounts(amounts: Mapping[str, int], programme: Programme, locale: str) -> str:
    wallets = programme.wallets
    return ", ".join(
        f"{i18n.number(n, locale)} {wallets[name].name.text(locale) if name in wallets else name}"
        for name, n in amounts.items()
    )
