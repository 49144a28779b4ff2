//! argon2id, in two strengths: cheap for 256 random bits, dear for what people think up.

use std::sync::Arc;
use std::time::Duration;

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{Error, PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::Semaphore;

use crate::ambient::{self, Stopwatch, request_time};
use crate::domain::{InvitationToken, Password, SecretHash};
use crate::metrics::Metrics;

/// A random secret of 256 bits cannot be guessed, however fast the guesses: well below 1 ms.
const API_SECRET_MEMORY_KIB: u32 = 256;
const API_SECRET_PASSES: u32 = 1;
/// How long a request waits for its turn to run argon2.
const PATIENCE: Duration = Duration::from_secs(2);

/// Hashes the secret of an API key.
pub(super) fn hash_api_secret(secret: &SecretString) -> Result<SecretHash, Error> {
    let parameters = Params::new(API_SECRET_MEMORY_KIB, API_SECRET_PASSES, 1, None)?;
    hash(
        &Argon2::new(Algorithm::Argon2id, Version::V0x13, parameters),
        secret,
    )
}

fn hash(argon2: &Argon2<'_>, secret: &SecretString) -> Result<SecretHash, Error> {
    let hash = argon2.hash_password(secret.expose_secret().as_bytes())?;
    Ok(SecretHash::new(hash.to_string()))
}

/// Runs argon2 on blocking threads, as many at once as there are cores: more would only take
/// memory.
pub(super) struct SecretVerifier {
    turns: Arc<Semaphore>,
    metrics: Arc<Metrics>,
}

/// No turn came up in time, or the process is going down.
#[derive(Debug, thiserror::Error)]
#[error("too many secrets are being checked at once")]
pub struct VerifierBusy;

impl SecretVerifier {
    pub(super) fn new(metrics: Arc<Metrics>) -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Self {
            turns: Arc::new(Semaphore::new(cores)),
            metrics,
        }
    }

    /// Whether a secret has this hash.
    pub(super) async fn verify(
        &self,
        secret: SecretString,
        hash: SecretHash,
    ) -> Result<bool, VerifierBusy> {
        self.run(move || {
            PasswordHash::new(hash.as_str()).is_ok_and(|hash| {
                Argon2::default()
                    .verify_password(secret.expose_secret().as_bytes(), &hash)
                    .is_ok()
            })
        })
        .await
    }

    /// Does something on a blocking thread when its turn comes.
    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, VerifierBusy> {
        request_time::exclude(self.run_in_turn(work)).await
    }

    async fn run_in_turn<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, VerifierBusy> {
        let arrived = Stopwatch::default();
        let turn = tokio::time::timeout(PATIENCE, Arc::clone(&self.turns).acquire_owned()).await;
        self.metrics.keys.argon2_awaited(arrived.elapsed());
        let turn = turn.map_err(|_| VerifierBusy)?.map_err(|_| VerifierBusy)?;
        self.metrics.keys.argon2_ran();
        let span = tracing::Span::current();
        tokio::task::spawn_blocking(move || {
            let _turn = turn;
            span.in_scope(work)
        })
        .await
        .map_err(|_| VerifierBusy)
    }
}

/// Hashes and verifies administrators' passwords, at OWASP's minimum (argon2id, 19 MiB, 2 passes).
/// The turns are its own: a flood of sign-ins keeps no API key waiting.
pub struct Passwords {
    verifier: SecretVerifier,
    /// The hash of a password that nobody has: what an unknown account costs.
    dummy: SecretHash,
}

/// What came of checking a password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PasswordVerdict {
    /// It is wrong.
    Wrong,
    /// It is right.
    Right,
    /// It is right, and hashed with other parameters than today's: this is its new hash.
    RightAndRehashed(SecretHash),
}

impl Passwords {
    /// Prepares the turns.
    ///
    /// # Errors
    /// If the system has no randomness.
    pub fn new(metrics: Arc<Metrics>) -> Result<Self, Error> {
        Ok(Self {
            verifier: SecretVerifier::new(metrics),
            dummy: dummy()?,
        })
    }

    /// Hashes a password.
    ///
    /// # Errors
    /// If no turn came up in time.
    pub async fn hash(&self, password: &Password) -> Result<SecretHash, VerifierBusy> {
        let secret = password.secret().clone();
        let hashed = self.verifier.run(move || hash(&Argon2::default(), &secret));
        // What is left to fail is the system's randomness.
        hashed.await?.map_err(|_| VerifierBusy)
    }

    /// Whether a password has this hash. Without the one or the other it has not, which takes as
    /// long to find out.
    ///
    /// # Errors
    /// If no turn came up in time.
    pub async fn verify(
        &self,
        password: Option<&Password>,
        known: Option<&SecretHash>,
    ) -> Result<PasswordVerdict, VerifierBusy> {
        let secret = password.map_or_else(SecretString::default, |it| it.secret().clone());
        let hash = known.unwrap_or(&self.dummy).clone();
        let is_current = is_current(&hash);
        let is_right = self.verifier.verify(secret, hash).await?;
        match password.filter(|_| is_right && known.is_some()) {
            None => Ok(PasswordVerdict::Wrong),
            Some(_) if is_current => Ok(PasswordVerdict::Right),
            Some(password) => {
                let hash = self.hash(password).await?;
                Ok(PasswordVerdict::RightAndRehashed(hash))
            }
        }
    }
}

/// A hash with today's parameters that no password has, without the 19 MiB and the 20 ms that a real
/// one takes of each start: a cheap one, under the name of a dear one.
fn dummy() -> Result<SecretHash, Error> {
    let cheap = hash_api_secret(InvitationToken::generate(&mut ambient::random()).text())?;
    let named = |memory, passes| format!("$m={memory},t={passes},p=1$");
    Ok(SecretHash::new(cheap.as_str().replace(
        &named(API_SECRET_MEMORY_KIB, API_SECRET_PASSES),
        &named(Params::DEFAULT_M_COST, Params::DEFAULT_T_COST),
    )))
}

/// Whether a hash was made with today's parameters.
fn is_current(hash: &SecretHash) -> bool {
    PasswordHash::new(hash.as_str()).is_ok_and(|hash| {
        Params::try_from(&hash).is_ok_and(|parameters| {
            let today = Params::default();
            parameters.m_cost() == today.m_cost()
                && parameters.t_cost() == today.t_cost()
                && parameters.p_cost() == today.p_cost()
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_of_nobody_costs_what_those_of_passwords_do() {
        assert!(is_current(&dummy().unwrap()));
        assert!(!is_current(&hash_api_secret(&"x".into()).unwrap()));
    }
}
