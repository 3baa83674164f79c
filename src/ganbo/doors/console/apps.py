from django.apps import AppConfig


class Config(AppConfig):
    name = "ganbo.doors.console"
    label = "door_console"
