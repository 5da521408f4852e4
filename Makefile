# `make run` serves the app, `make test` runs every check; both set up what they need in .venv.
#   make run PORT=8600            another port
#   make run PYTHON=python3.12    another Python (for a new .venv)
#   make test WORKERS=2           test processes; default: one per core
PYTHON ?= python3
PORT ?= 8501
WORKERS ?= auto
BIN := .venv/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check

# An environment is up to date while it holds the stamp of its lock file, so that nothing is installed twice.
stamp = .venv/$(1)-$(shell cat $(2) | cksum | cut -d ' ' -f 1)
RUNTIME := $(call stamp,runtime,requirements.lock)
CHECKS := $(call stamp,checks,requirements.lock requirements-dev.lock)
PEERS := $(call stamp,peers,requirements.lock requirements-dev.lock benchmarks/requirements.txt)

.PHONY: help run test lint format benchmarks screenshots sample lock clean

help:
	@echo "make run          serve the app at http://127.0.0.1:$(PORT) with the sample cohort"
	@echo "make test         format, lint, types, layers, tests, notebooks, browser tests"
	@echo "make lint         the checks that run no test"
	@echo "make format       format the code, mend what ruff can mend"
	@echo "make benchmarks   measure the product against its targets and peers"
	@echo "make screenshots  make the pictures of every page in docs/pictures"
	@echo "make sample       make sample_data again"
	@echo "make lock         make the lock files again, with the newest allowed versions"
	@echo "make clean        remove .venv and everything that was built"

run: $(RUNTIME)
	@echo "Precision is starting at http://127.0.0.1:$(PORT) (end it with Ctrl+C)"
	@$(BIN)/python -m precision app --port $(PORT)

test: lint
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile -m "not browser"
	$(BIN)/python -m pytest tests/browser

lint: $(CHECKS)
	$(BIN)/python -m ruff format --check .
	$(BIN)/python -m ruff check .
	$(BIN)/python -m pyright
	$(BIN)/python $(BIN)/lint-imports --no-logo

format: $(CHECKS)
	$(BIN)/python -m ruff format .
	$(BIN)/python -m ruff check --fix .

benchmarks: $(PEERS)
	$(BIN)/python -m benchmarks

screenshots: $(CHECKS)
	$(BIN)/python -m scripts.screenshots

sample: $(RUNTIME)
	$(BIN)/python -m precision synth --patients 300 --seed 1 --out sample_data

lock:
	rm -rf build/lock
	$(PYTHON) -m venv build/lock
	build/lock/bin/python -m pip install --quiet -r requirements.txt
	{ echo '# Exact tested versions of what Precision runs on; made by `make lock` from requirements.txt.'; \
	  build/lock/bin/python -m pip freeze --quiet; } > requirements.lock
	build/lock/bin/python -m pip install --quiet -r requirements.lock -r requirements-dev.txt
	{ echo '# Exact tested versions of what the checks need besides; made by `make lock` from requirements-dev.txt.'; \
	  echo '-r requirements.lock'; \
	  build/lock/bin/python -m pip freeze --quiet | grep -v -x -F -f requirements.lock; } > requirements-dev.lock

clean:
	rm -rf .venv build dist *.egg-info .pytest_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

.venv/created:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo "Precision needs Python 3.11 or newer; $(PYTHON) is: $$($(PYTHON) --version 2>&1 || true)"; \
	  echo "Install one, or name it: make $(MAKECMDGOALS) PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -m venv .venv || { \
	  echo "$(PYTHON) cannot make a virtual environment; on Debian and Ubuntu: apt install python3-venv"; exit 1; }
	@touch $@

$(RUNTIME): | .venv/created
	@echo "Installing what Precision runs on (once) ..."
	@$(PIP) -r requirements.lock
	@$(PIP) --no-deps --editable .
	@rm -f .venv/runtime-* && touch $@

$(CHECKS): | $(RUNTIME)
	@echo "Installing what the checks need (once) ..."
	@$(PIP) -r requirements-dev.lock
	@rm -f .venv/checks-* && touch $@

$(PEERS): | $(CHECKS)
	@echo "Installing the peers that the benchmarks compare with (once) ..."
	@$(PIP) -r benchmarks/requirements.txt
	@rm -f .venv/peers-* && touch $@
