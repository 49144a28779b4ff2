//! Child processes that end with the tests, even if those crash.

use std::io::Write;
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// Runs a server until standard input has a signal's name or ends, as it does when the test ends. `INT` is
/// Postgres' fast shutdown; `HAProxy` does not handle it.
const WATCHER: &str = r#"
directory=$1; shift
"$@" >"$directory.log" 2>&1 </dev/null & child=$!
read -r signal
for each in ${signal:-INT TERM}; do kill -s "$each" $child; done
wait $child
[ -n "$signal" ] || rm -rf "$directory" "$directory.log"
"#;

/// A running server, and the shell that ends it with the test.
pub struct Process(Child);

impl Process {
    /// Starts `scripts/<script> <directory> <port> <options…>`.
    pub fn start(script: &str, directory: &Path, port: u16, options: &[String]) -> Self {
        let script = format!("{}/scripts/{script}", env!("CARGO_MANIFEST_DIR"));
        let watcher = Command::new("bash")
            .args(["-c", WATCHER, "watcher"])
            .arg(directory)
            .arg(script)
            .arg(directory)
            .arg(port.to_string())
            .args(options)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("bash starts");
        Self(watcher)
    }

    /// Sends a signal, such as `KILL`, and waits for the end. The data stays.
    pub fn stop(mut self, signal: &str) {
        let mut input = self.0.stdin.take().expect("a watcher reads");
        writeln!(input, "{signal}").expect("the watcher is there");
        self.0.wait().expect("the watcher ends");
    }
}

/// A port that is free now.
pub fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    listener.local_addr().expect("it is bound").port()
}
