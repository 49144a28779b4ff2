//! Changing, rotating and revoking API keys.

use actix_web::web::Path;
use askama::Template;

use super::confirmation::Confirmation;
use super::error::ConsoleError;
use super::form::Form;
use super::format;
use super::key_creation::{read_scopes, show_token};
use super::keys::KeyView;
use super::page::{Answer, Frame, Section, parse, see_other, show, show_mistakes};
use super::session::Session;
use super::submission::Submitted;
use crate::administration::AdministrationError;
use crate::domain::{ClientId, GracePeriod, Label, Quota, Role, Scope};
use crate::store::{ApiKey, ApiKeyChange, Company};

#[derive(Template)]
#[template(path = "key_edit.html")]
struct EditPage {
    frame: Frame,
    form: Form,
    client: ClientId,
    is_operator: bool,
}

#[derive(Template)]
#[template(path = "key_rotate.html")]
struct RotationPage {
    frame: Frame,
    form: Form,
    key: KeyView,
    company: Company,
}

impl EditPage {
    fn new(session: &Session, key: &ApiKey, form: Form) -> Self {
        let title = format!("Change {}", key.name);
        Self {
            frame: Frame::of(session, Section::Companies, &title),
            form,
            client: key.client_id.clone(),
            is_operator: session.acting().role() == Role::Operator,
        }
    }
}

impl RotationPage {
    async fn new(session: &Session, key: ApiKey, form: Form) -> Result<Self, ConsoleError> {
        let company = session
            .administration()
            .find_company(session.acting(), key.company_id)
            .await?;
        let title = format!("Rotate {}", key.name);
        Ok(Self {
            frame: Frame::of(session, Section::Companies, &title),
            form,
            key: KeyView::new(key, &company),
            company,
        })
    }
}

/// `GET /console/keys/{client}/edit`
pub(super) async fn form(session: Session, path: Path<String>) -> Answer {
    let key = find(&session, &path).await?;
    let limit = key.rate_limit.map(|quota| quota.to_string());
    let mut form = Form::showing([
        ("name", key.name.clone()),
        ("rate_limit", limit.unwrap_or_default()),
    ]);
    for scope in key.scopes.names() {
        form.add("scope", scope);
    }
    show(&EditPage::new(&session, &key, form))
}

/// `POST /console/keys/{client}/edit`
pub(super) async fn save(Submitted { session, mut form }: Submitted, path: Path<String>) -> Answer {
    let key = find(&session, &path).await?;
    let name = form.read::<Label>("name", "Name");
    let scopes = read_scopes(&mut form);
    let limit = form.read_optional::<Quota>("rate_limit", "Rate limit");
    if !form.is_right() {
        return show_mistakes(&EditPage::new(&session, &key, form));
    }
    let is_operator = session.acting().role() == Role::Operator;
    let change = ApiKeyChange::Update {
        name,
        // Others do not see the field.
        rate_limit: is_operator.then_some(limit),
        scopes,
    };
    change_key(&session, &key.client_id, &change).await?;
    Ok(see_other(&format!("/console/keys/{}?done=saved", key.client_id)).finish())
}

/// `GET /console/keys/{client}/rotate`
pub(super) async fn rotation(session: Session, path: Path<String>) -> Answer {
    let key = find(&session, &path).await?;
    let form = Form::showing([("grace", "1d".to_owned())]);
    show(&RotationPage::new(&session, key, form).await?)
}

/// `POST /console/keys/{client}/rotate`
pub(super) async fn rotate(
    Submitted { session, mut form }: Submitted,
    path: Path<String>,
) -> Answer {
    let key = find(&session, &path).await?;
    let Some(grace) = form.read::<GracePeriod>("grace", "Grace") else {
        return show_mistakes(&RotationPage::new(&session, key, form).await?);
    };
    let rotated = session
        .administration()
        .rotate_key(session.acting(), &key.client_id, grace);
    match rotated.await {
        Ok(rotated) => Ok(show_token(&rotated.successor)),
        Err(AdministrationError::NotRotated(why)) => {
            form.refuse("grace", format::sentence(&why));
            show_mistakes(&RotationPage::new(&session, key, form).await?)
        }
        Err(error) => Err(error.into()),
    }
}

/// `GET /console/keys/{client}/revoke`
pub(super) async fn confirm_revocation(session: Session, path: Path<String>) -> Answer {
    let key = find(&session, &path).await?;
    let own = format!("/console/keys/{}", key.client_id);
    show(&Confirmation {
        frame: Frame::of(&session, Section::Companies, "Revoke a key"),
        verb: "Revoke",
        name: key.name,
        detail: format!("mn-{}-…", key.client_id),
        consequence: "Whoever uses it is refused within a second. A revoked key never works again: to replace it without a gap, rotate it.",
        action: format!("{own}/revoke"),
        back: own,
    })
}

/// `POST /console/keys/{client}/revoke`
pub(super) async fn revoke(Submitted { session, .. }: Submitted, path: Path<String>) -> Answer {
    let client = parse(&path)?;
    change_key(&session, &client, &ApiKeyChange::Revoke).await?;
    Ok(see_other(&format!("/console/keys/{client}?done=revoked")).finish())
}

async fn find(session: &Session, client: &str) -> Result<ApiKey, ConsoleError> {
    let client: ClientId = parse(client)?;
    let found = session.administration().find_key(session.acting(), &client);
    Ok(found.await?)
}

async fn change_key(
    session: &Session,
    client: &ClientId,
    change: &ApiKeyChange,
) -> Result<(), ConsoleError> {
    let changed = session
        .administration()
        .change_key(session.acting(), client, change);
    changed.await?;
    Ok(())
}
