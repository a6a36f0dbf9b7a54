# 质信. Run `make` to see what there is. Needs Python 3.11 or newer, make and git; all else goes into .venv.

PYTHON ?= python3
PORT ?= 8000
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/installed
ONLY ?= tests

# The stamp says for which folder the environment was made. Where that is another one (a moved or copied checkout), or
# its Python no longer starts (an upgraded system), `install` runs again and mends it.
SOUND := $(shell [ "$$(cat $(STAMP) 2>/dev/null)" = "$(CURDIR)" ] && $(BIN)/python -c "" 2>/dev/null \
	&& [ -x $(BIN)/zhixin ] && echo yes)

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help install demo test check bench bench-search docs i18n lock clean mend

help: ## show this help
	@echo "质信 zhixin: make TARGET [PORT=8000] [PYTHON=python3.12] [ONLY=tests/test_settings.py]"
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / {printf "  %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

install: $(STAMP) ## make the environment .venv with the command .venv/bin/zhixin
	@for catalog in portal/translations/*/LC_MESSAGES/*.po; do \
		[ -e "$$catalog" ] || continue; \
		compiled="$${catalog%.po}.mo"; \
		[ "$$compiled" -nt "$$catalog" ] || $(BIN)/pybabel -q compile -i "$$catalog" -o "$$compiled" || exit 1; \
	done

$(STAMP): requirements.lock pyproject.toml $(if $(SOUND),,mend)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
		echo "需要 Python 3.11 或更新版本，“$(PYTHON)”不是。请安装后用 make $(MAKECMDGOALS) PYTHON=python3.12 指明。" >&2; \
		echo "Python 3.11 or newer is needed and '$(PYTHON)' is none; name it: make $(MAKECMDGOALS) PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
		echo "此 Python 缺少 venv 模块；Debian、Ubuntu 上请先运行：apt-get install python3-venv" >&2; \
		echo "This Python lacks its venv module; on Debian and Ubuntu: apt-get install python3-venv" >&2; exit 1; }
	@if ! $(BIN)/python -m pip --version >/dev/null 2>&1 \
		|| [ "$$(cat $(STAMP) 2>/dev/null || echo "$(CURDIR)")" != "$(CURDIR)" ]; then \
		echo "新建运行环境 making $(VENV)"; rm -rf $(VENV) && $(PYTHON) -m venv $(VENV); fi
	@echo "安装依赖 installing what requirements.lock names"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --use-pep517 --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@echo "$(CURDIR)" > $@

mend:

demo: install ## make the demonstration register if there is none, then serve it on PORT
	@$(BIN)/zhixin demo --port $(PORT)

# Tests start the portal and its commands some hundred times: where the system forbids Python to keep what it compiles,
# each start would compile all of it, 2.5 s of processor time.
test: check ## check, then run the tests against real servers; ONLY=path for a part
	@PYTHONDONTWRITEBYTECODE= $(BIN)/pytest -n 2 --dist worksteal $(ONLY)

check: install ## lint, format, types and the rule of who may import whom
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check --quiet . || { echo "先运行 run first: $(BIN)/ruff format ." >&2; exit 1; }
	@$(BIN)/mypy
	@$(BIN)/lint-imports --cache-dir .cache/import-linter

bench: install ## measure and print the table of figures
	@$(BIN)/python -m bench

bench-search: install ## measure what search finds by kind of query and engine, into bench/search.md
	@$(BIN)/python -m bench.search

docs: install ## write what is made from code: docs/settings.md, docs/cli.md, the Python client
	@$(BIN)/python -m docs.generate
	@$(BIN)/python clients/python/generate.py

i18n: install ## gather the texts for people into portal/translations, then compile
	@$(BIN)/pybabel -q extract -F babel.cfg --project=zhixin --no-location --sort-output -o portal/translations/messages.pot .
	@$(BIN)/pybabel -q update -i portal/translations/messages.pot -d portal/translations --no-fuzzy-matching
	@$(BIN)/pybabel compile -d portal/translations

lock: install ## renew requirements.lock: newest versions for every platform, with hashes, without addresses
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --extra dev --upgrade --generate-hashes --no-annotate \
		--no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" --output-file requirements.lock pyproject.toml

clean: ## remove what was made here: environment, caches, builds; the data in var stays
	@rm -rf $(VENV) .cache .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache build dist *.egg-info
	@find . -path ./var -prune -o -name __pycache__ -type d -prune -exec rm -rf {} +
