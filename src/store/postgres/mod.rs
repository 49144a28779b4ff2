//! Connections, transactions and their errors: what every statement shares.

mod attempt;
mod current_server;
pub(super) mod database_clock;
pub(super) mod error;
pub(super) mod hosts;
pub(super) mod json_text;
pub(super) mod outage;
pub(super) mod pool;
pub(super) mod recycling;
mod session_reaper;
pub(super) mod timeouts;
pub(super) mod tls;
pub(super) mod transaction;
