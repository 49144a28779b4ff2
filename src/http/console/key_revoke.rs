//! Revoking an API key.

use actix_web::web::Path;

use super::chart::Range;
use super::confirmation::Confirmation;
use super::format;
use super::layout::Section;
use super::response::{PageResult, parse, redirect};
use super::session::Session;
use super::submitted_form::SubmittedForm;
use crate::ambient;
use crate::domain::{ApiKeyChange, ClientId};

/// `GET /console/keys/{client}/revoke`
pub(super) async fn confirm(session: Session, path: Path<String>) -> PageResult {
    let client: ClientId = parse(&path)?;
    let key = session.key(&client).await?;
    let company = session.company(key.company_id).await?;
    let range = Range::named(None, ambient::now());
    let usage = session
        .administration()
        .key_usage(session.principal(), &client, range.from, range.to)
        .await?;
    let requests = usage.iter().map(|hourly| hourly.counts.requests).sum();
    let last_used = key.last_used_at.as_ref().map(format::timestamp);
    let path = format!("/console/keys/{client}");
    let question = Confirmation {
        verb: "Revoke",
        name: key.name,
        parent: (
            format!("/console/companies/{}", company.company_id),
            company.name,
        ),
        facts: vec![
            ("Key", format::key_hint(&client)),
            ("Last used", last_used.unwrap_or_else(|| "Never".to_owned())),
            ("Requests in the last 24 hours", format::number(&requests)),
        ],
        consequence: "Requests with this key start failing within a second. This can’t be undone. To replace a key without downtime, rotate it instead.",
        is_harmful: true,
        action: format!("{path}/revoke"),
        back: path.clone(),
        path,
    };
    question.show(&session, Section::Companies)
}

/// `POST /console/keys/{client}/revoke`
pub(super) async fn revoke(submitted: SubmittedForm, path: Path<String>) -> PageResult {
    let (session, client) = (submitted.session, parse(&path)?);
    session
        .administration()
        .change_key(session.principal(), &client, &ApiKeyChange::Revoke)
        .await?;
    Ok(redirect(&format!("/console/keys/{client}?done=revoked")).finish())
}
