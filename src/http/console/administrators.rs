//! The list of administrators.

use actix_web::web::Query;
use askama::Template;

use super::format;
use super::layout::{Layout, Section};
use super::pagination::{FETCH, PageQuery, Pagination};
use super::response::{PageResult, show};
use super::session::Session;
use crate::domain::Admin;

#[derive(Template)]
#[template(path = "administrators.html")]
struct AdministratorsPage {
    layout: Layout,
    admins: Pagination<Admin>,
}

/// `GET /console/administrators`
pub(super) async fn list(session: Session, Query(query): Query<PageQuery>) -> PageResult {
    let after = query.after.unwrap_or_default();
    let found = session
        .administration()
        .list_admins(session.principal(), after, FETCH);
    show(&AdministratorsPage {
        layout: session.layout(Section::Administrators, "Administrators"),
        admins: Pagination::new(found.await?, query.after, |admin| admin.admin_id.get()),
    })
}
