//! The command line.

mod admin;
mod company;
mod context;
mod key;
mod key_issue;
mod key_usage;
mod output;
mod password;
mod usage_error;

use std::path::PathBuf;

use anyhow::Context as _;
use clap::{Args, Parser, Subcommand};
use context::AdminContext;
use tokio::signal::unix::{SignalKind, signal};
use tracing::warn;
pub use usage_error::UsageError;

use crate::config::{ManagementSettings, MigrationSettings, Settings, Sources};
use crate::metrics::UNREADABLE_REQUESTS;
use crate::server::Server;
use crate::store::FunctionsOutcome;
use crate::traces::Traces;
use crate::{auth, store, telemetry, tls};

/// A multi-tenant contacts service.
#[derive(Debug, Parser)]
#[command(name = "rubrica", version, about, max_term_width = 100)]
pub struct Cli {
    /// Configuration file (TOML). Default: the value of `RUBRICA_CONFIG`
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the API, the console and the operations port until SIGTERM or Ctrl-C
    Serve,
    /// Update the database schema. Safe to run from many replicas at the same time
    Migrate,
    /// Check the configuration and print the effective values, with secrets masked
    CheckConfig,
    /// Manage companies (tenants)
    #[command(subcommand)]
    Company(company::Command),
    /// Manage API keys
    #[command(subcommand)]
    Key(key::Command),
    /// Manage administrators
    #[command(subcommand)]
    Admin(admin::Command),
}

/// The options for the output.
#[derive(Debug, Clone, Copy, Args)]
struct OutputArgs {
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Cli {
    /// Runs the command.
    ///
    /// # Errors
    /// If the command fails. The text says how to fix it.
    pub fn run(self) -> anyhow::Result<()> {
        let file = self
            .config
            .or_else(|| std::env::var_os("RUBRICA_CONFIG").map(PathBuf::from));
        let variables = std::env::vars_os().filter_map(|(name, value)| {
            Some((name.into_string().ok()?, value.into_string().ok()?))
        });
        let sources = Sources::read(file.as_deref(), variables)?;
        let warning = sources.warning();
        if let (Some(warning), false) = (&warning, matches!(self.command, Command::Serve)) {
            eprintln!("rubrica: warning: {warning}");
        }

        // The HTTP server has threads of its own. This runtime runs batches and background tasks.
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .context("cannot start the runtime")?;
        tls::install_cryptography();
        runtime.block_on(async {
            match self.command {
                Command::Serve => serve(sources.settings()?, warning).await,
                Command::Migrate => migrate(&MigrationSettings::take(sources)?).await,
                Command::CheckConfig => check_config(&sources.settings()?).await,
                Command::Company(command) => command.run(&admin_context(sources).await?).await,
                Command::Key(command) if command.issues_key() => {
                    let settings = ManagementSettings::take_to_issue_keys(sources)?;
                    command.run(&AdminContext::new(settings).await?).await
                }
                Command::Key(command) => command.run(&admin_context(sources).await?).await,
                Command::Admin(command) => command.run(&admin_context(sources).await?).await,
            }
        })
    }
}

async fn admin_context(sources: Sources) -> anyhow::Result<AdminContext> {
    AdminContext::new(ManagementSettings::take(sources)?).await
}

async fn serve(settings: Settings, warning: Option<String>) -> anyhow::Result<()> {
    let traces = Traces::start(&settings.traces)?;
    telemetry::start(&settings.log, traces.as_ref(), || {
        UNREADABLE_REQUESTS.inc();
    })?;
    for warning in warning.into_iter().chain(settings.warnings()) {
        warn!("{warning}");
    }
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let stop = async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    };
    let served = Server::build(settings)?.run(stop).await;
    if let Some(traces) = traces {
        tokio::task::spawn_blocking(|| traces.stop()).await?;
    }
    served
}

async fn migrate(settings: &MigrationSettings) -> anyhow::Result<()> {
    let report = store::migrate(&settings.database).await?;
    for migration in &report.applied {
        output::print(format_args!("applied {migration}"))?;
    }
    if report.functions != FunctionsOutcome::Unchanged {
        output::print(&report.functions)?;
    }
    output::print(format_args!("the schema is at version {}", report.version))
}

/// Prints the settings. If the database answers, it also warns about active keys whose secret is missing.
async fn check_config(settings: &Settings) -> anyhow::Result<()> {
    output::print(toml::to_string(settings)?.trim_end())?;
    let store = store::Store::new(
        &settings.database,
        &settings.batching,
        &settings.fair_share,
        &settings.privacy,
        std::sync::Arc::default(),
    )?;
    for warning in settings.warnings() {
        eprintln!("rubrica: warning: {warning}");
    }
    if let Ok(orphans) = auth::orphaned_keys(&store, &settings.auth.token_keys()).await {
        for orphan in orphans {
            eprintln!("rubrica: warning: {orphan}");
        }
    }
    Ok(())
}
