# Every target sets up first what it needs, quickly when nothing is missing: `make setup` is what a server needs,
# `make setup-dev` adds what demo, lint and bench need, `make setup-test` a browser, Chinese fonts and CKAN for the tests.
# make demo          the whole job on a replica: no portal, no server, no account needed
# make test          all tests under ten minutes;  make test-slow: the longer scenarios;  make test-years: a country, and HTTP
# make crawl CITY=guiyang
# make site          the site of what was read, served on 127.0.0.1;  OUT=/var/www/nightwatch: only built, there
# make nightly       ONLY="guiyang,province:山东" a subset;  DRY_RUN=1 prints hosts, requests, minutes and sends nothing;
#                    CLUSTER=1 read by the workers of several machines (docs/cluster.md)

SHELL := /bin/bash
PY := .venv/bin/python
SCRAPY := $(PY) -m opendata_spiders
ALERTS := $(PY) -m alerts
PORT := 8000
export PYTHONUTF8 := 1

.PHONY: help setup setup-dev setup-test demo test test-slow test-years crawl nightly site score score-http chaos lint bench year lock

help:
	@sed -n '3,9s/^# //p' Makefile

setup:
	@scripts/setup.sh

setup-dev:
	@scripts/setup.sh dev

setup-test:
	@scripts/setup.sh test

demo: setup-dev
	@$(PY) -m tests.replica.demo --out demo

# One worker more than there are cores: many tests wait for a server or a process to end.
test: setup-test
	@$(PY) -m pytest -q -n $$(( $$(nproc 2>/dev/null || echo 2) + 1 )) -m "not slow and not years"

test-slow: setup-test
	@$(PY) -m pytest -q -n auto -m slow

# A country's year and fourteen nights of sixty portals over HTTP; not part of .ci/run, which has forty minutes.
test-years: setup-test
	@$(PY) -m pytest -q -n auto -m years

crawl: setup
	@test -n "$(CITY)" || { echo "name a city: make crawl CITY=guiyang ($(SCRAPY) list prints them)" >&2; exit 2; }
	@$(SCRAPY) crawl $(CITY) $(ARGS)

# The steps of a night, and how it ends: scripts/nightly.sh. Run by root it installs nothing.
nightly:
	@scripts/setup.sh night && ONLY="$(ONLY)" DRY_RUN="$(DRY_RUN)" CLUSTER="$(CLUSTER)" exec scripts/nightly.sh

# The site for any static web server: make site OUT=/var/www/nightwatch, or once for all SITE_DIR in .env, which lets the
# night build it too, before the digests that link to it are sent. Without OUT: built in site/ and served on this machine.
site: setup
	@$(if $(OUT),,$(PY) -c 'import socket; socket.create_server(("127.0.0.1", $(PORT)))' 2>/dev/null || { echo "port $(PORT) is taken or closed to you: make site PORT=8001" >&2; exit 2; })
	@$(ALERTS) site --out "$(or $(OUT),site)"
	@$(if $(OUT),,echo "http://127.0.0.1:$(PORT)/ (Ctrl-C ends it; another port: make site PORT=8001)"; exec $(PY) -m http.server --bind 127.0.0.1 --directory site $(PORT))

lint: setup-dev
	@.venv/bin/ruff check . && .venv/bin/ruff format --check . && .venv/bin/mypy && $(SCRAPY) checkall

# A year of the country at the level of the store: its size, its cost, times of queries. ARGS="--portals 12 --datasets 24000 --nights 30".
year: setup-dev
	@$(PY) -m tests.year $(ARGS)

bench: setup-dev
	@$(PY) -m tests.bench

# Years of nights from four invented worlds: is everything told, nothing wrongly, how late? ARGS="--seed 7 --portals 12".
score: setup-dev
	@$(PY) -m tests.score $(ARGS)

# Fourteen nights of sixty portals, read over HTTP by the real crawl. ARGS="--seed 7".
score-http: setup-dev
	@$(PY) -m tests.score.overnight $(ARGS)

# The product under attack: mutated answers, kills, hostile servers, injected text, leaked secrets. ARGS="hostile --scale 0.1".
chaos: setup-dev
	@$(PY) -m tests.chaos $(ARGS)

lock:
	@$(PY) -m pip install --quiet uv
	@.venv/bin/uv pip compile pyproject.toml --group dev --universal --generate-hashes --no-header --no-annotate -q -o requirements-dev.lock
	@.venv/bin/uv pip compile pyproject.toml -c requirements-dev.lock --universal --generate-hashes --no-header --no-annotate -q -o requirements.lock
	@.venv/bin/uv pip compile tests/replica/worldwide/ckan.in --no-emit-package psycopg2 --universal --generate-hashes --no-header --no-annotate -q -o tests/replica/worldwide/ckan.lock
