//! Cache invalidation: replicas publish changed keys and companies on a Redis channel.

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
/// A subscription is replaced if Redis does not answer a ping in time. The ping interval, this timeout and the
/// pause before reconnecting add up to less than a second, within which a change must arrive.
const PING_INTERVAL: Duration = Duration::from_millis(300);
const PONG_TIMEOUT: Duration = Duration::from_millis(300);

/// A change that invalidates cached keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// One API key.
    Key(ClientId),
    /// A company, and therefore all of its keys.
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

/// Publishes a change to all replicas. Call it after the commit, because replicas read the change as soon as
/// they receive the message.
///
/// # Errors
/// If Redis cannot be reached. The other replicas then apply the change when their cache entries expire.
pub async fn publish(client: &Client, prefix: &str, change: &Change) -> Result<(), RedisError> {
    let published = async {
        let mut connection = client.get_multiplexed_async_connection().await?;
        connection
            .publish(channel(prefix), change.to_string())
            .await
    };
    tokio::time::timeout(CONNECT_TIMEOUT, published)
        .await
        .unwrap_or_else(|_| Err(timed_out()))
}

/// Publishes the changes that this process makes, and applies them to its own cache first.
pub struct InvalidationPublisher {
    client: Option<Client>,
    prefix: String,
    keys: Option<Arc<KeyCache>>,
    on_error: Box<dyn Fn(PublishError) + Send + Sync>,
}

/// Why other replicas apply a change only when their cache entries expire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PublishError {
    /// No Redis is configured.
    NoRedis,
    /// Redis cannot be reached. The text is the category of the error, without data.
    Unreachable(String),
}

impl InvalidationPublisher {
    /// `client` is the Redis that the replicas share, if one is configured. `keys` is the cache of this
    /// process, if it serves requests. `on_error` is called for each failure.
    #[must_use]
    pub fn new(
        client: Option<Client>,
        prefix: String,
        keys: Option<Arc<KeyCache>>,
        on_error: impl Fn(PublishError) + Send + Sync + 'static,
    ) -> Self {
        Self {
            client,
            prefix,
            keys,
            on_error: Box::new(on_error),
        }
    }

    /// Publishes a change. Call it after the commit. If Redis cannot be reached, the other replicas apply the
    /// change when their cache entries expire.
    pub async fn publish(&self, change: Change) {
        match (&self.keys, &change) {
            (Some(keys), Change::Key(client)) => keys.invalidate_key(client),
            (Some(keys), Change::Company(company)) => keys.refresh_company(*company),
            (None, _) => {}
        }
        let Some(client) = &self.client else {
            return (self.on_error)(PublishError::NoRedis);
        };
        if let Err(error) = publish(client, &self.prefix, &change).await {
            (self.on_error)(PublishError::Unreachable(error.category().to_owned()));
        }
    }
}

/// Applies published changes to the cache. Reconnects after an outage of Redis. Never returns.
pub async fn listen(client: Client, prefix: String, keys: Arc<KeyCache>) {
    loop {
        let Err(error) = follow(&client, &prefix, &keys).await;
        debug!(
            cause = error.category(),
            "the subscription to key changes ended"
        );
        tokio::time::sleep(ambient::jittered(PAUSE_BEFORE_RECONNECT)).await;
    }
}

async fn follow(
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
    // Changes published before the subscription started were missed.
    keys.refresh_all();
    info!("subscribed to key changes");

    let (mut pings, mut messages) = subscription.split();
    let keep_alive = async {
        loop {
            tokio::time::sleep(PING_INTERVAL).await;
            tokio::time::timeout(PONG_TIMEOUT, pings.ping::<redis::Value>())
                .await
                .unwrap_or_else(|_| Err(timed_out()))?;
        }
    };
    let apply = async {
        while let Some(message) = messages.next().await {
            let payload: String = message.get_payload()?;
            match payload.parse() {
                Ok(Change::Key(client)) => keys.invalidate_key(&client),
                Ok(Change::Company(company)) => keys.refresh_company(company),
                // A newer release published a kind of change that this release does not know.
                Err(()) => keys.refresh_all(),
            }
        }
        Err(timed_out())
    };
    tokio::select! {
        ended = keep_alive => ended,
        ended = apply => ended,
    }
}

fn channel(prefix: &str) -> String {
    format!("{prefix}:changes")
}

fn timed_out() -> RedisError {
    RedisError::from(std::io::Error::from(std::io::ErrorKind::TimedOut))
}
