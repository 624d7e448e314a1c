# Every target makes and reuses .venv by itself. Python 3.11 or newer and make are all it takes.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help run test test-postgres check bench screenshots soak clean

# A name on the path may be a shim that starts nothing, so each is tried.
PYTHON ?= $(shell for each in python3 python3.13 python3.12 python3.11; do \
  "$$each" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && { command -v "$$each"; break; }; done)
PORT ?= 8000
N ?= 1000
export KM_VAR ?= $(CURDIR)/var
BIN := $(CURDIR)/.venv/bin
RUN_STAMP := .venv/.run-$(shell cat requirements.txt | cksum | cut -d' ' -f1)
DEV_STAMP := .venv/.dev-$(shell cat requirements.txt requirements-dev.txt | cksum | cut -d' ' -f1)

help: ## show what can be made
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-14s %s\n", $$1, $$2}'
	@echo "  PORT= another port for make run   KM_VAR= another data folder   N= size for make bench"

.venv/bin/python:
	@[ -n "$(PYTHON)" ] || { echo "Python 3.11 or newer is needed, and was not found."; exit 1; }
	@"$(PYTHON)" -m venv .venv

$(RUN_STAMP): requirements.txt | .venv/bin/python
	@echo "Installing what the site needs ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@rm -f .venv/.run-* && touch $@

$(DEV_STAMP): requirements.txt requirements-dev.txt | .venv/bin/python
	@echo "Installing what the tests need ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@rm -f .venv/.dev-* && touch $@

run: $(RUN_STAMP) ## start the site with demonstration content on http://127.0.0.1:8000
	@exec $(BIN)/python site/km_site/serve.py --port $(PORT)

test: $(DEV_STAMP) ## install what the tests need and run all of them
	@bash scripts/system_packages.sh
	@unset KM_VAR; $(BIN)/python -m pytest -n 2 --dist worksteal -q
	@$(MAKE) --no-print-directory test-postgres

test-postgres: $(DEV_STAMP) ## run what depends on the database against a real PostgreSQL
	@unset KM_VAR; bash scripts/with_postgres.sh $(BIN)/python -m pytest -n 2 --dist worksteal -q -m postgres_too

check: $(DEV_STAMP) ## format, lint, import contracts, types, migrations, deploy check
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@PYTHONPATH=site $(BIN)/lint-imports --no-cache
	@unset KM_VAR; PYTHONPATH=site $(BIN)/mypy
	@unset KM_VAR; PYTHONPATH=site DJANGO_SETTINGS_MODULE=km_site.settings.test \
	  $(BIN)/python -m django makemigrations --check --dry-run km_pages km_toolkit
	@PYTHONPATH=site DJANGO_SETTINGS_MODULE=km_site.settings.production \
	  KM_SECRET_KEY=$$($(BIN)/python -c 'import secrets; print(secrets.token_urlsafe(60))') \
	  KM_ALLOWED_HOSTS=knowledge.example.org KM_BASE_URL=https://knowledge.example.org \
	  $(BIN)/python -m django check --deploy --fail-level WARNING

bench: $(DEV_STAMP) ## measure; N= sets how many documents
	@unset KM_VAR; PYTHONPATH=.:site $(BIN)/python -m benchmarks --size $(N)

screenshots: $(DEV_STAMP) ## make the pictures of the documentation anew
	@bash scripts/system_packages.sh
	@unset KM_VAR; $(BIN)/python scripts/make_screenshots.py

soak: $(DEV_STAMP) ## the long runs: kills, fuzz, load
	@bash scripts/system_packages.sh
	@unset KM_VAR; KM_SOAK=1 $(BIN)/python -m pytest -q -m soak -p no:randomly -s
	@unset KM_VAR; PYTHONPATH=.:site $(BIN)/python -m benchmarks --only load --size $(N)
	@unset KM_VAR; KM_PG_FSYNC=on PYTHONPATH=.:site bash scripts/with_postgres.sh \
	  $(BIN)/python -m benchmarks --only load --size $(N) --throw-away-database

clean: ## remove the virtual environment and caches; data in var/ stays
	@rm -rf .venv .pytest_cache .ruff_cache .mypy_cache build *.egg-info
