//! What every test stands on: servers that all share, and an application of its own.

mod app;
mod binary;
mod http;
mod process;
mod property;
mod proxy;
mod servers;

pub use app::{Options, SendAndRead, Tenant, TestApp, migrate};
pub use binary::{Binary, Serving};
pub use http::Answer;
pub use property::{cases, holds, runtime};
pub use proxy::Proxy;
pub use servers::{Postgres, Redis, fresh_database, postgres, redis};
