# What one does with Greenroom. Everything that these commands install stays in .venv, .tools and tests/npm/node_modules.
.DEFAULT_GOAL := help
WORKERS ?= auto
FAULTS := llm/test_malformed_answers.py llm/test_cache_key.py llm/test_slow_readers.py storage/test_disk_cache.py commands/test_crawling.py \
	background/test_accidents.py world/test_killed.py world/test_rewind.py
.PHONY: run test env collected npm chaos check format lint types layers docs lock bench help

run: .venv/running  ## Start Greenroom; options: make run ARGS="--port 6000"
	.venv/bin/greenroom up $(ARGS)

test: env  ## Run all tests; fewer: make test ARGS="tests/wire -x"
	@if command -v npm >/dev/null; then $(MAKE) --no-print-directory npm || echo "Tests with clients from npm will be skipped."; fi
	.venv/bin/pytest --numprocesses $(WORKERS) --dist loadfile $(ARGS)

env: .venv/developing  ## Make the environment, with all that developing needs

collected: env  ## Collect the tests; when several workers do that at once, each prepares every file
	.venv/bin/pytest --collect-only -qq >/dev/null

npm: tests/npm/node_modules/.package-lock.json  ## Install the clients from npm that tests use; it needs Node.js

chaos: env  ## Try faults in the sizes that docs/faults.md tells; it takes more than an hour
	TESTS_AT_FULL_SIZE=1 .venv/bin/pytest --timeout 0 $(addprefix tests/,$(FAULTS))
	.venv/bin/python -m benchmarks.senders

check: format lint types layers test  ## Everything that CI checks

format: env  ## Is the code formatted? (.venv/bin/ruff format mends it)
	.venv/bin/ruff format --check

lint: env  ## Does the code keep the house rules?
	.venv/bin/ruff check

types: env  ## Do the types fit?
	.venv/bin/mypy

layers: env  ## Do imports point downwards?
	.venv/bin/lint-imports

docs: env  ## Write docs/settings.md anew, after a change of greenroom/config
	.venv/bin/python -m greenroom.commands.settings_page > docs/settings.md

lock:  ## Write uv.lock anew, after a change of the dependencies in pyproject.toml
	tools/uv lock

bench: env  ## Measure what a turn costs
	.venv/bin/python benchmarks/turn.py $(ARGS)

help:  ## List these commands
	@sed -n 's/^\([a-z]*\):.*  ## /make \1	/p' Makefile | expand -t 14

# `make run` is content with less than `make test` needs, but takes nothing away: hence --inexact.
.venv/running: pyproject.toml uv.lock
	tools/uv sync --frozen --no-dev --inexact --compile-bytecode
	.venv/bin/python -m compileall -q greenroom
	@touch $@

.venv/developing: pyproject.toml uv.lock
	tools/uv sync --frozen --compile-bytecode
	.venv/bin/python -m compileall -q greenroom
	@touch .venv/running $@

tests/npm/node_modules/.package-lock.json: tests/npm/package-lock.json
	npm ci --prefix tests/npm --ignore-scripts --no-audit --no-fund
	@touch $@
