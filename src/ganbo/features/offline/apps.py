from django.apps import AppConfig


class Config(AppConfig):
    name = "ganbo.features.offline"
    label = "offline"
