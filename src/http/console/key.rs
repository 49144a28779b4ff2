//! One API key and its usage.

use actix_web::HttpRequest;
use actix_web::web::{Path, Query};
use askama::Template;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use super::chart::{Chart, Range};
use super::flash_message::FlashMessage;
use super::format;
use super::key_status::KeyStatus;
use super::layout::{Layout, Section};
use super::one_time_secret::{one_time_secret, show_secret};
use super::response::{PageResult, parse};
use super::session::Session;
use crate::ambient;
use crate::domain::{ApiKey, ClientId, Company, KeyState, Quota, Scope};

#[derive(Template)]
#[template(path = "key.html")]
struct KeyPage {
    layout: Layout,
    company: Company,
    key: ApiKey,
    status: KeyStatus,
    default_limit: Quota,
    chart: Chart,
    /// The token of a new key.
    token: Option<SecretString>,
    /// The key that this one replaces.
    replaces: Option<ClientId>,
    /// The base URL of the public API.
    api: String,
}

#[derive(Deserialize)]
pub(super) struct PageQuery {
    done: Option<String>,
    range: Option<String>,
}

/// `GET /console/keys/{client}`
pub(super) async fn show_key(
    session: Session,
    request: HttpRequest,
    path: Path<String>,
    Query(query): Query<PageQuery>,
) -> PageResult {
    let client: ClientId = parse(&path)?;
    let (administration, principal) = (session.administration(), session.principal());
    let range = Range::named(query.range.as_deref(), ambient::now());
    let usage = administration.key_usage(principal, &client, range.from, range.to);
    let chart = Chart::new(range, &usage.await?);
    // Read after its usage: then a key with requests has the time of its last use.
    let key = session.key(&client).await?;
    let company = session.company(key.company_id).await?;
    let keys = administration
        .list_keys(principal, company.company_id)
        .await?;
    let replaced = keys
        .iter()
        .find(|other| other.replaced_by.as_ref() == Some(&client));
    let token = one_time_secret(&request, client.as_str());
    let has_token = token.is_some();
    let mut layout = session.layout(Section::Companies, &key.name);
    match (query.done.as_deref(), replaced) {
        (Some("rotated"), Some(replaced)) => layout.flash = Some(rotated(replaced)),
        // This page still displays the secret.
        (Some("key-sent-before"), _) if has_token => layout.flash = None,
        _ => {}
    }
    let page = KeyPage {
        layout,
        status: KeyStatus::new(&key, &company),
        default_limit: session.default_quotas().key,
        replaces: replaced.map(|replaced| replaced.client_id.clone()),
        api: session.base_urls().api().to_owned(),
        company,
        key,
        chart,
        token,
    };
    show_secret(&page, has_token)
}

/// The result of a rotation, for the key that was replaced.
fn rotated(old: &ApiKey) -> FlashMessage {
    let hint = format::key_hint(&old.client_id);
    if let (KeyState::Active, Some(end)) = (old.state, &old.expires_at) {
        let end = format::timestamp(end);
        FlashMessage::success(format!("Rotated. The old key {hint} works until {end}."))
    } else {
        FlashMessage::warning(format!("Rotated. The old key {hint} no longer works."))
    }
}
