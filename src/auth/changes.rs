//! Word of changed keys and companies, through a Redis channel.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use redis::{AsyncCommands, Client, RedisError};
use tracing::{debug, info};

use super::KeyCache;
use crate::ambient;
use crate::domain::{ClientId, CompanyId};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);
const PAUSE_BEFORE_RECONNECT: Duration = Duration::from_millis(200);
/// A subscription whose pong is not there in time is made anew. With the pauses before the ping and before
/// the new subscription that is less than a second, in which a change has to arrive.
const PING_INTERVAL: Duration = Duration::from_millis(300);
const PONG_TIMEOUT: Duration = Duration::from_millis(300);

/// What was changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// One API key.
    Key(ClientId),
    /// A company, and so all of its keys.
    Company(CompanyId),
}

impl fmt::Display for Change {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Key(client) => write!(formatter, "key:{client}"),
            Self::Company(company) => write!(formatter, "company:{company}"),
        }
    }
}

impl FromStr for Change {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (kind, id) = text.split_once(':').ok_or(())?;
        match kind {
            "key" => id.parse().map(Self::Key).map_err(|_| ()),
            "company" => id.parse().map(Self::Company).map_err(|_| ()),
            _ => Err(()),
        }
    }
}

/// Tells all replicas of a change. To be called after its commit: who hears of it reads it.
///
/// # Errors
/// If Redis is out of reach. The replicas then find out when their entries end.
pub async fn announce(client: &Client, prefix: &str, change: &Change) -> Result<(), RedisError> {
    let announcement = async {
        let mut connection = client.get_multiplexed_async_connection().await?;
        connection
            .publish(channel(prefix), change.to_string())
            .await
    };
    tokio::time::timeout(CONNECT_TIMEOUT, announcement)
        .await
        .unwrap_or_else(|_| Err(timed_out()))
}

/// Tells all replicas of changes that this process makes, itself first.
pub struct Announcer {
    client: Option<Client>,
    prefix: String,
    keys: Option<Arc<KeyCache>>,
    on_unheard: Box<dyn Fn(Unheard) + Send + Sync>,
}

/// Why other replicas find out about a change only when their entries end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unheard {
    /// No Redis is configured.
    NoRedis,
    /// Redis is out of reach; the kind of error.
    OutOfReach(String),
}

impl Announcer {
    /// Announces through Redis, if there is one, what `keys`, if this process serves, has to read
    /// again. `on_unheard` says so where that fails.
    #[must_use]
    pub fn new(
        client: Option<Client>,
        prefix: String,
        keys: Option<Arc<KeyCache>>,
        on_unheard: impl Fn(Unheard) + Send + Sync + 'static,
    ) -> Self {
        Self {
            client,
            prefix,
            keys,
            on_unheard: Box::new(on_unheard),
        }
    }

    /// To be called after the commit of a change. Where Redis is out of reach, the other replicas
    /// find out when their entries end.
    pub async fn announce(&self, change: Change) {
        match (&self.keys, &change) {
            (Some(keys), Change::Key(client)) => keys.forget_key(client),
            (Some(keys), Change::Company(company)) => keys.refresh_company(*company),
            (None, _) => {}
        }
        let Some(client) = &self.client else {
            return (self.on_unheard)(Unheard::NoRedis);
        };
        if let Err(error) = announce(client, &self.prefix, &change).await {
            (self.on_unheard)(Unheard::OutOfReach(error.category().to_owned()));
        }
    }
}

/// Hears of changes for as long as the process lives, through outages of Redis.
pub async fn listen(client: Client, prefix: String, keys: Arc<KeyCache>) {
    loop {
        let Err(error) = hear(&client, &prefix, &keys).await;
        debug!(
            cause = error.category(),
            "the subscription to changes of keys ended"
        );
        tokio::time::sleep(ambient::jittered(PAUSE_BEFORE_RECONNECT)).await;
    }
}

async fn hear(
    client: &Client,
    prefix: &str,
    keys: &KeyCache,
) -> Result<std::convert::Infallible, RedisError> {
    let subscription = async {
        let mut subscription = client.get_async_pubsub().await?;
        subscription.subscribe(channel(prefix)).await?;
        Ok(subscription)
    };
    let subscription = tokio::time::timeout(CONNECT_TIMEOUT, subscription)
        .await
        .unwrap_or_else(|_| Err(timed_out()))?;
    // Whatever was announced before this moment was missed.
    keys.refresh_all();
    info!("listening for changes of keys");

    let (mut pings, mut messages) = subscription.split();
    let stays_alive = async {
        loop {
            tokio::time::sleep(PING_INTERVAL).await;
            tokio::time::timeout(PONG_TIMEOUT, pings.ping::<redis::Value>())
                .await
                .unwrap_or_else(|_| Err(timed_out()))?;
        }
    };
    let hears = async {
        while let Some(message) = messages.next().await {
            let payload: String = message.get_payload()?;
            match payload.parse() {
                Ok(Change::Key(client)) => keys.forget_key(&client),
                Ok(Change::Company(company)) => keys.refresh_company(company),
                // A newer release announces something else: better to read too much again.
                Err(()) => keys.refresh_all(),
            }
        }
        Err(timed_out())
    };
    tokio::select! {
        ended = stays_alive => ended,
        ended = hears => ended,
    }
}

fn channel(prefix: &str) -> String {
    format!("{prefix}:changes")
}

fn timed_out() -> RedisError {
    RedisError::from(std::io::Error::from(std::io::ErrorKind::TimedOut))
}
