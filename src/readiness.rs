//! Whether this replica should get requests.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tracing::{error, info, warn};

use crate::ambient::Stopwatch;
use crate::retry_after::{Unavailable, Wait};
use crate::store::{SchemaCompatibility, Store, StoreError};

const POLL_WHILE_STARTING: Duration = Duration::from_millis(250);
const POLL_WHILE_READY: Duration = Duration::from_secs(5);
/// After a refusal that somebody has to end, such as that of a wrong password.
const POLL_WHILE_REFUSED: Duration = Duration::from_secs(5);

/// What is known of the schema and of our own end.
#[derive(Default)]
pub struct Readiness(Mutex<State>);

#[derive(Default)]
struct State {
    /// The last verdict; none before the first answer of the database.
    schema: Option<SchemaCompatibility>,
    is_database_up: bool,
    /// Why the database did not answer when it was last asked.
    outage: Option<String>,
    is_draining: bool,
    /// Since the process began.
    age: Stopwatch,
}

/// What `/readyz` says.
pub struct Report {
    /// Whether requests should come.
    pub is_ready: bool,
    /// Why, in words.
    pub status: String,
    /// Whether the database answered when it was last asked.
    pub is_database_up: bool,
}

impl Readiness {
    /// Whether a request that is here can be served: also while draining.
    #[must_use]
    pub fn can_serve(&self) -> bool {
        self.with(|state| state.schema == Some(SchemaCompatibility::Compatible))
    }

    /// As [`Readiness::can_serve`], for a request.
    ///
    /// # Errors
    /// Until the schema fits.
    pub fn check(&self) -> Result<(), Unavailable> {
        if self.can_serve() {
            return Ok(());
        }
        let wait = self.with(|state| {
            if state.is_draining {
                Wait::Soon
            } else {
                Wait::Outage(state.age.elapsed())
            }
        });
        Err(Unavailable::new("the schema is not ready", wait))
    }

    /// Turns `/readyz` red for good.
    pub fn drain(&self) {
        self.with(|state| state.is_draining = true);
    }

    /// What `/readyz` says.
    #[must_use]
    pub fn report(&self) -> Report {
        self.with(|state| {
            let status = match &state.schema {
                _ if state.is_draining => "draining".to_owned(),
                None => match &state.outage {
                    None => "starting: the database has not answered yet".to_owned(),
                    Some(outage) => format!("starting: {outage}"),
                },
                Some(SchemaCompatibility::Compatible) => "ready".to_owned(),
                Some(other) => other.to_string(),
            };
            let is_compatible = state.schema == Some(SchemaCompatibility::Compatible);
            Report {
                is_ready: is_compatible && !state.is_draining,
                status,
                is_database_up: state.is_database_up,
            }
        })
    }

    /// Keeps an eye on the schema for as long as the process lives. An outage leaves the last
    /// verdict standing.
    pub async fn watch(&self, store: Store) {
        loop {
            let answer = store.schema_compatibility().await;
            let is_refused = answer.as_ref().is_err_and(StoreError::is_refused_login);
            self.note(answer);
            let pause = if is_refused {
                POLL_WHILE_REFUSED
            } else if self.can_serve() {
                POLL_WHILE_READY
            } else {
                POLL_WHILE_STARTING
            };
            tokio::time::sleep(pause).await;
        }
    }

    /// Each change is logged once.
    fn note(&self, answer: Result<SchemaCompatibility, StoreError>) {
        self.with(|state| {
            state.is_database_up = answer.is_ok();
            let schema = match answer {
                Ok(schema) => schema,
                Err(error) => {
                    let outage = error.to_string();
                    if state.outage.as_ref() != Some(&outage) {
                        warn!("{outage}");
                    }
                    state.outage = Some(outage);
                    return;
                }
            };
            if state.outage.take().is_some() && state.schema.as_ref() == Some(&schema) {
                info!("the database answers again");
            }
            if state.schema.as_ref() != Some(&schema) {
                match &schema {
                    SchemaCompatibility::Compatible => info!("the schema fits: ready"),
                    SchemaCompatibility::TooOld { .. }
                    | SchemaCompatibility::FunctionsTooOld { .. } => {
                        warn!("{schema}");
                    }
                    SchemaCompatibility::TooNew { .. } => error!("{schema}"),
                }
            }
            state.schema = Some(schema);
        });
    }

    fn with<T>(&self, use_state: impl FnOnce(&mut State) -> T) -> T {
        use_state(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
