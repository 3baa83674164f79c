# The single entry point. Bare `make` lists what there is.
.DEFAULT_GOAL := help
BIN := .venv/bin
PYTEST := $(BIN)/python -m pytest -q -n 2 --dist loadfile --no-loadscope-reorder
RUN := $(BIN)/python -m
unexport PYTHONDONTWRITEBYTECODE  # a start of ganbo costs half when its modules are compiled once
PURE := GANBO_DATABASE_URL=postgresql://nobody@localhost/none GANBO_SECRET_KEY=no-secret-is-needed-to-check-types-and-words

.PHONY: help setup setup-test system demo test check fix bench torture torture-long properties fuzz e2e css messages reference lock test-pg15

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: ## make .venv with what ganbo needs to run
	@sh scripts/setup.sh demo

setup-test: ## make .venv with what the tests need too
	@sh scripts/setup.sh test
	@sh scripts/system.sh

demo: setup ## the main job: a café chain with a year of history, on http://127.0.0.1:8000
	@$(BIN)/ganbo demo $(ARGS)

test: setup-test ## all tests but the long ones
	@$(PYTEST) tests src; status=$$?; sh scripts/skipped.sh; exit $$status

check: setup-test ## format, lint, types, house rules, migrations, catalogues
	@$(BIN)/ruff format --check src tests scripts
	@$(BIN)/ruff check src tests scripts
	@$(PURE) $(BIN)/mypy
	@$(BIN)/lint-imports --no-cache
	@$(BIN)/python scripts/migrations.py
	@$(BIN)/python scripts/messages.py --check
	@PYTHONPATH=src $(BIN)/python scripts/reference.py --check
	@$(RUN) pytest -q -n 0 tests/house

fix: setup-test ## format and mend what can be mended by itself
	@$(BIN)/ruff format src tests scripts
	@$(BIN)/ruff check --fix src tests scripts

bench: setup ## the hot path beside PostgreSQL's own limit
	@$(BIN)/ganbo bench $(ARGS)

torture: setup-test ## kill -9 under load, races: a few minutes
	@TORTURE_ROUNDS=5 $(RUN) pytest -q -n 0 tests/torture tests/cli/test_imports_killed.py

torture-long: setup-test ## the same for longer
	@TORTURE_ROUNDS=60 TORTURE_RACES=1000 TORTURE_HOLDS=10000 $(RUN) pytest -q -n 0 tests/torture tests/cli/test_imports_killed.py

properties: setup-test ## 20,000 refund histories, 5,000 orders of arrival, 10,000 baskets: ten minutes
	@PROPERTIES_SHARE=1 $(PYTEST) tests/journeys/test_refund_properties.py src/ganbo/engine/tests/test_offers_recorded.py

fuzz: setup-test ## random requests from the API's own description
	@$(RUN) pytest -q -n 0 tests/fuzz

e2e: setup-test ## flows in a real browser
	@$(RUN) pytest -q -n 0 tests/e2e

css: ## build the pages' CSS, fonts and icons (needs npm); the results are committed
	@sh assets-src/build.sh

messages: setup-test ## collect and compile the sentences of every room
	@$(BIN)/python scripts/messages.py

reference: setup-test ## fill the programme's reference from its shapes
	@PYTHONPATH=src $(BIN)/python scripts/reference.py
	@PYTHONPATH=src $(BIN)/python scripts/export_reference.py

lock: setup-test ## renew the lock files
	@$(BIN)/uv pip compile --generate-hashes --no-emit-index-url --no-emit-find-links --no-header -q pyproject.toml --group build -o requirements.lock
	@$(BIN)/uv pip compile --generate-hashes --no-emit-index-url --no-emit-find-links --no-header -q pyproject.toml --group build --group dev -o requirements-dev.lock

test-pg15: setup-test ## the tests on Debian's PostgreSQL 15, the oldest supported
	@sh scripts/test-pg15.sh
