# The commands of the project. Each first installs what it needs; see pgaudit/install-server.sh.

# A newly installed toolchain is not yet on the PATH of the current terminal.
export PATH := $(PATH):$(HOME)/.cargo/bin

CARGO ?= cargo
CARGO_TARGET_DIR ?= target

.PHONY: help demo test build lint docs deps up down logs test-docker deb dist deny
.DEFAULT_GOAL := help

help: ## Show these commands
	@sed -n 's/^\([a-z-]*\):.*## /make \1\t/p' $(MAKEFILE_LIST) | expand -t 14

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
docs: deps ## Regenerate the recorded definitions of the schema, docs/data-dictionary.md, docs/er-diagram.md, docs/keys.md, docs/metrics.md, docs/configuration.md and the matrix of docs/security.md
	UPDATE_DOCS=1 $(CARGO) test --locked --test audit -- recorded_definitions
	UPDATE_DOCS=1 $(CARGO) test --locked --test dictionary --test server --test terminal --test cli -- the_page

deps: ## Install what is missing: PostgreSQL with pgaudit, a C compiler
	@sh pgaudit/install-server.sh

up: ## Bring a site up in containers: database, service, Prometheus, Grafana (PROFILES=demo: with sample data)
	sh docker/site.sh up

down: ## Stop the site in containers; its data stay
	sh docker/site.sh down

logs: ## Follow the log of the site in containers
	sh docker/site.sh logs

test-docker: ## Test a site in containers, and the Debian package, without an image registry
	bash docker/test/run.sh

deb: ## Build a Debian package (needs cargo-deb)
	sh docker/package/build.sh deb

dist: ## Build a tarball with SBOM and checksums (needs cargo-cyclonedx)
	sh docker/package/build.sh dist

deny: ## Check licences, sources and advisories of the dependencies (needs cargo-deny)
	sh docker/package/deny.sh
