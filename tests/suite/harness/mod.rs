//! What every test stands on: servers that all share, and an application of its own.

mod administration;
mod app;
mod balancer;
mod binary;
mod child_server;
mod cluster;
mod collector;
mod console;
mod database;
mod documented;
mod endpoints;
mod http;
mod issuer;
mod load;
mod process;
mod property;
mod provisioning;
mod proxy;
mod servers;
mod serving;

pub use administration::{PASSWORD, Session};
pub use app::{Options, TestApp, migrate};
pub use binary::{Binary, Run};
pub use cluster::Cluster;
pub use collector::Collector;
pub use console::{Visitor, cookie, hidden, set_cookie};
pub use endpoints::SendAndRead;
pub use http::Answer;
pub use issuer::{Issuer, Signature};
pub use load::Load;
pub use property::{cases, holds, runtime};
pub use provisioning::Tenant;
pub use proxy::Proxy;
pub use servers::{Postgres, Redis, fresh_database, postgres, redis};
pub use serving::Serving;
