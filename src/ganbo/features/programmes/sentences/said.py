"""What every sentence is made of: amounts, names, lists of things, and days."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from django.utils.translation import gettext_noop as N_

from ganbo.engine.programme import Programme
from ganbo.foundation import i18n

_ONE = re.compile(r"(?<![\d.,])1 (years|quarters|months|days|hours|stamps|times)\b")


@dataclass(frozen=True, slots=True)
class Sentence:
    """One part of the programme: its sentence, further ones, and a condition that has no words."""

    text: str
    notes: tuple[str, ...] = ()
    unsaid: str = ""


@dataclass(frozen=True, slots=True)
class Speaker:
    """A programme told in one language."""

    programme: Programme
    locale: str

    def say(self, msgid: str, **params: object) -> str:
        """The sentence for an English msgid; English has one day, not one days."""
        text = i18n.text(self.locale, msgid, **params)
        return _ONE.sub(lambda one: one[0].removesuffix("s"), text) if self.locale == "en" else text

    def number(self, n: int | str) -> str:
        return i18n.number(n, self.locale)

    def money(self, minor: int) -> str:
        return i18n.money(minor, self.programme.currency, self.locale)

    def factor(self, by: Fraction) -> str:
        """1.5 or 1,5; at most four places, as documents have them."""
        return i18n.number(f"{float(by):.4f}".rstrip("0").rstrip("."), self.locale)

    def day(self, iso: str) -> str:
        """A day as people write it; what is no day stays as it stands."""
        try:
            return i18n.day(date.fromisoformat(iso), self.locale)
        except ValueError:
            return iso

    def mark(self, month_day: str) -> str:
        """MM-DD as a day of any year: 30/06, 30 June."""
        day = date(2024, int(month_day[:2]), int(month_day[3:]))
        if self.locale == "vi":
            return f"{day:%d/%m}"
        return i18n.day(day, self.locale).rsplit(" ", 1)[0]

    def unit(self, wallet: str) -> str:
        """What a wallet's units are called."""
        found = self.programme.wallets.get(wallet)
        return (found.name.text(self.locale) if found else "") or wallet

    def points(self, amount: int, wallet: str | None) -> str:
        """An amount of a wallet: 1 point, 10 điểm, 20.000 ₫."""
        found = self.programme.wallets.get(wallet or "")
        if found is not None and found.money:
            return self.say(N_("%(money)s of %(wallet)s"), money=self.money(amount), wallet=self.unit(found.id))
        unit = self.unit(wallet or "")
        return f"{self.number(amount)} {unit.removesuffix('s') if amount == 1 and self.locale == 'en' else unit}"

    def reward(self, id: str) -> str:
        found = self.programme.rewards.get(id)
        return (found.name.text(self.locale) if found else "") or id

    def level(self, id: str) -> str:
        found = self.programme.by_level.get(id)
        return (found.name.text(self.locale) if found else "") or id

    def rule(self, id: str) -> str:
        found = self.programme.by_rule.get(id)
        return (found.name.text(self.locale) if found else "") or id

    def both(self, parts: Sequence[str]) -> str:
        """a, b and c"""
        return self._joined(parts, self.say(N_(" and ")))

    def either(self, parts: Sequence[str]) -> str:
        """a, b or c"""
        return self._joined(parts, self.say(N_(" or ")))

    def _joined(self, parts: Sequence[str], last: str) -> str:
        return last.join([", ".join(parts[:-1]), parts[-1]]) if len(parts) > 1 else "".join(parts)


def sentence(text: str) -> str:
    """With a capital and a full stop."""
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "?", "!")) else ".")
