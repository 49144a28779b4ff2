//! `rubrica key …`

use std::time::Duration;

use anyhow::bail;
use clap::{Subcommand, value_parser};

use super::OutputArgs;
use super::company::{QuotaOrDefault, quota_or_default};
use super::context::{AdminContext, explain};
use super::key_issue::{create, rotate};
use super::key_usage;
use super::output::{minute, table};
use crate::administration::KeyToCreate;
use crate::ambient;
use crate::domain::{
    ApiKey, ApiKeyChange, ClientId, CompanyId, GracePeriod, Label, Quota, Scope, Scopes,
};

/// The longest time until a key expires.
const MAX_EXPIRES_IN: Duration = Duration::from_hours(24 * 365 * 100);

/// The maximum number of hours of usage.
const MAX_HOURS: i64 = 400 * 24;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Create an API key. The secret is printed once
    Create {
        /// Company id
        #[arg(long, value_name = "ID")]
        company: CompanyId,
        /// Key name
        #[arg(long)]
        name: Label,
        /// Scope; repeat the option for more. Default: contacts and custom fields, without contacts:erase
        #[arg(long = "scope", value_name = "SCOPE")]
        scopes: Vec<Scope>,
        /// Rate limit, such as 600/60s. Default: `rate_limit.limit` of the service
        #[arg(long, value_name = "LIMIT")]
        rate_limit: Option<Quota>,
        /// Expires after this time, such as 365d or 1y. Default: never
        #[arg(long, value_name = "DURATION", value_parser = expires_in)]
        expires_in: Option<Duration>,
        #[command(flatten)]
        output: OutputArgs,
    },
    /// List the keys of a company
    List {
        /// Company id
        #[arg(long, value_name = "ID")]
        company: CompanyId,
        #[command(flatten)]
        output: OutputArgs,
    },
    /// Show the requests of a key by hour: all, rate-limited (429), other client errors (4xx) and
    /// server errors (5xx). Up to 30 seconds late
    Usage {
        /// Client id: the part of the key between mn- and the secret
        client_id: ClientId,
        /// Number of hours, including the current one
        #[arg(long, default_value_t = 24, value_parser = value_parser!(u16).range(1..=MAX_HOURS))]
        hours: u16,
        #[command(flatten)]
        output: OutputArgs,
    },
    /// Update a key. Only the options you pass are changed; takes effect within a second
    Update {
        /// Client id: the part of the key between mn- and the secret
        client_id: ClientId,
        /// New name
        #[arg(long)]
        name: Option<Label>,
        /// Rate limit, such as 600/60s; or default for `rate_limit.limit` of the service
        #[arg(long, value_name = "LIMIT|default", value_parser = quota_or_default)]
        rate_limit: Option<QuotaOrDefault>,
        /// Scope, in place of all current scopes; repeat the option for more
        #[arg(long = "scope", value_name = "SCOPE")]
        scopes: Vec<Scope>,
        #[command(flatten)]
        output: OutputArgs,
    },
    /// Replace a key with a new one, which is printed once. The new key keeps the name, scopes, limit
    /// and expiry; both keys work until the grace period ends
    Rotate {
        /// Client id: the part of the key between mn- and the secret
        client_id: ClientId,
        /// Keep the old key working for 0d to 7d. 0d revokes it immediately
        #[arg(long, value_name = "DURATION", default_value = "1d")]
        grace: GracePeriod,
        #[command(flatten)]
        output: OutputArgs,
    },
    /// Revoke a key. It stops working within a second; this can't be undone
    Revoke {
        /// Client id: the part of the key between mn- and the secret
        client_id: ClientId,
        #[command(flatten)]
        output: OutputArgs,
    },
}

impl Command {
    /// Whether the command creates a key, which requires `auth.token_key`.
    pub(super) const fn issues_key(&self) -> bool {
        matches!(self, Self::Create { .. } | Self::Rotate { .. })
    }

    pub(super) async fn run(self, context: &AdminContext) -> anyhow::Result<()> {
        match self {
            Self::Create {
                company,
                name,
                scopes,
                rate_limit,
                expires_in,
                output,
            } => {
                let scopes = if scopes.is_empty() {
                    Scopes::default_of_a_key()
                } else {
                    scopes.into_iter().collect()
                };
                let expires_at = expires_in.map(|duration| ambient::now() + duration);
                let key = KeyToCreate {
                    name,
                    scopes,
                    rate_limit,
                    expires_at,
                };
                create(context, company, key, output).await
            }
            Self::List { company, output } => {
                let list = context
                    .administration
                    .list_keys(&context.principal, company)
                    .await
                    .map_err(|error| explain(error, &company))?;
                output.print(&list, |list| keys(list))
            }
            Self::Usage {
                client_id,
                hours,
                output,
            } => key_usage::show(context, &client_id, hours, output).await,
            Self::Update {
                client_id,
                name,
                rate_limit,
                scopes,
                output,
            } => {
                if name.is_none() && rate_limit.is_none() && scopes.is_empty() {
                    bail!("nothing to change: pass --name, --rate-limit or --scope");
                }
                let scopes = (!scopes.is_empty()).then(|| scopes.into_iter().collect());
                let rate_limit = rate_limit.map(|limit| limit.0);
                change(
                    context,
                    &client_id,
                    ApiKeyChange::Update {
                        name,
                        rate_limit,
                        scopes,
                    },
                    output,
                )
                .await
            }
            Self::Rotate {
                client_id,
                grace,
                output,
            } => rotate(context, &client_id, grace, output).await,
            Self::Revoke { client_id, output } => {
                change(context, &client_id, ApiKeyChange::Revoke, output).await
            }
        }
    }
}

async fn change(
    context: &AdminContext,
    client_id: &ClientId,
    change: ApiKeyChange,
    output: OutputArgs,
) -> anyhow::Result<()> {
    let key = context
        .administration
        .change_key(&context.principal, client_id, &change)
        .await
        .map_err(|error| explain(error, client_id))?;
    output.print(&key, |key| keys(std::slice::from_ref(key)))
}

fn keys(keys: &[ApiKey]) -> String {
    let header = [
        "CLIENT ID",
        "NAME",
        "STATE",
        "SCOPES",
        "RATE LIMIT",
        "EXPIRES",
        "LAST USED",
        "REPLACED BY",
    ];
    let rows = keys
        .iter()
        .map(|key| {
            vec![
                key.client_id.to_string(),
                key.name.clone(),
                key.state.to_string(),
                key.scopes.names().join(","),
                key.rate_limit
                    .map_or("default".to_owned(), |limit| limit.to_string()),
                key.expires_at.map_or("never".to_owned(), |expires_at| {
                    expires_at.date().to_string()
                }),
                key.last_used_at.map_or("never".to_owned(), minute),
                key.replaced_by
                    .as_ref()
                    .map(ToString::to_string)
                    .unwrap_or_default(),
            ]
        })
        .collect();
    table(&header, rows)
}

fn expires_in(text: &str) -> Result<Duration, String> {
    let duration = humantime::parse_duration(text)
        .map_err(|_| "a duration is written as 365d, 12h or 30m".to_owned())?;
    if duration.is_zero() || duration > MAX_EXPIRES_IN {
        return Err("a key expires after more than 0s and at most 100 years".to_owned());
    }
    Ok(duration)
}
