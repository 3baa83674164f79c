from django.apps import AppConfig


class Config(AppConfig):
    name = "ganbo.features.programmes"
    label = "programmes"
