//! A TCP proxy that simulates a slow network, a frozen server or a vanished peer.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU16, AtomicUsize, Ordering};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, watch};
use tokio::time::Instant;

use super::postgres_answers::PostgresAnswers;

/// Forwards bytes between its own port and a server's, unless a fault is set.
pub struct Proxy {
    pub port: u16,
    holding_questions: watch::Sender<bool>,
    holding: watch::Sender<bool>,
    delay: watch::Sender<Duration>,
    /// Connections below this number are ended.
    ended: watch::Sender<usize>,
    server_port: Arc<AtomicU16>,
    connections: Arc<Connections>,
    cuts: Arc<Cuts>,
    swallowing_commits: watch::Sender<bool>,
}

/// Which replies to COMMIT are lost.
#[derive(Default)]
struct Cuts {
    /// 0: none.
    every: AtomicUsize,
    commits: AtomicUsize,
    made: AtomicUsize,
}

/// Connections are numbered from 0.
#[derive(Default)]
struct Connections {
    accepted: AtomicUsize,
    /// Those below this number are silent.
    silent: AtomicUsize,
}

/// The faults of one direction of a connection.
#[derive(Clone)]
struct Faults {
    holding_questions: watch::Receiver<bool>,
    holding: watch::Receiver<bool>,
    delay: watch::Receiver<Duration>,
    connections: Arc<Connections>,
    /// `None` if the server is not Postgres.
    cuts: Option<Arc<Cuts>>,
    swallowing_commits: watch::Receiver<bool>,
    /// Whether this connection is silent, whatever others are.
    is_cut_off: Arc<AtomicBool>,
    number: usize,
}

impl Proxy {
    /// Listens in front of a server on loopback.
    pub async fn to(server_port: u16) -> Self {
        Self::start(server_port, false).await
    }

    /// Listens in front of a Postgres on loopback and parses its replies, which must not use TLS.
    pub async fn to_postgres(server_port: u16) -> Self {
        Self::start(server_port, true).await
    }

    async fn start(server_port: u16, is_postgres: bool) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0")
            .await
            .expect("a port is free");
        let port = listener.local_addr().expect("it is bound").port();
        let (holding_questions, held_questions) = watch::channel(false);
        let (holding, held) = watch::channel(false);
        let (delay, delayed) = watch::channel(Duration::ZERO);
        let (ended, ends) = watch::channel(0);
        let server_port = Arc::new(AtomicU16::new(server_port));
        let leads_to = Arc::clone(&server_port);
        let (swallowing_commits, swallowed_commits) = watch::channel(false);
        let connections = Arc::<Connections>::default();
        let cuts = Arc::<Cuts>::default();
        let all = Arc::clone(&connections);
        let cut = is_postgres.then(|| Arc::clone(&cuts));
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let faults = Faults {
                    holding_questions: held_questions.clone(),
                    holding: held.clone(),
                    delay: delayed.clone(),
                    number: all.accepted.fetch_add(1, Ordering::Relaxed),
                    connections: Arc::clone(&all),
                    cuts: cut.clone(),
                    swallowing_commits: swallowed_commits.clone(),
                    is_cut_off: Arc::default(),
                };
                let server = ("127.0.0.1", leads_to.load(Ordering::Relaxed));
                if let Ok(server) = TcpStream::connect(server).await {
                    let mut ends = ends.clone();
                    let (from_client, to_client) = client.into_split();
                    let (from_server, to_server) = server.into_split();
                    tokio::spawn(async move {
                        let number = faults.number;
                        let passing = async {
                            tokio::join!(
                                faults.clone().pass_questions(from_client, to_server),
                                faults.pass_answers(from_server, to_client),
                            )
                        };
                        tokio::select! {
                            _ = passing => {}
                            Ok(_) = ends.wait_for(|ended| number < *ended) => {}
                        }
                    });
                }
            }
        });
        Self {
            port,
            holding_questions,
            holding,
            delay,
            ended,
            server_port,
            connections,
            cuts,
            swallowing_commits,
        }
    }

    /// Leads new connections to another server. Those of now stay where they are.
    pub fn lead_to(&self, server_port: u16) {
        self.server_port.store(server_port, Ordering::Relaxed);
    }

    /// Ends the connections of now, on both sides.
    pub fn cut_connections(&self) {
        let accepted = self.connections.accepted.load(Ordering::Relaxed);
        self.ended.send_replace(accepted);
    }

    /// Drops each n-th reply to COMMIT together with its connection; 0 drops none.
    pub fn cut_commits(&self, every: usize) {
        self.cuts.every.store(every, Ordering::Relaxed);
    }

    /// How many replies to COMMIT were lost.
    pub fn commits_cut(&self) -> usize {
        self.cuts.made.load(Ordering::Relaxed)
    }

    /// Holds the replies of the server. Requests still reach it.
    pub fn hold_answers(&self) {
        self.holding.send_replace(true);
    }

    /// Holds the requests, even those of clients that disconnect meanwhile.
    pub fn hold_questions(&self) {
        self.holding_questions.send_replace(true);
    }

    /// From now on a COMMIT that is sent by itself never reaches the server, nor does anything after it on its
    /// connection, the end included: what a client that vanished looks like.
    pub fn swallow_commits(&self) {
        self.swallowing_commits.send_replace(true);
    }

    /// Releases everything that is held, and ends delays.
    pub fn release(&self) {
        self.swallowing_commits.send_replace(false);
        self.delay.send_replace(Duration::ZERO);
        self.holding_questions.send_replace(false);
        self.holding.send_replace(false);
    }

    /// Delays each reply by this time.
    pub fn delay_answers(&self, delay: Duration) {
        self.delay.send_replace(delay);
    }

    /// Silently drops everything on the existing connections. New ones work.
    pub fn silence_connections(&self) {
        let accepted = self.connections.accepted.load(Ordering::Relaxed);
        self.connections.silent.store(accepted, Ordering::Relaxed);
    }
}

/// Where COMMIT, as a message by itself, begins.
fn commit_in(question: &[u8]) -> Option<usize> {
    const COMMIT: &[u8] = b"Q\0\0\0\x0bcommit\0";
    let mut places = question.windows(COMMIT.len());
    places.position(|bytes| bytes.eq_ignore_ascii_case(COMMIT))
}

impl Cuts {
    /// Whether this reply is lost.
    fn is_next(&self) -> bool {
        let every = self.every.load(Ordering::Relaxed);
        if every == 0 {
            return false;
        }
        let number = self.commits.fetch_add(1, Ordering::Relaxed) + 1;
        let is_cut = number.is_multiple_of(every);
        self.made.fetch_add(usize::from(is_cut), Ordering::Relaxed);
        is_cut
    }
}

impl Faults {
    async fn pass_questions(mut self, mut from: OwnedReadHalf, mut to: OwnedWriteHalf) {
        let mut buffer = vec![0; 16 * 1024];
        while let Ok(length @ 1..) = from.read(&mut buffer).await {
            let flows = self.holding_questions.wait_for(|is_holding| !is_holding);
            if flows.await.is_err() {
                return;
            }
            let mut question = &buffer[..length];
            let commit = self
                .swallowing_commits
                .borrow()
                .then(|| commit_in(question));
            let commit = commit.flatten();
            if let Some(place) = commit {
                question = &question[..place];
            }
            if !self.is_silent() && to.write_all(question).await.is_err() {
                return;
            }
            if commit.is_some() {
                self.is_cut_off.store(true, Ordering::Relaxed);
            }
        }
        self.stay_open_if_silent().await;
    }

    async fn pass_answers(mut self, mut from: OwnedReadHalf, mut to: OwnedWriteHalf) {
        let (arrived, mut due) = mpsc::unbounded_channel::<(Instant, Vec<u8>)>();
        let delay = self.delay.clone();
        let cuts = self.cuts.clone();
        tokio::spawn(async move {
            let mut buffer = vec![0; 16 * 1024];
            let mut answers = PostgresAnswers::default();
            while let Ok(length @ 1..) = from.read(&mut buffer).await {
                let due = Instant::now() + *delay.borrow();
                let Some(cuts) = &cuts else {
                    if arrived.send((due, buffer[..length].to_vec())).is_err() {
                        return;
                    }
                    continue;
                };
                answers.push(&buffer[..length]);
                while let Some(message) = answers.next_message() {
                    // Both sides of the connection end with this task.
                    let is_cut = message.says_committed && cuts.is_next();
                    if is_cut || arrived.send((due, message.bytes)).is_err() {
                        return;
                    }
                }
            }
        });
        while let Some((at, bytes)) = due.recv().await {
            tokio::time::sleep_until(at).await;
            if self
                .holding
                .wait_for(|is_holding| !is_holding)
                .await
                .is_err()
            {
                return;
            }
            if !self.is_silent() && to.write_all(&bytes).await.is_err() {
                return;
            }
        }
        self.stay_open_if_silent().await;
    }

    fn is_silent(&self) -> bool {
        self.is_cut_off.load(Ordering::Relaxed)
            || self.number < self.connections.silent.load(Ordering::Relaxed)
    }

    /// A silent connection hides the end of one side from the other, too.
    async fn stay_open_if_silent(&self) {
        if self.is_silent() {
            std::future::pending::<()>().await;
        }
    }
}
