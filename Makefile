# The tasks of the repository. `make run` and `make test` are all that a newcomer needs.

PYTHON ?= python3
VENV := .venv
FUZZ_SECONDS ?= 600
EXAMPLES ?= 300
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --disable-pip-version-check --quiet --constraint constraints.txt

.DEFAULT_GOAL := help
.PHONY: help run test lint types bench fleet rig fuzz stateful kill docs image clean

help: ## Show this list
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

run: $(VENV)/.run ## Install upsim and start it with the sample tenant
	$(BIN)/upsim serve

test: $(VENV)/.test $(VENV)/.node ## Install what the tests need and run all of them
	$(BIN)/python -m pytest -n auto $(PYTEST_ARGS)
ifeq ($(PYTEST_ARGS),)
	$(BIN)/python -m pytest -n auto --store postgresql tests/services tests/apis
endif

lint: $(VENV)/.lint ## Format, lint and import contracts
	$(BIN)/ruff format --check upsim tests bench examples tools
	$(BIN)/ruff check upsim tests bench examples tools
	$(BIN)/lint-imports
	$(BIN)/hadolint Dockerfile

types: $(VENV)/.types $(VENV)/.test ## mypy, strict
	$(BIN)/mypy

bench: $(VENV)/.test ## Measure upsim beside its baselines; BENCH="journey start" for single ones
	$(BIN)/python -m bench $(BENCH)

fuzz: $(VENV)/.test $(VENV)/.fuzz ## Fuzz the IPP codec for FUZZ_SECONDS
	$(BIN)/python -m tests.support.ipp.fuzz $(FUZZ_SECONDS)

stateful: $(VENV)/.test ## Play EXAMPLES runs of random people, devices, faults and clocks
	UPSIM_STATEFUL_EXAMPLES=$(EXAMPLES) $(BIN)/python -m pytest -n 0 -q tests/stateful

fleet: $(VENV)/.test ## 50 simulated printers, 200 users, 2,000 jobs: every document once and intact
	$(BIN)/python -m bench.fleet

rig: $(VENV)/.test ## 200 users and 50 devices print 5,000 jobs on two nodes of which one is always killed
	$(BIN)/python -m bench.shared_rig

kill: $(VENV)/.test ## Kill a server at a hundred points of a user's printing: nothing that it answered is lost
	UPSIM_KILL_POINTS=100 $(BIN)/python -m pytest -n 0 tests/journeys/test_kill_points.py

docs: $(VENV)/.run ## Generate the reference pages from the tables
	$(BIN)/python -m tools.make_docs

image: ## Build the container image
	docker build --tag upsim .

clean: ## Remove what the other tasks made
	rm -rf $(VENV) tests/node/node_modules .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo 'upsim needs Python 3.11 or newer: make PYTHON=python3.11' >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); echo 'Python cannot make a virtual environment; on Debian: apt-get install python3-venv' >&2; exit 1; }

$(VENV)/.run: pyproject.toml constraints.txt | $(BIN)/python
	@echo 'Installing upsim into $(VENV) ...' >&2
	@$(PIP) --editable .
	@touch $@

$(VENV)/.test: pyproject.toml constraints.txt | $(BIN)/python
	@echo 'Installing upsim and its tests into $(VENV) ...' >&2
	@$(PIP) --editable '.[test]'
	@touch $@ $(VENV)/.run

# The JavaScript clients under test; tests that need them are skipped where there is no Node.
$(VENV)/.node: tests/node/package.json | $(BIN)/python
	@if ! command -v node >/dev/null || ! command -v npm >/dev/null; then \
		echo 'No Node: tests with JavaScript clients are skipped' >&2; \
	else \
		echo 'Installing the JavaScript clients into tests/node ...' >&2; \
		npm --prefix tests/node install --no-package-lock --ignore-scripts --no-audit --no-fund --loglevel=error >/dev/null; \
	fi
	@touch $@

$(VENV)/.lint: pyproject.toml constraints.txt | $(BIN)/python
	@$(PIP) --editable '.[lint]'
	@touch $@

$(VENV)/.fuzz: pyproject.toml constraints.txt | $(BIN)/python
	@$(PIP) --editable '.[fuzz]'
	@touch $@

$(VENV)/.types: pyproject.toml constraints.txt | $(BIN)/python
	@$(PIP) --editable '.[types]'
	@touch $@
