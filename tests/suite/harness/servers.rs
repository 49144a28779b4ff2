//! Postgres and Redis: one of each for all tests, and more for tests that break theirs.

use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use tokio::sync::OnceCell;
use tokio_postgres::{Client, NoTls};

use super::process::{Process, free_port};

const PATIENCE: Duration = Duration::from_mins(1);
const TEMPLATE: &str = "rubrica_template";

static COUNTER: AtomicU32 = AtomicU32::new(0);

/// A name that nothing else in this run has.
fn unique(kind: &str) -> String {
    format!(
        "{kind}_{}_{}",
        std::process::id(),
        COUNTER.fetch_add(1, Ordering::Relaxed)
    )
}

fn scratch_directory(kind: &str) -> PathBuf {
    std::env::temp_dir().join(format!("rubrica-test-{}", unique(kind)))
}

/// A Postgres server.
pub struct Postgres {
    directory: PathBuf,
    port: u16,
    process: Mutex<Option<Process>>,
}

impl Postgres {
    /// Starts a server of one's own, with the roles that the service needs.
    pub async fn start() -> Self {
        let server = Self {
            directory: scratch_directory("postgres"),
            port: free_port(),
            process: Mutex::new(None),
        };
        server.run();
        server.wait().await;
        server
            .client("postgres", "postgres")
            .await
            .batch_execute("create role rubrica_owner login; create role rubrica_service login")
            .await
            .expect("roles are created");
        server
    }

    /// Starts it again after [`Postgres::stop`].
    pub fn run(&self) {
        // The data does not outlive the run: what a crash of the machine would lose is no loss.
        let options = [
            "-c",
            "fsync=off",
            "-c",
            "max_connections=400",
            "-c",
            "shared_buffers=64MB",
        ];
        let process = Process::start("postgres", &self.directory, self.port, &options);
        *self.process.lock().unwrap() = Some(process);
    }

    /// Ends it with a signal: `INT` is its fast shutdown, `QUIT` a crash.
    pub fn stop(&self, signal: &str) {
        if let Some(process) = self.process.lock().unwrap().take() {
            process.stop(signal);
        }
    }

    /// Waits until it answers, and checks that it is this one.
    pub async fn wait(&self) {
        let start = Instant::now();
        loop {
            if let Ok((client, connection)) =
                tokio_postgres::connect(&self.url("postgres", "postgres"), NoTls).await
            {
                tokio::spawn(connection);
                let row = client.query_one("show data_directory", &[]).await;
                if row.is_ok_and(|row| row.get::<_, String>(0).ends_with(&self.name())) {
                    return;
                }
            }
            assert!(
                start.elapsed() < PATIENCE,
                "Postgres does not start: see {}.log",
                self.directory.display()
            );
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    fn name(&self) -> String {
        self.directory
            .file_name()
            .unwrap()
            .to_string_lossy()
            .into_owned()
    }

    /// Where it listens.
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// How a role connects to a database here.
    pub fn url(&self, role: &str, database: &str) -> String {
        format!(
            "postgres://{role}@127.0.0.1:{}/{database}?sslmode=disable",
            self.port
        )
    }

    /// A connection of a role to a database here.
    pub async fn client(&self, role: &str, database: &str) -> Client {
        let (client, connection) = tokio_postgres::connect(&self.url(role, database), NoTls)
            .await
            .expect("Postgres answers");
        tokio::spawn(connection);
        client
    }

    /// Creates an empty database that belongs to the owner.
    pub async fn empty_database(&self) -> String {
        let name = unique("rubrica");
        let sql = format!("create database {name} owner rubrica_owner");
        self.client("postgres", "postgres")
            .await
            .batch_execute(&sql)
            .await
            .expect("it is created");
        name
    }
}

/// A Redis server.
pub struct Redis {
    directory: PathBuf,
    port: u16,
    process: Mutex<Option<Process>>,
}

impl Redis {
    /// Starts a server of one's own.
    pub async fn start() -> Self {
        let server = Self {
            directory: scratch_directory("redis"),
            port: free_port(),
            process: Mutex::new(None),
        };
        server.run();
        server.wait().await;
        server
    }

    /// Starts it again after [`Redis::stop`].
    pub fn run(&self) {
        let process = Process::start("redis", &self.directory, self.port, &[]);
        *self.process.lock().unwrap() = Some(process);
    }

    /// Ends it with a signal.
    pub fn stop(&self, signal: &str) {
        if let Some(process) = self.process.lock().unwrap().take() {
            process.stop(signal);
        }
    }

    /// Waits until it answers, and checks that it is this one.
    pub async fn wait(&self) {
        let start = Instant::now();
        loop {
            if let Ok(mut connection) = self.try_connection().await {
                let mut command = redis::cmd("CONFIG");
                command.arg("GET").arg("dir");
                let directory: Vec<String> = command
                    .query_async(&mut connection)
                    .await
                    .unwrap_or_default();
                if directory.iter().any(|entry| entry.ends_with(&self.name())) {
                    return;
                }
            }
            assert!(
                start.elapsed() < PATIENCE,
                "Redis does not start: see {}.log",
                self.directory.display()
            );
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    fn name(&self) -> String {
        self.directory
            .file_name()
            .unwrap()
            .to_string_lossy()
            .into_owned()
    }

    /// Where it listens.
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// How to connect.
    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// A connection.
    pub async fn connection(&self) -> redis::aio::MultiplexedConnection {
        self.try_connection().await.expect("Redis answers")
    }

    async fn try_connection(&self) -> redis::RedisResult<redis::aio::MultiplexedConnection> {
        redis::Client::open(self.url())?
            .get_multiplexed_async_connection()
            .await
    }
}

/// A server that was stopped leaves its data, in case it is started again: not beyond its test.
fn clear(directory: &Path, process: &Mutex<Option<Process>>) {
    if process.lock().is_ok_and(|process| process.is_none()) {
        // Nothing depends on it: the system clears its temporary files, too.
        let _ = std::fs::remove_dir_all(directory);
        let _ = std::fs::remove_file(format!("{}.log", directory.display()));
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        clear(&self.directory, &self.process);
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        clear(&self.directory, &self.process);
    }
}

/// The Postgres that all tests share.
pub async fn postgres() -> &'static Postgres {
    static SHARED: OnceCell<Postgres> = OnceCell::const_new();
    SHARED.get_or_init(Postgres::start).await
}

/// The Redis that all tests share. Each application has a prefix of its own in it.
pub async fn redis() -> &'static Redis {
    static SHARED: OnceCell<Redis> = OnceCell::const_new();
    SHARED.get_or_init(Redis::start).await
}

/// A migrated database of one's own on the shared server: a copy of one that was migrated once.
pub async fn fresh_database() -> String {
    static TEMPLATE_READY: OnceCell<()> = OnceCell::const_new();
    static COPIES: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

    let server = postgres().await;
    TEMPLATE_READY
        .get_or_init(async || {
            let sql = format!("create database {TEMPLATE} owner rubrica_owner");
            let admin = server.client("postgres", "postgres").await;
            admin
                .batch_execute(&sql)
                .await
                .expect("the template is created");
            super::app::migrate(server, TEMPLATE).await;
        })
        .await;
    // Postgres copies a template for one at a time.
    let _copying = COPIES.lock().await;
    let name = unique("rubrica");
    let sql = format!("create database {name} template {TEMPLATE} owner rubrica_owner");
    server
        .client("postgres", "postgres")
        .await
        .batch_execute(&sql)
        .await
        .expect("it is copied");
    name
}

/// A prefix for names in Redis that nothing else in this run has.
pub fn unique_prefix() -> String {
    unique("test")
}
