//! What every test stands on: servers that all share, and an application of its own.

mod app;
mod binary;
mod http;
mod process;
mod property;
mod proxy;
mod servers;
mod serving;

pub use app::{Options, SendAndRead, Tenant, TestApp, migrate};
pub use binary::Binary;
pub use http::Answer;
pub use property::{cases, holds, runtime};
pub use proxy::Proxy;
pub use servers::{Postgres, Redis, fresh_database, postgres, redis};
pub use serving::Serving;
