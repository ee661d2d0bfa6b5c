.DEFAULT_GOAL := help
PYTHON ?= python3
BIN := .venv/bin
STAMPS := .venv/.stamps

# Sessions in real time: they wait more than they work, so that two may share a core, and nothing else runs beside them.
IN_REAL_TIME := tests/recorder/livekit
# A worker takes a file, or a class of one, at a time, in the order that tests/conftest.py puts them in.
SHARED := --dist loadscope --no-loadscope-reorder

.PHONY: help demo setup test soak lint check docs bench cluster eval vendors lock clean

help: ## List the front doors
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 12

demo: $(STAMPS)/run ## Set everything up, show the report on the sample logs, and write a page about them
	@$(BIN)/voicetel analyze sample_logs/ --pricing list
	@mkdir -p build
	@$(BIN)/voicetel report sample_logs/ --pricing list -o build/report.html

setup: $(STAMPS)/dev ## Set everything up that tests, lint and docs need

test: $(STAMPS)/test ## Set everything up and run all tests, PostgreSQL included
	@$(BIN)/python -m pytest -n auto $(SHARED) --ignore $(IN_REAL_TIME); most=$$?; \
		$(BIN)/python -m pytest -n 4 --dist worksteal $(IN_REAL_TIME); timed=$$?; \
		echo "most tests: $$([ $$most = 0 ] && echo passed || echo FAILED); in real time: $$([ $$timed = 0 ] && echo passed || echo FAILED)"; \
		[ $$most = 0 ] && [ $$timed = 0 ]

soak: $(STAMPS)/test ## Run the tests in their long form: more cases, new random examples, more delays
	VOICETEL_SOAK=1 $(BIN)/python -m pytest

lint: $(STAMPS)/dev ## Style, types and import layers
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

check: $(STAMPS)/run ## The gate: hold the sample logs to slo.toml
	$(BIN)/voicetel check sample_logs/ --slo slo.toml

docs: $(STAMPS)/dev ## Write again what is generated in docs/ and the README
	$(BIN)/cog -r -I scripts README.md README.ru.md docs/*.md

bench: $(STAMPS)/test ## Measure beside bare DuckDB and write docs/performance.md (an hour, 10 GB of disk)
	$(BIN)/python bench/run.py

cluster: $(STAMPS)/test ## Start a Spark cluster of two workers here, put the sample logs through it, end it (needs Java 17)
	@PYTHONPATH=tests $(BIN)/python scripts/local_cluster.py

eval: $(STAMPS)/run ## Score the outcome rules on the labelled calls
	$(BIN)/python scripts/eval_outcomes.py

vendors: .venv-vendors/.stamp ## Hold the importers to the vendors' own models, in an environment of their own
	.venv-vendors/bin/python -m pytest -p no:cacheprovider tests/importers/vendors

lock: $(STAMPS)/dev ## Resolve the dependencies anew into constraints.txt
	$(BIN)/uv pip compile pyproject.toml --universal --all-extras --python-version 3.11 \
		--no-header --no-emit-index-url --quiet --upgrade -o constraints.txt

clean: ## Remove the environment and everything built
	rm -rf .venv .venv-vendors build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis

# One environment; each stamp says what has been installed into it.
.venv/pyvenv.cfg:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "voicetel needs Python 3.11 or newer; try: make PYTHON=python3.12 demo"; exit 1; }
	$(PYTHON) -m venv .venv

$(STAMPS)/run: .venv/pyvenv.cfg pyproject.toml constraints.txt
	$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e .
	@mkdir -p $(STAMPS) && touch $@

$(STAMPS)/test: .venv/pyvenv.cfg pyproject.toml constraints.txt
	$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[test]'
	@mkdir -p $(STAMPS) && touch $@

$(STAMPS)/dev: .venv/pyvenv.cfg pyproject.toml constraints.txt
	$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[test,dev]'
	@mkdir -p $(STAMPS) && touch $(STAMPS)/run $(STAMPS)/test $@

# The vendors' packages want other versions of what the tests have.
.venv-vendors/.stamp: pyproject.toml tests/importers/vendors/requirements.txt
	$(PYTHON) -m venv .venv-vendors
	.venv-vendors/bin/pip install --quiet --disable-pip-version-check -e . \
		-r tests/importers/vendors/requirements.txt hypothesis jsonschema pytest pytest-asyncio
	@touch $@
