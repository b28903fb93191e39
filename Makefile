# The commands of the project. Each installs what it needs first; see pgaudit/install-server.sh.

# A toolchain that was installed a moment ago is not on the PATH of the open terminal yet.
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
	$(CARGO) build --release --locked

lint: deps ## Check format and lints, as the continuous integration does
	$(CARGO) fmt --check
	$(CARGO) clippy --all-targets --locked -- -D warnings

# The tests that hold the pages to the catalog and to the table of commands write them when they are told to.
docs: deps ## Write docs/data-dictionary.md, docs/er-diagram.md and docs/keys.md anew
	UPDATE_DOCS=1 $(CARGO) test --locked --test dictionary --test keys

deps: ## Install what is missing: PostgreSQL with pgaudit, a C compiler
	@sh pgaudit/install-server.sh
