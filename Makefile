# The one way in: a machine needs Python 3.11 to 3.13 and make, nothing else.
# Whatever is downloaded, built or cached stays in this folder (.venv, .cache, dbt_project/target, data).

PYTHON ?= python3
UV_VERSION := 0.13.9
ARGS ?=
PYTEST_ARGS ?=

BIN := .venv/bin
INSTALLED := .venv/.installed
MANIFEST := dbt_project/target/manifest.json
DBT_SOURCES := $(shell find dbt_project -type f -not -path '*/target/*' -not -path '*/logs/*' 2>/dev/null)
DBT_PARSE := $(BIN)/dbt --quiet parse --project-dir dbt_project --profiles-dir dbt_project

# pip and uv still read the user's own settings (a proxy, a mirror); only what they write is kept here.
export PIP_CACHE_DIR := $(CURDIR)/.cache/pip
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export UV_CACHE_DIR := $(CURDIR)/.cache/uv
export UV_PYTHON_DOWNLOADS := never
# Without compiled files each start would read every package as source, which takes longer than the work itself.
unexport PYTHONPATH PYTHONHOME VIRTUAL_ENV PYTHONDONTWRITEBYTECODE

# Everything we run gets a home folder of its own: dbt-bouncer, dagster and browsers write there unasked.
RUN := mkdir -p .cache/home && env HOME="$(CURDIR)/.cache/home" \
	XDG_CACHE_HOME="$(CURDIR)/.cache/home/.cache" \
	XDG_CONFIG_HOME="$(CURDIR)/.cache/home/.config" \
	XDG_DATA_HOME="$(CURDIR)/.cache/home/.local/share" \
	XDG_STATE_HOME="$(CURDIR)/.cache/home/.local/state" \
	DBT_LOG_PATH="$(CURDIR)/.cache/dbt-logs" \
	HYPOTHESIS_STORAGE_DIRECTORY="$(CURDIR)/.cache/hypothesis" \
	PYTEST_DEBUG_TEMPROOT="$(CURDIR)/.cache/home" \
	DO_NOT_TRACK=1 DBT_SEND_ANONYMOUS_USAGE_STATS=false GX_ANALYTICS_ENABLED=false DAGSTER_DISABLE_TELEMETRY=1

.PHONY: help install refresh ui test lint format conventions lock clean
.DELETE_ON_ERROR:

help:
	@echo "make refresh      install what is missing, then refresh the published tables (ARGS=... is passed on)"
	@echo "make ui           the same pipeline in a browser, on this machine only"
	@echo "make test         the whole test suite, offline (PYTEST_ARGS=... is passed on)"
	@echo "make lint         code style, types, SQL and YAML; make format mends what can be mended"
	@echo "make conventions  dbt project parsed with warnings as errors, names and layers checked"
	@echo "make lock         compile requirements.lock from pyproject.toml"
	@echo "make clean        remove .venv and every cache; data/ stays"

install: $(INSTALLED) $(MANIFEST)

$(INSTALLED): requirements.lock pyproject.toml
	@command -v "$(PYTHON)" >/dev/null || { echo "Python 3.11 to 3.13 is needed, and '$(PYTHON)' was not found: name one with make PYTHON=/path/to/python3.11." >&2; exit 1; }
	@"$(PYTHON)" -c 'import sys; v = sys.version_info[:2]; (3, 11) <= v < (3, 14) or sys.exit("Python 3.11 to 3.13 is needed, and %s is %d.%d: name another with make PYTHON=/path/to/python3.11." % ((sys.executable,) + v))'
	@echo "Installing into .venv ..."
	"$(PYTHON)" -m venv .venv
	$(BIN)/python -m pip install --quiet uv==$(UV_VERSION)
	$(BIN)/uv pip sync --quiet --python $(BIN)/python --require-hashes requirements.lock
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@touch $@

$(MANIFEST): $(INSTALLED) $(DBT_SOURCES)
	@echo "Reading the dbt project ..."
	@$(RUN) $(DBT_PARSE)
	@touch $@

refresh: install
	@$(RUN) $(BIN)/dualuse refresh $(ARGS)

ui: install
	@$(RUN) $(BIN)/dualuse ui $(ARGS)

test: install
	@$(RUN) $(BIN)/pytest -n 2 --dist loadfile $(PYTEST_ARGS)

lint: install
	@$(RUN) $(BIN)/ruff check orchestration tests dbt_project
	@$(RUN) $(BIN)/ruff format --check orchestration tests dbt_project
	@$(RUN) $(BIN)/mypy
	@$(RUN) $(BIN)/sqlfluff lint --disable-progress-bar dbt_project
	@$(RUN) $(BIN)/yamllint --strict .

format: install
	@$(RUN) $(BIN)/ruff check --fix orchestration tests dbt_project
	@$(RUN) $(BIN)/ruff format orchestration tests dbt_project
	@$(RUN) $(BIN)/sqlfluff fix --disable-progress-bar dbt_project

conventions: install
	@$(RUN) $(DBT_PARSE) --warn-error --no-partial-parse
	@$(RUN) COLUMNS=160 $(BIN)/dbt-bouncer run --config-file dbt-bouncer.yml --show-all-failures

# The lock names versions and hashes only: no index, and no path of the machine that compiled it.
lock: $(INSTALLED)
	$(BIN)/uv pip compile --quiet --upgrade --universal --generate-hashes --all-extras \
		--python $(BIN)/python --custom-compile-command "make lock" pyproject.toml -o requirements.lock

clean:
	rm -rf .venv .cache dbt_project/target dbt_project/logs build dist
	find orchestration tests dbt_project -type d -name __pycache__ -prune -exec rm -rf {} +
