//! One administrator: a new invitation or password, disabling and enabling them.

use actix_web::web::Path;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use secrecy::{ExposeSecret, SecretString};

use super::confirmation::Confirmation;
use super::format;
use super::layout::{Layout, Section};
use super::one_time_form::submit_once;
use super::one_time_secret::{one_time_secret, redirect_to_secret, show_secret};
use super::response::{PageResult, parse, redirect};
use super::session::Session;
use super::submitted_form::SubmittedForm;
use crate::administration::Invited;
use crate::domain::{Admin, AdminId, AdminState, Role};

#[derive(Template)]
#[template(path = "administrator.html")]
struct AdministratorPage {
    layout: Layout,
    admin: Admin,
    is_own_account: bool,
    can_invite_again: bool,
    /// The name of the company that they administer.
    company: Option<String>,
    /// The link of a new invitation.
    link: Option<SecretString>,
}

/// `GET /console/administrators/{id}`
pub(super) async fn show_administrator(
    session: Session,
    request: HttpRequest,
    path: Path<String>,
) -> PageResult {
    let admin = session.admin(parse(&path)?).await?;
    let console = &session.base_urls().console;
    // Browsers do not send the part after the #, so it is in no log.
    let link = one_time_secret(&request, &admin.admin_id.to_string()).map(|token| {
        let token = token.expose_secret();
        SecretString::from(format!("{console}/console/invitation#{token}"))
    });
    let has_link = link.is_some();
    let mut layout = session.layout(Section::Administrators, &admin.email);
    layout.flash = layout.flash.filter(|_| !has_link);
    let company = match admin.company_id {
        Some(company) => Some(session.company(company).await?.name),
        None => None,
    };
    let page = AdministratorPage {
        layout,
        company,
        is_own_account: session.principal().admin() == Some(admin.admin_id),
        can_invite_again: admin.state == AdminState::Invited
            || (session.is_operator() && admin.role != Role::Operator),
        admin,
        link,
    };
    show_secret(&page, has_link)
}

/// `GET /console/administrators/{id}/invite`
pub(super) async fn confirm_password_reset(session: Session, path: Path<String>) -> PageResult {
    let admin = session.admin(parse(&path)?).await?;
    let question = Confirmation {
        verb: "Reset the password of",
        consequence: "We’ll create a single-use link for you to send, with which they set a new password. The current password works until then.",
        is_harmful: false,
        ..question(admin, "invite")
    };
    question.show(&session, Section::Administrators)
}

/// `POST /console/administrators/{id}/invite`
pub(super) async fn invite_again(
    SubmittedForm { session, form }: SubmittedForm,
    path: Path<String>,
) -> PageResult {
    let id: AdminId = parse(&path)?;
    let administration = session.administration();
    let invited = submit_once(&session, &form, async |principal| {
        administration.invite_again(principal, id).await
    });
    Ok(redirect_to_invitation(&invited.await?))
}

/// `GET /console/administrators/{id}/disable`
pub(super) async fn confirm_disabling(session: Session, path: Path<String>) -> PageResult {
    let admin = session.admin(parse(&path)?).await?;
    question(admin, "disable").show(&session, Section::Administrators)
}

/// `POST /console/administrators/{id}/disable`
pub(super) async fn disable(submitted: SubmittedForm, path: Path<String>) -> PageResult {
    let (session, id) = (submitted.session, parse(&path)?);
    let administration = session.administration();
    administration
        .disable_admin(session.principal(), id)
        .await?;
    Ok(redirect(&format!("/console/administrators/{id}?done=disabled")).finish())
}

/// `POST /console/administrators/{id}/enable`
pub(super) async fn enable(submitted: SubmittedForm, path: Path<String>) -> PageResult {
    let (session, id) = (submitted.session, parse(&path)?);
    let administration = session.administration();
    administration.enable_admin(session.principal(), id).await?;
    Ok(redirect(&format!("/console/administrators/{id}?done=enabled")).finish())
}

/// Asks whether to disable an administrator; with another verb and consequence, whether to do the `action`.
fn question(admin: Admin, action: &str) -> Confirmation {
    let path = format!("/console/administrators/{}", admin.admin_id);
    let role = match admin.company_id {
        Some(company) => format!("Administrator of company {company}"),
        None => "Operator: all companies".to_owned(),
    };
    Confirmation {
        verb: "Disable",
        name: admin.email,
        parent: (
            "/console/administrators".to_owned(),
            "Administrators".to_owned(),
        ),
        facts: vec![
            ("Role", role),
            ("State", format::capital(admin.state.as_str())),
            ("Created", format::timestamp(&admin.created_at)),
        ],
        consequence: "They are immediately signed out everywhere and can’t sign in until they are enabled again. API keys that they created keep working.",
        is_harmful: true,
        action: format!("{path}/{action}"),
        back: path.clone(),
        path,
    }
}

/// Redirects to the page that displays the link of an invitation.
pub(super) fn redirect_to_invitation(invited: &Invited) -> HttpResponse {
    let id = invited.admin.admin_id.to_string();
    let path = format!("/console/administrators/{id}");
    redirect_to_secret(&path, &id, invited.token.text())
}
