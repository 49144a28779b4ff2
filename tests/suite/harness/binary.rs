//! The program itself, as a shell or an init system runs it.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Output, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use reqwest::Client;
use serde_json::Value;

use super::app::{SendAndRead, TestApp, environment};
use super::http::Answer;
use super::servers::Postgres;

const PROGRAM: &str = env!("CARGO_BIN_EXE_rubrica");
const PATIENCE: Duration = Duration::from_secs(30);

/// Runs a server until a signal's name comes on standard input, or its end: that is ours, too.
const WATCHER: &str = r#"
"$@" </dev/null & child=$!
exec 2>/dev/null
read -r signal
kill -s "${signal:-KILL}" $child
wait $child
"#;

/// The program with an environment of its own, and nothing of ours but the PATH.
#[derive(Clone)]
pub struct Binary {
    variables: BTreeMap<String, String>,
}

/// How a run ended.
#[derive(Debug)]
pub struct Run {
    /// The exit status; none: a signal ended it.
    pub status: Option<i32>,
    pub output: String,
    pub errors: String,
}

/// A running `rubrica serve`. Killed when it is dropped.
pub struct Serving {
    watcher: Child,
    lines: Arc<Mutex<Vec<String>>>,
    reader: Option<JoinHandle<()>>,
    http: Client,
    public: String,
    ops: String,
}

impl Binary {
    /// With the environment of a running application: its database, its Redis, its secrets.
    pub fn of(app: &TestApp) -> Self {
        Self {
            variables: app.variables.clone(),
        }
    }

    /// With a database here, the owner's for `migrate` and the service's for all else.
    pub fn on(server: &Postgres, database: &str) -> Self {
        Self {
            variables: environment(
                &server.url("rubrica_service", database),
                &server.url("rubrica_owner", database),
            ),
        }
    }

    /// With valid settings whose database does not answer.
    pub fn without_database() -> Self {
        let nowhere = "postgres://nobody@127.0.0.1:1/nothing";
        Self {
            variables: environment(nowhere, nowhere),
        }
        .set("RUBRICA__DATABASE__DEADLINE", "100ms")
    }

    /// With no settings at all.
    pub fn bare() -> Self {
        Self {
            variables: BTreeMap::new(),
        }
    }

    /// With another value of a variable.
    pub fn set(mut self, name: &str, value: impl Into<String>) -> Self {
        self.variables.insert(name.to_owned(), value.into());
        self
    }

    /// Without a variable.
    pub fn unset(mut self, name: &str) -> Self {
        self.variables.remove(name);
        self
    }

    /// Runs a command to its end.
    pub fn run(&self, arguments: &[&str]) -> Run {
        self.run_with_input(arguments, "")
    }

    /// Runs a command that reads its standard input.
    pub fn run_with_input(&self, arguments: &[&str], input: &str) -> Run {
        let mut command = self.command("timeout");
        command.args(["-s", "KILL", "60", PROGRAM]).args(arguments);
        finish(command, input)
    }

    /// Runs a shell script in which `rubrica` is the program.
    pub fn shell(&self, script: &str) -> Run {
        let mut command = self.command("bash");
        command.args([
            "-c",
            &format!("rubrica() {{ {PROGRAM} \"$@\"; }}\n{script}"),
        ]);
        finish(command, "")
    }

    /// Starts `rubrica serve`, and waits until it listens.
    pub async fn serve(&self) -> Serving {
        let mut watcher = self.command("bash");
        watcher.args(["-c", WATCHER, "watcher", PROGRAM, "serve"]);
        let mut watcher = watcher
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
            .expect("bash starts");
        let output = BufReader::new(watcher.stdout.take().expect("an output"));
        let lines = Arc::new(Mutex::new(Vec::new()));
        let reader = std::thread::spawn({
            let lines = Arc::clone(&lines);
            move || {
                for line in output.lines() {
                    lines
                        .lock()
                        .unwrap()
                        .push(line.expect("a log line is text"));
                }
            }
        });
        let mut serving = Serving {
            watcher,
            lines,
            reader: Some(reader),
            http: Client::builder().no_proxy().build().expect("a client"),
            public: String::new(),
            ops: String::new(),
        };
        let listening = serving.until(|line| line["public"].is_string(), 1).await;
        let address = |name: &str| listening[0][name].as_str().expect("an address").to_owned();
        serving.public = address("public");
        serving.ops = address("ops");
        serving
    }

    fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        command
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .envs(&self.variables);
        command
    }
}

fn finish(mut command: Command, input: &str) -> Run {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it starts");
    let mut stdin = child.stdin.take().expect("an input");
    // A command that fails early may not read it.
    let _ = stdin.write_all(input.as_bytes());
    drop(stdin);
    let Output {
        status,
        stdout,
        stderr,
    } = child.wait_with_output().expect("it ends");
    Run {
        status: status.code(),
        output: String::from_utf8(stdout).expect("the output is text"),
        errors: String::from_utf8(stderr).expect("the errors are text"),
    }
}

impl Run {
    /// What a run that went well printed. It said nothing else.
    #[track_caller]
    pub fn text(&self) -> &str {
        assert_eq!(
            (self.status, self.errors.as_str()),
            (Some(0), ""),
            "{self:?}"
        );
        &self.output
    }

    /// The one JSON value that a run that went well printed.
    #[track_caller]
    pub fn json(&self) -> Value {
        assert_eq!(self.text().lines().count(), 1, "{self:?}");
        serde_json::from_str(self.text()).expect("JSON")
    }

    /// The one line that a run that failed wrote to standard error. It printed nothing.
    #[track_caller]
    pub fn error(&self) -> &str {
        assert!(self.status.is_some_and(|status| status != 0), "{self:?}");
        assert_eq!(self.output, "", "{self:?}");
        assert_eq!(self.errors.lines().count(), 1, "{self:?}");
        assert!(self.errors.starts_with("rubrica: "), "{self:?}");
        self.errors.trim_end()
    }
}

impl Serving {
    /// Any path of the public port, as a URL.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.public)
    }

    /// Where the public port listens.
    pub fn public_address(&self) -> &str {
        &self.public
    }

    /// The client for requests to it.
    pub fn http(&self) -> &Client {
        &self.http
    }

    /// `GET` from the operations port.
    pub async fn ops(&self, path: &str) -> Answer {
        let url = format!("http://{}{path}", self.ops);
        self.http.get(url).answer().await
    }

    /// Waits until `/readyz` is green.
    pub async fn wait_until_ready(&self) {
        let start = Instant::now();
        while self.ops("/readyz").await.status != 200 {
            assert!(start.elapsed() < PATIENCE, "never ready: {:?}", self.log());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// All log lines so far.
    pub fn log(&self) -> Vec<String> {
        self.lines.lock().unwrap().clone()
    }

    /// Waits for a log line that says this.
    pub async fn until_log(&self, message: &str) -> Value {
        self.until_logged(message, 1).await.remove(0)
    }

    /// Waits for so many log lines that say this; all there are.
    pub async fn until_logged(&self, message: &str, count: usize) -> Vec<Value> {
        let says = |event: &Value| {
            let said = event["message"].as_str();
            said.is_some_and(|said| said.contains(message))
        };
        self.until(says, count).await
    }

    async fn until(&self, is_wanted: impl Fn(&Value) -> bool, count: usize) -> Vec<Value> {
        let start = Instant::now();
        loop {
            let events = self.events(&is_wanted);
            if events.len() >= count {
                return events;
            }
            assert!(start.elapsed() < PATIENCE, "never logged: {:?}", self.log());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    fn events(&self, is_wanted: impl Fn(&Value) -> bool) -> Vec<Value> {
        let lines = self.log();
        let events = lines
            .iter()
            .filter_map(|line| serde_json::from_str(line).ok());
        events.filter(is_wanted).collect()
    }

    /// Sends a signal, such as `TERM`, and does not wait.
    pub fn signal(&mut self, signal: &str) {
        let mut input = self.watcher.stdin.take().expect("one signal only");
        writeln!(input, "{signal}").expect("the watcher reads");
    }

    /// Waits for the end after a signal. The exit status, and all that was logged.
    pub async fn end(mut self) -> (Option<i32>, Vec<String>) {
        let start = Instant::now();
        let status = loop {
            if let Some(status) = self.watcher.try_wait().expect("it can be waited for") {
                break status.code();
            }
            assert!(start.elapsed() < PATIENCE, "never ends: {:?}", self.log());
            tokio::time::sleep(Duration::from_millis(20)).await;
        };
        self.reader
            .take()
            .expect("one end")
            .join()
            .expect("the log is read");
        (status, self.log())
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        // The watcher kills the service when its input ends.
        drop(self.watcher.stdin.take());
        drop(self.watcher.wait());
    }
}
