# make demo | run | test: each sets everything up in .venv first; Python 3.11 or newer is all that has to be there.

VENV := .venv
PY := $(VENV)/bin/python
CHAOXUN := $(VENV)/bin/chaoxun

# make demo SECONDS=20 PORT=9000; without SECONDS it runs until Ctrl-C. (In bash SECONDS is a clock; here it is ours alone.)
unexport SECONDS
SECONDS :=
PORT := 8787
# make test ARGS="tests/unit -k fold"; make bench ARGS="latency imports"
ARGS :=

# make setup PYTHON=/usr/bin/python3.12 takes that one and no other.
PYTHON :=
define make_venv
set -eu; \
new_enough='import sys; sys.exit(sys.version_info < (3, 11))'; \
if $(PY) -c "$$new_enough" 2>/dev/null; then exit 0; fi; \
found=''; \
for python in $(or $(PYTHON),python3.13 python3.12 python3.11 python3 python); do \
  "$$python" -c "$$new_enough" 2>/dev/null || continue; \
  found="$$python"; \
  if "$$python" -c 'import venv, ensurepip' 2>/dev/null; then \
    echo "setting up $(VENV) with $$("$$python" --version): some minutes, once"; \
    "$$python" -m venv --clear $(VENV); exit 0; \
  fi; \
done; \
if [ -n "$$found" ]; then \
  version=$$("$$found" -c 'import sys; print("%d.%d" % sys.version_info[:2])'); \
  echo "$$found has no venv module; on Debian and Ubuntu: apt-get install python$$version-venv" >&2; \
else \
  echo "chaoxun needs Python 3.11 or newer, and none is in PATH$(if $(PYTHON), as $(PYTHON));" >&2; \
  echo "on Debian 12, Ubuntu 24.04 or newer: apt-get install python3 python3-venv" >&2; \
fi; \
exit 1
endef

.PHONY: help setup demo run test bench faults lint clean
.DEFAULT_GOAL := help

help:
	@echo 'make demo [SECONDS=20] [PORT=8787]   the daemon against built-in sample sites, no network needed'
	@echo 'make run                             the daemon on config/'
	@echo 'make test [ARGS=...]                 all tests'
	@echo 'make bench | faults | lint           figures | kills, full disks, dead networks | formatting, types, imports'
	@echo 'make setup | clean                   .venv and all in it | everything that was made'

setup: $(VENV)/.installed

$(VENV)/.installed: pyproject.toml constraints.txt
	@$(make_venv)
	$(PY) -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $@

demo: setup
	@$(CHAOXUN) demo --port $(PORT) $(if $(SECONDS),--seconds $(SECONDS))

run: setup
	@$(CHAOXUN) --config config run

# Most tests wait: for a daemon, a time-out, a process that is killed. A file stays in one process, with its servers.
test: setup
	$(PY) -m pytest -n 3 --dist loadfile $(ARGS)

bench: setup
	$(PY) -m tests.bench $(ARGS)

faults: setup
	CHAOXUN_KILLS=$${CHAOXUN_KILLS:-200} CHAOXUN_REPORT=$${CHAOXUN_REPORT:-var/faults.md} $(PY) -m pytest tests/faults $(ARGS)

lint: setup
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/ruff check .
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports

clean:
	rm -rf $(VENV) build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage .coverage.*
	find crawler monitor tests -name __pycache__ -type d -prune -exec rm -rf {} +
