//! What must hold of the engine, and of the reference: tables of facts, each beside its test.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "what serves the tests panics with what is wrong, as they do"
)]

#[path = "../engine/mod.rs"]
mod engine;
#[path = "../reference/mod.rs"]
mod reference;

mod conformance;
mod end_to_end;
mod semantics;
mod stage;
