//! Making companies, and changing them.

use actix_web::web::{Path, Query};
use askama::Template;
use serde::Deserialize;

use super::confirmation::{Confirmation, Fact, Step};
use super::form::Form;
use super::format;
use super::once::{Once, once};
use super::page::{Answer, Frame, QUOTA_FORM, Section, parse, see_other, show, show_mistakes};
use super::session::Session;
use super::submission::Submitted;
use crate::domain::{
    Company, CompanyChange, CompanyId, ConsentOnAddressChange, EmailConflict, KeyState, Label,
    PhoneConflict, Quota, Role,
};

#[derive(Template)]
#[template(path = "company_new.html")]
struct NewCompanyPage {
    frame: Frame,
    form: Form,
}

#[derive(Template)]
#[template(path = "company_settings.html")]
struct SettingsPage {
    frame: Frame,
    form: Form,
    company: Company,
    is_operator: bool,
    /// The limit where the company has none.
    default_limit: String,
}

/// What a page is called with.
#[derive(Deserialize)]
pub(super) struct Called {
    done: Option<String>,
}

impl NewCompanyPage {
    fn new(session: &Session, form: Form) -> Self {
        let frame = session.frame(Section::Companies, "New company");
        Self { frame, form }
    }
}

impl SettingsPage {
    fn new(session: &Session, company: Company, form: Form) -> Self {
        let title = format!("Settings of {}", company.name);
        Self {
            frame: session.frame(Section::Companies, &title),
            form,
            company,
            is_operator: session.principal().role() == Role::Operator,
            default_limit: format::quota(&session.default_quotas().company),
        }
    }
}

/// `GET /console/companies/new`
pub(super) async fn new(session: Session) -> Answer {
    session
        .principal()
        .operator("only operators create companies")?;
    show(&NewCompanyPage::new(&session, Form::default()))
}

/// `POST /console/companies/new`
pub(super) async fn create(Submitted { session, mut form }: Submitted) -> Answer {
    let Some(name) = form.read::<Label>("name", "Name") else {
        return show_mistakes(&NewCompanyPage::new(&session, form));
    };
    let administration = session.administration();
    let created = once(&session, &form, async |principal| {
        administration.create_company(principal, &name).await
    });
    match created.await {
        Once::Done(company) => {
            let path = format!("/console/companies/{}", company.company_id);
            Ok(see_other(&path).finish())
        }
        Once::DoneBefore(answer) => Ok(answer),
        Once::Refused(error) => Err(error.into()),
    }
}

/// `GET /console/companies/{id}/settings`
pub(super) async fn settings(
    session: Session,
    path: Path<String>,
    Query(called): Query<Called>,
) -> Answer {
    let company = find(&session, parse(&path)?).await?;
    let mut form = Form::showing([
        ("name", company.name.clone()),
        ("phone_conflict", company.phone_conflict.as_str().to_owned()),
        ("email_conflict", company.email_conflict.as_str().to_owned()),
        (
            "consent_on_address_change",
            company.consent_on_address_change.as_str().to_owned(),
        ),
        (
            "rate_limit",
            company
                .rate_limit
                .map(|quota| quota.to_string())
                .unwrap_or_default(),
        ),
    ]);
    if company.phone_only_contacts {
        form.add("phone_only_contacts", "yes");
    }
    if company.strict_custom_fields {
        form.add("strict_custom_fields", "yes");
    }
    let mut page = SettingsPage::new(&session, company, form);
    page.frame = page.frame.noticing(called.done.as_deref());
    show(&page)
}

/// `POST /console/companies/{id}/settings`
pub(super) async fn save(Submitted { session, mut form }: Submitted, path: Path<String>) -> Answer {
    let company = find(&session, parse(&path)?).await?;
    let name = form.read::<Label>("name", "Name");
    let phone_conflict = form.read::<PhoneConflict>("phone_conflict", "Phone already in use");
    // A page of the release before sends none of these: then they stay as they are.
    let email_conflict =
        form.read_optional::<EmailConflict>("email_conflict", "Other e-mail address");
    let consent_on_address_change = form.read_optional::<ConsentOnAddressChange>(
        "consent_on_address_change",
        "Consent when an address changes",
    );
    let limit = form.read_or::<Quota>("rate_limit", QUOTA_FORM);
    if !form.is_right() {
        return show_mistakes(&SettingsPage::new(&session, company, form));
    }
    let is_operator = session.principal().role() == Role::Operator;
    let change = CompanyChange {
        name,
        phone_only_contacts: Some(form.has("phone_only_contacts", "yes")),
        phone_conflict,
        email_conflict,
        consent_on_address_change,
        strict_custom_fields: Some(form.has("strict_custom_fields", "yes")),
        // Others do not see the field.
        rate_limit: is_operator.then_some(limit),
        suspended: None,
    };
    change_company(&session, company.company_id, &change).await?;
    let path = format!(
        "/console/companies/{}/settings?done=saved",
        company.company_id
    );
    Ok(see_other(&path).finish())
}

/// `GET /console/companies/{id}/suspend`
pub(super) async fn confirm_suspension(session: Session, path: Path<String>) -> Answer {
    let company = find(&session, parse(&path)?).await?;
    session
        .principal()
        .operator("only operators suspend companies")?;
    let own = format!("/console/companies/{}", company.company_id);
    let title = format!("Suspend “{}”?", company.name);
    let keys = session
        .administration()
        .list_keys(session.principal(), company.company_id)
        .await?;
    let active = keys.iter().filter(|key| key.state == KeyState::Active);
    show(&Confirmation {
        frame: session.frame(Section::Companies, &title),
        verb: "Suspend",
        path: vec![
            Step::new("/console/companies", "Companies"),
            Step::new(&own, &company.name),
        ],
        facts: vec![
            Fact::new("Company", company.company_id.to_string()),
            Fact::new("Active API keys", active.count().to_string()),
        ],
        name: company.name,
        consequence: "Blocks all API requests from this company within a second (403), and its administrators can’t change anything. No data is deleted; you can resume at any time.",
        is_harmful: true,
        action: format!("{own}/suspend"),
        back: format!("{own}/settings"),
    })
}

/// `POST /console/companies/{id}/suspend`
pub(super) async fn suspend(Submitted { session, .. }: Submitted, path: Path<String>) -> Answer {
    set_suspended(&session, parse(&path)?, true).await
}

/// `POST /console/companies/{id}/resume`
pub(super) async fn resume(Submitted { session, .. }: Submitted, path: Path<String>) -> Answer {
    set_suspended(&session, parse(&path)?, false).await
}

async fn set_suspended(session: &Session, company: CompanyId, suspended: bool) -> Answer {
    let change = CompanyChange {
        suspended: Some(suspended),
        ..CompanyChange::default()
    };
    change_company(session, company, &change).await?;
    let done = if suspended { "suspended" } else { "resumed" };
    let path = format!("/console/companies/{company}/settings?done={done}");
    Ok(see_other(&path).finish())
}

async fn change_company(
    session: &Session,
    company: CompanyId,
    change: &CompanyChange,
) -> Result<Company, super::error::ConsoleError> {
    let changed = session
        .administration()
        .change_company(session.principal(), company, change);
    Ok(changed.await?)
}

async fn find(
    session: &Session,
    company: CompanyId,
) -> Result<Company, super::error::ConsoleError> {
    let found = session
        .administration()
        .find_company(session.principal(), company);
    Ok(found.await?)
}
