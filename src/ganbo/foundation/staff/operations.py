"""Staff accounts and what they may do where."""

from ganbo.foundation.staff import models


def ensure(email: str, *, name: str, business_id: int, role: str, password: str) -> bool:
    """An account with this role in this business; an existing account keeps its password. True when it was made."""
    user = models.User.objects.filter(email=email.lower()).first()
    made = user is None
    if user is None:
        user = models.User.objects.create_user(email, password, name=name)
    models.Membership.objects.update_or_create(user=user, business_id=business_id, defaults={"role": role})
    return made


def set_password(email: str, password: str) -> None:
    """A new password for an account."""
    user = models.User.objects.get(email=email.lower())
    user.set_password(password)
    user.save(update_fields=["password"])


def set_password_unless(email: str, password: str) -> None:
    """Make sure the account opens with `password`; unchanged when it already does."""
    user = models.User.objects.get(email=email.lower())
    if not user.check_password(password):
        user.set_password(password)
        user.save(update_fields=["password"])
