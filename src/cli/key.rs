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
use crate::domain::{ClientId, CompanyId, GracePeriod, Label, Quota, Scope, Scopes};
use crate::store::{ApiKey, ApiKeyChange};

/// The longest life of a key that is to expire.
const MAX_LIFE: Duration = Duration::from_hours(24 * 365 * 100);

/// Of usage that is shown at once.
const MAX_HOURS: i64 = 400 * 24;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Creates a key, and shows it for the only time.
    Create {
        /// The company's id.
        #[arg(long, value_name = "ID")]
        company: CompanyId,
        /// What the key is for.
        #[arg(long)]
        name: Label,
        /// What it may do; repeat it for more. Left out: contacts and custom fields, but not erase.
        #[arg(long = "scope", value_name = "SCOPE")]
        scopes: Vec<Scope>,
        /// Its own limit, such as 600/60s. Left out: the company's.
        #[arg(long, value_name = "LIMIT")]
        rate_limit: Option<Quota>,
        /// How long it lives, such as 365d. Left out: until it is revoked.
        #[arg(long, value_name = "DURATION", value_parser = life)]
        expires_in: Option<Duration>,
        #[command(flatten)]
        output: OutputArgs,
    },
    /// Lists the keys of a company.
    List {
        /// The company's id.
        #[arg(long, value_name = "ID")]
        company: CompanyId,
        #[command(flatten)]
        output: OutputArgs,
    },
    /// Shows the requests of a key, hour by hour: all, those refused for its limit (429), other
    /// errors of callers (4xx), errors of the service (5xx). Up to half a minute late.
    Usage {
        /// The part of the key between mn- and the secret.
        client_id: ClientId,
        /// How many hours, this one among them.
        #[arg(long, default_value_t = 24, value_parser = value_parser!(u16).range(1..=MAX_HOURS))]
        hours: u16,
        #[command(flatten)]
        output: OutputArgs,
    },
    /// Changes what is named. Acts on running replicas within a second.
    Update {
        /// The part of the key between mn- and the secret.
        client_id: ClientId,
        /// A new name.
        #[arg(long)]
        name: Option<Label>,
        /// Its own limit, such as 600/60s; or default for the company's.
        #[arg(long, value_name = "LIMIT|default", value_parser = quota_or_default)]
        rate_limit: Option<QuotaOrDefault>,
        /// What it may do from now on, in place of all its scopes; repeat it for more.
        #[arg(long = "scope", value_name = "SCOPE")]
        scopes: Vec<Scope>,
        #[command(flatten)]
        output: OutputArgs,
    },
    /// Makes a new key in the place of one, and shows it for the only time. Name, scopes, limit
    /// and end stay; both keys work until the grace period ends.
    Rotate {
        /// The part of the key between mn- and the secret.
        client_id: ClientId,
        /// How long the old key still works: 0d to 7d. 0d ends it at once.
        #[arg(long, value_name = "DURATION", default_value = "1d")]
        grace: GracePeriod,
        #[command(flatten)]
        output: OutputArgs,
    },
    /// Ends a key for good. Acts on running replicas within a second.
    Revoke {
        /// The part of the key between mn- and the secret.
        client_id: ClientId,
        #[command(flatten)]
        output: OutputArgs,
    },
}

impl Command {
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
                let expires_at = expires_in.map(|life| ambient::now() + life);
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
                    .list_keys(&context.acting, company)
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
                    bail!("nothing to change: name --name, --rate-limit or --scope");
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
        .change_key(&context.acting, client_id, &change)
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
                key.state.to_owned(),
                key.scopes.names().join(","),
                key.rate_limit
                    .map_or("default".to_owned(), |limit| limit.to_string()),
                key.expires_at
                    .map_or("never".to_owned(), |moment| moment.date().to_string()),
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

fn life(text: &str) -> Result<Duration, String> {
    let life = humantime::parse_duration(text)
        .map_err(|_| "a duration is written such as 365d, 12h or 30m".to_owned())?;
    if life.is_zero() || life > MAX_LIFE {
        return Err("a key lives for more than nothing and at most 100 years".to_owned());
    }
    Ok(life)
}
