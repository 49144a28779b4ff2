//! The settings of a company: changing them, suspending and resuming it.

use actix_web::web::Path;
use askama::Template;

use super::confirmation::Confirmation;
use super::form::Form;
use super::format;
use super::layout::{Layout, Section};
use super::response::{PageResult, parse, redirect, show_form};
use super::session::Session;
use super::submitted_form::SubmittedForm;
use crate::domain::{
    Company, CompanyChange, CompanyId, ConsentOnAddressChange, EmailConflict, KeyState, Label,
    PhoneConflict,
};

#[derive(Template)]
#[template(path = "company_settings.html")]
struct SettingsPage {
    layout: Layout,
    form: Form,
    company: Company,
    /// The limit of companies that have none of their own.
    default_limit: String,
}

fn show_page(session: &Session, company: Company, form: Form) -> PageResult {
    let title = format!("Settings of {}", company.name);
    let page = SettingsPage {
        layout: session.layout(Section::Companies, &title),
        form,
        company,
        default_limit: format::quota(&session.default_quotas().company),
    };
    show_form(page.form.is_valid(), &page)
}

/// `GET /console/companies/{id}/settings`
pub(super) async fn form(session: Session, path: Path<String>) -> PageResult {
    let company = session.company(parse(&path)?).await?;
    let consent = company.consent_on_address_change.as_str();
    let form = Form::default()
        .with("name", [&company.name])
        .with("phone_conflict", [company.phone_conflict.as_str()])
        .with("email_conflict", [company.email_conflict.as_str()])
        .with("consent_on_address_change", [consent])
        .with("rate_limit", company.rate_limit)
        .with(
            "phone_only_contacts",
            company.phone_only_contacts.then_some("yes"),
        )
        .with(
            "strict_custom_fields",
            company.strict_custom_fields.then_some("yes"),
        );
    show_page(&session, company, form)
}

/// `POST /console/companies/{id}/settings`
pub(super) async fn save(
    SubmittedForm { session, mut form }: SubmittedForm,
    path: Path<String>,
) -> PageResult {
    let company = session.company(parse(&path)?).await?;
    let limit = form.read_rate_limit();
    let change = CompanyChange {
        name: form.read::<Label>("name", "Name"),
        phone_only_contacts: Some(form.has("phone_only_contacts", "yes")),
        phone_conflict: form.read::<PhoneConflict>("phone_conflict", "Phone already in use"),
        // Pages of the previous release do not send these fields: then they stay as they are.
        email_conflict: form
            .read_optional::<EmailConflict>("email_conflict", "E-mail address differs"),
        consent_on_address_change: form.read_optional::<ConsentOnAddressChange>(
            "consent_on_address_change",
            "Consent when an address changes",
        ),
        strict_custom_fields: Some(form.has("strict_custom_fields", "yes")),
        // Only operators see the field.
        rate_limit: session.is_operator().then_some(limit),
        suspended: None,
    };
    if !form.is_valid() {
        return show_page(&session, company, form);
    }
    change_company(&session, company.company_id, &change, "saved").await
}

/// `GET /console/companies/{id}/suspend`
pub(super) async fn confirm_suspension(session: Session, path: Path<String>) -> PageResult {
    let company = session.company(parse(&path)?).await?;
    let (administration, principal) = (session.administration(), session.principal());
    principal.operator("only operators suspend companies")?;
    let keys = administration
        .list_keys(principal, company.company_id)
        .await?;
    let active = keys.iter().filter(|key| key.state == KeyState::Active);
    let path = format!("/console/companies/{}", company.company_id);
    let question = Confirmation {
        verb: "Suspend",
        name: company.name,
        parent: ("/console/companies".to_owned(), "Companies".to_owned()),
        facts: vec![
            ("Company", company.company_id.to_string()),
            ("Active API keys", active.count().to_string()),
        ],
        consequence: "Blocks all API requests from this company within a second (403), and its administrators can’t change anything. No data is deleted; you can resume at any time.",
        is_harmful: true,
        action: format!("{path}/suspend"),
        back: format!("{path}/settings"),
        path,
    };
    question.show(&session, Section::Companies)
}

/// `POST /console/companies/{id}/suspend`
pub(super) async fn suspend(submitted: SubmittedForm, path: Path<String>) -> PageResult {
    let change = suspension(true);
    change_company(&submitted.session, parse(&path)?, &change, "suspended").await
}

/// `POST /console/companies/{id}/resume`
pub(super) async fn resume(submitted: SubmittedForm, path: Path<String>) -> PageResult {
    let change = suspension(false);
    change_company(&submitted.session, parse(&path)?, &change, "resumed").await
}

fn suspension(suspended: bool) -> CompanyChange {
    CompanyChange {
        suspended: Some(suspended),
        ..CompanyChange::default()
    }
}

/// Changes a company, and redirects to its settings with the flash message `done`.
async fn change_company(
    session: &Session,
    company: CompanyId,
    change: &CompanyChange,
    done: &str,
) -> PageResult {
    let administration = session.administration();
    administration
        .change_company(session.principal(), company, change)
        .await?;
    let path = format!("/console/companies/{company}/settings?done={done}");
    Ok(redirect(&path).finish())
}
