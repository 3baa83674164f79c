from django.apps import AppConfig


class Config(AppConfig):
    name = "ganbo.doors.ui"
    label = "door_ui"
