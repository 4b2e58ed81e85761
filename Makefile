# Everything a newcomer types. `make help` lists it.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV ?= .venv
BIN = $(VENV)/bin
ARGS ?=
# a client in another language
JAVASCRIPT = tests/clients/javascript
# another reader of JSON Schema
AJV = tests/contract/ajv
# tools that read OpenAPI documents
OPENAPI = tests/clients/openapi
# servers that the benchmark compares the emulator with
PEERS = bench/peers

.DEFAULT_GOAL := help
.PHONY: help run new-provider test check format lint types imports docs docs-check wheel bench clients clean

help: ## List the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  %-12s %s\n", $$1, $$2}'

run: $(VENV)/.run ## Set up and start the emulator with a demo world (ARGS="--port 0" adds flags)
	@$(BIN)/dataset-emulator serve --demo $(ARGS)

new-provider: ## Write a provider that works, to start from (NAME=x; ARGS="--package DIR" for a package of its own)
	$(PYTHON) -m tools.new_provider $(NAME) $(ARGS)

test: $(VENV)/.dev clients ## Set up and run the tests (ARGS="-k name" chooses)
	$(BIN)/python -m pytest -n auto $(ARGS)

check: $(VENV)/.dev clients ## Everything CI runs: format, lint, types, imports, docs, wheel, tests
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(MAKE) types
	$(BIN)/lint-imports --config setup.cfg
	$(BIN)/python -m tools.docs --check
	$(BIN)/coverage erase
	$(BIN)/coverage run -m pytest -n auto -m measured tests/core $(ARGS)
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report --include='emulator/core/*' --fail-under=95
	$(BIN)/python -m pytest -n auto -m "not measured" $(ARGS)

format: $(VENV)/.dev ## Format the code
	$(BIN)/ruff check --fix --select I .
	$(BIN)/ruff format .

lint: $(VENV)/.dev ## Look for mistakes
	$(BIN)/ruff check .

types: $(VENV)/.dev ## Check the types
	$(BIN)/mypy
	cd examples/dataset-app && $(abspath $(BIN))/mypy --config-file ../../setup.cfg --allow-untyped-defs --allow-untyped-calls tests

imports: $(VENV)/.dev ## Check that imports point one way
	$(BIN)/lint-imports --config setup.cfg

docs: $(VENV)/.dev ## Write the generated pages
	$(BIN)/python -m tools.docs

docs-check: $(VENV)/.dev ## Check that the generated pages are up to date
	$(BIN)/python -m tools.docs --check

wheel: $(VENV)/.dev ## Build the wheel into dist/
	rm -rf build # setuptools would pack modules that are gone since
	$(BIN)/python -m build --wheel --outdir dist

bench: $(VENV)/.dev .venv-bench/.installed $(PEERS)/node_modules ## Measure against a bare Flask app and other servers (ARGS="--only growth --write")
	$(BIN)/python -m bench $(ARGS)

clients: .venv-boto3-latest/.installed .venv-coactive/.installed .venv-pai-5/.installed .venv-openapi/.installed $(OPENAPI)/node_modules $(JAVASCRIPT)/node_modules $(AJV)/node_modules ## Set up the clients that need an environment of their own

clean: ## Remove what was made
	rm -rf $(VENV) .venv-boto3-latest .venv-coactive .venv-pai-5 .venv-openapi .venv-bench $(JAVASCRIPT)/node_modules $(OPENAPI)/node_modules $(AJV)/node_modules $(PEERS)/node_modules dist build *.egg-info .coverage .*_cache

$(VENV)/.run: setup.cfg setup.py pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	@touch $@

$(VENV)/.dev: $(VENV)/.run
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@

.venv-boto3-latest/.installed:
	$(PYTHON) -m venv .venv-boto3-latest
	.venv-boto3-latest/bin/python -m pip install --quiet --disable-pip-version-check boto3
	@touch $@

.venv-coactive/.installed:
	$(PYTHON) -m venv .venv-coactive
	.venv-coactive/bin/python -m pip install --quiet --disable-pip-version-check coactive==1.0.27 'pydantic<2.5'
	@touch $@

.venv-pai-5/.installed:
	$(PYTHON) -m venv .venv-pai-5
	.venv-pai-5/bin/python -m pip install --quiet --disable-pip-version-check alibabacloud_aiworkspace20210204==5.1.2
	@touch $@

# OpenAPI Generator brings its own jar, and needs a Java runtime; without one its test is skipped.
# The last two are what the clients that it makes need
.venv-openapi/.installed:
	$(PYTHON) -m venv .venv-openapi
	.venv-openapi/bin/python -m pip install --quiet --disable-pip-version-check schemathesis==4.32.5 openapi-generator-cli==7.26.0 pydantic python-dateutil
	@touch $@

# without npm its tests are skipped; node is no part of what a newcomer needs
$(JAVASCRIPT)/node_modules: $(JAVASCRIPT)/package.json
	@if command -v npm >/dev/null; then npm install --prefix $(JAVASCRIPT) --no-package-lock --no-audit --no-fund --silent && touch $@; fi

$(OPENAPI)/node_modules: $(OPENAPI)/package.json
	@if command -v npm >/dev/null; then npm install --prefix $(OPENAPI) --no-package-lock --no-audit --no-fund --silent && touch $@; fi

$(AJV)/node_modules: $(AJV)/package.json
	@if command -v npm >/dev/null; then npm install --prefix $(AJV) --no-package-lock --no-audit --no-fund --silent && touch $@; fi

# WireMock needs a Java runtime, too; without npm or Java the benchmark leaves these servers out
$(PEERS)/node_modules: $(PEERS)/package.json
	@if command -v npm >/dev/null; then npm install --prefix $(PEERS) --no-package-lock --no-audit --no-fund --silent && touch $@; fi

.venv-bench/.installed:
	$(PYTHON) -m venv .venv-bench
	.venv-bench/bin/python -m pip install --quiet --disable-pip-version-check 'moto[server]==5.2.5'
	@touch $@
