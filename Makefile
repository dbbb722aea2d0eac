# Every target sets up what it needs. A machine needs only Python 3.11+ and make.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.installed

.DEFAULT_GOAL := help
.PHONY: help install demo run test check bench fuzz lock clean

help:  ## what can be made
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-9s %s\n", $$1, $$2}'

$(STAMP): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; try: make PYTHON=python3.12"; exit 1; }
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e .
	@touch $(STAMP)

install: $(STAMP)  ## a virtual environment with everything, from hash-pinned wheels
	@echo "installed: $(BIN)/groove-sidecar"

demo: $(STAMP)  ## watch the whole journey on this machine, without network
	@$(BIN)/groove-sidecar demo

run: $(STAMP)  ## the capture agent in the foreground (waits while capture is off)
	@$(BIN)/groove-sidecar run

test: $(STAMP)  ## all tests
	$(BIN)/python -m pytest

check: $(STAMP)  ## lint, types, floors
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(STAMP)  ## what it costs, beside a baseline in the same run
	$(BIN)/python bench/pipeline.py

fuzz: $(STAMP)  ## the scrubber under ten million made-up strings; STRINGS=100000 for a short run
	$(BIN)/python bench/scrub_fuzz.py --strings $(or $(STRINGS),10000000)

lock:  ## pin again, with hashes and without index addresses (needs uv)
	uv pip compile pyproject.toml --extra dev --generate-hashes --universal --python-version 3.11 \
	  --no-emit-index-url --no-annotate --custom-compile-command "make lock" -o requirements.lock

clean:
	rm -rf $(VENV) build dist *.egg-info .mypy_cache .ruff_cache .hypothesis
