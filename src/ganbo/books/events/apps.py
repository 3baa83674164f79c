from django.apps import AppConfig


class Config(AppConfig):
    name = "ganbo.books.events"
    label = "events"
