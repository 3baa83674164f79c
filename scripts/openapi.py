"""Write docs/reference/openapi.json, or with --check say whether it is what the API describes now."""

import os
import sys
from pathlib import Path

TARGET = Path(__file__).resolve().parents[1] / "docs" / "reference" / "openapi.json"


def described() -> str:
    """The API's own description, with sorted keys."""
    import orjson

    from ganbo.doors.api.urls import OPERATIONS, api

    assert OPERATIONS
    schema = api.get_openapi_schema(path_prefix="/api/v1/")
    options = orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS
    return orjson.dumps(schema, option=options).decode() + "\n"


def main() -> int:
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ganbo.settings")
    os.environ.setdefault("GANBO_DATABASE_URL", "postgresql://nobody@localhost/none")
    os.environ.setdefault("GANBO_SECRET_KEY", "no secret is needed to describe the API")
    django.setup()
    text = described()
    if "--check" in sys.argv:
        if TARGET.exists() and TARGET.read_text(encoding="utf-8") == text:
            return 0
        print("docs/reference/openapi.json is not what the API describes; run: .venv/bin/python scripts/openapi.py")
        return 1
    TARGET.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
