//! A running `rubrica serve`, seen through its ports and its log.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use reqwest::Client;
use serde_json::Value;

use super::endpoints::SendAndRead;
use super::eventually::eventually;
use super::http::Answer;

/// Runs a server until standard input has a signal's name or ends, as it does when the test ends.
const WATCHER: &str = r#"
"$@" </dev/null & child=$!
exec 2>/dev/null
read -r signal
kill -s "${signal:-KILL}" $child
wait $child
"#;

/// A running `rubrica serve`. Killed when it is dropped.
pub struct Serving {
    watcher: Child,
    lines: Arc<Mutex<Vec<String>>>,
    reader: Option<JoinHandle<()>>,
    http: Client,
    public: String,
    ops: String,
}

impl Serving {
    /// Starts the program from a bash with its environment, and waits until it listens.
    pub async fn start(mut bash: Command, program: &Path) -> Self {
        let mut watcher = bash
            .args(["-c", WATCHER, "watcher"])
            .args([program.as_os_str(), "serve".as_ref()])
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
        let mut serving = Self {
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

    /// Any path of the public port, as a URL.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.public)
    }

    /// Where the public port listens.
    pub fn public_address(&self) -> &str {
        &self.public
    }

    /// Where the operations port listens.
    pub fn ops_address(&self) -> &str {
        &self.ops
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
        let readiness = async || (self.ops("/readyz").await, self.log());
        eventually("readiness", readiness, |(answer, _)| answer.status == 200).await;
    }

    /// The peak memory of the process, in bytes.
    pub fn peak_memory(&self) -> u64 {
        let watcher = self.watcher.id();
        let children = std::fs::read_to_string(format!("/proc/{watcher}/task/{watcher}/children"));
        let process = children.expect("the watcher lives").trim().to_owned();
        let status = std::fs::read_to_string(format!("/proc/{process}/status"));
        let status = status.expect("the service lives");
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kibibytes = peak.expect("a peak").trim().trim_end_matches(" kB");
        kibibytes.parse::<u64>().expect("a number") * 1024
    }

    /// All log lines so far.
    pub fn log(&self) -> Vec<String> {
        self.lines.lock().unwrap().clone()
    }

    /// Waits for a log line with this message.
    pub async fn until_log(&self, message: &str) -> Value {
        self.until_logged(message, 1).await.remove(0)
    }

    /// Waits for this many log lines with this message, and returns all.
    pub async fn until_logged(&self, message: &str, count: usize) -> Vec<Value> {
        let says = |event: &Value| {
            let said = event["message"].as_str();
            said.is_some_and(|said| said.contains(message))
        };
        self.until(says, count).await
    }

    async fn until(&self, is_wanted: impl Fn(&Value) -> bool, count: usize) -> Vec<Value> {
        let logged = async || (self.events(&is_wanted), self.log());
        let (events, _) =
            eventually("a log line", logged, |(events, _)| events.len() >= count).await;
        events
    }

    fn events(&self, is_wanted: impl Fn(&Value) -> bool) -> Vec<Value> {
        let lines = self.log();
        let events = lines
            .iter()
            .filter_map(|line| serde_json::from_str(line).ok());
        events.filter(is_wanted).collect()
    }

    /// Sends a signal, such as `TERM`.
    pub fn signal(&mut self, signal: &str) {
        let mut input = self.watcher.stdin.take().expect("one signal only");
        writeln!(input, "{signal}").expect("the watcher reads");
    }

    /// Waits for the exit after a signal, and returns the exit status and all log lines.
    pub async fn end(mut self) -> (Option<i32>, Vec<String>) {
        let exit = async || {
            let exit = self.watcher.try_wait().expect("the watcher is our child");
            (exit, self.log())
        };
        let (exit, _) = eventually("the exit", exit, |(exit, _)| exit.is_some()).await;
        let status = exit.and_then(|exit| exit.code());
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
