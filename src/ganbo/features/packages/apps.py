from django.apps import AppConfig


class Config(AppConfig):
    name = "ganbo.features.packages"
    label = "packages"
