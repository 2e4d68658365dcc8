# Everything a newcomer needs: `make demo`, `make test`, `make check`. `make help` lists the rest.

SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help demo test check bench train sync clean

PYTHON ?= python3
CORES ?= 2
# A uv that cannot run (a shim of another Python) counts as none.
UV := $(shell uv --version >/dev/null 2>&1 && echo uv || echo .tools/uv/bin/uv)
UV_FILE := $(filter .tools/%,$(UV))
BOT := .venv/bin/bot
export UV_PYTHON_INSTALL_DIR := $(CURDIR)/.tools/python
# Trust what this machine trusts: some networks sign for the package index themselves.
CERTIFICATES := $(wildcard /etc/ssl/certs/ca-certificates.crt)
ifneq ($(CERTIFICATES),)
export SSL_CERT_FILE ?= $(CERTIFICATES)
endif

help: ## List these commands
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-8s %s\n", $$1, $$2}'

demo: train ## Start everything with the built-in phone simulator and print the address to open
	@BOT_SIMULATOR=1 BOT_VIRTUAL_CLOCK=1 $(BOT) serve

test: train ## Run the whole test suite on two cores (pass options with ARGS="-k name"; CORES=0 runs in one process)
	.venv/bin/python -m pytest -n $(CORES) --dist loadfile $(ARGS)

check: sync ## Lint, formatting, types, import contracts, content
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/lint-imports
	$(BOT) content check

bench: train ## Run the benchmarks; figures are printed and kept in docs/bench/
	.venv/bin/python -m tests.bench

train: sync ## Train the dialog model if what it is made from has changed
	@$(BOT) train

sync: .venv/.synced .venv-dialog/.synced ## Install both environments from uv.lock

clean: ## Remove what the other commands made: environments, model, caches, data of the demo
	rm -rf .venv .venv-dialog .tools .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .rasa dialogs/models var
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

.venv/.synced: pyproject.toml uv.lock .python-version | $(UV_FILE)
	$(UV) sync --frozen
	@touch $@

# Importing Rasa takes a third of the time when it is compiled beforehand.
.venv-dialog/.synced: pyproject.toml uv.lock .python-version | $(UV_FILE)
	UV_PROJECT_ENVIRONMENT=.venv-dialog $(UV) sync --frozen --python 3.11 --no-default-groups --group dialog --compile-bytecode
	@touch $@

# --target leaves the machine's own packages alone, so that it works where they are managed by the system.
.tools/uv/bin/uv:
	$(PYTHON) -m pip install --quiet --disable-pip-version-check --target .tools/uv "uv>=0.9"
