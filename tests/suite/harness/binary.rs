//! The `rubrica` program, as a shell or an init system runs it.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::io::Write;
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;

use super::app::{TestApp, environment};
use super::servers::Postgres;
use super::serving::Serving;

const PROGRAM: &str = env!("CARGO_BIN_EXE_rubrica");

/// The program with its own environment, which inherits only the PATH.
#[derive(Clone)]
pub struct Binary {
    program: PathBuf,
    variables: BTreeMap<String, String>,
}

/// How a run ended.
#[derive(Debug)]
pub struct Run {
    /// The exit status; `None` if a signal ended it.
    pub status: Option<i32>,
    pub output: String,
    pub errors: String,
}

impl Binary {
    /// With the environment of a running service: its database, its Redis, its secrets.
    pub fn of(app: &TestApp) -> Self {
        Self::with(app.variables.clone())
    }

    /// With a database: as the owner for `migrate`, and as the service for everything else.
    pub fn on(server: &Postgres, database: &str) -> Self {
        Self::with(environment(
            &server.url("rubrica_service", database),
            &server.url("rubrica_owner", database),
        ))
    }

    /// With valid settings and an unreachable database.
    pub fn without_database() -> Self {
        let nowhere = "postgres://nobody@127.0.0.1:1/nothing";
        Self::with(environment(nowhere, nowhere)).set("RUBRICA__DATABASE__DEADLINE", "100ms")
    }

    /// With no settings at all.
    pub fn bare() -> Self {
        Self::with(BTreeMap::new())
    }

    fn with(variables: BTreeMap<String, String>) -> Self {
        Self {
            program: PROGRAM.into(),
            variables,
        }
    }

    /// Another release of it, with the same environment.
    pub fn release(mut self, program: impl Into<PathBuf>) -> Self {
        self.program = program.into();
        self
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

    /// Starts a command without waiting for its end.
    pub fn start(&self, arguments: &[&str]) -> Child {
        let mut command = self.command(&self.program);
        command.args(arguments).stdin(Stdio::null());
        command.stdout(Stdio::null()).stderr(Stdio::null());
        command.spawn().expect("it starts")
    }

    /// Runs a command that reads its standard input.
    pub fn run_with_input(&self, arguments: &[&str], input: &str) -> Run {
        let mut command = self.command("timeout");
        command.args(["-s", "KILL", "60"]);
        command.arg(&self.program).args(arguments);
        finish(command, input)
    }

    /// Runs a shell script in which `rubrica` is the program.
    pub fn shell(&self, script: &str) -> Run {
        let mut command = self.command("bash");
        command.args([
            "-c",
            &format!(
                "rubrica() {{ {} \"$@\"; }}\n{script}",
                self.program.display()
            ),
        ]);
        finish(command, "")
    }

    /// A shell script, not started yet, in which `rubrica` is the program, also in its subshells.
    pub fn exported_shell(&self, script: &str) -> Command {
        let mut command = self.command("bash");
        let program = self.program.display();
        command.env("SHELL", "/bin/bash").args([
            "-c",
            &format!("rubrica() {{ {program} \"$@\"; }}\nexport -f rubrica\n{script}"),
        ]);
        command
    }

    /// Starts `rubrica serve`, and waits until it listens.
    pub async fn serve(&self) -> Serving {
        Serving::start(self.command("bash"), &self.program).await
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
    // A command that fails early may not read its input.
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
    /// The output of a successful run without messages on standard error.
    #[track_caller]
    pub fn text(&self) -> &str {
        assert_eq!(
            (self.status, self.errors.as_str()),
            (Some(0), ""),
            "{self:?}"
        );
        &self.output
    }

    /// The one output line of a successful run, and its hints on standard error.
    #[track_caller]
    pub fn line(&self) -> (&str, &str) {
        assert_eq!(self.status, Some(0), "{self:?}");
        let line = self.output.strip_suffix('\n').expect("a line");
        assert!(!line.contains('\n'), "{self:?}");
        (line, &self.errors)
    }

    /// The one JSON value that a successful run printed.
    #[track_caller]
    pub fn json(&self) -> Value {
        assert_eq!(self.text().lines().count(), 1, "{self:?}");
        serde_json::from_str(self.text()).expect("JSON")
    }

    /// The one line of a failed run on standard error. It must not have printed anything else.
    #[track_caller]
    pub fn error(&self) -> &str {
        assert!(self.status.is_some_and(|status| status != 0), "{self:?}");
        assert_eq!(self.output, "", "{self:?}");
        assert_eq!(self.errors.lines().count(), 1, "{self:?}");
        assert!(self.errors.starts_with("rubrica: "), "{self:?}");
        self.errors.trim_end()
    }
}
