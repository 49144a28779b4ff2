//! Administrative actions, which the command line, the admin API and the console share.
//!
//! Each action takes an [`AdminPrincipal`], which bounds what it may reach. It changes the database and
//! records the change in one transaction, and notifies the replicas after the commit.
//!
//! Every action also fails with [`AdministrationError::Unavailable`] if the database is unavailable.

mod admin_principal;
mod admins;
mod companies;
mod error;
mod invitations;
mod keys;
mod passwords;
mod sessions;
mod sign_in_limits;
mod single_sign_on;
mod used_forms;

use std::sync::Arc;

pub use admin_principal::AdminPrincipal;
pub use error::AdministrationError;
pub use invitations::Invited;
pub use keys::{CreatedKey, KeyToCreate, RotatedKey};
pub use sessions::{Attempt, Tokens};
use sign_in_limits::SignInLimits;

use crate::auth::{InvalidationPublisher, Passwords, SessionTokens};
use crate::config::{ManagementSettings, Settings};
use crate::domain::TokenKeys;
use crate::metrics::Metrics;
use crate::oidc::SingleSignOn;
use crate::store::Store;

/// The administrative actions.
pub struct Administration {
    store: Store,
    invalidations: Arc<InvalidationPublisher>,
    /// `None` in a command that creates no key.
    token_keys: Option<TokenKeys>,
    passwords: Passwords,
    /// `None` in commands, where nobody signs in.
    session_tokens: Option<SessionTokens>,
    limits: SignInLimits,
    keys_per_company: u32,
    settings: crate::config::Admin,
    metrics: Arc<Metrics>,
    single_sign_on: Option<SingleSignOn>,
}

impl Administration {
    /// The actions of the service.
    ///
    /// # Errors
    /// If a key of access tokens cannot be used.
    pub fn new(
        settings: &Settings,
        store: Store,
        invalidations: Arc<InvalidationPublisher>,
        metrics: Arc<Metrics>,
    ) -> anyhow::Result<Self> {
        Ok(Self {
            store,
            invalidations,
            token_keys: Some(settings.auth.token_keys()),
            passwords: Passwords::new(Arc::clone(&metrics))?,
            session_tokens: Some(SessionTokens::new(
                &settings.auth,
                settings.admin.access_token_ttl,
            )?),
            limits: SignInLimits::new(settings.admin.sign_in_quota, settings.auth.failure_quota),
            keys_per_company: settings.auth.keys_per_company,
            settings: settings.admin.clone(),
            metrics,
            single_sign_on: SingleSignOn::new(&settings.oidc)?,
        })
    }

    /// The actions of commands, where nobody signs in.
    ///
    /// # Errors
    /// If passwords cannot be hashed.
    pub fn for_commands(
        settings: ManagementSettings,
        store: Store,
        invalidations: Arc<InvalidationPublisher>,
    ) -> anyhow::Result<Self> {
        let metrics = Arc::<Metrics>::default();
        Ok(Self {
            store,
            invalidations,
            token_keys: settings.token_keys,
            passwords: Passwords::new(Arc::clone(&metrics))?,
            session_tokens: None,
            limits: SignInLimits::new(settings.admin.sign_in_quota, settings.failure_quota),
            keys_per_company: settings.keys_per_company,
            settings: settings.admin,
            metrics,
            single_sign_on: None,
        })
    }

    /// Signs and verifies access tokens.
    fn session_tokens(&self) -> Result<&SessionTokens, AdministrationError> {
        self.session_tokens.as_ref().ok_or_else(|| {
            AdministrationError::Defect("a command does not know auth.jwt_key".to_owned())
        })
    }
}
