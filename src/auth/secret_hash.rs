//! argon2id, in two strengths: cheap for 256 random bits, dear for what people think up.

use std::sync::Arc;
use std::time::Duration;

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{Error, PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::Semaphore;

use crate::ambient::Stopwatch;
use crate::metrics::Metrics;

/// A random secret of 256 bits cannot be guessed, however fast the guesses: well below 1 ms.
const API_SECRET_MEMORY_KIB: u32 = 256;
const API_SECRET_PASSES: u32 = 1;
/// How long a request waits for its turn to run argon2.
const PATIENCE: Duration = Duration::from_secs(2);

/// Hashes the secret of an API key into a PHC string.
pub(super) fn hash_api_secret(secret: &SecretString) -> Result<String, Error> {
    let parameters = Params::new(API_SECRET_MEMORY_KIB, API_SECRET_PASSES, 1, None)?;
    hash(
        &Argon2::new(Algorithm::Argon2id, Version::V0x13, parameters),
        secret,
    )
}

/// Hashes an administrator's password into a PHC string, at OWASP's minimum (19 MiB, 2 passes).
///
/// # Errors
/// If the system has no randomness for the salt.
pub fn hash_password(password: &SecretString) -> Result<String, Error> {
    hash(&Argon2::default(), password)
}

fn hash(argon2: &Argon2<'_>, secret: &SecretString) -> Result<String, Error> {
    Ok(argon2
        .hash_password(secret.expose_secret().as_bytes())?
        .to_string())
}

/// Runs argon2 on blocking threads, as many at once as there are cores: more would only take
/// memory.
pub(super) struct SecretVerifier {
    turns: Arc<Semaphore>,
    metrics: Arc<Metrics>,
}

/// No turn came up in time, or the process is going down.
#[derive(Debug)]
pub(super) struct VerifierBusy;

impl SecretVerifier {
    pub(super) fn new(metrics: Arc<Metrics>) -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Self {
            turns: Arc::new(Semaphore::new(cores)),
            metrics,
        }
    }

    /// Whether a secret has this hash (a PHC string, with its own parameters).
    pub(super) async fn verify(
        &self,
        secret: SecretString,
        hash: String,
    ) -> Result<bool, VerifierBusy> {
        let arrived = Stopwatch::default();
        let turn = tokio::time::timeout(PATIENCE, Arc::clone(&self.turns).acquire_owned()).await;
        self.metrics.keys.argon2_awaited(arrived.elapsed());
        let turn = turn.map_err(|_| VerifierBusy)?.map_err(|_| VerifierBusy)?;
        self.metrics.keys.argon2_ran();
        let span = tracing::Span::current();
        tokio::task::spawn_blocking(move || {
            let _turn = turn;
            span.in_scope(|| {
                PasswordHash::new(&hash).is_ok_and(|hash| {
                    Argon2::default()
                        .verify_password(secret.expose_secret().as_bytes(), &hash)
                        .is_ok()
                })
            })
        })
        .await
        .map_err(|_| VerifierBusy)
    }
}
