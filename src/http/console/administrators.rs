//! Administrators: who there is, and inviting, disabling and enabling them.

use actix_web::HttpRequest;
use actix_web::web::{Path, Query};
use askama::Template;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use super::confirmation::{Confirmation, Fact, Step};
use super::error::ConsoleError;
use super::form::Form;
use super::once::{Once, once};
use super::page::{Answer, Frame, Section, parse, see_other, show, show_mistakes};
use super::session::Session;
use super::submission::Submitted;
use super::{format, shown_once};
use crate::administration::{AdministrationError, Invited};
use crate::domain::{Admin, AdminId, AdminState, Company, CompanyId, Email, Role, RoleName};

const PAGE: usize = 50;
/// The most companies to choose from; of more, one is named by its id.
const CHOICES: usize = 500;

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
    /// The companies to choose from.
    choices: Vec<Company>,
    /// Whether there are more.
    has_more: bool,
}

#[derive(Template)]
#[template(path = "administrator.html")]
struct AdministratorPage {
    frame: Frame,
    admin: Admin,
    is_oneself: bool,
    can_invite_again: bool,
    /// The name of the one company.
    company: Option<String>,
    /// The link of an invitation, just made.
    link: Option<SecretString>,
}

/// What the pages are called with.
#[derive(Deserialize)]
pub(super) struct Called {
    done: Option<String>,
    after: Option<i64>,
    company: Option<String>,
}

impl InvitationPage {
    async fn new(session: &Session, form: Form) -> Result<Self, ConsoleError> {
        let is_operator = session.principal().role() == Role::Operator;
        let mut choices = Vec::new();
        if is_operator {
            let limit = i64::try_from(CHOICES + 1).unwrap_or(i64::MAX);
            let found = session
                .administration()
                .list_companies(session.principal(), 0, limit);
            choices = found.await?;
        }
        Ok(Self {
            frame: session.frame(Section::Administrators, "Invite an administrator"),
            form,
            is_operator,
            has_more: choices.len() > CHOICES,
            choices,
        })
    }
}

/// `GET /console/administrators`
pub(super) async fn list(session: Session, Query(called): Query<Called>) -> Answer {
    let after = called.after.unwrap_or_default();
    // One more shows whether there is another page.
    let limit = i64::try_from(PAGE + 1).unwrap_or(i64::MAX);
    let found = session
        .administration()
        .list_admins(session.principal(), after, limit);
    let mut admins = found.await?;
    let has_more = admins.len() > PAGE;
    admins.truncate(PAGE);
    let last = admins.last().filter(|_| has_more);
    show(&AdministratorsPage {
        frame: session.frame(Section::Administrators, "Administrators"),
        next: last.map(|admin| admin.admin_id.to_string()),
        is_first: after == 0,
        admins,
    })
}

/// `GET /console/administrators/new`
pub(super) async fn new(session: Session, Query(called): Query<Called>) -> Answer {
    let company = called.company.unwrap_or_default();
    let form = Form::showing([("company", company)]);
    show(&InvitationPage::new(&session, form).await?)
}

/// `POST /console/administrators/new`
pub(super) async fn invite(Submitted { session, mut form }: Submitted) -> Answer {
    let email = Email::parse(form.text("email"));
    let email = form.keep("email", "E-mail address", email);
    let role = read_role(&mut form, session.principal().role());
    let (Some(email), Some(role)) = (email, role) else {
        return show_mistakes(&InvitationPage::new(&session, form).await?);
    };
    let administration = session.administration();
    let invited = once(&session, &form, async |principal| {
        administration.invite_admin(principal, &email, role).await
    });
    match invited.await {
        Once::Done(invited) => Ok(show_link(&invited)),
        Once::DoneBefore(answer) => Ok(answer),
        Once::Refused(error @ AdministrationError::EmailTaken) => {
            form.refuse("email", format::sentence(&error.to_string()));
            show_mistakes(&InvitationPage::new(&session, form).await?)
        }
        Once::Refused(AdministrationError::NoSuchCompany) => {
            form.refuse("company", CHOOSE);
            show_mistakes(&InvitationPage::new(&session, form).await?)
        }
        Once::Refused(error) => Err(error.into()),
    }
}

const CHOOSE: &str = "Choose a company.";

/// Operators choose; an administrator of a company invites to their own.
fn read_role(form: &mut Form, own: Role) -> Option<Role> {
    match own {
        Role::CompanyAdmin(_) => Some(own),
        Role::Operator if form.has("role", RoleName::Operator.as_str()) => {
            if form.text("company").trim().is_empty() {
                return Some(Role::Operator);
            }
            form.refuse(
                "company",
                "An operator manages all companies: choose no company, or the role “Administrator of one company”.",
            );
            None
        }
        Role::Operator => {
            let company = form.text("company").trim().parse::<CompanyId>().ok();
            if company.is_none() {
                form.refuse("company", CHOOSE);
            }
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
    let console = &session.site().console;
    // After a #: browsers do not send that part, so it stands in no log.
    let link = token.map(|token| {
        let token = token.expose_secret();
        SecretString::from(format!("{console}/console/invitation#{token}"))
    });
    let mut frame = session.frame(Section::Administrators, &admin.email);
    if link.is_none() {
        frame = frame.noticing(called.done.as_deref());
    }
    let company = match admin.company_id {
        Some(company) => {
            let found = session
                .administration()
                .find_company(session.principal(), company);
            Some(found.await?.name)
        }
        None => None,
    };
    let mut response = show(&AdministratorPage {
        frame,
        company,
        is_oneself: session.principal().admin() == Some(admin.admin_id),
        can_invite_again: admin.state == AdminState::Invited
            || (session.principal().role() == Role::Operator && admin.role != Role::Operator),
        admin,
        link: link.clone(),
    })?;
    if link.is_some() {
        shown_once::forget(&mut response)?;
    }
    Ok(response)
}

/// `GET /console/administrators/{id}/invite`
pub(super) async fn confirm_reset(session: Session, path: Path<String>) -> Answer {
    let admin = find_admin(&session, parse(&path)?).await?;
    let own = format!("/console/administrators/{}", admin.admin_id);
    let title = format!("Reset the password of “{}”?", admin.email);
    show(&Confirmation {
        frame: session.frame(Section::Administrators, &title),
        verb: "Reset the password of",
        path: path_of(&admin, &own),
        facts: facts_of(&admin),
        name: admin.email,
        consequence: "We’ll create a single-use link for you to send, with which they set a new password. The current password works until then.",
        is_harmful: false,
        action: format!("{own}/invite"),
        back: own,
    })
}

/// `POST /console/administrators/{id}/invite`
pub(super) async fn invite_again(
    Submitted { session, form }: Submitted,
    path: Path<String>,
) -> Answer {
    let id: AdminId = parse(&path)?;
    let administration = session.administration();
    let invited = once(&session, &form, async |principal| {
        administration.invite_again(principal, id).await
    });
    match invited.await {
        Once::Done(invited) => Ok(show_link(&invited)),
        Once::DoneBefore(answer) => Ok(answer),
        Once::Refused(error) => Err(error.into()),
    }
}

/// `GET /console/administrators/{id}/disable`
pub(super) async fn confirm_disabling(session: Session, path: Path<String>) -> Answer {
    let admin = find_admin(&session, parse(&path)?).await?;
    let own = format!("/console/administrators/{}", admin.admin_id);
    let title = format!("Disable “{}”?", admin.email);
    show(&Confirmation {
        frame: session.frame(Section::Administrators, &title),
        verb: "Disable",
        path: path_of(&admin, &own),
        facts: facts_of(&admin),
        name: admin.email,
        consequence: "They are signed out everywhere at once and can’t sign in until they are enabled again. API keys that they created keep working.",
        is_harmful: true,
        action: format!("{own}/disable"),
        back: own,
    })
}

/// `POST /console/administrators/{id}/disable`
pub(super) async fn disable(Submitted { session, .. }: Submitted, path: Path<String>) -> Answer {
    let id: AdminId = parse(&path)?;
    session
        .administration()
        .disable_admin(session.principal(), id)
        .await?;
    Ok(see_other(&format!("/console/administrators/{id}?done=disabled")).finish())
}

/// `POST /console/administrators/{id}/enable`
pub(super) async fn enable(Submitted { session, .. }: Submitted, path: Path<String>) -> Answer {
    let id: AdminId = parse(&path)?;
    session
        .administration()
        .enable_admin(session.principal(), id)
        .await?;
    Ok(see_other(&format!("/console/administrators/{id}?done=enabled")).finish())
}

fn path_of(admin: &Admin, own: &str) -> Vec<Step> {
    vec![
        Step::new("/console/administrators", "Administrators"),
        Step::new(own, &admin.email),
    ]
}

fn facts_of(admin: &Admin) -> Vec<Fact> {
    let role = match admin.company_id {
        Some(company) => format!("Administrator of company {company}"),
        None => "Operator: all companies".to_owned(),
    };
    vec![
        Fact::new("Role", role),
        Fact::new("State", format::capital(admin.state.as_str())),
        Fact::new("Created", format::timestamp(&admin.created_at)),
    ]
}

fn show_link(invited: &Invited) -> actix_web::HttpResponse {
    let id = invited.admin.admin_id.to_string();
    let mut response = see_other(&format!("/console/administrators/{id}"));
    response
        .cookie(shown_once::send(&id, invited.token.text()))
        .finish()
}

async fn find_admin(session: &Session, id: AdminId) -> Result<Admin, ConsoleError> {
    let found = session.administration().find_admin(session.principal(), id);
    Ok(found.await?)
}
