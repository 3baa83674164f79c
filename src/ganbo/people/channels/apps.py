from django.apps import AppConfig


class Config(AppConfig):
    name = "ganbo.people.channels"
    label = "channels"
