//! The list of companies.

use actix_web::web::Query;
use askama::Template;

use super::format;
use super::layout::{Layout, Section};
use super::pagination::{FETCH, PageQuery, Pagination};
use super::response::{PageResult, show};
use super::session::Session;
use crate::domain::{Company, Quota};

#[derive(Template)]
#[template(path = "companies.html")]
struct CompaniesPage {
    layout: Layout,
    companies: Pagination<Company>,
    default_limit: Quota,
}

/// `GET /console/companies`
pub(super) async fn list(session: Session, Query(query): Query<PageQuery>) -> PageResult {
    let after = query.after.unwrap_or_default();
    let found = session
        .administration()
        .list_companies(session.principal(), after, FETCH);
    show(&CompaniesPage {
        layout: session.layout(Section::Companies, "Companies"),
        companies: Pagination::new(found.await?, query.after, |company| {
            company.company_id.get()
        }),
        default_limit: session.default_quotas().company,
    })
}
