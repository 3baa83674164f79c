from django.apps import AppConfig


class Config(AppConfig):
    name = "ganbo.foundation.audit"
    label = "audit"
