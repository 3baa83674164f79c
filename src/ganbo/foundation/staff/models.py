from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.contrib.postgres.fields import ArrayField
from django.db import models


class Users(BaseUserManager["User"]):
    """Creates staff accounts; the e-mail is the name one signs in with."""

    def create_user(self, email: str, password: str | None = None, **fields: object) -> "User":
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email=(username or "").lower())


class User(AbstractBaseUser, PermissionsMixin):
    """A person who works for one or more businesses."""

    email = models.EmailField(unique=True)
    name = models.CharField(max_length=120, blank=True)
    locale = models.CharField(max_length=5, default="vi")
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: list[str] = []
    objects = Users()

    class Meta:
        db_table = "staff_user"

    def __str__(self) -> str:
        return self.email

    def get_full_name(self) -> str:
        return self.name or self.email


class Role(models.TextChoices):
    OWNER = "owner"
    MANAGER = "manager"
    MARKETER = "marketer"
    CASHIER = "cashier"
    CARE = "care"
    ANALYST = "analyst"
    AUDITOR = "auditor"


class Membership(models.Model):
    """What one person may do in one business; an empty list of stores means all."""

    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    business = models.ForeignKey("tenancy.Business", models.CASCADE, related_name="+")
    role = models.CharField(max_length=12, choices=Role.choices)
    stores = ArrayField(models.CharField(max_length=64), default=list, blank=True)

    class Meta:
        db_table = "staff_membership"
        constraints = [
            models.UniqueConstraint(fields=["user", "business"], name="one_role_per_person_and_business"),
        ]


class ApiKey(models.Model):
    """A key to one business's API; only its SHA-256 is kept."""

    id = models.UUIDField(primary_key=True)
    business = models.ForeignKey("tenancy.Business", models.CASCADE, related_name="+")
    name = models.CharField(max_length=80)
    prefix = models.CharField(max_length=12)
    digest = models.BinaryField(max_length=32, unique=True)
    scopes = ArrayField(models.CharField(max_length=24))
    test = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "staff_api_key"
