//! `rubrica company …`

use anyhow::bail;
use clap::Subcommand;
use serde_json::json;

use super::OutputArgs;
use super::context::{ALL, AdminContext, explain};
use super::output::table;
use crate::domain::{
    CompanyId, ConsentOnAddressChange, EmailConflict, Label, PhoneConflict, Quota,
};
use crate::store::{Company, CompanyChange};

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Creates a company.
    Create {
        /// Its name.
        name: Label,
        #[command(flatten)]
        output: OutputArgs,
    },
    /// Changes what is named. Acts on running replicas within a second.
    Update {
        /// The company's id.
        id: CompanyId,
        /// A new name.
        #[arg(long)]
        name: Option<Label>,
        /// Whether a contact may have a phone and no e-mail address.
        #[arg(long, value_name = "BOOL")]
        phone_only_contacts: Option<bool>,
        /// What an upsert does when the sent phone belongs to another contact: reject or skip.
        #[arg(long, value_name = "reject|skip")]
        phone_conflict: Option<PhoneConflict>,
        /// What an upsert does when the sent phone leads to a contact with another e-mail address:
        /// replace the address, reject the call, or create a contact without the phone.
        #[arg(long, value_name = "replace|reject|create")]
        email_conflict: Option<EmailConflict>,
        /// What becomes of an opt-in when its address changes: keep it, or reset it to null.
        #[arg(long, value_name = "keep|reset")]
        consent_on_address_change: Option<ConsentOnAddressChange>,
        /// Whether contacts may store defined custom fields alone.
        #[arg(long, value_name = "BOOL")]
        strict_custom_fields: Option<bool>,
        /// The limit of keys without one of their own, such as 600/60s; or default.
        #[arg(long, value_name = "LIMIT|default", value_parser = quota_or_default)]
        rate_limit: Option<QuotaOrDefault>,
        /// Whether the company's keys are refused.
        #[arg(long, value_name = "BOOL")]
        suspended: Option<bool>,
        #[command(flatten)]
        output: OutputArgs,
    },
    /// Lists all companies.
    List {
        #[command(flatten)]
        output: OutputArgs,
    },
}

/// A limit, or none, so that the next wider one holds.
#[derive(Debug, Clone, Copy)]
pub(super) struct QuotaOrDefault(pub(super) Option<Quota>);

impl Command {
    pub(super) async fn run(self, context: &AdminContext) -> anyhow::Result<()> {
        let administration = &context.administration;
        match self {
            Self::Create { name, output } => {
                let company = administration
                    .create_company(&context.acting, &name)
                    .await?;
                let created = json!({"companyId": company.company_id, "name": company.name});
                output.print(&created, |_| {
                    format!("created company {} ({})", company.company_id, company.name)
                })
            }
            Self::Update {
                id,
                name,
                phone_only_contacts,
                phone_conflict,
                email_conflict,
                consent_on_address_change,
                strict_custom_fields,
                rate_limit,
                suspended,
                output,
            } => {
                let change = CompanyChange {
                    name,
                    phone_only_contacts,
                    phone_conflict,
                    email_conflict,
                    consent_on_address_change,
                    strict_custom_fields,
                    rate_limit: rate_limit.map(|limit| limit.0),
                    suspended,
                };
                if change == CompanyChange::default() {
                    bail!(
                        "nothing to change: name at least one setting, see `rubrica company update --help`"
                    );
                }
                let company = administration
                    .change_company(&context.acting, id, &change)
                    .await
                    .map_err(|error| explain(error, &id))?;
                output.print(&company, |company| companies(std::slice::from_ref(company)))
            }
            Self::List { output } => {
                let list = administration
                    .list_companies(&context.acting, 0, ALL)
                    .await?;
                output.print(&list, |list| companies(list))
            }
        }
    }
}

fn companies(companies: &[Company]) -> String {
    let header = [
        "ID",
        "NAME",
        "PHONE-ONLY",
        "PHONE CONFLICT",
        "EMAIL CONFLICT",
        "CONSENT ON CHANGE",
        "STRICT FIELDS",
        "RATE LIMIT",
        "SUSPENDED",
    ];
    let rows = companies
        .iter()
        .map(|company| {
            vec![
                company.company_id.to_string(),
                company.name.clone(),
                company.phone_only_contacts.to_string(),
                company.phone_conflict.as_str().to_owned(),
                company.email_conflict.as_str().to_owned(),
                company.consent_on_address_change.as_str().to_owned(),
                company.strict_custom_fields.to_string(),
                company
                    .rate_limit
                    .map_or("default".to_owned(), |limit| limit.to_string()),
                company.suspended.to_string(),
            ]
        })
        .collect();
    table(&header, rows)
}

pub(super) fn quota_or_default(text: &str) -> Result<QuotaOrDefault, String> {
    if text == "default" {
        return Ok(QuotaOrDefault(None));
    }
    text.parse()
        .map(|quota| QuotaOrDefault(Some(quota)))
        .map_err(|error| format!("{error}, or default"))
}
