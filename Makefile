# make demo: the whole way, from a scene to its frames, against the local farm. make test: all tests
# that this machine can run. The README says more.

PYTHON ?= python3
PY := .venv/bin/python
PIP := -m pip install --quiet --disable-pip-version-check
REPORTS := build/reports
RUNS := 1000#  of make soak at each of two farms, with a worker
WHOLE := 50#  and with a whole Blender
PACKERS := ours#  of make test-packing, or: ours bat. WRITE=yes puts the table into docs/packing.md
BENCHMARKS := enable main_thread worker polling packing upload download growth#  of make bench
ARGS :=  # for pytest: make test ARGS="-k frames"
PYTEST = $(PY) -m pytest --timeout 600 $(ARGS)

.PHONY: demo try translations test test-bpy test-window test-windows test-packing test-outside pictures architecture bench soak \
	check audit docs build packages repository release window-blenders libraries hooks format clean
.DELETE_ON_ERROR:

demo: .venv/stamp
	@$(PY) scripts/demo.py

# The same with Blender's window, to click in: nothing is rendered before you press Submit.
try: .venv/stamp
	@$(PY) scripts/demo.py --window

build: .venv/stamp
	@$(PY) scripts/build.py

# Every zip of a release, into dist/, and the table in docs/releases.md.
packages: .venv/stamp
	@$(PY) scripts/packages.py

# dist/repository, from which Blender installs and updates.
repository: packages
	@$(PY) scripts/repository.py

# Date the changelog, build everything, commit and tag the version of blender_manifest.toml.
release: .venv/stamp
	@$(PY) scripts/release.py

# The tests of tests/blender import bpy: without it they are left out, and the last line says why.
# The others wait for processes most of the time, so four run at once; the window's take turns.
test: .venv/stamp
	@mkdir -p $(REPORTS)
	@code=0; without=; \
	$(PY) scripts/find_blender.py --module 2>$(REPORTS)/no-bpy.txt || without="--ignore tests/blender"; \
	$(PYTEST) --numprocesses 4 --junitxml $(REPORTS)/test.xml --ignore tests/window --ignore tests/windows \
		$$without || code=1; \
	[ "$(WINDOW)" = no ] || $(MAKE) --no-print-directory test-window || code=1; \
	[ -z "$$without" ] || { printf 'SKIPPED tests/blender: '; cat $(REPORTS)/no-bpy.txt; }; \
	exit $$code

# The tests of Blender in one of the modules that scripts/blenders.py knows.
BPY := bpy-5.2.3
test-bpy: .venv/stamp
	@$(PY) scripts/blenders.py provide $(BPY)
	@$$($(PY) scripts/blenders.py path $(BPY)) -m pytest --timeout 600 --numprocesses 4 \
		-p no:cacheprovider $(ARGS) tests/blender

test-window: .venv/stamp
	@mkdir -p $(REPORTS)
	@$(PYTEST) --junitxml $(REPORTS)/window.xml tests/window

# Whole jobs of the installed zip in a Windows Blender under Wine, which scripts/windows.py provides,
# and before them the tests that run on Linux and can run there. The farm of one job renders with bpy.
WINDOWS := bpy-4.5.15
test-windows: .venv/stamp
	@mkdir -p $(REPORTS)
	@$(PY) scripts/windows.py provide $(WINDOWS)
	@$(PY) scripts/find_blender.py --module || true
	@RENDERJUICE_WINDOWS=whole $(PY) -m pytest --timeout 600 -k $(WINDOWS) $(ARGS) \
		--junitxml $(REPORTS)/windows.xml tests/windows

# Every case of packing in every Blender; two at a time, ten minutes, and with bat half an hour.
test-packing: .venv/stamp
	@$(PY) -m tests.catalogue $(if $(WRITE),--write) $(PACKERS)

# The .blend files of FOLDER, which nobody here made; without it those inside each Blender.
test-outside: .venv/stamp
	@$(PY) -m tests.outside $(if $(WRITE),--write) $(FOLDER)

# The sidebar in docs/, as the tests with a window see it. The folder of the projects is named, since
# it is to be read in some.
SHOTS := build/screenshots
WINDOW_TESTS = RENDERJUICE_WINDOW_BLENDERS=$$($(PY) scripts/blenders.py path $(1)) RENDERJUICE_PICTURES=$(2) \
	$(PYTEST) --basetemp /tmp/renderjuice-pictures $(foreach test,$(3),tests/window/test_$(test).py)
PANEL_SHEET = $(PY) scripts/panel_sheet.py docs/images/$(1).png $(addsuffix .png,$(addprefix $(SHOTS)/$(2)/,$(3)))
LOOKS := ready findings overrides rendering finished missing failed estimate elsewhere
pictures: .venv/stamp
	@$(call WINDOW_TESTS,blender-5.2.2,english$(,)german$(,)light$(,)200,states problems faults wheels)
	@$(call WINDOW_TESTS,blender-4.3.2,english,states)
	@mkdir -p docs/images/problems docs/images/panel
	@cp $(SHOTS)/5.2.2/problems/*.png docs/images/problems/
	@cp $(SHOTS)/5.2.2/states-english/*.png docs/images/panel/
	@$(call PANEL_SHEET,first-run,5.2.2/states-english,first-run first-run-key not-checked)
	@$(call PANEL_SHEET,panel,5.2.2/states-english,ready findings rendering finished)
	@$(call PANEL_SHEET,panel-4.3,4.3.2/states-english,$(LOOKS))
	@$(call PANEL_SHEET,panel-light,5.2.2/states-light,$(LOOKS))
	@$(call PANEL_SHEET,panel-german,5.2.2/states-german,$(LOOKS))
	@$(call PANEL_SHEET,panel-200,5.2.2/states-200,$(LOOKS))
, := ,

# docs/images/architecture.svg, from the imports as they are. LONGEST=yes: print the longest files.
architecture: .venv/stamp
	@$(PY) scripts/architecture.py $(if $(LONGEST),--longest)

# Random runs by the thousand: hours of them. Figures go to build/reports/chaos-*.json.
soak: .venv/stamp
	@code=0; \
	$(PY) -m tests.chaos.run 1 $(RUNS) || code=1; \
	$(PY) -m tests.other_farm 1 $(RUNS) || code=1; \
	$(PY) -m tests.chaos.whole 1 $(WHOLE) || code=1; \
	$(PY) -m tests.other_farm.whole 1 $(WHOLE) || code=1; \
	exit $$code

# Every figure of docs/performance.md, half an hour; QUICK=yes: in small, and the page stays.
bench: .venv/stamp
	@for name in $(BENCHMARKS); do \
		echo "== $$name"; $(PY) -m benchmarks.$$name $(if $(QUICK),--quick) || exit 1; \
	done
	@$(PY) -m benchmarks

# Puts new texts into each language, untranslated, and says which; LANGUAGE=fr begins another one.
translations: .venv/stamp
	@$(PY) scripts/translate.py $(LANGUAGE)

check: .venv/stamp .venv-latest/stamp .lint/renderjuice
	$(PY) -m ruff check
	$(PY) -m ruff format --check
	$(PY) -m mypy
	$(PY) -m mypy --python-executable .venv-latest/bin/python --cache-dir .mypy_cache/latest
	$(PY) -m vulture
	cd .lint && ../.venv/bin/lint-imports --no-logo --config ../pyproject.toml

audit: .venv/stamp
	@$(PY) scripts/audit.py

# Debian's Blenders for the tests with a window, and the system libraries that bpy needs.
window-blenders: .venv/stamp
	@$(PY) scripts/blenders.py provide blender-4.3.2 blender-5.2.2

libraries:
	@cd scripts && $(PYTHON) -c 'import find_blender; print(find_blender.LIBRARIES)'

# Look at each commit before it is made: .pre-commit-config.yaml.
hooks: .venv/stamp
	@$(PY) -m pre_commit install --install-hooks

# The documentation as a site, in build/site. A link that leads nowhere ends it.
docs: .venv-docs/stamp
	@NO_MKDOCS_2_WARNING=1 .venv-docs/bin/python -m mkdocs build --strict
	@echo build/site/index.html

format: .venv/stamp
	$(PY) -m ruff check --fix
	$(PY) -m ruff format

clean:
	rm -rf .venv .venv-latest .venv-docs .lint build dist

.venv/stamp: requirements/runtime.txt requirements/test.txt requirements/dev.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info[:2] not in ((3, 11), (3, 13)))' || { \
		echo "Python 3.11 or 3.13 is needed, and $(PYTHON) is another or none." \
			"Name one: make PYTHON=python3.11" >&2; exit 1; }
	@echo "Making .venv with what the tests and tools need."
	@$(PYTHON) -m venv .venv || { echo "Python's venv is missing: apt-get install python3-venv" >&2; exit 1; }
	@$(PY) $(PIP) -r requirements/dev.txt
	@touch $@

.venv-latest/stamp: requirements/runtime.txt requirements/latest.txt | .venv/stamp
	@echo "Making .venv-latest with the newest Blender's types."
	@$(PY) -m venv .venv-latest
	@.venv-latest/bin/python $(PIP) -r requirements/latest.txt
	@touch $@

.venv-docs/stamp: requirements/docs.txt
	@echo "Making .venv-docs with what builds the site."
	@$(PYTHON) -m venv .venv-docs
	@.venv-docs/bin/python $(PIP) -r requirements/docs.txt
	@touch $@

# The extension is a package whose folder may have any name: tools see it by this link.
.lint/renderjuice:
	@mkdir -p .lint
	@ln -sfn .. $@
