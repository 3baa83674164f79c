"""A return as sentences a cashier can read aloud: the money first, what was taken back, what is left."""

from collections.abc import Mapping, Sequence
from typing import Any

from ganbo.engine.programme import Programme
from ganbo.features.programmes import pot_sentences
from ganbo.features.programmes.why import you
from ganbo.foundation import i18n


def because(told: Mapping[str, Any], programme: Programme, *, locale: str, address: str | None) -> list[str]:
    """What a return did. `told`: money, points, stamps, vouchers, left, owed, see journeys/refund_answers.py."""
    locale = i18n.known(locale)
    if told["status"] == "parked":
        return [
            i18n.text(locale, "Its sale has not come yet; the return is kept and counts as soon as the sale is there.")
        ]
    if told["status"] == "nothing":
        return [i18n.text(locale, "Everything of this sale had been returned already; nothing changed.")]
    if told.get("topup"):
        return pot_sentences.undone(told["money"], told["points"], programme, locale=locale)
    paid = i18n.money(abs(told["money"]), programme.currency, locale)
    if told["status"] == "undone":
        sentences = [i18n.text(locale, "The return of %(money)s does not count any more.", money=paid)]
    else:
        sentences = [i18n.text(locale, "%(money)s refunded.", money=paid)]
    if told["status"] == "no_member":
        return [*sentences, i18n.text(locale, "The sale belongs to no member, so there is nothing to take back.")]
    sentences += pot_sentences.card_back(told.get("card", {}), programme, locale=locale)
    return [*sentences, *_moved(told, programme, locale, address), *_owed(told, programme, locale, address)]


def _moved(told: Mapping[str, Any], programme: Programme, locale: str, address: str | None) -> list[str]:
    taken, back = _things(told, programme, locale, 1), _things(told, programme, locale, -1)
    left = [_count(amount, programme.wallets[w].name.text(locale), locale) for w, amount in told["left"].items()]
    words = {"you": you(locale, address).lower(), "left": _and(left, locale)}
    sentences = []
    if taken and left:
        words["things"] = taken
        sentences.append(i18n.text(locale, "%(things)s of this sale taken back; %(you)s now have %(left)s.", **words))
    elif taken:
        sentences.append(i18n.text(locale, "%(things)s of this sale taken back.", things=taken))
    if back:
        sentences.append(i18n.text(locale, "%(things)s of this sale given back.", things=back))
    sentences += _paid(told, programme, locale)
    if not sentences:
        sentences.append(i18n.text(locale, "Nothing of what it earned was taken back."))
    return sentences


def _paid(told: Mapping[str, Any], programme: Programme, locale: str) -> list[str]:
    """Points that paid for the sale and came back, or pay for it again."""
    found = []
    for wallet, amount in told.get("paid", {}).items():
        things = _count(abs(amount), programme.wallets[wallet].name.text(locale), locale)
        if amount > 0:
            found.append(i18n.text(locale, "%(things)s that paid for it came back.", things=things))
        elif amount < 0:
            found.append(i18n.text(locale, "%(things)s paid for it again.", things=things))
    return found


def _things(told: Mapping[str, Any], programme: Programme, locale: str, sign: int) -> str:
    """8 points, 1 stamp and 1 voucher: what was taken (sign 1) or given (−1)."""
    points = [(programme.wallets[w].name.text(locale), n * sign) for w, n in told["points"].items()]
    stamps = [(i18n.text(locale, "stamps"), sum(told["stamps"].values()) * sign)]
    vouchers = [(i18n.text(locale, "vouchers"), told["vouchers"] * sign)]
    return _and([_count(n, name, locale) for name, n in points + stamps + vouchers if n > 0], locale)


def _owed(told: Mapping[str, Any], programme: Programme, locale: str, address: str | None) -> list[str]:
    points = [_count(n, programme.wallets[w].name.text(locale), locale) for w, n in told["owed"].items()]
    if told["stamps_owed"]:
        points.append(_count(told["stamps_owed"], i18n.text(locale, "stamps"), locale))
    if not points:
        return []
    words = {"you": you(locale, address), "things": _and(points, locale)}
    return [i18n.text(locale, "%(you)s owe %(things)s; they come off what is earned next.", **words)]


def _count(amount: int, name: str, locale: str) -> str:
    name = name.removesuffix("s") if amount == 1 and locale == "en" else name
    return f"{i18n.number(amount, locale)} {name}"


def _and(parts: Sequence[str], locale: str) -> str:
    """a, b and c."""
    if len(parts) < 2:
        return "".join(parts)
    return i18n.text(locale, "%(some)s and %(last)s", some=", ".join(parts[:-1]), last=parts[-1])
