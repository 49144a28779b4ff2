//! A server of the tests: a directory, a port, and a process that can be stopped and started again.

use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};

use super::eventually::eventually;
use super::process::{Process, free_port};

static COUNTER: AtomicU32 = AtomicU32::new(0);

/// A name that nothing else in this run has.
pub fn unique(kind: &str) -> String {
    format!(
        "{kind}_{}_{}",
        std::process::id(),
        COUNTER.fetch_add(1, Ordering::Relaxed)
    )
}

/// A server that `scripts/<script>` starts.
pub struct ChildServer {
    script: &'static str,
    options: Vec<String>,
    name: String,
    directory: PathBuf,
    port: u16,
    process: Mutex<Option<Process>>,
}

impl ChildServer {
    /// Starts a server with a directory and a port of its own.
    pub fn start(script: &'static str, options: Vec<String>) -> Self {
        let name = format!("rubrica-test-{}", unique(script));
        let server = Self {
            script,
            options,
            directory: std::env::temp_dir().join(&name),
            name,
            port: free_port(),
            process: Mutex::new(None),
        };
        server.run();
        server
    }

    /// Starts it again after [`ChildServer::stop`].
    pub fn run(&self) {
        let process = Process::start(self.script, &self.directory, self.port, &self.options);
        *self.process.lock().unwrap() = Some(process);
    }

    /// Ends it with a signal: `INT` shuts it down, `KILL` (for Postgres, `QUIT`) is a crash.
    pub fn stop(&self, signal: &str) {
        if let Some(process) = self.process.lock().unwrap().take() {
            process.stop(signal);
        }
    }

    /// Its directory.
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// Where it listens.
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// Waits until the server at this port reports this directory: another server could have taken the port.
    pub async fn wait(&self, directory: impl AsyncFn() -> Option<String>) {
        let log = self.directory.display();
        let start = format!("the start of {} (its log is {log}.log)", self.script);
        let is_ours =
            |seen: &Option<String>| seen.as_ref().is_some_and(|seen| seen.ends_with(&self.name));
        eventually(&start, async || directory().await, is_ours).await;
    }
}

impl Drop for ChildServer {
    /// Deletes the data of a stopped server, which was kept for another start.
    fn drop(&mut self) {
        if self.process.lock().is_ok_and(|process| process.is_none()) {
            // Failure does not matter: the system cleans temporary files, too.
            let _ = std::fs::remove_dir_all(&self.directory);
            let _ = std::fs::remove_file(format!("{}.log", self.directory.display()));
        }
    }
}
