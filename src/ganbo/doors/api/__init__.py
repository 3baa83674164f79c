"""The HTTP API: hot calls on a thin ASGI path, everything else on django-ninja."""
