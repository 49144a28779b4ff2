//! A wire that can be held: what a slow network or a frozen server looks like from here.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// Passes bytes on between its own port and a server's, until it is told to hold the answers.
pub struct Proxy {
    pub port: u16,
    holding: watch::Sender<bool>,
}

impl Proxy {
    /// Listens in front of a server on loopback.
    pub async fn to(server_port: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0")
            .await
            .expect("a port is free");
        let port = listener.local_addr().expect("it is bound").port();
        let (holding, held) = watch::channel(false);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                if let Ok(server) = TcpStream::connect(("127.0.0.1", server_port)).await {
                    let (from_client, to_client) = client.into_split();
                    let (from_server, to_server) = server.into_split();
                    tokio::spawn(pass(from_client, to_server, None));
                    tokio::spawn(pass(from_server, to_client, Some(held.clone())));
                }
            }
        });
        Self { port, holding }
    }

    /// Questions still reach the server; its answers wait here.
    pub fn hold_answers(&self) {
        self.holding.send_replace(true);
    }

    /// Lets all held answers go.
    pub fn release(&self) {
        self.holding.send_replace(false);
    }
}

async fn pass(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    mut holding: Option<watch::Receiver<bool>>,
) {
    let mut buffer = vec![0; 16 * 1024];
    while let Ok(length @ 1..) = from.read(&mut buffer).await {
        if let Some(holding) = &mut holding
            && holding.wait_for(|is_holding| !is_holding).await.is_err()
        {
            return;
        }
        if to.write_all(&buffer[..length]).await.is_err() {
            return;
        }
    }
}
