from django.apps import AppConfig


class Config(AppConfig):
    """An application only so that its sentences are found."""

    name = "ganbo.journeys"
    label = "journeys"
