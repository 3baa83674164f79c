from django.apps import AppConfig


class Config(AppConfig):
    name = "ganbo.foundation.tenancy"
    label = "tenancy"
