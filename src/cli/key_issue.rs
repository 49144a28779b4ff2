//! `rubrica key create` and `rubrica key rotate`: what makes a key, and shows it once.

use anyhow::{Context as _, bail};
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::OutputArgs;
use super::context::AdminContext;
use super::output::minute;
use crate::auth::{Change, issue_credential};
use crate::domain::{ApiToken, ClientId, CompanyId, GracePeriod, Quota, Scopes};
use crate::store::{NewApiKey, Rotation};

/// Makes a key, and shows it.
pub(super) async fn create(
    context: &AdminContext,
    company_id: CompanyId,
    name: String,
    scopes: Scopes,
    rate_limit: Option<Quota>,
    expires_at: Option<OffsetDateTime>,
    output: OutputArgs,
) -> anyhow::Result<()> {
    let token_keys = context.settings.auth.token_keys();
    let (token, credential) = issue_credential(&token_keys)?;
    let key = NewApiKey {
        credential,
        company_id,
        name,
        scopes,
        rate_limit,
        expires_at,
    };
    if !context.store.create_api_key(&context.actor, &key).await? {
        bail!("there is no company {company_id}: see `rubrica company list`");
    }
    output.print(&shown_once(&token, &key)?, |_| keep_safe(&token))
}

/// Makes a key in the place of an old one, tells the replicas, and shows it.
pub(super) async fn rotate(
    context: &AdminContext,
    client_id: &ClientId,
    grace: GracePeriod,
    output: OutputArgs,
) -> anyhow::Result<()> {
    let company = context.company_of(client_id).await?;
    let (token, credential) = issue_credential(&context.settings.auth.token_keys())?;
    let Rotation {
        successor,
        replaced,
    } = context
        .store
        .rotate_api_key(&context.actor, company, client_id, grace, &credential)
        .await
        .with_context(|| format!("{client_id} is not rotated"))?;
    context.announce(Change::Key(client_id.clone())).await;
    let mut rotated = shown_once(&token, &successor)?;
    rotated["replaces"] = json!(replaced);
    output.print(&rotated, |_| {
        let fate = match (replaced.revoked_at, replaced.expires_at) {
            (None, Some(end)) => format!("works until {}", minute(end)),
            _ => "is revoked".to_owned(),
        };
        format!("{}\nThe key {client_id} {fate}.", keep_safe(&token))
    })
}

/// A new key for a script.
fn shown_once(token: &ApiToken, key: &NewApiKey) -> anyhow::Result<Value> {
    let expires_at = key.expires_at.map(|moment| moment.format(&Rfc3339));
    Ok(json!({
        "key": token.whole().expose_secret(),
        "clientId": token.client_id(),
        "companyId": key.company_id,
        "scopes": key.scopes,
        "expiresAt": expires_at.transpose()?,
    }))
}

/// A new key for a person.
fn keep_safe(token: &ApiToken) -> String {
    format!(
        "{}\nKeep it safe: it is not shown again. Its client id is {}.",
        token.whole().expose_secret(),
        token.client_id()
    )
}
