//! Caches verified API keys in memory, so that a request only has to hash its token.

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

/// Locks that allow one database lookup per key at a time. Keys whose hashes collide share a lock.
const LOOKUP_LOCKS: usize = 256;
/// Attempts of a lookup whose result was invalidated while it ran.
const MAX_LOOKUPS: usize = 4;
/// `auth.cache_ttl` is divided into this many parts. An entry that is used in the last part is refreshed in the
/// background. Otherwise all calls with this key would wait for a lookup whenever the entry expires.
const TTL_PARTS: u32 = 6;
/// Entries that are not used for this long are dropped.
const MAX_IDLE: Duration = Duration::from_mins(10);

/// A cache of API keys by client id.
///
/// An entry is valid for `auth.cache_ttl`, and refreshed before it expires if it is in use. argon2 runs only if
/// the stored hash or the presented token has changed.
pub struct KeyCache {
    entries: Cache<ClientId, Arc<Entry>>,
    ttl: Duration,
    clock: Stopwatch,
    /// Entries read before this time (microseconds on `clock`) are stale.
    stale_before: AtomicU64,
    /// Counts invalidations. Locked while an entry is stored, so that no stale entry is stored after one.
    generation: Mutex<u64>,
    /// Allows one lookup per key at a time. Callers that waited use its result or its failure.
    lookup_locks: Vec<tokio::sync::Mutex<Option<Failure>>>,
    lock_hasher: RandomState,
    verifier: SecretVerifier,
    store: Store,
    meters: Arc<Meters>,
    metrics: Arc<Metrics>,
}

/// The key if the secret is right, or `None` if the token is rejected.
type Verdict = Option<Arc<CachedKey>>;

/// An API key in the cache.
pub(super) struct CachedKey {
    /// Its row in the database.
    pub(super) record: ApiKeyRecord,
    /// Counts its requests.
    pub(super) meter: Arc<KeyMeter>,
}

struct Entry {
    /// The key; `None` if it does not exist.
    key: Option<Arc<CachedKey>>,
    /// The digest of the token whose secret matched the stored hash.
    verified: Option<TokenDigest>,
    read_at: u64,
    /// Whether a refresh has started. If it fails, the first caller after the entry expires does the lookup.
    is_refreshed: AtomicBool,
}

/// A failed lookup.
struct Failure {
    ended_at: u64,
    error: AuthError,
}

impl KeyCache {
    /// Creates an empty cache in front of `store`. The requests of each key are counted on `meters`.
    #[must_use]
    pub fn new(settings: &Auth, store: Store, meters: Arc<Meters>, metrics: Arc<Metrics>) -> Self {
        Self {
            entries: Cache::builder()
                .max_capacity(settings.cache_capacity)
                .time_to_idle(MAX_IDLE)
                .build(),
            ttl: settings.cache_ttl,
            clock: Stopwatch::default(),
            stale_before: AtomicU64::new(0),
            generation: Mutex::new(0),
            lookup_locks: std::iter::repeat_with(Default::default)
                .take(LOOKUP_LOCKS)
                .collect(),
            lock_hasher: RandomState::new(),
            verifier: SecretVerifier::new(Arc::clone(&metrics)),
            store,
            meters,
            metrics,
        }
    }

    /// Returns the key if the token's secret is right, else `None`. The caller checks whether the key is expired
    /// or revoked.
    ///
    /// # Errors
    /// [`AuthError::Unavailable`] if the database does not answer.
    pub(super) async fn verify(self: &Arc<Self>, token: &ApiToken) -> Result<Verdict, AuthError> {
        let digest = token.digest();
        if let Some((verdict, entry)) = self.cached(token.client_id(), &digest) {
            self.metrics.keys.found_in_cache();
            if self.should_refresh(&entry) {
                tokio::spawn(Arc::clone(self).refresh(token.clone(), digest));
            }
            return Ok(verdict);
        }
        let started_at = self.clock.micros();
        let mut last_failure = self.lookup_lock(token.client_id()).lock().await;
        if let Some((verdict, _)) = self.cached(token.client_id(), &digest) {
            self.metrics.keys.found_in_cache();
            return Ok(verdict);
        }
        // A caller that waited for a failed lookup returns its error. If each caller did a lookup of its own,
        // they would queue for many times the deadline.
        if let Some(failure) = last_failure
            .as_ref()
            .filter(|failure| failure.ended_at > started_at)
        {
            return Err(failure.error.clone());
        }
        self.look_up_shared(&mut last_failure, token, digest).await
    }

    /// Looks up a key. Stores a failure for the callers that wait for this lookup.
    async fn look_up_shared(
        &self,
        last_failure: &mut Option<Failure>,
        token: &ApiToken,
        digest: TokenDigest,
    ) -> Result<Verdict, AuthError> {
        let verdict = self.look_up(token, digest).await;
        *last_failure = verdict.as_ref().err().map(|error| Failure {
            ended_at: self.clock.micros(),
            error: error.clone(),
        });
        verdict
    }

    /// Removes a key. Lookups that are running do not store their result.
    pub fn invalidate_key(&self, client: &ClientId) {
        let mut generation = self.lock_generation();
        *generation += 1;
        self.entries.invalidate(client);
    }

    /// Removes all keys of a company, so that they are read again at their next use.
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

    /// Marks all entries stale, so that each key is read again at its next use. Called when changes may have been
    /// missed.
    pub fn refresh_all(&self) {
        let mut generation = self.lock_generation();
        *generation += 1;
        self.stale_before
            .store(self.clock.micros() + 1, Ordering::Release);
    }

    /// The verdict on a token and its entry, if the cache has a fresh one.
    fn cached(&self, client: &ClientId, digest: &TokenDigest) -> Option<(Verdict, Arc<Entry>)> {
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

    /// Whether this caller has to start the refresh of an entry. True for one caller per entry.
    fn should_refresh(&self, entry: &Entry) -> bool {
        entry.key.is_some()
            && self.age(entry) >= self.ttl / TTL_PARTS * (TTL_PARTS - 1)
            && !entry.is_refreshed.swap(true, Ordering::Relaxed)
    }

    /// Refreshes an entry while callers still use it.
    async fn refresh(self: Arc<Self>, token: ApiToken, digest: TokenDigest) {
        let mut last_failure = self.lookup_lock(token.client_id()).lock().await;
        // The result is not needed here: callers whose entry expires meanwhile wait for this lookup and get its
        // failure.
        let _ = self.look_up_shared(&mut last_failure, &token, digest).await;
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
                let meter = self.meters.for_key(record.company, client);
                Arc::new(CachedKey { record, meter })
            });

            let cached = self.entries.get(client);
            let verified = match &key {
                None => None,
                Some(key) => {
                    let record = &key.record;
                    let unchanged = cached.filter(|entry| entry.has_hash(&record.secret_hash));
                    match unchanged {
                        Some(entry) if entry.has_verified(&digest) => Some(digest),
                        other => {
                            let hash = record.secret_hash.clone();
                            let is_right = self.verifier.verify(token.secret(), hash).await?;
                            // A wrong secret does not replace the verified one.
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
        // Each attempt was invalidated by a change. The last verdict is right, but it is not stored.
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
        // A poisoned lock is safe to use: a number is never half written.
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

    fn lookup_lock(&self, client: &ClientId) -> &tokio::sync::Mutex<Option<Failure>> {
        #[expect(
            clippy::cast_possible_truncation,
            reason = "any bits of the hash select a lock"
        )]
        let index = self.lock_hasher.hash_one(client) as usize % self.lookup_locks.len();
        &self.lookup_locks[index]
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
        Self::Unavailable(Unavailable::retry_soon(
            "too many keys are being checked at the same time",
        ))
    }
}
