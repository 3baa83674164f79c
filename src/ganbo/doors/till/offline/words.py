"""What the till says without a network: the band on every page, and the sentences of the page's script."""

from hashlib import sha256
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

import ganbo
from ganbo.doors.till import saying
from ganbo.doors.till.counter import Counter
from ganbo.features.offline import queries as told
from ganbo.foundation import i18n

MANAGE = ("owner", "manager")


def band(at: Counter) -> dict[str, Any]:
    """What every page of the till needs for the time without a network."""
    here = (
        f"{get_language()}|{at.staff.actor}|{at.store.id if at.store else ''}|{at.programme.digest}|{ganbo.__version__}"
    )
    limit, said = at.programme.offline_up_to, _("No network: sales still earn.")
    if limit:
        most = i18n.money(limit, at.currency, saying.locale()).replace(" ", "\u00a0")
        said += " " + _("Gifts up to %(money)s a customer.") % {"money": most}
    return {
        "version": sha256(here.encode()).hexdigest()[:16],
        "said": said,
        "conflicts": told.unseen(stores=at.staff.stores) if at.staff.role in MANAGE else 0,
    }


def words() -> dict[str, str]:
    """What the page's script says; it fills in the names."""
    return {
        "unknown": _("This till does not know them yet: the points arrive once the network is back, a new number gets a card."),
        "without": _("A sale without a member"),
        "other_till": _("Gifts without a network are given to this customer at another till today."),
        "no_gifts": _("Gifts wait for the network."),
        "over": _("%(gift)s is above what is given without a network: %(left)s are left today."),
        "few": _("%(missing)s more"),
        "estimate": _("About %(points)s, once the network is back."),
        "sold": _("Noted: %(paid)s. The points arrive once we’re back."),
        "sold_to": _("Noted for %(name)s: %(paid)s. The points arrive once we’re back."),
        "gave": _("Hand over: %(gift)s. %(points)s will be taken."),
        "amount": _("Type the total in digits, like 110.000; 110 is enough for it, too."),
        "whole": _("Without a network type the whole phone number, or scan the card."),
        "voucher": _("Vouchers, card money and points on the bill need the network. This is the bill without them."),
        "unsure": _("Nobody knows yet whether that arrived. Look at the last sales when the network is back, before pressing again."),
        "signed_out": _("Whom this till knew was wiped. To sign out for good, wait for the network."),
        "back": _("The network is back."),
        "sign_in": _("Sign in again, so that what waits can be sent."),
        "nobody": _("Nobody is signed in on this till. Selling begins when the network is back."),
        "no_member": _("Without a member"),
        "somebody": _("The same customer"),
    }  # fmt: skip
