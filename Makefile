# One verb per job. `make demo` and `make test` do all of their own set-up.

SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

VENV     := target/venv
PYTHON   := $(VENV)/bin/python
# The other provider's build has a target directory of its own, so that neither rebuilds the other.
RING     := --no-default-features --features ring
RING_CORE := --package authwright-core --no-default-features --features ring,http
RING_DIR := target/ring
PREFIX   ?= /usr/local

.PHONY: help build demo test lint bench fuzz header vectors docs install dist clean
.PHONY: test-vectors test-rust test-servers test-c test-python test-node test-scenarios test-interop test-examples test-browser test-ring tools

help: ## Show this list
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{ printf "  make %-14s %s\n", $$1, $$2 }'

build: ## Build the libraries, target/venv with the Python package, and the Node package in bindings/node
	cargo build --release --workspace
	bindings/python/develop.sh
	node bindings/node/build.mjs

demo: build tools ## Sign and verify in every language; verify the tokens of a live issuer; share API keys; log in at a live provider
	tests/interop/setup.sh
	$(PYTHON) examples/demo/demo.py
	$(PYTHON) examples/demo/issuer.py
	$(PYTHON) examples/demo/api_keys.py
	$(PYTHON) examples/demo/login.py

test: test-vectors test-rust test-servers test-c test-python test-node test-scenarios test-interop test-examples test-browser test-ring ## Run all tests

test-rust:
	cargo test --workspace

# The servers that the tests of remote keys talk to do what they say.
test-servers: build
	$(PYTHON) tests/servers/check.py

test-c: build
	tests/c/run.sh

test-python: build tools
	$(PYTHON) -m pytest -q bindings/python/tests

test-node: build tools
	cd bindings/node && npm test

# Each front end plays the scenarios in its own tests; here all of them play together.
test-scenarios: build tools
	tests/scenarios/mixed.sh

test-interop: build tools
	tests/interop/setup.sh
	$(PYTHON) -m pytest -q tests/interop
	node --test tests/interop/
	tests/interop/libjwt.sh

test-examples: build tools
	tests/interop/setup.sh
	$(PYTHON) examples/demo/demo.py
	$(PYTHON) examples/demo/issuer.py
	$(PYTHON) examples/demo/api_keys.py
	$(PYTHON) examples/demo/login.py
	tests/examples.sh
	$(PYTHON) tests/docs/check_snippets.py

# The web applications of all languages, in a real browser.
test-browser: build tools
	tests/browser/run.sh

# Every front end, built with the other provider; Python as the portable abi3 module. Left out: what makes RSA keys.
test-ring: build tools
	cargo test $(RING_CORE) --target-dir $(RING_DIR)
	cargo build --release --workspace $(RING),authwright-python/abi3 --target-dir $(RING_DIR)
	AW_PROVIDER=ring AW_BUILD=$(RING_DIR)/release tests/c/run.sh pinned misuse operations logins stores api_keys threads cpp vectors
	CARGO_TARGET_DIR=$(CURDIR)/$(RING_DIR) VENV=$(RING_DIR)/venv bindings/python/develop.sh --test-tools
	AW_PROVIDER=ring $(RING_DIR)/venv/bin/python -m pytest -q $(addprefix bindings/python/tests/,test_claims.py test_errors.py test_options.py test_token.py test_vectors.py)
	cp $(RING_DIR)/release/libauthwright_node.so $(RING_DIR)/authwright.node
	cd bindings/node && AW_PROVIDER=ring AUTHWRIGHT_BINARY=$(CURDIR)/$(RING_DIR)/authwright.node node --test test/vectors.test.mjs

tools: build
	bindings/python/develop.sh --test-tools
	cmp -s bindings/node/package-lock.json bindings/node/node_modules/installed-from.json || \
	  { npm --prefix bindings/node ci --ignore-scripts --no-audit --no-fund --loglevel=error && \
	    cp bindings/node/package-lock.json bindings/node/node_modules/installed-from.json; }

lint: build tools ## Check formatting, lints, stubs and types
	cargo fmt --all --check
	cargo clippy --workspace --all-targets -- -D warnings
	cargo clippy $(RING_CORE) --target-dir $(RING_DIR) -- -D warnings
	cargo clippy --package authwright-core --no-default-features --features aws-lc-rs -- -D warnings
	RUSTDOCFLAGS='-D warnings' cargo doc --workspace --no-deps --document-private-items
	$(PYTHON) -m ruff check bindings/python tests examples benches fuzz
	$(PYTHON) -m ruff format --check bindings/python tests examples benches fuzz
	$(PYTHON) -m mypy.stubtest authwright --allowlist bindings/python/tests/stubtest-allowlist.txt
	$(PYTHON) -m mypy --strict bindings/python/tests/typing_check.py
	cd bindings/node && npm run --silent types
	git ls-files '*.c' '*.h' '*.hpp' '*.cpp' | grep -vE '^include/authwright.h$$|^ffi/tests/header/' | xargs clang-format --dry-run -Werror

bench: build ## Measure ours and the peers side by side, and write benches/RESULTS.md
	$(PYTHON) benches/run.py

fuzz: ## Run each fuzz target for AW_FUZZ_SECONDS (60)
	fuzz/run.sh

header: ## Generate include/authwright.h from the code
	BLESS=1 cargo test --workspace --test header
	cargo build --release --workspace
	BLESS=1 tests/c/run.sh symbols

vectors: ## Generate tests/vectors from its scripts
	tests/vectors/generate.sh

test-vectors:
	tests/vectors/generate.sh --check

docs: ## Generate docs/errors.md from the error table
	BLESS=1 cargo test --workspace --test errors_page

install: build ## Install the C library, its headers, pkg-config file and CMake package below PREFIX (and DESTDIR)
	ffi/packaging/install.sh --prefix '$(PREFIX)' --destdir '$(DESTDIR)'

dist: build ## Make an archive of what `make install` installs, for this platform
	ffi/packaging/dist.sh

clean: ## Remove everything that was built
	cargo clean
	rm -rf dist fuzz/target fuzz/corpus bindings/node/authwright.node bindings/node/node_modules
