# Two commands are enough: `make run` and `make test`. The rest is for people who change Lunas.
.DEFAULT_GOAL := help
.PHONY: help setup run test test-unit test-race test-contract test-integration test-http e2e simulate lint fuzz audit format imports pictures vitals bench reliability migrate lock clean
MAKEFLAGS += --no-print-directory

PORT ?= 8000
SANDBOX_PORT ?= 8001
SEED ?= 1
STORIES ?= 1
STEPS ?= 40
SIZE ?= small
PART ?=
MINUTES ?= 10
TARGET ?= midtrans
SECONDS ?= 600
PY := .venv/bin/python
SETUP := sh scripts/setup.sh

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-17s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## Environment, packages and front end, for running and testing
	@$(SETUP) --dev

run: ## Shop, back office, jobs and sandbox on this machine (PORT=8000 SANDBOX_PORT=8001)
	@$(SETUP)
	@$(PY) -m scripts.run --port $(PORT) --sandbox-port $(SANDBOX_PORT)

test: setup ## Everything: lint, types, all tests, PostgreSQL and browser included
	@$(PY) -m scripts.stages

test-unit: setup ## Unit tests
	@$(PY) -m scripts.stages unit

test-race: setup ## Tests in which two writers meet (PostgreSQL)
	@$(PY) -m scripts.stages race

test-contract: setup ## Both gateways against one suite, and the sandbox against its protocol
	@$(PY) -m scripts.stages contract

test-integration: setup ## Services on SQLite and PostgreSQL
	@$(PY) -m scripts.stages integration

test-http: setup ## Routes, webhooks, back office
	@$(PY) -m scripts.stages http

simulate: setup ## Play seeded stories of shop, staff and gateways (SEED=1 STORIES=1 STEPS=40)
	@$(PY) -m tests.simulation --seed $(SEED) --stories $(STORIES) --steps $(STEPS)

e2e: setup ## Checkout and refund in a browser
	@$(PY) -m scripts.stages e2e

lint: setup ## Style, types and import contracts, Python and TypeScript
	@$(PY) -m scripts.stages lint frontend-lint

fuzz: setup ## Look for notifications that break a parser (TARGET=midtrans|xendit|token SECONDS=600; needs pip install atheris)
	@$(PY) -m tests.fuzz $(TARGET) --seconds $(SECONDS) --keep

audit: setup ## Ask the public lists of known holes about all packages (needs the network)
	@$(PY) -m scripts.audit

format: setup ## Put all Python into the house format
	@.venv/bin/ruff check --fix-only --quiet .
	@.venv/bin/ruff format .

imports: setup ## Write who imports whom into ARCHITECTURE.md
	@$(PY) -m scripts.import_graph

pictures: setup ## Take the pictures of README and staff handbook anew (docs/screenshots)
	@$(PY) -m scripts.pictures

vitals: setup ## Measure how fast the built shop stands on a slow telephone
	@$(PY) -m scripts.vitals

bench: setup ## Measure speed and write docs/performance.md (SIZE=tiny|small|full PART=intake ...)
	@$(PY) -m tests.benchmarks $(PART) --size $(SIZE)

reliability: setup ## Break things on several hosts and write docs/reliability.md (Linux, root; SEED=1 MINUTES=10)
	@$(PY) -m tests.hosts --seed $(SEED) --minutes $(MINUTES) --json docs/reliability.json --render

migrate: setup ## Bring the database of `make run` up to date
	@$(PY) -m scripts.with_settings flask --app app.factory db upgrade

lock: ## Compile requirements.in and requirements-dev.in to files with hashes (needs uv)
	@sh scripts/lock.sh

clean: ## Remove what set-up and tests made (keeps .env and the database under var/)
	@rm -rf .venv var/.stamps var/reports var/e2e frontend/node_modules frontend/dist frontend/coverage
	@find . -name __pycache__ -type d -not -path './.git/*' -prune -exec rm -rf {} +
