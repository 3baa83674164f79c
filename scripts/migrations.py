"""No model differs from its migrations; needs no database."""

import os
import sys

os.environ.setdefault("GANBO_DATABASE_URL", "postgresql://nobody@localhost/none")
os.environ.setdefault("GANBO_SECRET_KEY", "no secret is needed to compare models and migrations")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ganbo.settings")


def main() -> int:
    """0 when nothing is missing."""
    import django
    from django.apps import apps
    from django.db.migrations.autodetector import MigrationAutodetector
    from django.db.migrations.loader import MigrationLoader
    from django.db.migrations.state import ProjectState
    from django.utils import translation

    django.setup()
    translation.deactivate_all()
    loader = MigrationLoader(None)
    detector = MigrationAutodetector(loader.project_state(), ProjectState.from_apps(apps))
    changes = detector.changes(graph=loader.graph)
    ours = {label for label in changes if apps.get_app_config(label).name.startswith("ganbo.")}
    for label in sorted(ours):
        print(f"{label}: models and migrations differ; run makemigrations", file=sys.stderr)
    return 1 if ours else 0


if __name__ == "__main__":
    sys.exit(main())
