"""Points on a bill as sentences: on the answer of a sale and on a quote."""

from ganbo.engine.paying import Payment
from ganbo.engine.programme import Programme
from ganbo.features.programmes.why import you
from ganbo.foundation import i18n


def because(payment: Payment | None, programme: Programme, *, locale: str, address: str | None) -> list[str]:
    """What points gave to a bill; nothing when they gave nothing."""
    if payment is None:
        return []
    locale = i18n.known(locale)
    name = programme.wallets[payment.wallet].name.text(locale)
    words = {
        "you": you(locale, address),
        "money": i18n.money(payment.money, programme.currency, locale),
        "points": f"{i18n.number(payment.units, locale)} {name}",
    }
    if payment.discount:
        said = [i18n.text(locale, "%(you)s used %(points)s: %(money)s off the price.", **words)]
    else:
        said = [i18n.text(locale, "%(you)s paid %(money)s with %(points)s.", **words)]
    if payment.others:
        lent = f"{i18n.number(payment.others, locale)} {name}"
        said.append(i18n.text(locale, "%(points)s of them were others' of your household.", points=lent))
    return said
