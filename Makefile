# The whole of Ringback from a checkout: `make run` to see it, `make test` to trust it.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/ready
QUICK := tests/unit tests/contract tests/architecture
COMPILE := $(BIN)/uv pip compile pyproject.toml --quiet --universal --python-version 3.11 --generate-hashes \
	--no-header --no-config --no-emit-index-url --no-emit-find-links

.PHONY: help setup run test check lint bench faults docs clean contracts migration lock

help: ## what can be made
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /\1\t/' | expand -t 12

setup: $(READY) ## a virtual environment with everything, from the pinned lock file

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed" if sys.version_info < (3, 11) else 0)'
	@$(PYTHON) -c 'import ensurepip, venv' || { echo "Python's venv is missing; on Debian or Ubuntu: apt install python3-venv"; exit 1; }
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps -e .
	touch $@

run: setup ## start everything in one process with a demo centre (options in ARGS, e.g. ARGS="--port 9000 --fresh")
	$(BIN)/ringback dev $(ARGS)

test: setup ## every test, on two processes (each with a database server and a broker of its own)
	$(BIN)/python -m pytest --numprocesses 2 --dist loadscope --no-loadscope-reorder $(ARGS)

check: lint ## what must hold before a commit: lint, plus the tests that need no broker
	$(BIN)/python -m pytest $(QUICK)

lint: setup ## format, lint, types, import rules
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: setup ## measure against a floor; the last table is in docs/benchmarks.md
	$(BIN)/python -m tests.bench

faults: setup ## kill, freeze, cut off and fill up real processes under load, one at a time; 20 minutes at most
	$(BIN)/python -m pytest tests/faults -m faults -v --durations=0 --session-timeout=1200 $(ARGS)

docs: setup ## build the guide into build/docs; broken links fail
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet

contracts: setup ## write the event schemas, docs/asyncapi.json and docs/openapi/ anew
	$(BIN)/python -m deploy.contracts $(ARGS)

migration: setup ## write the next migration from the tables: make migration SERVICE=roster MESSAGE="shift swaps"
	$(BIN)/python -W ignore -m deploy.revise "$(SERVICE)" "$(MESSAGE)"

lock: setup ## resolve the lock files anew from pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	$(COMPILE) --extra dev --output-file requirements.lock
	$(COMPILE) --constraint requirements.lock --output-file requirements-runtime.lock

clean: ## remove the virtual environment and caches (development data in .ringback stay)
	rm -rf $(VENV) .run build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
