//! Rubrica keeps the contacts of many companies.
//!
//! # The rooms
//!
//! Data flows one way: [`cli`] starts a [`server`], which serves [`http`]; that stands on
//! [`auth`], [`limits`] and [`store`], and those on [`domain`]. Between [`auth`] and [`store`]
//! stands [`usage`].
//!
//! | room | what it knows alone |
//! |---|---|
//! | [`cli`] | the command line |
//! | [`config`] | where settings come from |
//! | [`server`] | what a process is made of, and in which order it ends |
//! | [`http`] | the public API, the admin API and the console |
//! | [`administration`] | what administrators do, for the admin API and the command line |
//! | [`auth`] | how a bearer token becomes a principal, passwords, and sessions of administrators |
//! | [`oidc`] | who somebody is by the word of an OpenID Connect issuer |
//! | [`limits`] | Redis and the arithmetic of rate limits |
//! | [`fair_share`] | what each company uses of this replica now, and its bounds |
//! | [`store`] | SQL |
//! | [`usage`] | what API keys are used for |
//! | [`domain`] | what a contact is: pure, no waiting, no I/O |
//!
//! [`metrics`], [`telemetry`], [`traces`], [`readiness`] and [`ambient`] (the clock and the dice) serve all.
//!
//! # One request
//!
//! `POST /public/v1/contacts` gets its id and span, then passes one layer that refuses it
//! while the schema does not fit, turns its bearer token into a [`auth::Principal`], and takes 1 from the
//! key's limit in Redis. The extractors check the key's scope and read the
//! body; the handler parses it into a [`domain::ContactPatch`] and hands it to
//! [`store::Store::upsert_contact`]. There it goes to Postgres at once, or with all others that arrive
//! meanwhile: one call of a function, in one transaction. Once it is answered, it is logged, and
//! counted on its key's meter in [`usage`].

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
pub mod server;
pub mod store;
pub mod telemetry;
mod threads;
mod tls;
pub mod traces;
pub mod usage;
