//! Administrators: who there is, inviting them, and shutting them out.

use actix_web::HttpRequest;
use actix_web::web::{Path, Query};
use askama::Template;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use super::confirmation::Confirmation;
use super::error::ConsoleError;
use super::form::Form;
use super::format;
use super::page::{Answer, Frame, Section, parse, see_other, show, show_mistakes};
use super::session::Session;
use super::shown_once;
use super::submission::Submitted;
use crate::administration::{AdministrationError, Invited};
use crate::domain::{AdminId, CompanyId, Email, Role};
use crate::store::Admin;

const PAGE: usize = 50;

#[derive(Template)]
#[template(path = "administrators.html")]
struct AdministratorsPage {
    frame: Frame,
    admins: Vec<Admin>,
    /// After which one the next page begins.
    next: Option<String>,
    is_first: bool,
}

#[derive(Template)]
#[template(path = "administrator_new.html")]
struct InvitationPage {
    frame: Frame,
    form: Form,
    is_operator: bool,
}

#[derive(Template)]
#[template(path = "administrator.html")]
struct AdministratorPage {
    frame: Frame,
    admin: Admin,
    is_oneself: bool,
    can_invite_again: bool,
    /// The token of an invitation, just made.
    token: Option<SecretString>,
}

/// What the pages are called with.
#[derive(Deserialize)]
pub(super) struct Called {
    done: Option<String>,
    after: Option<i64>,
    company: Option<String>,
}

impl InvitationPage {
    fn new(session: &Session, form: Form) -> Self {
        Self {
            frame: Frame::of(session, Section::Administrators, "Invite an administrator"),
            form,
            is_operator: session.acting().role() == Role::Operator,
        }
    }
}

/// `GET /console/administrators`
pub(super) async fn list(session: Session, Query(called): Query<Called>) -> Answer {
    let after = called.after.unwrap_or_default();
    // One more shows whether there is another page.
    let limit = i64::try_from(PAGE + 1).unwrap_or(i64::MAX);
    let found = session
        .administration()
        .list_admins(session.acting(), after, limit);
    let mut admins = found.await?;
    let has_more = admins.len() > PAGE;
    admins.truncate(PAGE);
    let last = admins.last().filter(|_| has_more);
    show(&AdministratorsPage {
        frame: Frame::of(&session, Section::Administrators, "Administrators"),
        next: last.map(|admin| admin.admin_id.to_string()),
        is_first: after == 0,
        admins,
    })
}

/// `GET /console/administrators/new`
pub(super) async fn new(session: Session, Query(called): Query<Called>) -> Answer {
    let company = called.company.unwrap_or_default();
    let form = Form::showing([("company", company)]);
    show(&InvitationPage::new(&session, form))
}

/// `POST /console/administrators/new`
pub(super) async fn invite(Submitted { session, mut form }: Submitted) -> Answer {
    let email = Email::parse(form.text("email"));
    let email = form.keep("email", "E-mail address", email);
    let role = read_role(&mut form, session.acting().role());
    let (Some(email), Some(role)) = (email, role) else {
        return show_mistakes(&InvitationPage::new(&session, form));
    };
    let invited = session
        .administration()
        .invite_admin(session.acting(), &email, role);
    match invited.await {
        Ok(invited) => Ok(show_token(&invited)),
        Err(error @ AdministrationError::EmailTaken) => {
            form.refuse("email", format::sentence(&error.to_string()));
            show_mistakes(&InvitationPage::new(&session, form))
        }
        Err(error @ AdministrationError::NoSuchCompany) => {
            form.refuse("company", format!("Company: {error}"));
            show_mistakes(&InvitationPage::new(&session, form))
        }
        Err(error) => Err(error.into()),
    }
}

/// Operators choose; an administrator of a company invites to their own.
fn read_role(form: &mut Form, own: Role) -> Option<Role> {
    match own {
        Role::CompanyAdmin(_) => Some(own),
        Role::Operator if form.has("role", "operator") => Some(Role::Operator),
        Role::Operator => {
            let company = form.read::<CompanyId>("company", "Company");
            company.map(Role::CompanyAdmin)
        }
    }
}

/// `GET /console/administrators/{id}`
pub(super) async fn find(
    session: Session,
    request: HttpRequest,
    path: Path<String>,
    Query(called): Query<Called>,
) -> Answer {
    let admin = find_admin(&session, parse(&path)?).await?;
    let token = shown_once::receive(&request, &admin.admin_id.to_string());
    let mut response = show(&AdministratorPage {
        frame: Frame::of(&session, Section::Administrators, &admin.email)
            .noticing(called.done.as_deref()),
        is_oneself: session.acting().admin() == Some(admin.admin_id),
        can_invite_again: admin.state == "invited"
            || (session.acting().role() == Role::Operator && admin.role != Role::Operator),
        admin,
        token: token.clone(),
    })?;
    if token.is_some() {
        shown_once::forget(&mut response)?;
    }
    Ok(response)
}

/// `POST /console/administrators/{id}/invite`
pub(super) async fn invite_again(
    Submitted { session, .. }: Submitted,
    path: Path<String>,
) -> Answer {
    let invited = session
        .administration()
        .invite_again(session.acting(), parse(&path)?);
    Ok(show_token(&invited.await?))
}

/// `GET /console/administrators/{id}/disable`
pub(super) async fn confirm_disabling(session: Session, path: Path<String>) -> Answer {
    let admin = find_admin(&session, parse(&path)?).await?;
    let own = format!("/console/administrators/{}", admin.admin_id);
    show(&Confirmation {
        frame: Frame::of(
            &session,
            Section::Administrators,
            "Disable an administrator",
        ),
        verb: "Disable",
        name: admin.email,
        detail: format!("administrator {}", admin.admin_id),
        consequence: "They are signed out everywhere at once and cannot sign in, until they are enabled again. API keys that they made work on.",
        action: format!("{own}/disable"),
        back: own,
    })
}

/// `POST /console/administrators/{id}/disable`
pub(super) async fn disable(Submitted { session, .. }: Submitted, path: Path<String>) -> Answer {
    let id: AdminId = parse(&path)?;
    session
        .administration()
        .disable_admin(session.acting(), id)
        .await?;
    Ok(see_other(&format!("/console/administrators/{id}?done=disabled")).finish())
}

/// `POST /console/administrators/{id}/enable`
pub(super) async fn enable(Submitted { session, .. }: Submitted, path: Path<String>) -> Answer {
    let id: AdminId = parse(&path)?;
    session
        .administration()
        .enable_admin(session.acting(), id)
        .await?;
    Ok(see_other(&format!("/console/administrators/{id}?done=enabled")).finish())
}

fn show_token(invited: &Invited) -> actix_web::HttpResponse {
    let id = invited.admin.admin_id.to_string();
    let mut response = see_other(&format!("/console/administrators/{id}"));
    response
        .cookie(shown_once::send(&id, &invited.token))
        .finish()
}

async fn find_admin(session: &Session, id: AdminId) -> Result<Admin, ConsoleError> {
    let found = session.administration().find_admin(session.acting(), id);
    Ok(found.await?)
}
