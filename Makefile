.DEFAULT_GOAL := help
.PHONY: help run test update-schema check-api check-clients check-console check-k8s check-upgrade check-instructions pictures kind bench chaos lint audit advisories cargo-deny clean-data

help: ## Lists the targets
	@sed -n 's/^\([a-z0-9-]*\):.*## \(.*\)/  make \1|\2/p' Makefile | awk -F'|' '{ printf "%-20s %s\n", $$1, $$2 }'

run: ## Builds and runs Rubrica with its own Postgres and Redis until Ctrl-C
	@scripts/run

test: ## Runs all tests; they start their own servers
	@scripts/install-servers haproxy
	cargo test --locked

update-schema: ## Updates sql/schema.sql after a change of sql/migrations or sql/functions
	@scripts/update-schema

check-api: ## Tests a running service against its OpenAPI documents
	@scripts/check-api

check-clients: ## Lints the OpenAPI documents and tests clients generated from them
	@scripts/check-clients

check-console: ## Tests the console in a headless browser (screenshots: target/console)
	@scripts/check-console

check-k8s: ## Tests the Kubernetes manifests, settings and alerts without a cluster
	@scripts/check-k8s

check-upgrade: ## Upgrades the previous release to this one under load, and rolls back
	@scripts/check-upgrade

kind: ## Runs Rubrica in a cluster on this machine (needs Docker, kind and kubectl)
	@scripts/kind

bench: ## Measures Rubrica against pgbench and a Node service (QUICK=1: five minutes)
	@scripts/bench $(if $(QUICK),--quick)

chaos: ## Runs Rubrica under faults for half an hour (NAME=soak: one experiment)
	@scripts/chaos $(NAME)

check-instructions: ## Counts the instructions of an upsert (scripts/check-instructions --update saves them)
	@scripts/check-instructions

pictures: ## Renders the diagrams of the documentation (needs Graphviz)
	@scripts/draw

lint: ## Lints Rust, shell scripts, Python and SQL (scripts/lint --fix formats them)
	@scripts/lint

audit: cargo-deny ## Checks licences, sources and bans of all dependencies
	cargo fetch --locked
	cargo deny --offline --locked check --hide-inclusion-graph bans licenses sources

advisories: cargo-deny ## Checks all dependencies for known vulnerabilities (needs the network)
	cargo deny --locked check advisories

cargo-deny:
	@cargo deny --version >/dev/null 2>&1 || cargo install cargo-deny --locked --version 0.20.2

clean-data: ## Deletes the data of `make run`: database, secrets, logs
	@scripts/clean-data
