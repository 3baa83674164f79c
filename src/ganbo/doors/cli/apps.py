from django.apps import AppConfig


class Config(AppConfig):
    name = "ganbo.doors.cli"
    label = "door_cli"
