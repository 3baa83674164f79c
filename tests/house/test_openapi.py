"""The committed description of the API is what the API describes."""

from tests.house import source


def test_openapi_json_is_up_to_date() -> None:
    import importlib.util

    spec = importlib.util.spec_from_file_location("ganbo_openapi", source.ROOT / "scripts" / "openapi.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    committed = module.TARGET.read_text(encoding="utf-8")
    assert committed == module.described(), "run .venv/bin/python scripts/openapi.py and commit the result"
