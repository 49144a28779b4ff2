//! argon2id with two sets of parameters: cheap ones for API keys (256 random bits), OWASP's for passwords.

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

/// A random secret of 256 bits cannot be guessed even if hashing is fast. These parameters take well below 1 ms.
const API_SECRET_MEMORY_KIB: u32 = 256;
const API_SECRET_PASSES: u32 = 1;
/// How long a request waits for a permit to run argon2.
const MAX_WAIT: Duration = Duration::from_secs(2);

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

/// Runs argon2 on blocking threads, at most one per core at the same time: more would only use memory.
pub(super) struct SecretVerifier {
    permits: Arc<Semaphore>,
    metrics: Arc<Metrics>,
}

/// No permit became free in time, or the process is stopping.
#[derive(Debug, thiserror::Error)]
#[error("too many secrets are being checked at the same time")]
pub struct VerifierBusy;

impl SecretVerifier {
    pub(super) fn new(metrics: Arc<Metrics>) -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Self {
            permits: Arc::new(Semaphore::new(cores)),
            metrics,
        }
    }

    /// Whether a secret matches a hash.
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

    /// Runs work on a blocking thread when a permit is free. The wait does not count towards the deadline of the
    /// database.
    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, VerifierBusy> {
        request_time::exclude(self.run_with_permit(work)).await
    }

    async fn run_with_permit<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, VerifierBusy> {
        let arrived = Stopwatch::default();
        let permit =
            tokio::time::timeout(MAX_WAIT, Arc::clone(&self.permits).acquire_owned()).await;
        self.metrics.keys.argon2_awaited(arrived.elapsed());
        let permit = permit
            .map_err(|_| VerifierBusy)?
            .map_err(|_| VerifierBusy)?;
        self.metrics.keys.argon2_ran();
        let span = tracing::Span::current();
        tokio::task::spawn_blocking(move || {
            let _permit = permit;
            span.in_scope(work)
        })
        .await
        .map_err(|_| VerifierBusy)
    }
}

/// Hashes and verifies administrators' passwords with OWASP's minimum parameters (argon2id, 19 MiB, 2 passes).
/// It has permits of its own, so that a flood of sign-ins does not delay API keys.
pub struct Passwords {
    verifier: SecretVerifier,
    /// A hash that no password matches. Verifying it makes an unknown account take as long as a known one.
    dummy: SecretHash,
}

/// The result of checking a password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PasswordVerdict {
    /// The password is wrong.
    Wrong,
    /// The password is right.
    Right,
    /// The password is right, but its hash has outdated parameters. Holds a new hash.
    RightAndRehashed(SecretHash),
}

impl Passwords {
    /// Creates the verifier and the dummy hash.
    ///
    /// # Errors
    /// If the system has no random bytes.
    pub fn new(metrics: Arc<Metrics>) -> Result<Self, Error> {
        Ok(Self {
            verifier: SecretVerifier::new(metrics),
            dummy: dummy()?,
        })
    }

    /// Hashes a password.
    ///
    /// # Errors
    /// If no permit became free in time.
    pub async fn hash(&self, password: &Password) -> Result<SecretHash, VerifierBusy> {
        let secret = password.secret().clone();
        let hashed = self.verifier.run(move || hash(&Argon2::default(), &secret));
        // Only the random bytes for the salt can fail.
        hashed.await?.map_err(|_| VerifierBusy)
    }

    /// Checks a password against a stored hash. Without a password or a hash the result is
    /// [`PasswordVerdict::Wrong`], after the same time as for a wrong password.
    ///
    /// # Errors
    /// If no permit became free in time.
    pub async fn verify(
        &self,
        password: Option<&Password>,
        stored: Option<&SecretHash>,
    ) -> Result<PasswordVerdict, VerifierBusy> {
        let secret = password.map_or_else(SecretString::default, |it| it.secret().clone());
        let hash = stored.unwrap_or(&self.dummy).clone();
        let is_current = is_current(&hash);
        let is_right = self.verifier.verify(secret, hash).await?;
        match password.filter(|_| is_right && stored.is_some()) {
            None => Ok(PasswordVerdict::Wrong),
            Some(_) if is_current => Ok(PasswordVerdict::Right),
            Some(password) => {
                let hash = self.hash(password).await?;
                Ok(PasswordVerdict::RightAndRehashed(hash))
            }
        }
    }
}

/// A hash that no password matches and that takes as long to verify as a real one. It is made with cheap
/// parameters and relabelled, because a real hash would cost 19 MiB and 20 ms at each start.
fn dummy() -> Result<SecretHash, Error> {
    let cheap = hash_api_secret(InvitationToken::generate(&mut ambient::random()).text())?;
    let named = |memory, passes| format!("$m={memory},t={passes},p=1$");
    Ok(SecretHash::new(cheap.as_str().replace(
        &named(API_SECRET_MEMORY_KIB, API_SECRET_PASSES),
        &named(Params::DEFAULT_M_COST, Params::DEFAULT_T_COST),
    )))
}

/// Whether a hash was made with the current parameters.
fn is_current(hash: &SecretHash) -> bool {
    PasswordHash::new(hash.as_str()).is_ok_and(|hash| {
        Params::try_from(&hash).is_ok_and(|parameters| {
            let current = Params::default();
            parameters.m_cost() == current.m_cost()
                && parameters.t_cost() == current.t_cost()
                && parameters.p_cost() == current.p_cost()
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn verifying_the_dummy_hash_takes_as_long_as_a_real_one() {
        assert!(is_current(&dummy().unwrap()));
        assert!(!is_current(&hash_api_secret(&"x".into()).unwrap()));
    }
}
