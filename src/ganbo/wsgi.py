"""Django's WSGI application: everything that is not a hot call."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ganbo.settings")
application = get_wsgi_application()
