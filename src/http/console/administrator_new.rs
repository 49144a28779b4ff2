//! Inviting an administrator.

use actix_web::web::Query;
use askama::Template;
use serde::Deserialize;

use super::administrator::redirect_to_invitation;
use super::error::ConsoleError;
use super::form::Form;
use super::layout::{Layout, Section};
use super::one_time_form::submit_once;
use super::response::{PageResult, show_form};
use super::session::Session;
use super::submitted_form::SubmittedForm;
use crate::administration::AdministrationError;
use crate::domain::{Company, CompanyId, Email, Role, RoleName};

/// The most companies in the list of choices. If there are more, the form asks for the company's id.
const MAX_CHOICES: usize = 500;
/// How many companies to read: one more than the list has.
const FETCH: i64 = 501;

const CHOOSE_COMPANY: &str = "Choose a company.";

#[derive(Template)]
#[template(path = "administrator_new.html")]
struct NewAdministratorPage {
    layout: Layout,
    form: Form,
    /// The companies to choose from.
    choices: Vec<Company>,
}

#[derive(Deserialize)]
pub(super) struct PageQuery {
    /// The company that is selected.
    company: Option<String>,
}

async fn show_page(session: &Session, form: Form) -> PageResult {
    let (administration, principal) = (session.administration(), session.principal());
    let mut choices = Vec::new();
    if session.is_operator() {
        choices = administration.list_companies(principal, 0, FETCH).await?;
    }
    let page = NewAdministratorPage {
        layout: session.layout(Section::Administrators, "Invite an administrator"),
        form,
        choices,
    };
    show_form(page.form.is_valid(), &page)
}

impl NewAdministratorPage {
    /// Whether there are more companies than the list can have.
    fn has_more(&self) -> bool {
        self.choices.len() > MAX_CHOICES
    }
}

/// `GET /console/administrators/new`
pub(super) async fn form(session: Session, Query(query): Query<PageQuery>) -> PageResult {
    let form = Form::default().with("company", query.company);
    show_page(&session, form).await
}

/// `POST /console/administrators/new`
pub(super) async fn invite(SubmittedForm { session, mut form }: SubmittedForm) -> PageResult {
    let email = Email::parse(form.text("email"));
    let email = form.check("email", "E-mail address", email);
    let role = read_role(&mut form, session.principal().role());
    let (Some(email), Some(role)) = (email, role) else {
        return show_page(&session, form).await;
    };
    let administration = session.administration();
    let invited = submit_once(&session, &form, async |principal| {
        administration.invite_admin(principal, &email, role).await
    });
    match invited.await {
        Ok(invited) => return Ok(redirect_to_invitation(&invited)),
        Err(ConsoleError::Refused(error @ AdministrationError::EmailTaken)) => {
            form.add_error("email", error.to_string());
        }
        Err(ConsoleError::Refused(AdministrationError::NoSuchCompany)) => {
            form.add_error("company", CHOOSE_COMPANY);
        }
        Err(error) => return Err(error),
    }
    show_page(&session, form).await
}

/// Operators choose the role. Administrators of a company can invite only to their own company.
fn read_role(form: &mut Form, own: Role) -> Option<Role> {
    let company = form.text("company").trim();
    match own {
        Role::CompanyAdmin(_) => Some(own),
        Role::Operator if form.has("role", RoleName::Operator.as_str()) => {
            if company.is_empty() {
                return Some(Role::Operator);
            }
            form.add_error(
                "company",
                "An operator manages all companies: choose no company, or the role “Administrator of one company”.",
            );
            None
        }
        Role::Operator => {
            let company = company.parse::<CompanyId>().ok();
            if company.is_none() {
                form.add_error("company", CHOOSE_COMPANY);
            }
            company.map(Role::CompanyAdmin)
        }
    }
}
