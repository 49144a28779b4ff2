//! Changing an API key: its name, scopes and rate limit.

use actix_web::web::Path;
use askama::Template;

use super::form::Form;
use super::format;
use super::layout::{Layout, Section};
use super::response::{PageResult, parse, redirect, show_form};
use super::session::Session;
use super::submitted_form::SubmittedForm;
use crate::domain::{ApiKey, ApiKeyChange, Company, Label, Scope};

#[derive(Template)]
#[template(path = "key_edit.html")]
struct EditPage {
    layout: Layout,
    form: Form,
    key: ApiKey,
    company: Company,
    /// The limit of keys that have none of their own.
    default_limit: String,
}

async fn show_page(session: &Session, key: ApiKey, form: Form) -> PageResult {
    let title = format!("Edit “{}”", key.name);
    let page = EditPage {
        layout: session.layout(Section::Companies, &title),
        form,
        company: session.company(key.company_id).await?,
        default_limit: format::quota(&session.default_quotas().key),
        key,
    };
    show_form(page.form.is_valid(), &page)
}

/// `GET /console/keys/{client}/edit`
pub(super) async fn form(session: Session, path: Path<String>) -> PageResult {
    let key = session.key(&parse(&path)?).await?;
    let form = Form::default()
        .with("name", [&key.name])
        .with("rate_limit", key.rate_limit)
        .with("scope", key.scopes.names());
    show_page(&session, key, form).await
}

/// `POST /console/keys/{client}/edit`
pub(super) async fn save(
    SubmittedForm { session, mut form }: SubmittedForm,
    path: Path<String>,
) -> PageResult {
    let key = session.key(&parse(&path)?).await?;
    let limit = form.read_rate_limit();
    let change = ApiKeyChange::Update {
        name: form.read::<Label>("name", "Name"),
        // Only operators see the field.
        rate_limit: session.is_operator().then_some(limit),
        scopes: form.read_scopes(),
    };
    if !form.is_valid() {
        return show_page(&session, key, form).await;
    }
    let (administration, principal) = (session.administration(), session.principal());
    administration
        .change_key(principal, &key.client_id, &change)
        .await?;
    Ok(redirect(&format!("/console/keys/{}?done=saved", key.client_id)).finish())
}
