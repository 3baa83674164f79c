"""How a page counts one wallet: in the business's word for its points, or in money."""

from dataclasses import dataclass

from ganbo.engine.programme import Programme
from ganbo.foundation import i18n


@dataclass(frozen=True, slots=True)
class Unit:
    """`word` beside a number; with `currency` the number is minor units of it and stands as money."""

    word: str
    currency: str = ""

    def said(self, amount: int, locale: str) -> str:
        """60 điểm; 50.000 ₫."""
        if self.currency:
            return i18n.money(amount, self.currency, locale).replace(" ", "\u00a0")
        return f"{i18n.number(amount, locale)} {self.counted(amount, locale)}"

    def counted(self, amount: int, locale: str) -> str:
        """The word after this number; in English without its plural s after one."""
        return self.word.removesuffix("s") if locale == "en" and abs(amount) == 1 else self.word


def of_wallet(programme: Programme, wallet: str, locale: str) -> Unit:
    """The unit of a wallet; its id when the programme no longer has it."""
    found = programme.wallets.get(wallet)
    if found is None:
        return Unit(wallet)
    return Unit(found.name.text(locale) or wallet, programme.currency if found.money else "")
