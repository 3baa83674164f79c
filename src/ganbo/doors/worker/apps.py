from django.apps import AppConfig


class Config(AppConfig):
    name = "ganbo.doors.worker"
    label = "door_worker"
