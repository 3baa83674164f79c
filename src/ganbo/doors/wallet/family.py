"""The household in the wallet: what it holds, who is in it, who is invited; found, join, leave and hand over."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from ganbo.doors.ui import units
from ganbo.doors.wallet import shown
from ganbo.doors.wallet.sign_in import members_only
from ganbo.engine.accounts import OWNER
from ganbo.engine.programme import Programme
from ganbo.features.households import queries
from ganbo.features.households.queries import HouseholdRow
from ganbo.features.programmes import queries as programmes
from ganbo.features.programmes.sentences import together
from ganbo.features.programmes.sentences.said import Speaker
from ganbo.foundation import clock, i18n
from ganbo.foundation.tenancy import context
from ganbo.journeys import holdings, households
from ganbo.kernel.refusal import Refusal
from ganbo.people.members import contacts
from ganbo.people.members import queries as members
from ganbo.people.members.queries import MemberRow


@dataclass(frozen=True, slots=True)
class PersonShown:
    """Somebody of the household: what they are in it and what is their own of what it holds."""

    id: UUID
    name: str
    role: str
    word: str
    own: str
    me: bool
    others: tuple[tuple[str, str], ...]  # roles the owner can give them: what is sent, what it says


@dataclass(frozen=True, slots=True)
class AskedShown:
    """An invitation: of whom or by whom, and its last day."""

    id: UUID
    household: UUID
    name: str
    word: str
    last_on: date


def _role(role: str) -> str:
    return {"owner": _("owner"), "adult": _("adult"), "child": _("child")}[role]


def _name(row: MemberRow | None, locale: str) -> str:
    return shown.called(row, locale) if row and row.name else _("a member")


@require_safe
@members_only
def family(request: HttpRequest) -> HttpResponse:
    """The household's page; what households are when the member is in none."""
    member: MemberRow = request.member  # type: ignore[attr-defined]
    now, locale = clock.now(), i18n.known(translation.get_language())
    programme = programmes.in_force_at(context.current().schema, now).programme
    if programme.accounts is None:
        raise Http404
    row = queries.of_member(member.id, at=now)
    page = {
        "tab": "me",
        "home": row,
        "people": _people(row, member, programme, locale=locale, now=now) if row else [],
        "totals": _totals(member, programme, locale=locale, now=now) if row else [],
        "owner": row is not None and row.role(member.id) == OWNER,
        "waiting": _waiting(row, programme, now=now) if row else [],
        "invited": _invited(member, programme, locale=locale, now=now),
        "full": row is not None and len(row.people) >= programme.accounts.people,
        "roles": [(role, _role(role)) for role in ("adult", "child")],
        "terms": together.terms(Speaker(programme, locale)),
    }
    return render(request, "wallet/family.html", page)


def _totals(member: MemberRow, programme: Programme, *, locale: str, now: datetime) -> list[tuple[str, bool]]:
    """What the household holds of each kind it spends together, and whether the member may spend it."""
    held = holdings.balances(member.id, list(programme.wallets), at=now)
    return [
        (units.of_wallet(programme, wallet, locale).said(one.together, locale), one.may_spend)
        for wallet, one in held.items()
        if one.together is not None
    ]


def _people(
    row: HouseholdRow, member: MemberRow, programme: Programme, *, locale: str, now: datetime
) -> list[PersonShown]:
    assert programme.accounts is not None
    ids = [one.member_id for one in row.people]
    known = members.by_ids(ids)
    own = {wallet: holdings.available(ids, wallet, at=now) for wallet in sorted(programme.accounts.wallets)}
    changes = {"adult": _("Make them an adult"), "child": _("Make them a child"), "owner": _("Make them the owner")}
    return [
        PersonShown(
            id=one.member_id,
            name=_name(known.get(one.member_id), locale),
            role=one.role,
            word=_role(one.role),
            own=", ".join(
                units.of_wallet(programme, wallet, locale).said(each[one.member_id], locale)
                for wallet, each in own.items()
            ),
            me=one.member_id == member.id,
            others=tuple((role, words) for role, words in changes.items() if role != one.role),
        )
        for one in row.people
    ]


def _waiting(row: HouseholdRow, programme: Programme, *, now: datetime) -> list[AskedShown]:
    """Whom the household has invited: by the end of what was typed, so that nobody learns who is a member."""
    return [
        AskedShown(one.id, row.id, f"••• {one.hint}", _role(one.role), shown.last_day(one.expires_at, programme))
        for one in row.invited
    ]


def _invited(member: MemberRow, programme: Programme, *, locale: str, now: datetime) -> list[AskedShown]:
    """Households that the member is asked to join, by the name of who owns them."""
    found = []
    for one in queries.invitations(member.id, at=now):
        home = queries.get(one.household_id, at=now)
        if home is not None:
            name = _name(members.get(home.people[0].member_id), locale)
            last_on = shown.last_day(one.expires_at, programme)
            found.append(AskedShown(one.id, home.id, name, _role(one.role), last_on))
    return found


@require_POST
@members_only
def do(request: HttpRequest) -> HttpResponse:
    """One thing: what is only the owner's to do is refused to others."""
    member: MemberRow = request.member  # type: ignore[attr-defined]
    work = _DO.get(request.POST.get("do", ""))
    if work is None:
        raise Http404
    try:
        messages.success(request, work(member, request.POST.dict(), clock.now()))
    except Refusal as refusal:
        messages.error(request, _refused(refusal.code))
    except ValueError:
        raise Http404 from None
    return redirect("wallet:family")


def _by(member: MemberRow) -> str:
    return f"member:{member.id}"


def _home(member: MemberRow, now: datetime, *, owner: bool = False) -> UUID:
    """The member's household. Raises HouseholdUnknown; also when only its owner may and the member is not."""
    row = queries.of_member(member.id, at=now)
    if row is None or (owner and row.role(member.id) != OWNER):
        raise households.HouseholdUnknown()
    return row.id


def _found(member: MemberRow, said: Mapping[str, str], now: datetime) -> str:
    households.found(member.id, by=_by(member), now=now)
    return _("Your household is there. Invite the first person.")


def _invite(member: MemberRow, said: Mapping[str, str], now: datetime) -> str:
    """By phone or card number. Whether somebody has it is not told."""
    typed = said.get("contact", "").strip()[:60]
    role = "child" if said.get("role") == "child" else "adult"
    invited = _meant(typed)
    hint = typed.replace(" ", "")[-3:]
    id = _home(member, now, owner=True)
    households.invite(id, invited.id if invited else None, by=_by(member), now=now, role=role, hint=hint)
    return _("If this is a member here, their wallet asks them to join.")


def _meant(typed: str) -> MemberRow | None:
    """Who has this phone or card. Raises BadPhone or BadCard."""
    try:
        return members.by_key("phone", contacts.phone(typed, region=context.current().country))
    except contacts.BadPhone:
        return members.by_key("card", contacts.card(typed))


def _accept(member: MemberRow, said: Mapping[str, str], now: datetime) -> str:
    households.accept(UUID(said.get("household", "")), member.id, by=_by(member), now=now)
    return _("You are in. You spend together from now on.")


def _decline(member: MemberRow, said: Mapping[str, str], now: datetime) -> str:
    households.decline(UUID(said.get("household", "")), member.id, by=_by(member), now=now)
    return _("Declined. Nothing has changed for you.")


def _withdraw(member: MemberRow, said: Mapping[str, str], now: datetime) -> str:
    id = _home(member, now, owner=True)
    households.withdraw(id, UUID(said.get("invitation", "")), by=_by(member), now=now)
    return _("The invitation is taken back.")


def _change(member: MemberRow, said: Mapping[str, str], now: datetime) -> str:
    role = said.get("role", "")
    if role not in ("owner", "adult", "child"):
        raise ValueError(role)
    id = _home(member, now, owner=True)
    households.change_role(id, UUID(said.get("person", "")), role=role, by=_by(member), now=now)
    return _("Changed.")


def _remove(member: MemberRow, said: Mapping[str, str], now: datetime) -> str:
    id = _home(member, now, owner=True)
    households.leave(id, UUID(said.get("person", "")), by=_by(member), now=now)
    return _("They are out, with what they earned.")


def _leave(member: MemberRow, said: Mapping[str, str], now: datetime) -> str:
    households.leave(_home(member, now), member.id, by=_by(member), now=now)
    return _("You have left, with everything you earned and nobody spent.")


def _dissolve(member: MemberRow, said: Mapping[str, str], now: datetime) -> str:
    households.dissolve(_home(member, now, owner=True), by=_by(member), now=now)
    return _("The household is dissolved; everybody has what they earned.")


_DO: dict[str, Callable[[MemberRow, Mapping[str, str], datetime], str]] = {
    "found": _found, "invite": _invite, "accept": _accept, "decline": _decline, "withdraw": _withdraw,
    "change": _change, "remove": _remove, "leave": _leave, "dissolve": _dissolve,
}  # fmt: skip


def _refused(code: str) -> str:
    return {
        "households.in_one_already": _("That person is in a household already; they leave it first."),
        "households.full": _("The household is full; somebody leaves first."),
        "households.too_many_invitations": _("Many were invited today; invite more tomorrow."),
        "households.not_invited": _("This invitation has ended; ask the owner for another."),
        "households.owner_stays": _("Make somebody else the owner first."),
        "members.bad_card": _("Type a phone number or the number of a card."),
    }.get(code, _("This cannot be done now; the page shows how it stands."))
