//! Rubrica: a self-hosted contact store for multi-tenant products.
//!
//! `ARCHITECTURE.md` shows the modules, the direction of their dependencies, and the path of a
//! request.

pub mod administration;
pub mod ambient;
pub mod auth;
pub mod cli;
pub mod config;
pub mod domain;
pub mod fair_share;
pub mod http;
pub mod limits;
pub mod metrics;
pub mod oidc;
pub mod readiness;
pub mod retry_after;
pub mod server;
pub mod store;
pub mod telemetry;
mod threads;
mod tls;
pub mod traces;
pub mod usage;
