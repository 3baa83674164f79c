"""What is wrong with a programme document, as sentences that name the remedy, in Vietnamese and English."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext_noop as N_

from ganbo.engine.examples import ExampleFailure
from ganbo.engine.loading import DocumentError
from ganbo.engine.programme import Programme
from ganbo.engine.text import Placed
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
    "steps_rise": N_("Milestones rise: write the lowest first, each only once."),
    "one_need": N_("A challenge needs exactly one of “distinct” (with “n”), “count”, “units” and “spend”."),
    "percent_or_amount": N_("A discount has either “percent” or “amount”."),
    "percent_needs_discount": N_("“percent” and “max” belong to “kind: discount”."),
    "offer_price_or_percent": N_("An offer has one of “price”, “price_list” and “percent”."),
    "price_list_needs_products": N_("A price list stands in the list of products; say “products: {source: file}”."),
    "offer_max_needs_percent": N_("“max” is the most that “percent” takes off."),
    "offer_price_needs_lines": N_("Say with “lines” what has this price, or everything would cost it."),
    "bundle_needs_price": N_("A “bundle” has a “price”; it names its goods itself, without “lines” and “nth”."),
    "bundle_too_large": N_("A bundle has 20 pieces at most."),
    "category_sku_or_label": N_("A part of a bundle names one of “category”, “sku” and “label”."),
    "nth_needs_percent": N_("“nth” says for which “percent” counts; give one."),
    "nth_needs_member": N_("Only a member's purchases can be counted; leave out “for: everybody”."),
    "sku_needed": N_("A free item needs its “sku”."),
    "reward_limits": N_("A reward is limited by “count” or “points”, not by money, store or code."),
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
    "bonus_and_wallet": N_("“bonus” and “bonus_wallet” go together."),
    "bonus_wallet": N_("A bonus goes into a wallet with “money: true” and “refundable: false”, and “%(id)s” is none."),
    "topup_wallet": N_("Say in “wallet” which money wallet with “refundable: true” the paid money goes into."),
    "topup_wallet_policy": N_("“%(id)s” is topped up, so it takes neither “pending” nor another “on_refund”."),
    "duplicate_topup": N_("Each amount is topped up one way; %(pay)s stands twice."),
    "topups_spend": N_("All bonuses say the same “spend”: a card pays in one order."),
    "proof_last": N_("Every level but one says “up_to”; one has none, so that any amount has its proof."),
    "proof_once": N_("Each “up_to” stands once; put what proves it into one level."),
    "proof_per": N_("“up_to” and “per: day” go together."),
    "refundable_money": N_("“refundable: false” is said of money; add “money: true”."),
    "any_or_all": N_("“metric” has either “any” or “all”."),
    "base_needs_of": N_("“base” says which parts of the bill count, so it needs “of: net” or “of: gross”."),
    "card_money_wallet": N_("“wallet” goes with “kind: card_money”: the wallet the money goes into."),
    "choose_needs": N_("“choose” and “kind: choice” go together, and “within_days” goes with “choose”."),
    "choice_only_chooses": N_(
        "A choice has no cost, budget, stock, codes or conditions of its own; the rewards it chooses from have them."
    ),
    "choice_of_vouchers": N_("“%(id)s” cannot be chosen: it is a choice itself or money for a wallet."),
    "combine_needs_multiply": N_("“combine” says how multipliers go together, so the rule needs “multiply”."),
    "competitor_refused": N_("A competitor's card makes people buy from them; choose another issuer."),
    "condition_member_only": N_("A reward's condition knows the member, the day and the place only, not “%(name)s”."),
    "during_needs": N_("“during” needs “from”, “until”, “days” or “hours”."),
    "during_needs_order": N_("What begins must come before what ends; turn the two around."),
    "event_needs_time": N_("An example's event says when it happened: “occurred_at”."),
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
    "one_step_at_a_time": N_(
        "A step is one of “event”, “refund”, “redeem”, “choose”, “perk”, “package” and “partner”; make two steps of it."
    ),
    "one_deed_of_a_package": N_(
        "A step of a package is one of “sell”, “use” (with “quantity”), “pause”, “resume” and “refund”."
    ),
    "unit_names_of_units": N_("“unit_names” names what stands under “units”, nothing else."),
    "experiment_unfair": N_(
        "“%(id)s” and “%(other)s” are of one experiment, so both must ask for equally much and give the same: "
        "the same stamps to go (“size” less “head_start”), conditions and reward."
    ),
    "experiment_of_one": N_("Only one card names the experiment “%(id)s”; give it a second one to compare with."),
    "perk_count": N_("“count” and “per” go together, for perks that a till counts (“show: till”)."),
    "unknown_perk": N_("There is no perk “%(id)s”; define it under “perks” or correct the name."),
    "unknown_package": N_("There is no package “%(id)s”; define it under “packages” or correct the name."),
    "unknown_unit": N_("No package holds units “%(id)s”; define them under “packages” or correct the name."),
    "partner_card_codes": N_("A partner's card has “codes: imported”, for the partner made them."),
    "imported_codes": N_(
        "“codes: imported” is for codes that others take, each once; not for card money, your own gift card or several “uses”."
    ),
    "stamps_need_purchase": N_(
        "“lines”, “min_order” and “count: unit” read a bill; without one say “count: order” or “count: visit”."
    ),
    "story_begins_with_event": N_("A story begins with an event that says when it happened."),
    "threshold_form": N_("A threshold is {metric: least}, {any: […]} or {all: […]}, with whole numbers above 0."),
    "runs_order": N_("The days of “runs” are not in order: “from”, then “earn_until”, then “spend_until”."),
    "cost_for_hard_stop": N_(
        "The line “%(id)s” stops when it is used up, so each of its rewards needs a cost; write “cost”, or 0 if it costs "
        "nothing."
    ),
    "unknown_budget_line": N_("There is no budget line “%(id)s”; define it under “budget” or correct the name."),
    "household_needs_accounts": N_("There is a household only where the programme says “accounts”."),
    "unknown_person": N_("There is nobody “%(id)s” in the example's household; name them there or correct the name."),
    "owner_spends": N_("The owner always may spend; write “owner” into “may_spend”."),
    "pool_of_money": N_("“%(id)s” is money on a card, which stays each one's own; pool points."),
    "pool_below_zero": N_(
        "What a household spends together never falls below zero; “%(id)s” has “on_refund: unlimited”."
    ),
    "unknown_card": N_("There is no stamp card “%(id)s”; define it under “stamp_cards” or correct the name."),
    "unknown_metric": N_("There is no metric “%(id)s”; define it under “metrics” or correct the name."),
    "unknown_reward": N_("There is no reward “%(id)s”; define it under “rewards” or correct the name."),
    "valid_needs": N_("“valid” needs “until” or “plus_months”."),
    "wallet_not_spendable": N_("“%(id)s” has “spendable: false”, so nothing can cost it."),
    "money_pays_itself": N_("A money wallet pays bills anyway; leave “pay” out."),
    "bill_or_return": N_(
        "A step at a partner's is a “bill”, also with “points”, or what is “returned” of the last one."
    ),
    "unknown_partner": N_("There is no partner “%(id)s”; define it under “partners” or correct the name."),
    "we_pay_needed": N_("Points that pay there need “we_pay”: what you pay the partner for each."),
    "partner_does_nothing": N_("A partner outside needs “earns” or “accepts”, or nothing happens there."),
    "partner_twice": N_("“%(id)s” is this business already; name each partner once."),
    "partner_points": N_("“%(id)s” is not a kind of points here; card money is neither earned nor used at partners'."),
    "partner_points_worth": N_(
        "“%(id)s” cannot pay at a partner's: it needs a “face_value” or “pay”, and must be spendable."
    ),
    "one_kind_pays": N_("“%(id)s” pays bills already; only one kind of points can."),
    "pay_needs_rate": N_("“pay” needs “rate”, what one unit pays, or the wallet its “face_value”."),
    "pay_not_spendable": N_("What has “spendable: false” cannot pay; leave “pay” out."),
    "wallet_or_events": N_("A metric of your own names either a wallet or events."),
    "wallet_or_voucher": N_("“give” has one of “wallet” with “amount”, “voucher” and “by_tier”."),
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


_REFUSED: dict[str, str] = {
    "fields.refused": N_("the event cannot be read (%(problem)s)"),
    "ledger.insufficient": N_("there are too few points for it"),
    "rewards.not_for_points": N_("the reward has no price in points"),
    "rewards.locked": N_("the reward is for members of a higher tier"),
    "rewards.not_for_you": N_("the reward's condition does not hold"),
    "rewards.out_of_stock": N_("the reward is out of stock"),
    "rewards.limit_reached": N_("the reward's limit is reached"),
    "events.too_late": N_("the event comes too late"),
    "rewards.no_choice": N_("there is no open choice with it"),
    "rewards.budget_used_up": N_("the budget for the reward is used up"),
    "perks.not_theirs": N_("the member's level brings no such perk"),
    "perks.used_up": N_("the perk was used as often as promised"),
    "packages.not_active": N_("the package was given back or has ended"),
    "packages.nothing_left": N_("fewer units are left than asked for"),
    "packages.paused": N_("the package is paused"),
    "packages.cannot_pause": N_("the package cannot be paused now"),
    "packages.not_paused": N_("the package is not paused"),
    "packages.not_refundable": N_("nothing is handed back for the package"),
    "programme.story_nothing_bought": N_("there is no purchase to return"),
    "programme.story_too_long": N_("the stories take too long; let less time pass, or fewer things happen"),
}
_REFUSED_OTHERWISE = N_("it is refused (%(code)s)")


def example_message(failure: ExampleFailure, programme: Programme, *, locale: str) -> str:
    """What an example of the document expected and what came; of a story also after which step."""
    locale = i18n.known(locale)
    place = i18n.number(failure.place + 1, locale)
    if failure.step is None:
        where = i18n.text(locale, "Example %(place)s", place=place)
    else:
        step = i18n.number(failure.step + 1, locale)
        where = i18n.text(locale, "Story in example %(place)s, step %(step)s", place=place, step=step)
    if failure.refused:
        sentence = _REFUSED.get(failure.refused, _REFUSED_OTHERWISE)
        why = i18n.text(locale, sentence) % {"problem": failure.problem, "code": failure.refused}
        if wanted := failure.expected.get("refused"):
            said = N_("%(where)s should be refused with “%(wanted)s”, but %(why)s.")
            return i18n.text(locale, said, where=where, wanted=wanted, why=why)
        return i18n.text(locale, "%(where)s cannot happen: %(why)s.", where=where, why=why)
    if failure.problem:
        return i18n.text(locale, "%(where)s cannot run: %(problem)s.", where=where, problem=failure.problem)
    if wanted := failure.expected.get("refused"):
        said = N_("%(where)s should be refused with “%(wanted)s”, but it happens.")
        return i18n.text(locale, said, where=where, wanted=wanted)
    return i18n.text(
        locale,
        "%(where)s expects %(expected)s, but the rules give %(got)s.",
        where=where,
        expected=_amounts(failure.expected, programme, locale),
        got=_amounts({key: failure.got.get(key, 0) for key in failure.expected}, programme, locale),
    )


def example_problems(
    failures: Iterable[ExampleFailure], programme: Programme, code: str, *, locale: str
) -> list[dict[str, Any]]:
    """Every example that failed as code, path, line, column and message."""
    placed, found = Placed(programme.source), []
    for failure in failures:
        line, column = placed.place(failure.path)
        message = example_message(failure, programme, locale=locale)
        path = ".".join(str(part) for part in failure.path)
        found.append({"code": code, "path": path, "line": line, "column": column, "message": message})
    return found


_PARTS: dict[str, str] = {
    "stamps": N_("%(n)s stamps for “%(name)s”"),
    "cards": N_("%(n)s stamps on “%(name)s”"),
    "vouchers": N_("%(n)s × voucher “%(name)s”"),
    "balances": N_("a balance of %(n)s %(name)s"),
    "owed": N_("%(n)s %(name)s owed"),
    "pending": N_("%(n)s %(name)s pending"),
    "expired": N_("%(n)s %(name)s expired"),
    "units": N_("%(n)s %(name)s left"),
    "units_ended": N_("%(n)s %(name)s ended"),
}


def _amounts(amounts: Mapping[str, Any], programme: Programme, locale: str) -> str:
    """What was expected, or what came, as a list in words."""
    told: list[str] = []
    for key, value in amounts.items():
        if key == "tier":
            level = programme.by_level.get(value)
            name = level.name.text(locale) if level else "–"
            told.append(i18n.text(locale, "the tier “%(name)s”", name=name))
        elif key == "pay":
            money = i18n.money(value, programme.currency, locale)
            told.append(i18n.text(locale, "%(money)s to pay", money=money))
        elif key == "handed_back":
            money = i18n.money(value, programme.currency, locale)
            told.append(i18n.text(locale, "%(money)s handed back", money=money))
        elif isinstance(value, Mapping):
            for of, n in value.items():
                name = _name(key, of, programme, locale)
                told.append(i18n.text(locale, _PARTS[key], n=i18n.number(n, locale), name=name))
        elif key in _PARTS:
            told.append(i18n.number(0, locale))
        else:
            told.append(f"{i18n.number(value, locale)} {_name('', key, programme, locale)}")
    return ", ".join(told)


def _name(key: str, of: str, programme: Programme, locale: str) -> str:
    """What members call a wallet, a card or a reward."""
    if key in ("stamps", "cards"):
        return programme.by_card[of].name.text(locale)
    if key == "vouchers":
        return programme.rewards[of].name.text(locale)
    if key in ("units", "units_ended"):
        return next(p.unit_name(of, locale) for p in programme.packages.values() if of in p.units)
    return programme.wallets[of].name.text(locale) if of in programme.wallets else of
