"""The worker process. Started by `ganbo worker`, `ganbo serve` and `ganbo demo`."""

import os


def main() -> None:
    """Work until told to stop."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ganbo.settings")
    django.setup()
    from ganbo.doors.worker import running

    running.run()


if __name__ == "__main__":
    main()
