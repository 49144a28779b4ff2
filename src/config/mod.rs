//! Typed settings, and where they come from.
//!
//! `config/default.toml` names, describes and defaults every setting.

mod admin;
mod command;
mod formats;
mod layers;
mod oidc;
mod secret;
mod settings;

pub use admin::Admin;
pub use command::{ManagementSettings, MigrationSettings};
pub use layers::{ConfigError, Sources};
pub use oidc::{Oidc, OidcAlgorithm, is_safe_url};
pub use secret::{DatabaseUrl, Headers, KeyList, RedisUrl, Secret};
pub use settings::{
    Auth, Database, Groups, Http, Log, LogFormat, OnRedisFailure, Ops, Privacy, RateLimit, Redis,
    Settings, Shutdown, Traces, Usage,
};
