//! The service as a test sees it: one method per endpoint, its own database and Redis prefix.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use reqwest::{Client, Method, RequestBuilder};
use rubrica::ambient;
use rubrica::auth::{Change, announce, hash_api_secret};
use rubrica::config::Settings;
use rubrica::domain::{ClientId, CompanyId, Quota, Scope, Scopes};
use rubrica::server::Server;
use rubrica::store::{Actor, ApiKeyChange, CompanyChange, NewApiKey, Store};
use secrecy::ExposeSecret;
use serde_json::Value;
use tokio::sync::oneshot;

use super::http::Answer;
use super::servers::{Postgres, Redis, fresh_database, postgres, redis, unique_prefix};

const SECRET: &str = "a secret of the tests that is long enough";
const PATIENCE: Duration = Duration::from_secs(30);

/// What an application is built from; by default the shared servers and the default settings.
#[derive(Default)]
pub struct Options<'a> {
    pub postgres: Option<&'a Postgres>,
    pub redis: Option<&'a Redis>,
    pub without_redis: bool,
    pub database: Option<String>,
    pub prefix: Option<String>,
    /// Settings as `section.key`.
    pub settings: Vec<(&'a str, String)>,
}

/// A running service. Ends when it is dropped.
pub struct TestApp {
    pub address: SocketAddr,
    pub ops_address: SocketAddr,
    pub settings: Settings,
    /// What the settings were read from.
    pub variables: BTreeMap<String, String>,
    pub store: Store,
    pub http: Client,
    database_url: String,
    actor: Actor,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

/// A company with one API key.
#[derive(Debug, Clone)]
pub struct Tenant {
    pub company: CompanyId,
    pub client: ClientId,
    pub key: String,
}

/// The settings of an application, as the environment would give them.
pub fn environment(database_url: &str, migrate_url: &str) -> BTreeMap<String, String> {
    [
        ("DATABASE__URL", database_url),
        ("DATABASE__MIGRATE_URL", migrate_url),
        ("DATABASE__SERVICE_ROLE", "rubrica_service"),
        ("HTTP__LISTEN", "127.0.0.1:0"),
        ("HTTP__WORKERS", "2"),
        ("OPS__LISTEN", "127.0.0.1:0"),
        ("SHUTDOWN__DRAIN_DELAY", "0s"),
        ("SHUTDOWN__TIMEOUT", "5s"),
        ("AUTH__TOKEN_KEY", SECRET),
        ("AUTH__JWT_KEY", SECRET),
        ("PRIVACY__SUPPRESSION_KEY", SECRET),
    ]
    .into_iter()
    .map(|(key, value)| (format!("RUBRICA__{key}"), value.to_owned()))
    .collect()
}

/// Brings a database up to date, as the owner.
pub async fn migrate(server: &Postgres, database: &str) {
    let owner = server.url("rubrica_owner", database);
    let settings = Settings::load(None, environment(&owner, &owner)).expect("settings are right");
    rubrica::store::migrate(&settings.database)
        .await
        .expect("the database is migrated");
}

impl TestApp {
    /// Starts the service on the shared servers.
    pub async fn start() -> Self {
        Self::with(Options::default()).await
    }

    /// Starts the service with some settings changed, given as `section.key`.
    pub async fn with_settings(settings: &[(&str, &str)]) -> Self {
        let settings = settings
            .iter()
            .map(|(key, value)| (*key, (*value).to_owned()))
            .collect();
        Self::with(Options {
            settings,
            ..Options::default()
        })
        .await
    }

    /// Starts the service, and waits until it is ready.
    pub async fn with(options: Options<'_>) -> Self {
        let app = Self::start_unready(options).await;
        app.wait_until_ready().await;
        app
    }

    /// Starts another replica, on the same database and with the same names in Redis, perhaps
    /// with some settings changed.
    pub async fn replica(&self, settings: &[(&'static str, &str)]) -> Self {
        let settings = settings
            .iter()
            .map(|(key, value)| (*key, (*value).to_owned()))
            .collect();
        Self::with(Options {
            database: Some(self.database().to_owned()),
            prefix: Some(self.settings.redis.prefix.clone()),
            settings,
            ..Options::default()
        })
        .await
    }

    /// Starts the service, ready or not.
    pub async fn start_unready(options: Options<'_>) -> Self {
        let server = match options.postgres {
            Some(server) => server,
            None => postgres().await,
        };
        let database = match options.database {
            Some(database) => database,
            None => fresh_database().await,
        };
        let database_url = server.url("postgres", &database);
        let mut variables = environment(
            &server.url("rubrica_service", &database),
            &server.url("rubrica_owner", &database),
        );
        if !options.without_redis {
            let redis = match options.redis {
                Some(redis) => redis,
                None => redis().await,
            };
            let prefix = options.prefix.unwrap_or_else(unique_prefix);
            variables.insert("RUBRICA__REDIS__URL".to_owned(), redis.url());
            variables.insert("RUBRICA__REDIS__PREFIX".to_owned(), prefix);
            // The tests' machine may be slow: only an outage should look like one.
            variables.insert("RUBRICA__REDIS__TIMEOUT".to_owned(), "1s".to_owned());
        }
        for (key, value) in options.settings {
            let name = key.to_uppercase().replace('.', "__");
            variables.insert(format!("RUBRICA__{name}"), value);
        }
        Self::serve(variables, database_url)
    }

    fn serve(variables: BTreeMap<String, String>, database_url: String) -> Self {
        let settings = Settings::load(None, variables.clone()).expect("settings are right");
        let (stop, stopped) = oneshot::channel::<()>();
        let (addresses, bound) = std::sync::mpsc::channel();
        let thread = std::thread::spawn({
            let settings = settings.clone();
            move || {
                let runtime = tokio::runtime::Builder::new_multi_thread()
                    .worker_threads(1)
                    .enable_all()
                    .build()
                    .expect("a runtime starts");
                runtime.block_on(async {
                    let server = Server::build(settings).expect("the server is built");
                    let both = (server.public_address(), server.ops_address());
                    addresses.send(both).expect("the test waits");
                    let stop = async { drop(stopped.await) };
                    server.run(stop).await.expect("the server runs");
                });
            }
        });
        let (address, ops_address) = bound.recv().expect("the server is bound");
        let store = Store::new(&settings.database, Arc::default()).expect("a store");
        Self {
            address,
            ops_address,
            settings,
            variables,
            store,
            http: Client::builder().no_proxy().build().expect("a client"),
            database_url,
            actor: Actor::command_line("tester", "tests"),
            stop: Some(stop),
            thread: Some(thread),
        }
    }

    /// Waits until `/readyz` is green.
    pub async fn wait_until_ready(&self) {
        let start = Instant::now();
        while self.ops("/readyz").await.status != 200 {
            assert!(
                start.elapsed() < PATIENCE,
                "never ready: {}",
                self.ops("/readyz").await.text
            );
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Asks the service to stop, as SIGTERM does, and does not wait.
    pub fn begin_stop(&mut self) {
        drop(self.stop.take());
    }

    // --- the public API ---

    /// `POST /public/v1/contacts`
    pub async fn upsert(&self, key: &str, body: &Value) -> Answer {
        self.post_contact(key).json(body).answer().await
    }

    /// `POST /public/v1/contacts` with any text as body.
    pub async fn upsert_text(&self, key: &str, body: impl Into<reqwest::Body>) -> Answer {
        self.post_contact(key)
            .header("content-type", "application/json")
            .body(body)
            .answer()
            .await
    }

    /// The beginnings of `POST /public/v1/contacts`.
    pub fn post_contact(&self, key: &str) -> RequestBuilder {
        self.request(Method::POST, "/public/v1/contacts")
            .bearer_auth(key)
    }

    /// `GET /public/v1/contacts/{rest}`
    pub async fn get_contact(&self, key: &str, rest: &str) -> Answer {
        self.contact(Method::GET, key, rest).answer().await
    }

    /// `GET /public/v1/contacts?{query}`
    pub async fn list_contacts(&self, key: &str, query: &str) -> Answer {
        let path = format!("/public/v1/contacts?{query}");
        self.request(Method::GET, &path)
            .bearer_auth(key)
            .answer()
            .await
    }

    /// `PUT /public/v1/contacts/{id}`
    pub async fn put_contact(&self, key: &str, id: &str, body: &Value) -> Answer {
        self.contact(Method::PUT, key, id).json(body).answer().await
    }

    /// `DELETE /public/v1/contacts/{id}`
    pub async fn delete_contact(&self, key: &str, id: &str) -> Answer {
        self.contact(Method::DELETE, key, id).answer().await
    }

    /// The beginnings of a request for `/public/v1/contacts/{rest}`.
    pub fn contact(&self, method: Method, key: &str, rest: &str) -> RequestBuilder {
        self.request(method, &format!("/public/v1/contacts/{rest}"))
            .bearer_auth(key)
    }

    /// Any request to the public port.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.http
            .request(method, format!("http://{}{path}", self.address))
    }

    /// `GET` from the operations port.
    pub async fn ops(&self, path: &str) -> Answer {
        self.http
            .get(format!("http://{}{path}", self.ops_address))
            .answer()
            .await
    }

    /// The value of a metric that has these words in its line; 0 if there is none.
    pub async fn metric(&self, words: &[&str]) -> f64 {
        let metrics = self.ops("/metrics").await.text;
        metrics
            .lines()
            .filter(|line| !line.starts_with('#') && words.iter().all(|word| line.contains(word)))
            .filter_map(|line| line.rsplit(' ').next()?.parse::<f64>().ok())
            .sum()
    }

    // --- provisioning, as the command line does it ---

    /// A company with a key that has the default scopes.
    pub async fn tenant(&self) -> Tenant {
        let company = self
            .store
            .create_company(&self.actor, "Acme")
            .await
            .expect("a company");
        self.key(company.company_id, |_| {}).await
    }

    /// Another key of a company, changed before it is stored.
    pub async fn key(&self, company: CompanyId, change: impl FnOnce(&mut NewApiKey)) -> Tenant {
        let token_keys = self.settings.auth.token_keys();
        let token = token_keys.issue(&mut ambient::random());
        let mut key = NewApiKey {
            client_id: token.client_id().clone(),
            company_id: company,
            name: "a key".to_owned(),
            secret_hash: hash_api_secret(&token.secret()).expect("a hash"),
            token_key_fingerprint: token_keys.signing().fingerprint(),
            scopes: Scopes::default_of_a_key(),
            rate_limit: None,
            expires_at: None,
        };
        change(&mut key);
        assert!(
            self.store
                .create_api_key(&self.actor, &key)
                .await
                .expect("a key")
        );
        let whole = token.whole().expose_secret().to_owned();
        Tenant {
            company,
            client: key.client_id,
            key: whole,
        }
    }

    /// A company with a key that has these scopes alone.
    pub async fn tenant_with_scopes(&self, scopes: &[Scope]) -> Tenant {
        let tenant = self.tenant().await;
        let scopes = scopes.iter().copied().collect();
        self.key(tenant.company, |key| key.scopes = scopes).await
    }

    /// A company with a key that has this limit.
    pub async fn tenant_with_limit(&self, limit: &str) -> Tenant {
        let tenant = self.tenant().await;
        let quota: Quota = limit.parse().expect("a limit");
        self.key(tenant.company, |key| key.rate_limit = Some(quota))
            .await
    }

    /// Changes a company, and tells the replicas.
    pub async fn change_company(&self, company: CompanyId, change: CompanyChange) {
        let changed = self
            .store
            .update_company(&self.actor, company, &change)
            .await;
        changed.expect("it is changed").expect("it exists");
        self.announce(Change::Company(company)).await;
    }

    /// Changes a key, and tells the replicas.
    pub async fn change_key(&self, client: &ClientId, change: ApiKeyChange) {
        let changed = self
            .store
            .change_api_key(&self.actor, client, &change)
            .await;
        changed.expect("it is changed").expect("it exists");
        self.announce(Change::Key(client.clone())).await;
    }

    async fn announce(&self, change: Change) {
        if let Some(url) = &self.settings.redis.url {
            let client = redis::Client::open(url.connection_info().clone()).expect("a client");
            // Redis may be down: that is what some tests are about.
            let _ = announce(&client, &self.settings.redis.prefix, &change).await;
        }
    }

    // --- behind the scenes ---

    /// The name of this application's database.
    pub fn database(&self) -> &str {
        self.settings
            .database
            .url
            .config()
            .get_dbname()
            .expect("a database is named")
    }

    /// A superuser's connection to this application's database.
    pub async fn sql(&self) -> tokio_postgres::Client {
        let (client, connection) =
            tokio_postgres::connect(&self.database_url, tokio_postgres::NoTls)
                .await
                .expect("Postgres answers");
        tokio::spawn(connection);
        client
    }

    /// One number out of the database.
    pub async fn count(&self, sql: &str) -> i64 {
        self.sql()
            .await
            .query_one(sql, &[])
            .await
            .expect("a number")
            .get(0)
    }

    /// Soft-deletes a contact.
    pub async fn delete(&self, id: &Value) {
        let id: i64 = id.as_str().expect("an id").parse().expect("a number");
        let sql = "update contacts set deleted_at = clock_timestamp() where id = $1";
        assert_eq!(
            self.sql()
                .await
                .execute(sql, &[&id])
                .await
                .expect("it is deleted"),
            1
        );
    }

    /// A contact's row as JSON, by id.
    pub async fn row(&self, id: &Value) -> Value {
        let id: i64 = id.as_str().expect("an id").parse().expect("a number");
        let sql = "select to_jsonb(contacts) from contacts where id = $1";
        self.sql()
            .await
            .query_one(sql, &[&id])
            .await
            .expect("a row")
            .get(0)
    }

    /// The consent events of a contact as JSON, the oldest first.
    pub async fn consent_events(&self, id: &Value) -> Vec<Value> {
        let id: i64 = id.as_str().expect("an id").parse().expect("a number");
        let sql = "select to_jsonb(e) from consent_events as e where contact_id = $1 order by id";
        let rows = self.sql().await.query(sql, &[&id]).await.expect("rows");
        rows.iter().map(|row| row.get(0)).collect()
    }

    /// All contacts and consent events, each with the version of its row: the same text before
    /// and after means that nothing was written.
    pub async fn contents(&self) -> String {
        let sql = "select coalesce(string_agg(line, chr(10) order by line), '') from (
            select format('contact %s %s', xmin, contacts) as line from contacts
            union all select format('event %s %s', xmin, consent_events) from consent_events
        ) as lines";
        self.sql()
            .await
            .query_one(sql, &[])
            .await
            .expect("a text")
            .get(0)
    }
}

impl Drop for TestApp {
    fn drop(&mut self) {
        self.begin_stop();
        if let Some(thread) = self.thread.take() {
            let ended = thread.join();
            assert!(
                ended.is_ok() || std::thread::panicking(),
                "the service panicked"
            );
        }
    }
}

/// Sends a request and reads the whole answer.
pub trait SendAndRead {
    /// The whole answer.
    fn answer(self) -> impl Future<Output = Answer>;
}

impl SendAndRead for RequestBuilder {
    async fn answer(self) -> Answer {
        Answer::read(self.send().await.expect("the service answers")).await
    }
}
