.DEFAULT_GOAL := help
.PHONY: help run test update-schema check-api check-clients check-console check-k8s check-upgrade check-instructions pictures kind bench chaos lint audit advisories cargo-deny clean-data

help: ## Lists what can be made
	@sed -n 's/^\([a-z0-9-]*\):.*## \(.*\)/  make \1|\2/p' Makefile | awk -F'|' '{ printf "%-20s %s\n", $$1, $$2 }'

run: ## Builds and runs Rubrica with its own Postgres and Redis, until Ctrl-C
	@scripts/run

test: ## Runs all tests, on servers that they start themselves
	@scripts/install-servers haproxy
	cargo test --locked

update-schema: ## Writes sql/schema.sql anew, after a change of sql/migrations or sql/functions
	@scripts/update-schema

check-api: ## Checks the running service against its own OpenAPI document
	@scripts/check-api

check-clients: ## Lints the OpenAPI documents, and uses clients generated from them
	@scripts/check-clients

check-console: ## Uses the console in a headless browser (screenshots: target/console)
	@scripts/check-console

check-k8s: ## Checks the Kubernetes manifests, their settings and alerts, without a cluster
	@scripts/check-k8s

check-upgrade: ## Upgrades the previous release to this one under load, and back
	@scripts/check-upgrade

kind: ## Runs Rubrica in a cluster on this machine (needs Docker, kind and kubectl)
	@scripts/kind

bench: ## Measures Rubrica against pgbench and a Node service (QUICK=1: five minutes)
	@scripts/bench $(if $(QUICK),--quick)

chaos: ## Runs Rubrica under faults for half an hour (NAME=soak: one experiment)
	@scripts/chaos $(NAME)

check-instructions: ## Counts the instructions of an upsert (scripts/check-instructions --update sets them)
	@scripts/check-instructions

pictures: ## Renders the pictures of the documents from their text (needs Graphviz)
	@scripts/draw

lint: ## Checks the form of Rust, shell scripts, Python and SQL (scripts/lint --fix formats them)
	@scripts/lint

audit: cargo-deny ## Checks the licences and sources of all dependencies, and the banned ones
	cargo fetch --locked
	cargo deny --offline --locked check --hide-inclusion-graph bans licenses sources

advisories: cargo-deny ## Checks all dependencies for known vulnerabilities (from the network)
	cargo deny --locked check advisories

cargo-deny:
	@cargo deny --version >/dev/null 2>&1 || cargo install cargo-deny --locked --version 0.20.2

clean-data: ## Removes what `make run` keeps: database, secrets, logs
	@scripts/clean-data
