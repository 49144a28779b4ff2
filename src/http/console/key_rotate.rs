//! Rotating an API key: a new key replaces it, and the old one works for a grace period.

use actix_web::web::Path;
use askama::Template;

use super::error::ConsoleError;
use super::form::Form;
use super::format;
use super::layout::{Layout, Section};
use super::one_time_form::submit_once;
use super::one_time_secret::redirect_to_secret;
use super::response::{PageResult, parse, show_form};
use super::session::Session;
use super::submitted_form::SubmittedForm;
use crate::administration::AdministrationError;
use crate::domain::{ApiKey, Company, GracePeriod};

#[derive(Template)]
#[template(path = "key_rotate.html")]
struct RotatePage {
    layout: Layout,
    form: Form,
    key: ApiKey,
    company: Company,
}

async fn show_page(session: &Session, key: ApiKey, form: Form) -> PageResult {
    let title = format!("Rotate “{}”", key.name);
    let page = RotatePage {
        layout: session.layout(Section::Companies, &title),
        form,
        company: session.company(key.company_id).await?,
        key,
    };
    show_form(page.form.is_valid(), &page)
}

/// `GET /console/keys/{client}/rotate`
pub(super) async fn form(session: Session, path: Path<String>) -> PageResult {
    let key = session.key(&parse(&path)?).await?;
    let form = Form::default().with("grace", ["1d"]);
    show_page(&session, key, form).await
}

/// `POST /console/keys/{client}/rotate`
pub(super) async fn rotate(
    SubmittedForm { session, mut form }: SubmittedForm,
    path: Path<String>,
) -> PageResult {
    let key = session.key(&parse(&path)?).await?;
    let Some(grace) = form.read::<GracePeriod>("grace", "Grace period") else {
        return show_page(&session, key, form).await;
    };
    let administration = session.administration();
    let rotated = submit_once(&session, &form, async |principal| {
        administration
            .rotate_key(principal, &key.client_id, grace)
            .await
    });
    match rotated.await {
        Err(ConsoleError::Refused(AdministrationError::NotRotated(why))) => {
            form.add_error("grace", why.to_string());
            show_page(&session, key, form).await
        }
        rotated => {
            let created = rotated?.successor;
            let client = created.key.client_id.as_str();
            let path = format!("/console/keys/{client}?done=rotated");
            Ok(redirect_to_secret(&path, client, &created.token))
        }
    }
}
