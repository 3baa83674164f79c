from django.apps import AppConfig


class Config(AppConfig):
    name = "ganbo.features.starting"
    label = "starting"
