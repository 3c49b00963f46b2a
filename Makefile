# The course's commands, each from a fresh clone: make lab, then make test. README.md has the same
# ones for those without make. ARGS goes on to the command: make lab ARGS=--no-browser
VENV := .venv
BIN := $(VENV)/bin
SOLUTIONS := exercises/solutions
COURSE := course
UV := 0.13.9

.PHONY: lab test run refresh exercises assignment bench lock clean

lab: $(VENV)/course
	$(BIN)/python -m jupyterlab $(LAB) $(ARGS)

test: $(VENV)/course
	$(BIN)/python -m pytest $(ARGS)

run: $(VENV)/course
	$(BIN)/python -m ae_helpers run $(ARGS)

refresh: $(VENV)/course
	$(BIN)/python -m ae_helpers run --save $(ARGS)

# The exercises, from their solutions.
exercises: $(VENV)/course
	$(BIN)/python -m nbconvert --config $(SOLUTIONS)/nbconvert_config.py --log-level WARN \
	    --to notebook --output-dir exercises $(ARGS) $(SOLUTIONS)/*.ipynb

# A course folder for nbgrader, with every exercise ready to be released: docs/teaching.md.
assignment: $(VENV)/course
	mkdir -p $(COURSE) && cp $(SOLUTIONS)/nbgrader_config.py $(COURSE)
	for name in $(basename $(notdir $(wildcard $(SOLUTIONS)/*.ipynb))); do \
	    mkdir -p $(COURSE)/source/$$name && cp $(SOLUTIONS)/$$name.ipynb $(COURSE)/source/$$name \
	    && (cd $(COURSE) && PATH="$(abspath $(BIN)):$$PATH" python -m nbgrader \
	        generate_assignment $$name --log-level WARN $(ARGS)) || exit 1; done

bench: $(VENV)/course
	$(BIN)/python tests/benchmarks/bench.py $(ARGS)

lock: $(VENV)/course
	$(BIN)/python -m uv pip compile --universal --python-version 3.11 --extra test --extra teach \
	    --custom-compile-command "make lock" --quiet --output-file requirements.txt $(ARGS) pyproject.toml

clean:
	rm -rf $(VENV) build .pytest_cache .ruff_cache .hypothesis

# JupyterLab in the course's folder, for this machine only (a token is Jupyter's own default).
LAB = --ServerApp.root_dir=. --ServerApp.ip=127.0.0.1 \
    --LabApp.default_url=/lab/tree/notebooks/00_start_here.ipynb \
    $(shell test `id -u` != 0 || echo --allow-root)

# The first Python that fits and can make a virtual environment. PYTHON=... names another.
FITS = import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))
FOUND = $(shell for p in $(or $(PYTHON),python3 python3.13 python3.12 python3.11); do \
    $$p -c '$(FITS)' 2>/dev/null && echo $$p && break; done)
HAVE = $(shell $(or $(PYTHON),python3) -c 'import sys, ensurepip; print(sys.version.split()[0])' 2>&1 \
    | tail -n 1)
NO_PYTHON = the course needs Python 3.11, 3.12 or 3.13 with its venv module, but \
    $(or $(PYTHON),python3) says: $(HAVE). Install one (Debian, Ubuntu: sudo apt install python3 \
    python3-venv; macOS: brew install python@3.12), or name one: make lab PYTHON=/path/to/python3.12

# The file .venv/course is written last and holds the course's folder. Where it is missing, or the
# folder was moved, or an install was interrupted, the environment is built from nothing.
READY := $(shell test ! -e $(VENV)/busy && $(BIN)/python -c '' 2>/dev/null && \
    test "`cat $(VENV)/course 2>/dev/null`" = "`pwd -P`" && echo yes)
ifneq ($(READY),yes)
.PHONY: $(VENV)/course
endif

$(VENV)/course: requirements.txt pyproject.toml
	$(if $(READY),,$(or $(FOUND),$(error $(NO_PYTHON))) -m venv --clear $(VENV))
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==$(UV)
	@touch $(VENV)/busy
	$(BIN)/python -m uv pip install --python $(BIN)/python --compile-bytecode \
	    -r requirements.txt -e . \
	    || { rm $(VENV)/busy; exit 1; }
	@mkdir -p $(SETTINGS) && echo '$(NO_NEWS)' > $(SETTINGS)/overrides.json
	@mkdir -p $(ETC)/labconfig $(ETC)/jupyter_server_config.d
	@echo '{"disabledExtensions": {"@jupyter/nbgrader": true}}' > $(ETC)/labconfig/page_config.json
	@echo '{}' > $(ETC)/jupyter_server_config.d/nbgrader.json
	@pwd -P > $@ && rm $(VENV)/busy

# JupyterLab asks at its first start whether to fetch news; its defaults in .venv answer no.
SETTINGS = $(VENV)/share/jupyter/lab/settings
NO_NEWS = {"@jupyterlab/apputils-extension:notification": \
    {"fetchNews": "false", "checkForUpdates": false}}

# nbgrader would put an instructor's menus and side bars before every learner. Its commands stay.
ETC = $(VENV)/etc/jupyter
