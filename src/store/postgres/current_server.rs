//! Tracks the server that new connections lead to.

use std::time::Instant;

use tokio::sync::watch;

/// An SQL expression that identifies a server: its start time, in seconds since 1970.
pub(super) const IDENTITY: &str = "extract(epoch from pg_postmaster_start_time())";

/// Each new connection reports its server. After a failover, or when a name or a proxy leads to another
/// server, older connections must no longer be used, even if their server still answers.
#[derive(Default)]
pub(super) struct CurrentServer(watch::Sender<Known>);

#[derive(Default)]
struct Known {
    identity: Option<String>,
    /// When the newest connection was made.
    newest: Option<Instant>,
    /// When the first connection to this server was made; `None` if there was no other server before.
    since: Option<Instant>,
}

impl Known {
    fn has_replaced(&self, connected_at: Instant) -> bool {
        self.since.is_some_and(|since| connected_at < since)
    }
}

impl CurrentServer {
    /// Records which server a connection leads to, and when that connection was made.
    pub(super) fn learn(&self, identity: &str, connected_at: Instant) {
        self.0.send_if_modified(|known| {
            // A slow attempt may have reached the previous server.
            if known.newest.is_some_and(|newest| connected_at < newest) {
                return false;
            }
            known.newest = Some(connected_at);
            if known.identity.as_deref() == Some(identity) {
                return false;
            }
            let before = known.identity.replace(identity.to_owned());
            known.since = before.map(|_| connected_at);
            known.since.is_some()
        });
    }

    /// Whether a connection that was opened at this time leads to another server than new ones do.
    pub(super) fn has_replaced(&self, connected_at: Instant) -> bool {
        self.0.borrow().has_replaced(connected_at)
    }

    /// Waits until a connection that was opened at this time leads to another server than new ones do.
    pub(super) async fn replaces(&self, connected_at: Instant) {
        let mut known = self.0.subscribe();
        // It fails only if the sender is dropped, which lives as long as `self`.
        let _ = known
            .wait_for(|known| known.has_replaced(connected_at))
            .await;
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::ambient;

    #[test]
    fn connections_to_the_server_before_are_replaced_and_no_others() {
        let start = ambient::instant();
        let at = |second| start + Duration::from_secs(second);
        let current = CurrentServer::default();

        current.learn("one", at(1));
        current.learn("one", at(2));
        assert!(!current.has_replaced(at(0)));

        current.learn("two", at(3));
        assert!(current.has_replaced(at(2)));
        assert!(!current.has_replaced(at(3)));

        // It was made before, and was set up late.
        current.learn("one", at(2));
        assert!(!current.has_replaced(at(3)));
    }
}
