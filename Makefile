# Velluto on one machine. `make help` lists what there is.

PYTHON ?= python3.11
VENV ?= .venv
PORT ?= 8000
HOST ?= 127.0.0.1
# Where the small CPU build of torch comes from. Where it cannot be reached, torch comes from the ordinary index: larger,
# and just as good. Name your own mirror here, or set it empty to skip the attempt.
TORCH_INDEX ?= https://download.pytorch.org/whl/cpu
# Anything more that pip should know, as --index-url or --find-links.
PIP_EXTRA_ARGS ?=
PYTEST_ARGS ?=
CORPUS ?= corpus
LIMIT ?= 0
KILLS ?= 200
FILES ?= 1000
ROUNDS ?= 500

APT = python3.11 python3.11-venv python3.11-dev make gcc g++
RUN_FILES = requirements.txt requirements-nodeps.txt requirements-build.txt
DEV_FILES = $(RUN_FILES) requirements-dev.txt
RUN_STAMP = $(VENV)/.installed-$(shell cat $(RUN_FILES) | sha256sum | cut -c1-16)
DEV_STAMP = $(VENV)/.installed-dev-$(shell cat $(DEV_FILES) | sha256sum | cut -c1-16)
BIN = $(VENV)/bin
PIP = $(BIN)/python -m pip --disable-pip-version-check
MANAGE = $(BIN)/python manage.py

.DEFAULT_GOAL := help
.PHONY: help run demo worker test check audit bench faults lock install install-dev

help:  ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@printf '\n%s\n' \
	  'Settings: PORT=$(PORT) HOST=$(HOST) PYTHON=$(PYTHON) VENV=$(VENV) TORCH_INDEX=... PIP_EXTRA_ARGS=... PYTEST_ARGS=...' \
	  'On Debian 12:    apt install $(APT)' \
	  'For make test:   also chromium (the tests in a browser) and postgresql (the second run of the suite); optional: python3-swift (the vault on a real S3 server)' \
	  'A vault on S3:   $(VENV)/bin/pip install -r requirements-s3.txt, then docs/settings.md'

run: $(RUN_STAMP)  ## Install what is missing and serve Velluto on this machine; Ctrl-C ends it
	@exec $(MANAGE) up --host $(HOST) --port $(PORT)

demo: $(RUN_STAMP)  ## Walk the whole path from a recording to marked speech, without a browser
	@$(MANAGE) migrate -v 0
	@$(MANAGE) migrate -v 0 --database keys
	@exec $(MANAGE) demo

worker: $(RUN_STAMP)  ## Do background jobs only (a further machine, against the same PostgreSQL)
	@exec $(MANAGE) worker

test: $(DEV_STAMP)  ## Run the tests on SQLite, then on PostgreSQL where there is one
	@PATH="$(abspath $(BIN)):$$PATH" .ci/test $(PYTEST_ARGS)

check: $(DEV_STAMP)  ## Format, lint, types, import order, secrets, pins, migrations, deployment settings
	@PATH="$(abspath $(BIN)):$$PATH" .ci/check

audit: $(DEV_STAMP)  ## Ask PyPI's advisories about every pinned package (needs the internet)
	@$(BIN)/python .ci/audit

bench: $(RUN_STAMP)  ## Measure the engines on recordings: make bench CORPUS=folder [NAME=speaker] [LIMIT=50]
	@set -e; for name in $(or $(NAME),speaker captcha gate speech statement watermark); do \
	  $(MANAGE) bench $$name --corpus "$(CORPUS)" --limit $(LIMIT); done

faults: $(DEV_STAMP)  ## Kill processes, damage recordings, withdraw at every moment; count what is lost (KILLS= FILES= ROUNDS=)
	@PATH="$(abspath $(BIN)):$$PATH" python -m tests.audio.fuzz --files $(FILES)
	@PATH="$(abspath $(BIN)):$$PATH" .ci/with-postgresql --or-without --own python -m tests.faults.sweep --kills $(KILLS)
	@PATH="$(abspath $(BIN)):$$PATH" .ci/with-postgresql --or-without --own python -m tests.faults.cascades
	@set -e; for ending in withdraw pause unshare unpublish; do \
	  PATH="$(abspath $(BIN)):$$PATH" .ci/with-postgresql --or-skip \
	    python -m tests.faults.interleavings --rounds $(ROUNDS) --ending $$ending; done

lock: $(DEV_STAMP)  ## Choose versions anew: requirements.in -> requirements.txt
	@PATH="$(abspath $(BIN)):$$PATH" .ci/lock $(PIP_EXTRA_ARGS)

install: $(RUN_STAMP)  ## Install only what running needs
install-dev: $(DEV_STAMP)  ## Install what testing needs too

$(BIN)/python:
	@command -v $(PYTHON) >/dev/null || { echo 'There is no $(PYTHON) here. On Debian 12: apt install $(APT)' >&2; exit 1; }
	@command -v g++ >/dev/null && $(PYTHON) -c 'import os, sysconfig; os.stat(sysconfig.get_path("include") + "/Python.h")' 2>/dev/null || \
	  { echo 'One package has to be compiled: g++ and Python.h are needed. On Debian 12: apt install $(APT)' >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); echo 'On Debian 12: apt install $(APT)' >&2; exit 1; }

# The name of a stamp carries the digest of the files it stands for: a changed pin installs again, anything else does not.
$(RUN_STAMP): | $(BIN)/python
	@echo 'Installing into $(VENV). Once only; it takes some minutes, most of them for downloading torch.'
	@$(PIP) install --quiet $(PIP_EXTRA_ARGS) "$$(grep -h '^pip==' requirements-dev.txt)"
	@torch=$$(grep '^torch==' requirements.txt); \
	if ! $(BIN)/python -m pip show --quiet torch 2>/dev/null && [ -n "$(TORCH_INDEX)" ]; then \
	  if $(BIN)/python -c 'import sys, urllib.request; urllib.request.urlopen(sys.argv[1], timeout=5)' "$(TORCH_INDEX)/torch/" 2>/dev/null; then \
	    echo "Installing $$torch (CPU) from $(TORCH_INDEX)"; \
	    $(PIP) install --quiet --no-deps --index-url "$(TORCH_INDEX)" $(PIP_EXTRA_ARGS) "$$torch"; \
	  else echo "$(TORCH_INDEX) does not answer: torch comes from the ordinary index."; fi; \
	fi
	@$(PIP) install --quiet --build-constraint requirements-build.txt $(PIP_EXTRA_ARGS) -r requirements.txt
	@$(PIP) install --quiet --no-deps $(PIP_EXTRA_ARGS) -r requirements-nodeps.txt
	@rm -f $(VENV)/.installed-????????????????
	@touch $@

$(DEV_STAMP): $(RUN_STAMP)
	$(PIP) install --quiet --build-constraint requirements-build.txt $(PIP_EXTRA_ARGS) -r requirements-dev.txt
	@rm -f $(VENV)/.installed-dev-*
	@touch $@
