# Each target sets up what it needs; a fresh clone needs python3.11 with venv, git and make.
SHELL := /bin/sh
PYTHON ?= python3.11
BIN ?= .venv/bin
OUT ?= .
ARGS ?=
READY := .venv/.ready
KERNEL := .venv/.kernel
SERVICES := admin customer decision feedback push

.PHONY: help setup demo test check load bench proto generate lock

help: ## list the targets
	@grep -hE '^[a-z]+:.*##' Makefile | awk -F ':.*## ' '{ printf "make %-8s %s\n", $$1, $$2 }'

setup: $(KERNEL) ## create .venv with everything in it

# obp's own dependencies need an older Python; the tests read its data only.
$(READY): requirements.lock tests/requirements.lock pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --requirement requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --requirement tests/requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

# Scores are the same without it, only later.
$(KERNEL): $(READY) models/kernel.c
	@$(BIN)/befit kernel >/dev/null 2>&1 || echo "no C compiler: models are scored in numpy"
	@touch $@

demo: setup ## decide for made-up customers; ARGS are handed on
	@$(BIN)/befit demo $(ARGS)

check: setup ## contract, style and types
	@$(BIN)/buf lint proto
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --quiet --check .
	@$(BIN)/mypy --no-error-summary

test: check ## contract, style, types and all tests
	@$(BIN)/python -m pytest --numprocesses=2 --dist=loadgroup $(ARGS)

load: setup ## measure a running server from outside; ARGS are handed on
	@$(BIN)/python -m loadtest $(ARGS)

bench: setup ## measure the parts of a decision; ARGS are handed on
	@$(BIN)/befit bench $(ARGS)

proto: setup ## write the generated code again from proto/
	@$(BIN)/buf format --write proto
	@$(MAKE) --no-print-directory generate

# Writes befit/v1 into OUT; without setup, so that a test can compare.
generate:
	@$(BIN)/python -m grpc_tools.protoc --proto_path=proto --plugin=$(BIN)/protoc-gen-mypy \
		--python_out=$(OUT) --mypy_out=quiet:$(OUT) proto/befit/v1/*.proto
	@$(BIN)/python -m grpc_tools.protoc --proto_path=proto --plugin=$(BIN)/protoc-gen-mypy_grpc \
		--grpc_python_out=$(OUT) --mypy_grpc_out=quiet:$(OUT) $(SERVICES:%=proto/befit/v1/%.proto)

lock: ## pin every dependency again
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --all-extras --generate-hashes --no-header \
		--no-annotate --upgrade --output-file requirements.lock pyproject.toml
