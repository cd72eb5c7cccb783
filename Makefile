# make run     a served system from a bare clone: http://127.0.0.1:8080 (PORT=9000 make run for another port)
# make test    the whole suite on real servers and a real browser (ARGS="tests/house -x" for a part)
# make check   format, lint, types, import floors, fast tests
# make torture kill loops and broken neighbours at full count, about an hour (ARGS="-k t01" for one)
# make bench   what an order costs, one JSON line per figure (PEERS=1 with others, ARGS="order-8" for one)
# make soak    half an hour of load: memory, descriptors, tables and keys must stay flat
# make screenshots  the pictures of README and handbook, taken again in a real browser
# make lock    resolve requirements/*.in again into the hashed lock files
# make format  let ruff format and sort the code

.DEFAULT_GOAL := help
.PHONY: help run test check torture bench soak screenshots lock format
MAKEFLAGS += --no-print-directory

PORT ?= 8080
BIN := .venv/bin
PACKAGES := app processes adapters

help:
	@sed -n 's/^# make/  make/p' Makefile

run:
	@python=$$(sh scripts/find-python) && "$$python" scripts/prepare.py runtime frontend
	@YIZHAN_PORT=$(PORT) exec $(BIN)/yizhan up --demo

test:
	@python=$$(sh scripts/find-python) && "$$python" scripts/prepare.py dev frontend servers
	@exec $(BIN)/python scripts/run_tests.py $(ARGS)

check:
	@python=$$(sh scripts/find-python) && "$$python" scripts/prepare.py dev
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy $(PACKAGES)
	$(BIN)/lint-imports
	$(BIN)/python -m pytest -q -m "not slow"

torture:
	@python=$$(sh scripts/find-python) && "$$python" scripts/prepare.py dev frontend servers
	@exec $(BIN)/python -m pytest tests/torture --full -rA -s $(ARGS)

bench:
	@python=$$(sh scripts/find-python) && "$$python" scripts/prepare.py dev frontend servers
	@PEERS=$(PEERS) exec $(BIN)/python -m tests.bench $(ARGS)

soak:
	@python=$$(sh scripts/find-python) && "$$python" scripts/prepare.py dev frontend servers
	@exec $(BIN)/python -m tests.bench.soak $(ARGS)

screenshots:
	@python=$$(sh scripts/find-python) && "$$python" scripts/prepare.py dev frontend servers
	@exec $(BIN)/python -m pytest tests/pictures --full --pictures $(ARGS)

format:
	@python=$$(sh scripts/find-python) && "$$python" scripts/prepare.py dev
	$(BIN)/ruff format
	$(BIN)/ruff check --fix

lock:
	@python=$$(sh scripts/find-python) && "$$python" scripts/prepare.py runtime
	@for name in bootstrap runtime dev node; do \
	    $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url \
	        requirements/$$name.in --output-file requirements/$$name.lock || exit 1; done
