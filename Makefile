# `make run` and `make test` are all a newcomer needs; `make` alone lists the rest.

PYTHON ?= python3
HOST ?=
PORT ?=
# Where torch comes from: empty asks PyTorch's CPU index and falls back on PyPI; `pypi`, or an index's URL, is used as given.
TORCH_INDEX ?=
TORCH_CPU_INDEX = https://download.pytorch.org/whl/cpu

VENV = .venv
BIN = $(VENV)/bin
# What is installed depends on these two files; an environment whose clone was moved is made anew.
KEY := $(shell cat pyproject.toml constraints.txt | cksum | cut -d' ' -f1)
SOUND := $(shell $(BIN)/python -c '' 2>/dev/null && grep -qF "$$(pwd -P)/$(VENV)" $(BIN)/activate && echo yes)
RUNTIME = $(VENV)/.installed-$(KEY)
DEVELOPMENT = $(VENV)/.installed-dev-$(KEY)
PREFLIGHT = $(PYTHON) -m rag.preflight --environment $(VENV) $(if $(and $(SOUND),$(wildcard $(RUNTIME))),,--packages)

.PHONY: help run test check fast slow bench clean able-to-serve able-to-test able-to-develop
.NOTPARALLEL:

help:
	@echo 'make run        set up what is missing, index seeds/, serve on http://127.0.0.1:8000 (HOST=, PORT=)'
	@echo 'make test       check, then fast tests, then slow tests: all that CI runs'
	@echo 'make check      formatting, lint, types, the order of layers'
	@echo 'make fast       tests without the language model'
	@echo 'make slow       tests with it; fetches weights that are missing'
	@echo 'make bench      speed and memory, measured; what more passages cost: .venv/bin/python -m eval.growth'
	@echo 'make clean      remove the environment and caches of tools; weights and indexes stay'
	@echo 'PYTHON=python3.12 chooses the interpreter, TORCH_INDEX=pypi or =URL where torch comes from'

run: able-to-serve $(RUNTIME)
	@exec $(BIN)/derek serve $(if $(HOST),--host '$(HOST)') $(if $(PORT),--port '$(PORT)')

test: able-to-test check fast slow

check: able-to-develop $(DEVELOPMENT)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

fast: able-to-develop $(DEVELOPMENT)
	$(BIN)/pytest -m 'not slow' -n auto

slow: able-to-test $(DEVELOPMENT)
	$(BIN)/derek models pull
	$(BIN)/pytest -m slow

bench: able-to-test $(RUNTIME)
	$(BIN)/python -m eval.bench

clean:
	rm -rf $(VENV) build *.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache

able-to-serve:
	@$(PREFLIGHT) --to serve $(if $(HOST),--host '$(HOST)') $(if $(PORT),--port '$(PORT)')

able-to-test:
	@$(PREFLIGHT) --to test

able-to-develop:
	@$(PREFLIGHT) --to develop

$(BIN)/python:
	$(PYTHON) -m venv --clear $(VENV)

ifneq ($(SOUND),yes)
.PHONY: $(BIN)/python $(RUNTIME) $(DEVELOPMENT)
endif

# torch first and alone, because only it may come from another index
$(RUNTIME): | $(BIN)/python
	@torch=$$(grep '^torch==' constraints.txt); index='$(TORCH_INDEX)'; \
	if $(BIN)/pip freeze 2>/dev/null | grep -qE "^$$torch([+]|$$)"; then exit 0; fi; \
	if [ -z "$$index" ]; then index=$$($(BIN)/python -m rag.torch_index $(TORCH_CPU_INDEX)); fi; \
	if [ -n "$$index" ] && [ "$$index" != pypi ]; then \
	  $(BIN)/pip install --retries 1 --no-deps --index-url "$$index" "$$torch" || $(BIN)/pip install --no-deps "$$torch"; \
	else $(BIN)/pip install --no-deps "$$torch"; fi
	$(BIN)/pip install -c constraints.txt -e .
	@touch $@

$(DEVELOPMENT): $(RUNTIME)
	$(BIN)/pip install -c constraints.txt -e '.[dev]'
	@touch $@
