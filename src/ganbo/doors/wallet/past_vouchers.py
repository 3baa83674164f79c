"""Vouchers in the history: got, used, back again, ended. Those that points or a full card brought have their line already."""

from collections.abc import Iterator
from uuid import UUID

from django.utils.translation import gettext as _

from ganbo.doors.wallet import shown
from ganbo.doors.wallet.past_rows import HistoryRow
from ganbo.engine import aiming
from ganbo.engine.programme import Programme
from ganbo.features.programmes import aim_sentences
from ganbo.features.programmes.sentences.said import Speaker
from ganbo.features.rewards import queries as rewards
from ganbo.features.rewards.queries import PastUse, VoucherRow
from ganbo.foundation import clock, i18n

OWN_LINE = ("redemption", "card")  # sources whose vouchers came with the line of the points or stamps they took


def rows(member: UUID, programme: Programme, *, locale: str, most: int) -> Iterator[HistoryRow]:
    """One line for each thing that happened to each voucher of a member."""
    vouchers = rewards.vouchers_of(member, most=most)
    uses: dict[UUID, list[PastUse]] = {}
    for use in rewards.past_uses([voucher.id for voucher in vouchers]):
        uses.setdefault(use.voucher_id, []).append(use)
    for voucher in vouchers:
        yield from _of(voucher, uses.get(voucher.id, []), programme, locale)


def _of(row: VoucherRow, uses: list[PastUse], programme: Programme, locale: str) -> Iterator[HistoryRow]:
    reward, zone = programme.rewards.get(row.reward), programme.timezone
    name = _name(row.reward, programme, locale)
    if row.source not in OWN_LINE:
        was = _name(row.chosen_from, programme, locale) if row.chosen_from else name
        yield HistoryRow(row.created_at.astimezone(zone), was, "", given(row, programme, locale), vouchers=1)
    if row.chosen_at is not None:
        yield HistoryRow(
            row.chosen_at.astimezone(zone),
            _("Chosen: %(name)s") % {"name": name},
            "",
            _of_choice(row, programme, locale),
        )
    for use in uses:
        yield HistoryRow(
            use.at.astimezone(zone),
            _("Used: %(name)s") % {"name": name},
            "",
            _used(row, use, programme, locale),
            vouchers=-1,
        )
        if use.ended_at is not None:
            why = _("The order it was used on was returned or not paid, so you can use it again.")
            yield HistoryRow(
                use.ended_at.astimezone(zone), _("Yours again: %(name)s") % {"name": name}, "", why, vouchers=1
            )
    if row.state == "issued" and row.uses_left and row.expires_at is not None and row.expires_at <= clock.now():
        day = i18n.day(shown.last_day(row.expires_at, programme), locale)
        open_choice = reward is not None and reward.choose
        why = _("It could be chosen from until %(day)s.") if open_choice else _("It could be used until %(day)s.")
        why %= {"day": day}
        yield HistoryRow(row.expires_at.astimezone(zone), _("Ended: %(name)s") % {"name": name}, "", why, vouchers=-1)


def _name(reward: str, programme: Programme, locale: str) -> str:
    found = programme.rewards.get(reward)
    return (found.name.text(locale) if found else "") or reward


def _of_choice(row: VoucherRow, programme: Programme, locale: str) -> str:
    return _("You picked it from: %(choice)s.") % {"choice": _name(row.chosen_from, programme, locale)}


def _used(row: VoucherRow, use: PastUse, programme: Programme, locale: str) -> str:
    if use.amount:
        amount = i18n.money(use.amount, programme.currency, locale)
        return _("%(amount)s of it paid for a purchase.") % {"amount": amount}
    return _("You used this gift at the till.")


def given(row: VoucherRow, programme: Programme, locale: str) -> str:
    """Why somebody has this voucher."""
    rule = programme.by_rule.get(row.rule)
    if row.source == "rule" and rule is not None:
        said = rule.name.text(locale) or rule.id
        return _("A voucher for: %(rule)s. Its code is under Gifts.") % {"rule": said}
    if row.source == "tier":
        id = row.rule.partition(":")[2]
        level = programme.by_level.get(id)
        said = (level.name.text(locale) if level else "") or id
        return _("A voucher that comes with the tier %(tier)s. Its code is under Gifts.") % {"tier": said}
    if aiming.is_aim(row.rule):
        name = aim_sentences.name(row.rule, Speaker(programme, locale))
        return _("A voucher for: %(rule)s. Its code is under Gifts.") % {"rule": name}
    return _("A voucher from the shop. Its code is under Gifts.")
