//! Postgres and Redis: one of each for all tests, and separate ones for tests that break theirs.

use std::ops::Deref;

use tokio::sync::OnceCell;
use tokio_postgres::{Client, NoTls};

use super::child_server::{ChildServer, unique};

const TEMPLATE: &str = "rubrica_template";

/// A Postgres server.
pub struct Postgres(ChildServer);

impl Postgres {
    /// Starts a separate server with the roles that the service needs.
    pub async fn start() -> Self {
        let server = Self::run_with(vec![]).await;
        server
            .client("postgres", "postgres")
            .await
            .batch_execute("create role rubrica_owner login; create role rubrica_service login")
            .await
            .expect("roles are created");
        server
    }

    /// Starts a hot standby of this server, with all that it holds now and will hold.
    pub async fn standby(&self) -> Self {
        Self::run_with(vec![format!("--standby-of={}", self.port())]).await
    }

    async fn run_with(mut options: Vec<String>) -> Self {
        // The data is not needed after the run, so that it need not survive a crash of the machine.
        for option in ["fsync=off", "max_connections=400", "shared_buffers=64MB"] {
            options.extend(["-c".to_owned(), option.to_owned()]);
        }
        let server = Self(ChildServer::start("postgres", options));
        server.wait().await;
        server
    }

    /// Runs SQL as a superuser.
    pub async fn administer(&self, sql: &str) {
        let admin = self.client("postgres", "postgres").await;
        // Each by itself: some do not run in a transaction.
        for sql in sql.split(';') {
            admin.batch_execute(sql).await.expect(sql);
        }
    }

    /// Makes commits wait for standbys with these names, or for none.
    pub async fn wait_for_standbys(&self, names: &str) {
        let sql = format!("alter system set synchronous_standby_names = '{names}'");
        self.administer(&format!("{sql}; select pg_reload_conf()"))
            .await;
        let admin = self.client("postgres", "postgres").await;
        loop {
            let row = admin.query_one("show synchronous_standby_names", &[]).await;
            if row.expect("a setting").get::<_, String>(0) == names {
                return;
            }
        }
    }

    /// Makes a standby the primary, and waits until it takes writes.
    pub async fn promote(&self) {
        self.administer("select pg_promote()").await;
    }

    /// Waits until it answers, and checks that it is this one.
    pub async fn wait(&self) {
        let url = self.url("postgres", "postgres");
        let directory = async || {
            let (client, connection) = tokio_postgres::connect(&url, NoTls).await.ok()?;
            tokio::spawn(connection);
            let row = client.query_one("show data_directory", &[]).await.ok()?;
            Some(row.get::<_, String>(0))
        };
        self.0.wait(directory).await;
    }

    /// The URL with which a role connects to a database.
    pub fn url(&self, role: &str, database: &str) -> String {
        format!(
            "postgres://{role}@127.0.0.1:{}/{database}?sslmode=disable",
            self.port()
        )
    }

    /// A connection of a role to a database.
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

impl Deref for Postgres {
    type Target = ChildServer;

    fn deref(&self) -> &ChildServer {
        &self.0
    }
}

/// A Redis server.
pub struct Redis(ChildServer);

impl Redis {
    /// Starts a separate server.
    pub async fn start() -> Self {
        let server = Self(ChildServer::start("redis", vec![]));
        server.wait().await;
        server
    }

    /// Waits until it answers, and checks that it is this one.
    pub async fn wait(&self) {
        let directory = async || {
            let mut connection = self.try_connection().await.ok()?;
            let mut command = redis::cmd("CONFIG");
            command.arg("GET").arg("dir");
            let setting: Vec<String> = command.query_async(&mut connection).await.ok()?;
            setting.into_iter().next_back()
        };
        self.0.wait(directory).await;
    }

    /// How to connect.
    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port())
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

impl Deref for Redis {
    type Target = ChildServer;

    fn deref(&self) -> &ChildServer {
        &self.0
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

/// A new database on the shared server: a copy of one that was migrated once.
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
    // Postgres allows one copy of a template at a time.
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
