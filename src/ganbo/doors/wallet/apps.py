from django.apps import AppConfig


class Config(AppConfig):
    name = "ganbo.doors.wallet"
    label = "door_wallet"
