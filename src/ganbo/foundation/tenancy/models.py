from django.db import models
from django_tenants.models import DomainMixin, TenantMixin


class Business(TenantMixin):
    """One business: a schema of its own. Programme, members and books live there."""

    auto_create_schema = False
    auto_drop_schema = False

    slug = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=120)
    locale = models.CharField(max_length=5, default="vi")
    country = models.CharField(max_length=2, default="VN")
    accent = models.CharField(max_length=7, default="#0B6B5A")
    sandbox = models.BooleanField(default=False)
    live = models.BooleanField(default=False)  # its schema is complete
    created_at = models.DateTimeField()

    class Meta:
        db_table = "tenancy_business"

    def __str__(self) -> str:
        return self.name


class Domain(DomainMixin):
    """A host name that leads to one business."""

    class Meta:
        db_table = "tenancy_domain"
