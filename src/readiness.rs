//! The readiness of this replica: the result of `/readyz`.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tracing::{error, info, warn};

use crate::ambient::Stopwatch;
use crate::retry_after::{Unavailable, Wait};
use crate::store::{SchemaCompatibility, Store, StoreError};

const POLL_WHILE_STARTING: Duration = Duration::from_millis(250);
const POLL_WHILE_READY: Duration = Duration::from_secs(5);
/// After an error that an operator has to fix, such as a wrong password.
const POLL_WHILE_REFUSED: Duration = Duration::from_secs(5);

/// The state of the schema and of the shutdown.
#[derive(Default)]
pub struct Readiness(Mutex<State>);

#[derive(Default)]
struct State {
    /// The last result of the schema check; `None` before the first answer of the database.
    schema: Option<SchemaCompatibility>,
    is_database_up: bool,
    /// The error of the last check, if the database did not answer.
    outage: Option<String>,
    is_draining: bool,
    /// The time since the process started.
    age: Stopwatch,
}

/// The content of `/readyz`.
pub struct Report {
    /// Whether this replica should get requests.
    pub is_ready: bool,
    /// The reason as text.
    pub status: String,
    /// Whether the database answered the last check.
    pub is_database_up: bool,
}

impl Readiness {
    /// Whether a request can be served. It can be served during the shutdown as well.
    #[must_use]
    pub fn can_serve(&self) -> bool {
        self.with(|state| state.schema == Some(SchemaCompatibility::Compatible))
    }

    /// Checks that a request can be served.
    ///
    /// # Errors
    /// If the schema is not compatible.
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

    /// Makes `/readyz` answer 503 from now on.
    pub fn drain(&self) {
        self.with(|state| state.is_draining = true);
    }

    /// The content of `/readyz`.
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
                Some(incompatible) => incompatible.to_string(),
            };
            let is_compatible = state.schema == Some(SchemaCompatibility::Compatible);
            Report {
                is_ready: is_compatible && !state.is_draining,
                status,
                is_database_up: state.is_database_up,
            }
        })
    }

    /// Checks the schema regularly. During an outage of the database the last result stays valid. Never returns.
    pub async fn watch(&self, store: Store) {
        loop {
            let answer = store.schema_compatibility().await;
            let is_refused = answer.as_ref().is_err_and(StoreError::is_refused_login);
            self.record(answer);
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

    /// Records the result of a check. Each change is logged once.
    fn record(&self, answer: Result<SchemaCompatibility, StoreError>) {
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
                info!("the database is available again");
            }
            if state.schema.as_ref() != Some(&schema) {
                match &schema {
                    SchemaCompatibility::Compatible => info!("the schema is compatible: ready"),
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
