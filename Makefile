# `make run` is all that is needed to see WebMACS work: Python 3.11 or newer, Node.js 20 or newer, no root.
# Everything it fetches is pinned with hashes; stamps in .venv/.stamps keep a second run quick.

PYTHON ?= python3
BIN := .venv/bin
STAMPS := .venv/.stamps
WEBMACS := $(BIN)/webmacs
CONTROLLER_LOCKS := $(wildcard controller/requirements*.lock)
FRONTEND_SOURCES := $(shell find frontend -type f -not -path '*/node_modules/*' -not -path '*/dist/*' 2>/dev/null)
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
PIP_WHEEL := $(BIN)/python -m pip wheel --quiet --disable-pip-version-check --no-index --no-deps --no-build-isolation

# Containers often have it; then each of the many processes would compile all of our code anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: run install wheels test check check-python check-page soak production-test bench lock clean
.DELETE_ON_ERROR:

run: install ## start everything; Ctrl-C stops it
	@$(WEBMACS) setup
	@$(WEBMACS) up

install: $(STAMPS)/self $(STAMPS)/controller $(STAMPS)/postgrest frontend/dist/index.html

# What docs/production.md sets a server up from.
wheels: install ## dist/: our wheels, with the page in them, and the lock of all others
	@rm -rf dist && mkdir dist && cp requirements.lock dist
	$(PIP_WHEEL) --wheel-dir dist . ./controller

# Four, because tests wait for half of their time; whole files stay together as long as nobody is idle.
test: install $(STAMPS)/dev
	cd frontend && npm test --silent
	$(BIN)/python -m pytest -n 4 --dist worksteal --durations 15

check: check-python check-page

check-python: install $(STAMPS)/dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy src controller/src tests bench hatch_build.py

check-page: install
	cd frontend && npm run --silent check

soak: install $(STAMPS)/dev ## 72 hours of faults, simulated; SOAK_SEED=… plays one again
	$(BIN)/python -m tests.simulation

# As root: a bare Debian in a folder, `webmacs install`, every part killed under load; then the containers of docker/.
# Some 20 minutes.
production-test: install $(STAMPS)/dev
	$(BIN)/python -m tests.production
	$(BIN)/python -m tests.production.docker

bench: install $(STAMPS)/dev
	$(BIN)/python -m bench

# The only target that needs uv; it looks for the newest versions that fit together.
lock:
	for name in requirements requirements-dev $(basename $(wildcard controller/requirements*.in)); do \
	  uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	    --no-header --output-file $$name.lock $$name.in || exit 1; done
	npm install --package-lock-only --no-audit --no-fund
	cd frontend && npm install --package-lock-only --no-audit --no-fund

# Not var/ nor config.toml: they hold data and secrets.
clean:
	rm -rf .venv dist node_modules frontend/node_modules frontend/dist .mypy_cache .ruff_cache .pytest_cache

$(STAMPS)/venv:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo "WebMACS needs Python 3.11 or newer, and $(PYTHON) is $$($(PYTHON) --version 2>&1);" \
	    "name one: make run PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || { \
	  echo "$(PYTHON) cannot make virtual environments; on Debian: apt-get install python3-venv" >&2; exit 1; }
	$(PYTHON) -m venv .venv
	@mkdir -p $(STAMPS) && touch $@

$(STAMPS)/runtime: requirements.lock $(STAMPS)/venv
	$(PIP) --require-hashes -r requirements.lock
	@touch $@

# One after another, also with -j: pip does not expect another one in its environment.
$(STAMPS)/dev: requirements-dev.lock $(STAMPS)/controller
	$(PIP) --require-hashes -r requirements-dev.lock
	@touch $@

$(STAMPS)/self: pyproject.toml hatch_build.py $(STAMPS)/runtime
	$(PIP) --no-index --no-deps --no-build-isolation --editable .
	@touch $@

# With all extras: the demo's controller offers every plugin.
$(STAMPS)/controller: controller/pyproject.toml $(CONTROLLER_LOCKS) $(STAMPS)/self
	$(PIP) --require-hashes $(CONTROLLER_LOCKS:%=-r %)
	$(PIP) --no-index --no-deps --no-build-isolation --editable controller
	@touch $@

# Without npm a PostgREST from PATH or the configuration does as well; `webmacs up` says so if there is none.
$(STAMPS)/postgrest: package-lock.json $(STAMPS)/venv
	@if command -v npm >/dev/null; then npm ci --no-audit --no-fund --loglevel=error; \
	  else echo "There is no npm, so PostgREST is not taken from there." >&2; fi
	@touch $@

frontend/dist/index.html: $(FRONTEND_SOURCES)
	@command -v npm >/dev/null || { echo "The page is built with Node.js 20 or newer, and there is no npm." >&2; exit 1; }
	@node -e 'process.exit(Number(process.versions.node.split(".")[0]) < 20 ? 1 : 0)' || { \
	  echo "The page is built with Node.js 20 or newer; this is $$(node --version)." >&2; exit 1; }
	cd frontend && npm ci --no-audit --no-fund --loglevel=error && npm run --silent build
	@touch $@
