//! One company and its API keys.

use actix_web::web::{Path, Query};
use askama::Template;
use serde::Deserialize;

use super::format;
use super::key_status::KeyStatus;
use super::layout::{Layout, Section};
use super::response::{PageResult, parse, show};
use super::session::Session;
use crate::domain::{ApiKey, Company, KeyState, Quota};

#[derive(Template)]
#[template(path = "company.html")]
struct CompanyPage {
    layout: Layout,
    company: Company,
    keys: Vec<(ApiKey, KeyStatus)>,
    default_limit: Quota,
    /// How many keys are revoked or expired.
    inactive_count: usize,
    shows_inactive: bool,
    /// The base URL of the public API.
    api: String,
}

#[derive(Deserialize)]
pub(super) struct PageQuery {
    /// Any value: inactive keys are displayed, too.
    keys: Option<String>,
}

/// `GET /console/companies/{id}`
pub(super) async fn show_company(
    session: Session,
    path: Path<String>,
    Query(query): Query<PageQuery>,
) -> PageResult {
    let company = session.company(parse(&path)?).await?;
    let keys = session
        .administration()
        .list_keys(session.principal(), company.company_id)
        .await?;
    let (mut keys, inactive): (Vec<ApiKey>, Vec<ApiKey>) = after_successors(keys)
        .into_iter()
        .partition(|key| key.state == KeyState::Active);
    let (inactive_count, shows_inactive) = (inactive.len(), query.keys.is_some());
    if shows_inactive {
        keys.extend(inactive);
    }
    let with_status = |key| {
        let status = KeyStatus::new(&key, &company);
        (key, status)
    };
    show(&CompanyPage {
        layout: session.layout(Section::Companies, &company.name),
        keys: keys.into_iter().map(with_status).collect(),
        default_limit: session.default_quotas().key,
        inactive_count,
        shows_inactive,
        api: session.base_urls().api().to_owned(),
        company,
    })
}

/// Sorts keys: the newest first, but a replaced one right after its successor.
fn after_successors(keys: Vec<ApiKey>) -> Vec<ApiKey> {
    let mut sorted: Vec<ApiKey> = Vec::with_capacity(keys.len());
    // A successor is newer, so it is in the list before the key that it replaces.
    for key in keys.into_iter().rev() {
        let mut ids = sorted.iter().map(|other| Some(&other.client_id));
        let successor = key.replaced_by.as_ref();
        let place = successor.and_then(|_| ids.position(|id| id == successor));
        sorted.insert(place.map_or(sorted.len(), |place| place + 1), key);
    }
    sorted
}
