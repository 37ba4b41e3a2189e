# Two commands do everything on a fresh machine with Python 3.11 or newer: `make demo` and `make test`.
PYTHON ?= python3
BIN := .venv/bin
RUN := $(BIN)/python -m

.PHONY: help setup browser java demo check test test-all test-spark fuzz validate docs lock bench-setup clean
help:
	@echo "make demo      set up, fill a throw-away home with a made runner, print the verdict"
	@echo "make test      set up and run the tests"
	@echo "make test-all  the slow ones too, then those on a real Spark, which it brings"
	@echo "make fuzz      fuzz every reader, SECONDS=60 each; goes on where it was"
	@echo "make test-spark  those on a real Spark alone"
	@echo "make check     lint, format, types, layers"
	@echo "make validate  measure the model on real diaries, if they are there"
	@echo "make docs      write the generated pages anew"
	@echo "make setup     .venv with the freshlegs command in it"
	@echo "make lock      pin the dependencies anew"

.venv/core: requirements.lock pyproject.toml hatch_build.py src/freshlegs/steps/steps.c
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Freshlegs needs Python 3.11 or newer; set PYTHON=/path/to/python3.11" >&2; exit 3; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(RUN) pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(RUN) pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

.venv/dev: .venv/core requirements-dev.lock
	$(RUN) pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@

.venv/bench: .venv/dev requirements-bench.lock
	$(RUN) pip install --quiet --disable-pip-version-check --require-hashes -r requirements-bench.lock
	@touch $@

.venv/spark: .venv/dev requirements-spark.lock
	$(RUN) pip install --quiet --disable-pip-version-check --require-hashes -r requirements-spark.lock
	@touch $@

setup: .venv/dev

demo: .venv/core
	$(BIN)/freshlegs demo --no-serve

check: .venv/dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# The tests of the pages look through a real browser; without one they are skipped, and say so.
browser:
	@command -v chromium >/dev/null || command -v chromium-browser >/dev/null || test -n "$$FRESHLEGS_BROWSER" || { \
	  if test "$$(id -u)" = 0 && command -v apt-get >/dev/null; then \
	    { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium; } >/dev/null 2>&1 \
	      || echo "Chromium could not be installed: the tests in a browser are skipped" >&2; \
	  else echo "No Chromium: the tests in a browser are skipped; apt-get install chromium brings it" >&2; fi; }

# The tests of Spark need a Java; without one they are skipped, and say so.
java:
	@command -v java >/dev/null || { \
	  if test "$$(id -u)" = 0 && command -v apt-get >/dev/null; then \
	    { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq default-jre-headless procps; } >/dev/null 2>&1 \
	      || echo "Java could not be installed: the tests of Spark are skipped" >&2; \
	  else echo "No Java: the tests of Spark are skipped; apt-get install default-jre-headless brings it" >&2; fi; }

test: .venv/dev browser
	$(RUN) pytest -m "not slow" -n auto

# The tests of Spark come after the others, which so are run where no PySpark need be; both tell what failed.
test-all: .venv/dev browser
	@failed=0; \
	$(RUN) pytest -n auto --ignore=$(SPARK_TESTS) || failed=1; \
	$(MAKE) test-spark || failed=1; \
	exit $$failed

# Two executors beside each other: in a run of its own.
SPARK_TESTS := tests/conformance/test_batch_spark.py
test-spark: .venv/spark java
	$(RUN) pytest -n 0 $(SPARK_TESTS)

SECONDS ?= 60
fuzz: .venv/dev
	$(RUN) fuzz --seconds $(SECONDS) $(KINDS)

validate: .venv/dev
	$(RUN) validation

docs: .venv/dev
	$(RUN) freshlegs.cli.reference
	$(RUN) validation --card

bench-setup: .venv/bench

# Pins stay as they are unless `make lock UPGRADE=--upgrade`.
UPGRADE ?=
PIN := uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate $(UPGRADE)
lock: .venv/dev
	$(BIN)/$(PIN) --extra build --extra web --extra pdf pyproject.toml -o requirements.lock
	$(BIN)/$(PIN) --extra dev --extra web --extra pdf --extra sync -c requirements.lock pyproject.toml -o requirements-dev.lock
	$(BIN)/$(PIN) --extra bench -c requirements-dev.lock pyproject.toml -o requirements-bench.lock
	$(BIN)/$(PIN) --extra spark -c requirements-dev.lock pyproject.toml -o requirements-spark.lock

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis dist
