//! Typed settings and their sources.
//!
//! `config/default.toml` has the name, the description, the unit and the default of every setting.

mod admin;
mod auth;
mod command;
mod fair_share;
mod formats;
mod former_names;
mod layers;
mod oidc;
mod privacy;
mod rate_limit;
mod secret;
mod secret_quality;
mod settings;

pub use admin::Admin;
pub use auth::Auth;
pub use command::{ManagementSettings, MigrationSettings};
pub use fair_share::FairShare;
pub use former_names::FORMER_NAMES;
pub use layers::{ConfigError, Sources};
pub use oidc::{Oidc, OidcAlgorithm, is_safe_url};
pub use privacy::{Audit, Privacy};
pub use rate_limit::{OnRedisFailure, RateLimit};
pub use secret::{DatabaseUrl, Headers, KeyList, RedisUrl, Secret};
pub use settings::{
    Batching, Database, Http, Log, LogFormat, Ops, Redis, Settings, Shutdown, Traces, Usage,
};
