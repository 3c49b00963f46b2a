# The course's commands. Each sets the course up first: a moment, once that is done.
# README.md has the same for those without make. ARGS goes on to the command:
#   make lab ARGS=--no-browser      make check ARGS=notebooks/02_building_the_autoencoder.ipynb
VENV := .venv
PYTHON :=
WHEELS :=
LESSON :=
COURSE := course
NAME :=
TO := build/bundle
N := 5
SEEDS :=
ARGS :=

python := "$(VENV)/bin/python"
solutions := exercises/solutions

.PHONY: lab test check run refresh seeds soak test-matrix exercises assignment grade bundle hub load slides handout rehearse site test-browser bench picture lock fresh clean install

# The lessons in JupyterLab, in your own copy of them.
lab: install
	$(python) -m ae_helpers lab $(ARGS)

# Everything, every notebook included.
test: install
	$(python) -m pytest @tests/everything.txt $(ARGS)

# What takes seconds, while you work; and the notebooks that ARGS names.
check: install
	$(python) -m pytest @tests/check.txt $(ARGS)

# Every notebook, or those that ARGS names: as HTML into build; with their outputs saved.
run: install
	$(python) tests/run.py $(ARGS)
refresh: install
	$(python) tests/run.py --save $(ARGS)

# Every claim over other seeds, into docs/claims.md: make seeds N=3, make seeds SEEDS=7,8
seeds: install
	$(python) tests/seeds.py -n $(N) $(if $(SEEDS),--seeds $(SEEDS)) $(ARGS)

# Strict nbval again and again: other threads, other hash seeds, other work on every core.
soak: install
	$(python) tests/soak.py -n $(N) $(ARGS)

# The oldest and the newest packages that pyproject.toml allows, on every Python that is here.
test-matrix: install
	$(python) tests/matrix.py $(ARGS)

# The exercises, from their solutions.
exercises: install
	$(python) -m nbconvert --config $(solutions)/nbconvert_config.py --log-level WARN \
	    --to notebook --output-dir exercises $(ARGS) $(solutions)/*.ipynb

# A course folder for nbgrader, with every exercise (or LESSON=02's) ready to be released:
# docs/teaching.md.
assignment: install
	mkdir -p "$(COURSE)" && cp $(solutions)/nbgrader_config.py "$(COURSE)"
	bin=`cd "$(VENV)/bin" && pwd`; \
	for name in $(basename $(notdir $(wildcard $(solutions)/$(LESSON)*.ipynb))); do \
	    mkdir -p "$(COURSE)/source/$$name" && cp $(solutions)/$$name.ipynb "$(COURSE)/source/$$name" \
	    && (cd "$(COURSE)" && PATH="$$bin:$$PATH" python -m nbgrader \
	        generate_assignment $$name --log-level WARN $(ARGS)) || exit 1; done

# What learners handed in, repaired, run in a sandbox and graded: make grade COURSE=... NAME=...
grade: install
	$(python) exercises/grading/grade.py "$(COURSE)" "$(NAME)" $(ARGS)

# The course in one folder, for a room without a network: make bundle TO=/media/stick
bundle: install
	$(python) docs/workshop/bundle.py "$(TO)" $(ARGS)

# A hub on this machine, for a try, with an environment of its own; and what it bears when
# everybody starts a lesson at once, into docs/benchmarks.md. docs/workshop/jupyterhub/README.md
hub_pins := docs/workshop/jupyterhub/requirements.txt
.venv-hub/bin/jupyterhub: $(hub_pins) | install
	$(python) -m uv venv --quiet --allow-existing --python $(python) .venv-hub
	$(python) -m uv pip install --quiet --python .venv-hub --no-deps --require-hashes -r $(hub_pins)
	touch $@
hub: .venv-hub/bin/jupyterhub
	.venv-hub/bin/jupyterhub -f docs/workshop/jupyterhub/trial_config.py $(ARGS)
load: .venv-hub/bin/jupyterhub
	$(python) tests/load.py $(ARGS)

# From the saved notebooks: slides into build/slides, a printed page a lesson into build/handout;
# and the teaching plans run against the clock, into docs/benchmarks.md.
slides: install
	$(python) docs/workshop/slides.py
handout: install
	$(python) docs/workshop/handout.py
rehearse: install
	$(python) tests/rehearse.py $(ARGS)

# The course as a web site that reads offline, into build/site; the learner's archive and the
# instructor's beside it. And the proof of it, and of JupyterLab, in the system's Chromium.
site: install
	$(python) docs/site/build.py
test-browser: site
	$(python) -m pytest tests/browser -n 2 --dist loadfile $(ARGS)

# Seconds and memory, into docs/benchmarks.md.
bench: install
	$(python) tests/benchmarks/bench.py $(ARGS)

# The picture that opens the README and notebook 0, from the lessons' own methods.
picture: install
	$(python) tests/first_look.py

# One version of each dependency, with the hashes of its files, into requirements.txt.
lock: install
	$(python) -m uv pip compile --universal --python-version 3.11 --all-extras --generate-hashes \
	    --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" --quiet \
	    --output-file requirements.txt $(ARGS) pyproject.toml
	$(python) -m uv pip compile --universal --python-version 3.11 --generate-hashes \
	    --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" --quiet \
	    --constraint requirements.txt --output-file $(hub_pins) $(ARGS) $(hub_pins:.txt=.in)

# A lesson as it was, with yours kept beside it: make fresh LESSON=02
fresh: install
	$(python) -m ae_helpers fresh $(LESSON)

# What runs leave behind. Your lessons in work stay, and so does the environment in .venv.
clean:
	rm -rf build .pytest_cache .ruff_cache .hypothesis

# The environment, with the first Python that fits: ae_helpers/install.py has the rules.
# make lab PYTHON=python3.12 names one; make lab WHEELS=folder needs no network.
fits = import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))
install:
	@for p in $(or $(PYTHON),$(python) python3 python3.13 python3.12 python3.11 python3); do \
	    $$p -c '$(fits)' 2>/dev/null && break; done; \
	$$p -m ae_helpers install --venv "$(VENV)" $(if $(WHEELS),--wheels "$(WHEELS)")
