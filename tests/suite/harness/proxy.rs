//! A wire that can be held: what a slow network or a frozen server looks like from here.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// Passes bytes on between its own port and a server's, until it is told to hold them.
pub struct Proxy {
    pub port: u16,
    questions: watch::Sender<Wire>,
    answers: watch::Sender<Wire>,
}

/// What one direction does with bytes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wire {
    Flows,
    Holds,
    Delays(Duration),
}

impl Proxy {
    /// Listens in front of a server on loopback.
    pub async fn to(server_port: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0")
            .await
            .expect("a port is free");
        let port = listener.local_addr().expect("it is bound").port();
        let (questions, asked) = watch::channel(Wire::Flows);
        let (answers, answered) = watch::channel(Wire::Flows);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                if let Ok(server) = TcpStream::connect(("127.0.0.1", server_port)).await {
                    let (from_client, to_client) = client.into_split();
                    let (from_server, to_server) = server.into_split();
                    tokio::spawn(pass(from_client, to_server, asked.clone()));
                    tokio::spawn(pass(from_server, to_client, answered.clone()));
                }
            }
        });
        Self {
            port,
            questions,
            answers,
        }
    }

    /// Questions still reach the server; its answers wait here.
    pub fn hold_answers(&self) {
        self.answers.send_replace(Wire::Holds);
    }

    /// Questions wait here, even those of a client that is gone meanwhile.
    pub fn hold_questions(&self) {
        self.questions.send_replace(Wire::Holds);
    }

    /// Each piece of an answer comes so much later.
    pub fn delay_answers(&self, delay: Duration) {
        self.answers.send_replace(Wire::Delays(delay));
    }

    /// Lets everything go that is held, and go on without a delay.
    pub fn release(&self) {
        self.questions.send_replace(Wire::Flows);
        self.answers.send_replace(Wire::Flows);
    }
}

async fn pass(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, mut wire: watch::Receiver<Wire>) {
    let mut buffer = vec![0; 16 * 1024];
    while let Ok(length @ 1..) = from.read(&mut buffer).await {
        let now = *wire.borrow();
        if let Wire::Delays(delay) = now {
            tokio::time::sleep(delay).await;
        }
        if wire.wait_for(|wire| *wire != Wire::Holds).await.is_err() {
            return;
        }
        if to.write_all(&buffer[..length]).await.is_err() {
            return;
        }
    }
}
