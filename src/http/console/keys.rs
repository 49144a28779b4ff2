//! One API key: what it is, and what it was used for.

use std::fmt;

use actix_web::HttpRequest;
use actix_web::web::{Path, Query};
use askama::Template;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use time::{Duration, OffsetDateTime};

use super::chart::{Chart, Range};
use super::notice::{Notice, Tone};
use super::page::{Answer, Frame, Section, parse, show};
use super::session::Session;
use super::{format, shown_once};
use crate::ambient;
use crate::domain::{ApiKey, ClientId, Company, KeyState, Quota, Scope};

/// How long before its end a key is marked.
const SOON: Duration = Duration::days(14);

/// How the state of a key looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Badge {
    Of(KeyState),
    /// It works until the end of a grace period.
    Rotating,
    /// It would work if its company were not suspended.
    Blocked,
}

/// The class of the style.
impl fmt::Display for Badge {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Of(state) => state.as_str(),
            Self::Rotating => "rotating",
            Self::Blocked => "blocked",
        })
    }
}

/// A key as pages show it.
pub(super) struct KeyView {
    pub(super) client: ClientId,
    pub(super) name: String,
    /// As much of the token as may be shown.
    pub(super) hint: String,
    pub(super) badge: Badge,
    pub(super) state_text: String,
    pub(super) is_live: bool,
    pub(super) can_be_rotated: bool,
    pub(super) scopes: Vec<&'static str>,
    pub(super) limit: String,
    pub(super) last_used_at: Option<OffsetDateTime>,
    pub(super) created_at: OffsetDateTime,
    pub(super) expires_at: Option<OffsetDateTime>,
    /// Whether it expires soon.
    pub(super) expires_soon: bool,
    pub(super) revoked_at: Option<OffsetDateTime>,
    pub(super) replaced_by: Option<ClientId>,
}

impl KeyView {
    /// What is shown of a key of this company; `default` is the limit of a key without one of its own.
    pub(super) fn new(key: ApiKey, company: &Company, default: Quota) -> Self {
        let is_live = key.state == KeyState::Active;
        let (badge, state_text) = match (key.state, key.expires_at, &key.replaced_by) {
            (KeyState::Active, Some(end), Some(_)) => (
                Badge::Rotating,
                format!("Rotating until {}", format::timestamp(&end)),
            ),
            (KeyState::Active, ..) if company.is_suspended() => {
                (Badge::Blocked, "Active (company suspended)".to_owned())
            }
            (state, ..) => (Badge::Of(state), format::capital(state.as_str())),
        };
        let limit = match key.rate_limit {
            Some(own) => format::quota(&own),
            None => format!("{} (default)", format::quota(&default)),
        };
        Self {
            hint: format!("mn-{}-…", key.client_id),
            client: key.client_id,
            name: key.name,
            badge,
            state_text,
            is_live,
            can_be_rotated: is_live && key.replaced_by.is_none(),
            scopes: key.scopes.names(),
            limit,
            last_used_at: key.last_used_at,
            created_at: key.created_at,
            expires_at: key.expires_at,
            expires_soon: is_live
                && key
                    .expires_at
                    .is_some_and(|end| end - ambient::now() <= SOON),
            revoked_at: key.revoked_at,
            replaced_by: key.replaced_by,
        }
    }
}

#[derive(Template)]
#[template(path = "key.html")]
struct KeyPage {
    frame: Frame,
    company: Company,
    key: KeyView,
    chart: Chart,
    /// The whole token, just made.
    token: Option<SecretString>,
    /// The key that this one replaces.
    replaces: Option<ClientId>,
    /// The public API's address.
    api: String,
    /// Whether the key may list contacts.
    lists_contacts: bool,
}

/// What the page is called with.
#[derive(Deserialize)]
pub(super) struct Called {
    done: Option<String>,
    range: Option<String>,
}

/// `GET /console/keys/{client}`
pub(super) async fn find(
    session: Session,
    request: HttpRequest,
    path: Path<String>,
    Query(called): Query<Called>,
) -> Answer {
    let client: ClientId = parse(&path)?;
    let (administration, principal) = (session.administration(), session.principal());
    let range = Range::named(called.range.as_deref(), ambient::now());
    let usage = administration.key_usage(principal, &client, range.from, range.to);
    let chart = Chart::new(&range, &usage.await?);
    // After its usage: a key with requests was used.
    let key = administration.find_key(principal, &client).await?;
    let company = administration
        .find_company(principal, key.company_id)
        .await?;
    let keys = administration
        .list_keys(principal, company.company_id)
        .await?;
    let replaced = keys
        .iter()
        .find(|other| other.replaced_by.as_ref() == Some(&client));
    let token = shown_once::receive(&request, client.as_str());
    let key = KeyView::new(key, &company, session.default_quotas().key);
    let mut frame = session.frame(Section::Companies, &key.name);
    match (called.done.as_deref(), replaced) {
        (Some("rotated"), Some(replaced)) => frame.notice = Some(rotated(replaced)),
        // Here it is still shown.
        (Some("key-sent-before"), _) if token.is_some() => {}
        (done, _) => frame = frame.noticing(done),
    }
    let mut response = show(&KeyPage {
        frame,
        replaces: replaced.map(|replaced| replaced.client_id.clone()),
        api: session.site().api().to_owned(),
        lists_contacts: key.scopes.contains(&Scope::ContactsRead.as_str()),
        company,
        key,
        chart,
        token: token.clone(),
    })?;
    if token.is_some() {
        shown_once::forget(&mut response)?;
    }
    Ok(response)
}

/// What became of the key that was rotated.
fn rotated(old: &ApiKey) -> Notice {
    let hint = format!("mn-{}-…", old.client_id);
    if let (KeyState::Active, Some(end)) = (old.state, &old.expires_at) {
        let end = format::timestamp(end);
        let text = format!("Rotated. The old key {hint} works until {end}.");
        Notice::new(Tone::Good, text)
    } else {
        let text = format!("Rotated. The old key {hint} no longer works.");
        Notice::new(Tone::Warning, text)
    }
}
