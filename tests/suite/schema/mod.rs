//! The schema: how `rubrica migrate` brings it about, and how the service lives with it.

mod dump;
mod functions;
mod killed;
mod migrate;
mod readiness;
mod roles;
