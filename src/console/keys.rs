//! One API key: what it is, and what it was used for.

use actix_web::HttpRequest;
use actix_web::web::{Path, Query};
use askama::Template;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use time::OffsetDateTime;

use super::chart::{Chart, Range};
use super::format;
use super::page::{Answer, Frame, Section, parse, show};
use super::session::Session;
use super::shown_once;
use crate::ambient;
use crate::domain::ClientId;
use crate::store::{ApiKey, Company};

/// A key as pages show it.
pub(super) struct KeyView {
    pub(super) client: ClientId,
    pub(super) name: String,
    /// As much of the token as may be shown.
    pub(super) hint: String,
    /// For the style: `active`, `rotating`, `expired` or `revoked`.
    pub(super) state: &'static str,
    pub(super) state_text: String,
    pub(super) is_live: bool,
    pub(super) can_be_rotated: bool,
    pub(super) scopes: Vec<&'static str>,
    pub(super) limit: String,
    pub(super) last_used_at: Option<OffsetDateTime>,
    pub(super) created_at: OffsetDateTime,
    pub(super) expires_at: Option<OffsetDateTime>,
    pub(super) revoked_at: Option<OffsetDateTime>,
    pub(super) replaced_by: Option<ClientId>,
}

impl KeyView {
    /// What is shown of a key of this company.
    pub(super) fn new(key: ApiKey, company: &Company) -> Self {
        let is_live = key.state == "active";
        let (state, state_text) = match (key.state, key.expires_at, &key.replaced_by) {
            ("active", Some(end), Some(_)) => (
                "rotating",
                format!("Rotating until {}", format::moment(&end)),
            ),
            ("active", ..) => ("active", "Active".to_owned()),
            ("expired", ..) => ("expired", "Expired".to_owned()),
            _ => ("revoked", "Revoked".to_owned()),
        };
        let limit = match (key.rate_limit, company.rate_limit) {
            (Some(own), _) => format::quota(&own),
            (None, Some(companys)) => format!("{} (company)", format::quota(&companys)),
            (None, None) => "Default".to_owned(),
        };
        Self {
            hint: format!("mn-{}-…", key.client_id),
            client: key.client_id,
            name: key.name,
            state,
            state_text,
            is_live,
            can_be_rotated: is_live && key.replaced_by.is_none(),
            scopes: key.scopes.names(),
            limit,
            last_used_at: key.last_used_at,
            created_at: key.created_at,
            expires_at: key.expires_at,
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
    let (administration, acting) = (session.administration(), session.acting());
    let range = Range::named(called.range.as_deref(), ambient::now());
    let usage = administration.key_usage(acting, &client, range.from, range.to);
    let chart = Chart::new(&range, &usage.await?);
    // After its usage: a key with requests was used.
    let key = administration.find_key(acting, &client).await?;
    let company = administration.find_company(acting, key.company_id).await?;
    let token = shown_once::receive(&request, client.as_str());
    let key = KeyView::new(key, &company);
    let mut response = show(&KeyPage {
        frame: Frame::of(&session, Section::Companies, &key.name).noticing(called.done.as_deref()),
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
