from django.apps import AppConfig


class Config(AppConfig):
    name = "ganbo.books.ledger"
    label = "ledger"
