from django.apps import AppConfig


class Config(AppConfig):
    name = "ganbo.foundation.idempotency"
    label = "idempotency"
