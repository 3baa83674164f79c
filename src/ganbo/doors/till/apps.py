from django.apps import AppConfig


class Config(AppConfig):
    name = "ganbo.doors.till"
    label = "door_till"
