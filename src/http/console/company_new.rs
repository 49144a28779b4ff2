//! Creating a company.

use askama::Template;

use super::form::Form;
use super::layout::{Layout, Section};
use super::one_time_form::submit_once;
use super::response::{PageResult, redirect, show_form};
use super::session::Session;
use super::submitted_form::SubmittedForm;
use crate::domain::Label;

#[derive(Template)]
#[template(path = "company_new.html")]
struct NewCompanyPage {
    layout: Layout,
    form: Form,
}

fn show_page(session: &Session, form: Form) -> PageResult {
    let layout = session.layout(Section::Companies, "New company");
    show_form(form.is_valid(), &NewCompanyPage { layout, form })
}

/// `GET /console/companies/new`
pub(super) async fn form(session: Session) -> PageResult {
    session
        .principal()
        .operator("only operators create companies")?;
    show_page(&session, Form::default())
}

/// `POST /console/companies/new`
pub(super) async fn create(SubmittedForm { session, mut form }: SubmittedForm) -> PageResult {
    let Some(name) = form.read::<Label>("name", "Name") else {
        return show_page(&session, form);
    };
    let administration = session.administration();
    let created = submit_once(&session, &form, async |principal| {
        administration.create_company(principal, &name).await
    });
    let company = created.await?.company_id;
    Ok(redirect(&format!("/console/companies/{company}")).finish())
}
