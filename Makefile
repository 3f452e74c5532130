# The commands of the project. `make run` serves a demonstration, `make test` runs every test; either may come first.

PY ?= python3
UV_VERSION := 0.13.9
B := .venv/bin
VENDOR := service/static/vendor
PACKAGES := ivr routing records voicemail support reports service simulator

# uv must use the Python that is here, never fetch another one.
export UV_PYTHON_DOWNLOADS := never
export VIRTUAL_ENV := $(CURDIR)/.venv

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:
.PHONY: help setup install run test check format bench chaos diagram lock assets clean

help:
	@echo "make run      install what serving needs and serve a demonstration (PORT=8000)"
	@echo "make test     install what the tests need and run them all"
	@echo "make setup    the installation of both, alone"
	@echo "make install  what serving needs, alone"
	@echo "make check    format, lint, types, import contracts, dead code, unused dependencies, diagram, lock files"
	@echo "make format   put every file in the form that make check asks for"
	@echo "make bench    every measurement, as ratios in one run"
	@echo "make chaos    calls while the database, the clerk or a worker is being killed"
	@echo "make diagram  print the call diagram of the code into README.md"
	@echo "make lock     write requirements/*.txt again from pyproject.toml (UPGRADE=1: newest versions)"
	@echo "make clean    remove all that make has made, except the data in var/"

# ---------------------------------------------------------------- installation

# One environment, filled step by step; a stamp tells that a step is done with the lock file of today.
.venv/.boot:
	@$(PY) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PY=/path/to/python3.11")'
	$(PY) -m venv .venv
	@# Without uv (an index that lacks it), pip does the same, more slowly.
	$(B)/python -m pip install -q --disable-pip-version-check uv==$(UV_VERSION) || echo "uv is not available: pip installs instead"
	@touch $@

# uv does not read pip's configuration (an agency's mirror): where uv finds nothing, pip tries.
.venv/.%: requirements/%.txt .venv/.boot
	$(B)/uv pip install -q --require-hashes --only-binary :all: -r $< \
	  || $(B)/python -m pip install -q --disable-pip-version-check --require-hashes --only-binary :all: -r $<
	@touch $@

# The project itself, editable, built with the setuptools of the lock file.
.venv/.project: pyproject.toml
	$(B)/uv pip install -q --no-deps --no-build-isolation -e . \
	  || $(B)/python -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

# The pages are readable without the State design system: neither npm nor its network stops anything.
assets:
	@if [ $(VENDOR)/.stamp -nt package-lock.json ]; then :; \
	elif ! command -v npm >/dev/null; then echo "npm is not installed: the pages will be plain (no State design system)"; \
	elif npm ci --ignore-scripts --silent --fetch-retries=1 --fetch-retry-mintimeout=1000 --fetch-timeout=15000 \
	  && $(MAKE) --no-print-directory $(VENDOR)/.stamp; then :; \
	else echo "npm could not fetch the State design system: the pages will be plain; make assets tries again"; fi

DSFR := node_modules/@gouvfr/dsfr/dist
CHART := node_modules/@gouvfr/dsfr-chart/dist/DSFRChart
$(VENDOR)/.stamp: package-lock.json
	@rm -rf $(VENDOR)
	@mkdir -p $(VENDOR)/dsfr/utility $(VENDOR)/dsfr-chart
	@cp $(DSFR)/dsfr.min.css $(DSFR)/dsfr.module.min.js $(DSFR)/dsfr.nomodule.min.js $(VENDOR)/dsfr/
	@cp $(DSFR)/utility/utility.min.css $(VENDOR)/dsfr/utility/
	@cp -R $(DSFR)/fonts $(DSFR)/icons $(DSFR)/favicon $(DSFR)/artwork $(VENDOR)/dsfr/
	@cp $(CHART)/DSFRChart.css $(CHART)/DSFRChart.js $(VENDOR)/dsfr-chart/
	@cp node_modules/htmx.org/dist/htmx.min.js $(VENDOR)/
	@# For the accessibility tests; no page loads it.
	@cp node_modules/axe-core/axe.min.js $(VENDOR)/
	@touch $@

setup: .venv/.run .venv/.test .venv/.project assets

# What serving needs, and nothing of the tests, compiled once and for all: the service's own user may not write there.
install: .venv/.run .venv/.project assets
	@$(B)/python -m compileall -q -j 0 .venv/lib $(PACKAGES)

# ---------------------------------------------------------------- running

run: .venv/.run .venv/.project assets
	@DEMO=1 $(B)/svi serve

test: .venv/.test .venv/.project assets
	$(B)/python -m pytest -n 2 $(ARGS)

bench: .venv/.test .venv/.project assets
	$(B)/python -m tests.load.bench $(ARGS)

chaos: .venv/.test .venv/.project assets
	$(B)/python -m tests.load.chaos $(ARGS)

# ---------------------------------------------------------------- checking

check: .venv/.lint .venv/.project
	$(B)/ruff format --check .
	$(B)/ruff check .
	$(B)/mypy $(PACKAGES) tests
	$(B)/lint-imports
	$(B)/vulture
	$(B)/deptry .
	$(B)/hadolint Dockerfile
	@# A lock file names versions and hashes, never where they come from.
	@! grep -nE 'https?://|file://|--(extra-)?index-url|--find-links' requirements/*.txt
	@! grep -n '"resolved"' package-lock.json
	$(B)/svi diagram --check README.md

format: .venv/.lint
	$(B)/ruff check --fix-only --quiet .
	$(B)/ruff format .

diagram: .venv/.run .venv/.project
	$(B)/svi diagram --write README.md

# ---------------------------------------------------------------- lock files

# Each file contains the one before it, at the same versions. `--no-emit-…` and `--no-annotate`: no host, no path.
COMPILE = $(B)/uv pip compile -q $(if $(UPGRADE),--upgrade) --universal --python-version 3.11 --generate-hashes --no-header \
  --no-emit-index-url --no-emit-find-links --no-annotate pyproject.toml --group build
lock: .venv/.boot
	$(COMPILE) -o requirements/run.txt
	$(COMPILE) --group test -c requirements/run.txt -o requirements/test.txt
	$(COMPILE) --group test --group lint -c requirements/test.txt -o requirements/lint.txt
	@if command -v npm >/dev/null; then npm install --package-lock-only --ignore-scripts --silent; fi

clean:
	rm -rf .venv node_modules $(VENDOR) build dist *.egg-info .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis
	find $(PACKAGES) tests -name __pycache__ -type d -prune -exec rm -rf {} +
