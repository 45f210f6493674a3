# `make` lists the targets. The two that matter: `make demo` and `make test`.
SHELL := /bin/bash
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
export OMP_NUM_THREADS ?= 1

.DEFAULT_GOAL := help
.PHONY: help demo test test-all bench docs pictures check fix lock install install-dev clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' Makefile | awk -F ':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

install: $(VENV)/.installed ## install Harken into .venv
install-dev: $(VENV)/.installed-dev ## install Harken and what its tests need

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: requirements.lock pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.installed-dev: $(VENV)/.installed requirements-dev.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@

demo: $(VENV)/.installed ## grow the demo company, analyse it, serve it
	$(BIN)/harken demo --serve

.PHONY: browser
browser:
	@command -v chromium >/dev/null \
	  || { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && apt-get -qq update \
	       && apt-get -qq install -y --no-install-recommends chromium; } \
	  || echo "No Chromium and no right to install it: tests in a browser are skipped."

test: $(VENV)/.installed-dev browser ## install everything, run the checks and all tests (under 12 minutes on 2 cores)
	$(MAKE) --no-print-directory check
	$(BIN)/python -m pytest -n 2 -m "not slow"

test-all: $(VENV)/.installed-dev browser ## the slow proofs too: simulations, big demo, kills
	$(MAKE) --no-print-directory check
	$(BIN)/python -m pytest -n 2

bench: $(VENV)/.installed-dev ## timings, each beside a peer or the raw engine in the same run
	$(BIN)/python -m benchmarks

docs: $(VENV)/.installed ## write the generated pages of docs/ and its replications anew
	$(BIN)/python -m docs.generator
	$(BIN)/python -m docs.replications

pictures: $(VENV)/.installed-dev ## take the README's pictures anew (needs Chromium)
	$(BIN)/python docs/pictures.py

check: $(VENV)/.installed-dev ## style, types, import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

fix: $(VENV)/.installed-dev ## mend style where a machine can
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

lock: ## resolve requirements.lock and requirements-dev.lock anew
	uv pip compile pyproject.toml --group build --extra reports --generate-hashes --no-emit-index-url --no-emit-find-links --no-header --python-version 3.11 --universal -q -o requirements.lock
	uv pip compile pyproject.toml --group build --group dev --extra postgres --extra reports -c requirements.lock --generate-hashes --no-emit-index-url --no-emit-find-links --no-header --python-version 3.11 --universal -q -o requirements-dev.lock

clean: ## remove the virtual environment and caches
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis
