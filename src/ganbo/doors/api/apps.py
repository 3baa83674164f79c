from django.apps import AppConfig


class Config(AppConfig):
    name = "ganbo.doors.api"
    label = "door_api"
