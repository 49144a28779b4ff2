//! The schema: `rubrica migrate`, database roles and compatibility.

mod dump;
mod functions;
mod killed;
mod migrate;
mod readiness;
mod roles;
