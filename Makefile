# Every command sets up what it needs first. `make` alone lists them.

PYTHON ?= python3
ARGS ?=
BENCH ?= $(wildcard bench/[a-z]*.py)
BIN := .venv/bin
export PATH := $(CURDIR)/$(BIN):$(PATH)
export PYTHONDONTWRITEBYTECODE ?= $(if $(CI),1,)

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help setup demo serve test check lint format types imports docs bench requirements run dev servers

help: ## List the commands
	@echo 'Commands (all do their own set-up; options of the command behind them go into ARGS="..."):'
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1@\2/p' $(firstword $(MAKEFILE_LIST)) | awk -F@ '{ printf "%-20s %s\n", $$1, $$2 }'

setup: dev servers ## Set up everything, to work on Frontdesk or to be offline later

demo: run ## Start a server with samples and walk one session of every kind (ARGS="--exit --port 8765")
	@$(BIN)/frontdesk demo $(ARGS)

serve: run ## Start the server (ARGS="--port 8080 --data DIR")
	@$(BIN)/frontdesk serve $(ARGS)

test: dev servers ## Run the tests (ARGS="tests/kyc -k nonce" for some of them)
	@$(BIN)/pytest $(or $(ARGS),-n 2 --dist loadgroup)

check: lint types imports test ## Run everything that CI runs

lint: dev ## Check style and format
	@$(BIN)/ruff check . && $(BIN)/ruff format --check .

format: dev ## Mend what lint can mend by itself
	@$(BIN)/ruff check --fix . && $(BIN)/ruff format .

types: dev ## Check types
	@$(BIN)/mypy && $(BIN)/mypy tools

imports: dev ## Check who imports whom
	@$(BIN)/lint-imports --no-logo --cache-dir .cache/imports

docs: dev servers ## Check the manual: links, examples, completeness
	@$(BIN)/pytest tests/docs $(wildcard tests/shape/test_manual.py) $(ARGS)

bench: dev servers ## Measure (BENCH=bench/floor.py for one of them)
	@set -e; for file in $(BENCH); do echo "$$file"; $(BIN)/python $$file $(ARGS); done

requirements: dev ## Pin the newest versions that pyproject.toml allows
	@$(BIN)/python tools/requirements.py

run:
	@$(if $(shell command -v $(PYTHON)),,echo 'Frontdesk needs $(PYTHON) 3.11 or newer (Debian: apt install python3 python3-venv)'; exit 1)
	@$(PYTHON) tools/setup.py run

dev:
	@$(if $(shell command -v $(PYTHON)),,echo 'Frontdesk needs $(PYTHON) 3.11 or newer (Debian: apt install python3 python3-venv)'; exit 1)
	@$(PYTHON) tools/setup.py dev

servers: dev
	@$(BIN)/python tools/components.py postgresql node chromium poppler pdfjs
	@$(BIN)/python tools/clients.py
