"""Staff sign-in: accounts are made by an owner or the command line, never by strangers."""

from collections.abc import Mapping

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

WRONG = _("E-mail and password do not go together. Check both; the owner can set a new password.")
TOO_MANY = _("Too many tries. Wait five minutes, or ask the owner to set a new password.")


class ClosedSignUp(DefaultAccountAdapter):
    """Nobody signs up by themselves; refusals say what to do next."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": WRONG,
        "username_password_mismatch": WRONG,
        "too_many_login_attempts": TOO_MANY,
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False


def name_tried(request: HttpRequest, credentials: Mapping[str, str] | None) -> str:
    """The account a sign-in tries, so that only this account is closed after too many tries."""
    found = (credentials or {}).get("email") or (credentials or {}).get("username") or request.POST.get("login", "")
    return found.strip().lower()[:254]
