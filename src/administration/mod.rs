//! What administrators do: one set of actions for the command line, the admin API, and whoever else
//! acts for a person.
//!
//! Each takes [`Acting`]: who acts, and so what may be reached. It changes the database and records
//! the change in one transaction, and tells the replicas after the commit.

mod acting;
mod admins;
mod companies;
mod error;
mod invitations;
mod keys;
mod passwords;
mod sessions;
mod sign_in_limits;
mod single_sign_on;

use std::sync::Arc;

pub use acting::Acting;
pub use error::AdministrationError;
pub use invitations::Invited;
pub use keys::{CreatedKey, KeyToCreate, RotatedKey};
pub use sessions::{Attempt, Tokens};
use sign_in_limits::SignInLimits;

use crate::auth::{Announcer, Passwords, SessionTokens};
use crate::config::Settings;
use crate::domain::TokenKeys;
use crate::metrics::Metrics;
use crate::oidc::SingleSignOn;
use crate::store::Store;

/// The actions.
pub struct Administration {
    store: Store,
    announcer: Arc<Announcer>,
    token_keys: TokenKeys,
    passwords: Passwords,
    session_tokens: SessionTokens,
    limits: SignInLimits,
    settings: crate::config::Admin,
    metrics: Arc<Metrics>,
    single_sign_on: Option<SingleSignOn>,
}

impl Administration {
    /// Puts together what the actions need.
    ///
    /// # Errors
    /// If a key of access tokens cannot be used.
    pub fn new(
        settings: &Settings,
        store: Store,
        announcer: Arc<Announcer>,
        metrics: Arc<Metrics>,
    ) -> anyhow::Result<Self> {
        Ok(Self {
            store,
            announcer,
            token_keys: settings.auth.token_keys(),
            passwords: Passwords::new(Arc::clone(&metrics))?,
            session_tokens: SessionTokens::new(&settings.auth, settings.admin.access_token_ttl)?,
            limits: SignInLimits::new(
                settings.admin.sign_in_quota(),
                settings.auth.failure_quota(),
            ),
            settings: settings.admin.clone(),
            metrics,
            single_sign_on: SingleSignOn::new(&settings.oidc)?,
        })
    }
}
