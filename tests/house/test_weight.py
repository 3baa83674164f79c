"""What serves the till and the API stays light: libraries that count are loaded by who counts."""

import os
import subprocess
import sys

HEAVY = ("duckdb", "ibis", "numpy", "pandas", "polars", "pyarrow", "pyspark", "scipy", "sqlglot")
SERVES = f"""
import sys
import django
django.setup()
import ganbo.urls, ganbo.doors.api.intake, ganbo.doors.api.bulk, ganbo.doors.worker.tasks
print(" ".join(name for name in {HEAVY!r} if name in sys.modules))
"""


def test_serving_loads_nothing_that_counts() -> None:
    """Each web process held 170 MiB more, and each command began a second later."""
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "ganbo.settings",
        "GANBO_DATABASE_URL": "postgresql://nobody@localhost/none",
        "GANBO_SECRET_KEY": "no-secret-is-needed-to-see-what-is-loaded",
    }
    done = subprocess.run([sys.executable, "-c", SERVES], capture_output=True, text=True, env=environment, check=False)
    assert (done.returncode, done.stdout.strip()) == (0, ""), done.stderr
