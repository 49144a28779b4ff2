//! Changing, rotating and revoking API keys.

use actix_web::web::Path;
use askama::Template;

use super::chart::Range;
use super::confirmation::{Confirmation, Fact, Step};
use super::error::ConsoleError;
use super::form::Form;
use super::format;
use super::key_creation::{read_scopes, show_token};
use super::keys::KeyView;
use super::once::{Once, once};
use super::page::{Answer, Frame, QUOTA_FORM, Section, parse, see_other, show, show_mistakes};
use super::session::Session;
use super::submission::Submitted;
use crate::administration::AdministrationError;
use crate::ambient;
use crate::domain::{
    ApiKey, ApiKeyChange, ClientId, Company, GracePeriod, Label, Quota, Role, Scope,
};

#[derive(Template)]
#[template(path = "key_edit.html")]
struct EditPage {
    frame: Frame,
    form: Form,
    key: KeyView,
    company: Company,
    is_operator: bool,
    /// The limit of a key that has none.
    default_limit: String,
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
    async fn new(session: &Session, key: ApiKey, form: Form) -> Result<Self, ConsoleError> {
        let company = company_of(session, &key).await?;
        let default = session.default_quotas().key;
        let title = format!("Edit “{}”", key.name);
        Ok(Self {
            frame: session.frame(Section::Companies, &title),
            form,
            is_operator: session.principal().role() == Role::Operator,
            default_limit: format::quota(&default),
            key: KeyView::new(key, &company, default),
            company,
        })
    }
}

impl RotationPage {
    async fn new(session: &Session, key: ApiKey, form: Form) -> Result<Self, ConsoleError> {
        let company = company_of(session, &key).await?;
        let title = format!("Rotate “{}”", key.name);
        Ok(Self {
            frame: session.frame(Section::Companies, &title),
            form,
            key: KeyView::new(key, &company, session.default_quotas().key),
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
    show(&EditPage::new(&session, key, form).await?)
}

/// `POST /console/keys/{client}/edit`
pub(super) async fn save(Submitted { session, mut form }: Submitted, path: Path<String>) -> Answer {
    let key = find(&session, &path).await?;
    let name = form.read::<Label>("name", "Name");
    let scopes = read_scopes(&mut form);
    let limit = form.read_or::<Quota>("rate_limit", QUOTA_FORM);
    if !form.is_right() {
        return show_mistakes(&EditPage::new(&session, key, form).await?);
    }
    let is_operator = session.principal().role() == Role::Operator;
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
    let Some(grace) = form.read::<GracePeriod>("grace", "Grace period") else {
        return show_mistakes(&RotationPage::new(&session, key, form).await?);
    };
    let administration = session.administration();
    let rotated = once(&session, &form, async |principal| {
        administration
            .rotate_key(principal, &key.client_id, grace)
            .await
    });
    match rotated.await {
        Once::Done(rotated) => Ok(show_token(&rotated.successor, "?done=rotated")),
        Once::DoneBefore(answer) => Ok(answer),
        Once::Refused(AdministrationError::NotRotated(why)) => {
            form.refuse("grace", format::sentence(&why.to_string()));
            show_mistakes(&RotationPage::new(&session, key, form).await?)
        }
        Once::Refused(error) => Err(error.into()),
    }
}

/// `GET /console/keys/{client}/revoke`
pub(super) async fn confirm_revocation(session: Session, path: Path<String>) -> Answer {
    let key = find(&session, &path).await?;
    let own = format!("/console/keys/{}", key.client_id);
    let company = company_of(&session, &key).await?;
    let range = Range::named(None, ambient::now());
    let usage = session
        .administration()
        .key_usage(session.principal(), &key.client_id, range.from, range.to)
        .await?;
    let requests = usage.iter().map(|hourly| hourly.counts.requests).sum();
    let last_used = key.last_used_at.as_ref().map(format::timestamp);
    let title = format!("Revoke “{}”?", key.name);
    show(&Confirmation {
        frame: session.frame(Section::Companies, &title),
        verb: "Revoke",
        path: vec![
            Step::new(
                &format!("/console/companies/{}", company.company_id),
                &company.name,
            ),
            Step::new(&own, &key.name),
        ],
        facts: vec![
            Fact::new("Key", format!("mn-{}-…", key.client_id)),
            Fact::new("Last used", last_used.unwrap_or_else(|| "Never".to_owned())),
            Fact::new("Requests in the last 24 hours", format::number(&requests)),
        ],
        name: key.name,
        consequence: "Requests with this key start failing within a second. This can’t be undone. To replace a key without downtime, rotate it instead.",
        is_harmful: true,
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
    let found = session
        .administration()
        .find_key(session.principal(), &client);
    Ok(found.await?)
}

async fn company_of(session: &Session, key: &ApiKey) -> Result<Company, ConsoleError> {
    let found = session
        .administration()
        .find_company(session.principal(), key.company_id);
    Ok(found.await?)
}

async fn change_key(
    session: &Session,
    client: &ClientId,
    change: &ApiKeyChange,
) -> Result<(), ConsoleError> {
    let changed = session
        .administration()
        .change_key(session.principal(), client, change);
    changed.await?;
    Ok(())
}
