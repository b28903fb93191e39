# The commands of the project. Each first installs what it needs; see pgaudit/install-server.sh.

# A newly installed toolchain is not yet on the PATH of the current terminal.
export PATH := $(PATH):$(HOME)/.cargo/bin

CARGO ?= cargo
CARGO_TARGET_DIR ?= target

.PHONY: help demo test build lint docs deps
.DEFAULT_GOAL := help

help: ## Show these commands
	@sed -n 's/^\([a-z]*\):.*## /make \1\t/p' $(MAKEFILE_LIST) | expand -t 14

demo: build ## Build and run Stockroom on a private server with sample data
	$(CARGO_TARGET_DIR)/release/stockroom demo

test: deps ## Run all tests, on a real PostgreSQL with pgaudit
	$(CARGO) test --locked

build: deps ## Build the optimised program
	$(CARGO) build --release --locked --package stockroom

lint: deps ## Check formatting and lints, as continuous integration does
	$(CARGO) fmt --check
	$(CARGO) clippy --all-targets --locked -- -D warnings

# The tests that compare these pages with their sources write them when UPDATE_DOCS is set.
docs: deps ## Regenerate the recorded definitions of the schema, docs/data-dictionary.md, docs/er-diagram.md, docs/keys.md, docs/metrics.md and the matrix of docs/security.md
	UPDATE_DOCS=1 $(CARGO) test --locked --test audit -- recorded_definitions
	UPDATE_DOCS=1 $(CARGO) test --locked --test dictionary --test server --test terminal -- the_page

deps: ## Install what is missing: PostgreSQL with pgaudit, a C compiler
	@sh pgaudit/install-server.sh
