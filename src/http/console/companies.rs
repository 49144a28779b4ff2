//! Companies, and the keys of one.

use actix_web::web::{Path, Query};
use askama::Template;
use serde::Deserialize;

use super::format;
use super::keys::{Badge, KeyView};
use super::page::{Answer, Frame, Section, parse, show};
use super::session::Session;
use crate::domain::{ApiKey, Company};

const PAGE: usize = 50;

#[derive(Template)]
#[template(path = "companies.html")]
struct CompaniesPage {
    frame: Frame,
    companies: Vec<Company>,
    /// The limit of companies that have none.
    default_limit: String,
    /// After which one the next page begins.
    next: Option<String>,
    is_first: bool,
}

#[derive(Template)]
#[template(path = "company.html")]
struct CompanyPage {
    frame: Frame,
    company: Company,
    keys: Vec<KeyView>,
    /// How many more can no longer be used.
    ended: usize,
    shows_all: bool,
    /// The public API's address.
    api: String,
}

/// What the pages are called with.
#[derive(Deserialize)]
pub(super) struct Called {
    done: Option<String>,
    after: Option<i64>,
    keys: Option<String>,
}

/// `GET /console/companies`
pub(super) async fn list(session: Session, Query(called): Query<Called>) -> Answer {
    let after = called.after.unwrap_or_default();
    // One more shows whether there is another page.
    let limit = i64::try_from(PAGE + 1).unwrap_or(i64::MAX);
    let found = session
        .administration()
        .list_companies(session.principal(), after, limit);
    let mut companies = found.await?;
    let has_more = companies.len() > PAGE;
    companies.truncate(PAGE);
    let last = companies.last().filter(|_| has_more);
    show(&CompaniesPage {
        frame: session
            .frame(Section::Companies, "Companies")
            .noticing(called.done.as_deref()),
        next: last.map(|company| company.company_id.to_string()),
        is_first: after == 0,
        default_limit: format::quota(&session.default_quotas().company),
        companies,
    })
}

/// `GET /console/companies/{id}`
pub(super) async fn find(
    session: Session,
    path: Path<String>,
    Query(called): Query<Called>,
) -> Answer {
    let id = parse(&path)?;
    let company = session
        .administration()
        .find_company(session.principal(), id)
        .await?;
    let keys = session
        .administration()
        .list_keys(session.principal(), id)
        .await?;
    let default = session.default_quotas().key;
    let keys: Vec<KeyView> = with_successors(keys)
        .into_iter()
        .map(|key| KeyView::new(key, &company, default))
        .collect();
    let (live, ended): (Vec<KeyView>, Vec<KeyView>) = keys.into_iter().partition(|key| key.is_live);
    let shows_all = called.keys.is_some();
    let count = ended.len();
    let keys = if shows_all {
        live.into_iter().chain(ended).collect()
    } else {
        live
    };
    show(&CompanyPage {
        frame: session
            .frame(Section::Companies, &company.name)
            .noticing(called.done.as_deref()),
        company,
        keys,
        ended: count,
        shows_all,
        api: session.site().api().to_owned(),
    })
}

/// The newest key first, but a replaced one right after its successor.
fn with_successors(keys: Vec<ApiKey>) -> Vec<ApiKey> {
    let mut sorted: Vec<ApiKey> = Vec::with_capacity(keys.len());
    // Successors are newer: each is there before the key that it replaces.
    for key in keys.into_iter().rev() {
        let successor = key.replaced_by.as_ref().and_then(|successor| {
            sorted
                .iter()
                .position(|other| other.client_id == *successor)
        });
        match successor {
            Some(place) => sorted.insert(place + 1, key),
            None => sorted.push(key),
        }
    }
    sorted
}
