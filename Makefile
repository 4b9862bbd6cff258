# Two commands matter: `make demo` shows what kuberlock does, `make test` proves that it works.
# What is built is kept outside the tree, by version, so that a fresh clone is quick.

SHELL := /bin/bash
KUBERLOCK_CACHE ?= $(HOME)/.cache/kuberlock
RUST_VERSION := 1.95.0
export KUBERLOCK_CACHE
export CARGO_TARGET_DIR ?= $(KUBERLOCK_CACHE)/target-$(RUST_VERSION)
export CARGO_TERM_PROGRESS_WHEN ?= never

KUBERLOCK := $(CARGO_TARGET_DIR)/release/kuberlock
DEMO := target/demo

.PHONY: demo test prove bench lint fmt fuzz deny docs docs-fresh example testbed tables validators requirements build

## Build kuberlock and scan the bundled example cluster.
demo: build
	@mkdir -p $(DEMO)
	@$(KUBERLOCK) scan --snapshot examples/cluster --fail-on none -o table -o html=$(DEMO)/report.html
	@echo "HTML report: $(CURDIR)/$(DEMO)/report.html"

build:
	cargo build --release --locked -p kuberlock

## Everything that has to pass: what CI runs. The tests come last, and their counts last of all.
test: requirements testbed validators tables lint deny docs-fresh fuzz
	cargo build --release --locked -p kuberlock
	KUBERLOCK_TESTBED=1 cargo run --quiet --locked -p xtask -- test

## The long way round: full counts, long differentials, benchmarks. Resumable.
prove: requirements testbed validators build
	cargo run --quiet --locked -p xtask -- prove

bench: build
	cargo run --quiet --release --locked -p xtask -- bench

# Files that a build script lists, where `cargo fmt` does not find them.
CHECKS := crates/evaluate/benchmark/src/check/*.rs

lint:
	cargo fmt --all --check
	rustfmt --edition 2024 --config-path rustfmt.toml --check $(CHECKS)
	cargo clippy --workspace --all-targets --locked -- -D warnings
	cargo run --quiet --locked -p xtask -- boundaries
	cd fuzz && CARGO_TARGET_DIR=$(KUBERLOCK_CACHE)/target-fuzz cargo check --quiet --locked --bins

fmt:
	cargo fmt --all
	rustfmt --edition 2024 --config-path rustfmt.toml $(CHECKS)

## Each loader against 20 seconds of hostile input, the same each time.
fuzz:
	fuzz/run.sh 20 1

CARGO_DENY := $(KUBERLOCK_CACHE)/tools/cargo-deny-0.20.2

## What may depend on what, under which licence, from where.
deny: $(CARGO_DENY)/bin/cargo-deny
	$(CARGO_DENY)/bin/cargo-deny --locked check bans licenses sources

$(CARGO_DENY)/bin/cargo-deny:
	CARGO_TARGET_DIR=$(KUBERLOCK_CACHE)/target-tools cargo install cargo-deny --version 0.20.2 --locked --root $(CARGO_DENY)

## Write what is generated from the source: check pages, command reference, schemas.
docs:
	cargo run --quiet --locked -p xtask -- docs

docs-fresh:
	cargo run --quiet --locked -p xtask -- docs --check

## Record the example cluster anew from a real one.
example: requirements testbed build
	KUBERLOCK=$(KUBERLOCK) testbed/example/record.sh

testbed:
	testbed/build.sh
	testbed/kube-bench/build.sh

## The newest release table against what the built binaries say of themselves.
tables: testbed
	testbed/release-tables/check-help.sh "$$(testbed/build.sh --print)"

## What others validate the outputs by.
validators: requirements
	testbed/validators.sh

requirements:
	testbed/requirements.sh
