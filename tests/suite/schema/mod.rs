//! The schema: `rubrica migrate`, database roles and compatibility.

mod killed;
mod migrate;
mod readiness;
mod roles;
