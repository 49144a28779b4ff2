//! The specification of Rubrica as tests. They start real Postgres and Redis servers and call the service
//! over HTTP.

#![allow(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::float_cmp,
    reason = "a test may look at the clock, ends at what it did not expect, and counts whole numbers"
)]

mod harness;

mod abandoned_sessions;
mod administration;
mod authentication;
mod batch;
mod batching;
mod body;
mod body_costs;
mod cli;
mod config;
mod console;
mod contact_by_id;
mod custom_field_definitions;
mod database_faults;
mod database_tls;
mod deadlines;
mod documents;
mod erasure;
mod errors;
mod failover;
mod fair_share;
mod faults;
mod gcra;
mod history;
mod listing;
mod merge;
mod model;
mod openapi;
mod parsers;
mod races;
mod races_by_id;
mod rate_limits;
mod redis_faults;
mod replicas;
mod retention;
mod retry_after;
mod revocation;
mod rolling;
mod schema;
mod serving;
mod structure;
mod traces;
mod upgrade;
mod upsert;
mod usage;
