from django.apps import AppConfig


class Config(AppConfig):
    name = "ganbo.features.goals"
    label = "goals"
