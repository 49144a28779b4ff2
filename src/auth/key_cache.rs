//! Verified keys in memory, so that a request costs a hash of its token and nothing more.

use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use moka::sync::Cache;
use subtle::ConstantTimeEq;

use super::AuthError;
use super::secret_hash::{SecretVerifier, VerifierBusy};
use crate::ambient::Stopwatch;
use crate::config::Auth;
use crate::domain::{ApiToken, ClientId, CompanyId, SecretHash, TokenDigest};
use crate::metrics::Metrics;
use crate::retry_after::{Unavailable, Wait};
use crate::store::{ApiKeyRecord, Store, StoreError};
use crate::usage::{KeyMeter, Meters};

/// Lookups of different keys that wait for each other now and then, for want of more locks.
const FLIGHTS: usize = 256;
/// How often a lookup that a change overtook is repeated.
const MAX_LOOKUPS: usize = 4;
/// An entry that is in use is read again in the last of so many parts of `auth.cache_ttl`, while it is still
/// trusted: otherwise all calls of its key would wait for the lookup, each time.
const TTL_PARTS: u32 = 6;
/// An entry that nobody asks for is dropped after this long.
const IDLE: Duration = Duration::from_mins(10);

/// What is known of keys, by client id.
///
/// An entry is trusted for `auth.cache_ttl`, and read again before that if it is in use; argon2 runs only if the stored hash
/// or the presented token is another than before.
pub struct KeyCache {
    entries: Cache<ClientId, Arc<Entry>>,
    ttl: Duration,
    clock: Stopwatch,
    /// Entries read before this moment (microseconds on `clock`) are read again.
    stale_before: AtomicU64,
    /// Counts changes. Held while an entry is stored, so that none overtakes it.
    generation: Mutex<u64>,
    /// One lookup at a time for each key; the others then find its result, or its failure.
    flights: Vec<tokio::sync::Mutex<Option<Failure>>>,
    flight_hasher: RandomState,
    verifier: SecretVerifier,
    store: Store,
    meters: Arc<Meters>,
    metrics: Arc<Metrics>,
}

/// A key whose secret was right, or a refusal.
type Verdict = Option<Arc<KnownKey>>;

/// What is known of a key.
pub(super) struct KnownKey {
    /// Its row.
    pub(super) record: ApiKeyRecord,
    /// Counts its requests.
    pub(super) meter: Arc<KeyMeter>,
}

struct Entry {
    /// The key; `None` if there is no such key.
    key: Option<Arc<KnownKey>>,
    /// The digest of the token whose secret has the row's hash.
    verified: Option<TokenDigest>,
    read_at: u64,
    /// Whether it is being read again, or was in vain: at its end a caller tries.
    is_refreshed: AtomicBool,
}

/// A lookup that the database did not answer.
struct Failure {
    ended_at: u64,
    error: AuthError,
}

impl KeyCache {
    /// An empty cache in front of `store`. Each key in it has one of these meters.
    #[must_use]
    pub fn new(settings: &Auth, store: Store, meters: Arc<Meters>, metrics: Arc<Metrics>) -> Self {
        Self {
            entries: Cache::builder()
                .max_capacity(settings.cache_capacity)
                .time_to_idle(IDLE)
                .build(),
            ttl: settings.cache_ttl,
            clock: Stopwatch::default(),
            stale_before: AtomicU64::new(0),
            generation: Mutex::new(0),
            flights: std::iter::repeat_with(Default::default)
                .take(FLIGHTS)
                .collect(),
            flight_hasher: RandomState::new(),
            verifier: SecretVerifier::new(Arc::clone(&metrics)),
            store,
            meters,
            metrics,
        }
    }

    /// The key if the token's secret is right, else `None`. Whether the key is expired or
    /// revoked is for the caller to see.
    ///
    /// # Errors
    /// [`AuthError::Unavailable`] if the database does not answer.
    pub(super) async fn verify(self: &Arc<Self>, token: &ApiToken) -> Result<Verdict, AuthError> {
        let digest = token.digest();
        if let Some((verdict, entry)) = self.known(token.client_id(), &digest) {
            self.metrics.keys.found_in_cache();
            if self.is_to_be_refreshed(&entry) {
                tokio::spawn(Arc::clone(self).refresh(token.clone(), digest));
            }
            return Ok(verdict);
        }
        let asked_at = self.clock.micros();
        let mut flight = self.flight(token.client_id()).lock().await;
        if let Some((verdict, _)) = self.known(token.client_id(), &digest) {
            self.metrics.keys.found_in_cache();
            return Ok(verdict);
        }
        // Whoever waited for a lookup that failed shares its error: to wait for a failure of its
        // own would let callers queue for many times the deadline.
        if let Some(failure) = flight
            .as_ref()
            .filter(|failure| failure.ended_at > asked_at)
        {
            return Err(failure.error.clone());
        }
        self.look_up_shared(&mut flight, token, digest).await
    }

    /// Looks a key up, and leaves a failure to those who wait.
    async fn look_up_shared(
        &self,
        flight: &mut Option<Failure>,
        token: &ApiToken,
        digest: TokenDigest,
    ) -> Result<Verdict, AuthError> {
        let verdict = self.look_up(token, digest).await;
        *flight = verdict.as_ref().err().map(|error| Failure {
            ended_at: self.clock.micros(),
            error: error.clone(),
        });
        verdict
    }

    /// Forgets a key, and keeps lookups under way from storing what they saw of it.
    pub fn forget_key(&self, client: &ClientId) {
        let mut generation = self.lock_generation();
        *generation += 1;
        self.entries.invalidate(client);
    }

    /// Reads the keys of a company again at their next use.
    pub fn refresh_company(&self, company: CompanyId) {
        let mut generation = self.lock_generation();
        *generation += 1;
        for (client, entry) in &self.entries {
            if entry
                .key
                .as_ref()
                .is_some_and(|key| key.record.company == company)
            {
                self.entries.invalidate(client.as_ref());
            }
        }
    }

    /// Reads every key again at its next use: changes may have been missed.
    pub fn refresh_all(&self) {
        let mut generation = self.lock_generation();
        *generation += 1;
        self.stale_before
            .store(self.clock.micros() + 1, Ordering::Release);
    }

    /// The verdict on a token and where it is from, if memory has one.
    fn known(&self, client: &ClientId, digest: &TokenDigest) -> Option<(Verdict, Arc<Entry>)> {
        let entry = self.entries.get(client)?;
        if !self.is_fresh(&entry) {
            return None;
        }
        let verdict = match &entry.key {
            None => None,
            Some(key) if entry.has_verified(digest) => Some(Arc::clone(key)),
            Some(_) => return None,
        };
        Some((verdict, entry))
    }

    /// Whether this caller is the one who has a good key read again.
    fn is_to_be_refreshed(&self, entry: &Entry) -> bool {
        entry.key.is_some()
            && self.age(entry) >= self.ttl / TTL_PARTS * (TTL_PARTS - 1)
            && !entry.is_refreshed.swap(true, Ordering::Relaxed)
    }

    /// Reads a key again while its callers still use what is known.
    async fn refresh(self: Arc<Self>, token: ApiToken, digest: TokenDigest) {
        let mut flight = self.flight(token.client_id()).lock().await;
        // Those whose entry ends meanwhile wait for this lookup, and hear of its failure.
        let _ = self.look_up_shared(&mut flight, &token, digest).await;
    }

    async fn look_up(&self, token: &ApiToken, digest: TokenDigest) -> Result<Verdict, AuthError> {
        let client = token.client_id();
        let mut verdict = None;
        for _ in 0..MAX_LOOKUPS {
            let generation = *self.lock_generation();
            let read_at = self.clock.micros();
            self.metrics.keys.looked_up();
            let record = self.store.find_api_key(client).await?;
            let key = record.map(|record| {
                let meter = self.meters.of_key(record.company, client);
                Arc::new(KnownKey { record, meter })
            });

            let known = self.entries.get(client);
            let verified = match &key {
                None => None,
                Some(key) => {
                    let record = &key.record;
                    let unchanged = known.filter(|entry| entry.has_hash(&record.secret_hash));
                    match unchanged {
                        Some(entry) if entry.has_verified(&digest) => Some(digest),
                        other => {
                            let hash = record.secret_hash.clone();
                            let is_right = self.verifier.verify(token.secret(), hash).await?;
                            // A wrong secret does not displace the right one.
                            if is_right {
                                Some(digest)
                            } else {
                                other.and_then(|entry| entry.verified)
                            }
                        }
                    }
                }
            };
            verdict = key.clone().filter(|_| verified == Some(digest));
            if self.store_unless_changed(
                generation,
                client,
                Entry {
                    key,
                    verified,
                    read_at,
                    is_refreshed: AtomicBool::new(false),
                },
            ) {
                break;
            }
        }
        // Overtaken by a change each time: right as of the last look, but nothing to remember.
        Ok(verdict)
    }

    fn store_unless_changed(&self, generation: u64, client: &ClientId, entry: Entry) -> bool {
        let current = self.lock_generation();
        if *current != generation {
            return false;
        }
        self.entries.insert(client.clone(), Arc::new(entry));
        true
    }

    fn lock_generation(&self) -> MutexGuard<'_, u64> {
        // A number is whole, whoever panicked beside it.
        self.generation
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn age(&self, entry: &Entry) -> Duration {
        Duration::from_micros(self.clock.micros().saturating_sub(entry.read_at))
    }

    fn is_fresh(&self, entry: &Entry) -> bool {
        self.age(entry) < self.ttl && entry.read_at >= self.stale_before.load(Ordering::Acquire)
    }

    fn flight(&self, client: &ClientId) -> &tokio::sync::Mutex<Option<Failure>> {
        #[expect(
            clippy::cast_possible_truncation,
            reason = "any bits of the hash will do"
        )]
        let index = self.flight_hasher.hash_one(client) as usize % self.flights.len();
        &self.flights[index]
    }
}

impl Entry {
    fn has_hash(&self, secret_hash: &SecretHash) -> bool {
        self.key
            .as_ref()
            .is_some_and(|key| key.record.secret_hash == *secret_hash)
    }

    fn has_verified(&self, digest: &TokenDigest) -> bool {
        self.verified
            .is_some_and(|verified| verified.ct_eq(digest).into())
    }
}

impl From<StoreError> for AuthError {
    fn from(error: StoreError) -> Self {
        let cause = error.to_string();
        let wait = match error {
            StoreError::Unavailable(unavailable) => unavailable.wait,
            StoreError::TooLarge(_) | StoreError::Defect(_) | StoreError::ActorDisabled => {
                Wait::Soon
            }
        };
        Self::Unavailable(Unavailable { cause, wait })
    }
}

impl From<VerifierBusy> for AuthError {
    fn from(VerifierBusy: VerifierBusy) -> Self {
        Self::Unavailable(Unavailable::soon_over(
            "too many keys are being checked at once",
        ))
    }
}
