//! A real load balancer in front of changing replicas.

use std::path::Path;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;

use super::child_server::ChildServer;
use super::serving::Serving;

/// An `HAProxy` that sends each request to one of the replicas whose `/readyz` is green.
pub struct Balancer(ChildServer);

impl Balancer {
    /// Starts it without replicas.
    pub async fn start() -> Self {
        let server = ChildServer::start("haproxy", vec![]);
        // The process that answers on the socket in its directory is this one.
        let directory = async || {
            let directory = server.directory();
            tell(directory, "show info").await?;
            Some(directory.display().to_string())
        };
        server.wait(directory).await;
        Self(server)
    }

    /// Any path, as a URL.
    pub fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.0.port())
    }

    /// Adds a replica in a free slot from 1 to 4.
    pub async fn add(&self, place: usize, replica: &Serving) {
        let port = |address: &str| address.rsplit(':').next().expect("a port").to_owned();
        let (public, ops) = (port(replica.public_address()), port(replica.ops_address()));
        self.set(place, &format!("addr 127.0.0.1 port {public}"))
            .await;
        self.set(place, &format!("check-port {ops}")).await;
        self.set(place, "state ready").await;
    }

    /// Frees a slot.
    pub async fn remove(&self, place: usize) {
        self.set(place, "state maint").await;
    }

    async fn set(&self, place: usize, what: &str) {
        let command = format!("set server replicas/replica{place} {what}");
        tell(self.0.directory(), &command)
            .await
            .expect("HAProxy listens");
    }
}

async fn tell(directory: &Path, command: &str) -> Option<String> {
    let mut socket = UnixStream::connect(directory.join("socket")).await.ok()?;
    socket
        .write_all(format!("{command}\n").as_bytes())
        .await
        .ok()?;
    let mut answer = String::new();
    socket.read_to_string(&mut answer).await.ok()?;
    Some(answer)
}
