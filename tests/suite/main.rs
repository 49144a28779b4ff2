//! The specification of Rubrica, as tests against real servers: Postgres and Redis, started here,
//! and the service, over HTTP.

mod harness;
mod upsert;
