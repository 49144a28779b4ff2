//! `rubrica company …`

use anyhow::bail;
use clap::Subcommand;
use serde_json::json;

use super::OutputArgs;
use super::context::{ALL, AdminContext, explain};
use super::output::table;
use crate::domain::{
    Company, CompanyChange, CompanyId, ConsentOnAddressChange, EmailConflict, Label, PhoneConflict,
    Quota,
};

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Create a company and print its id
    Create {
        /// Company name
        name: Label,
        #[command(flatten)]
        output: OutputArgs,
    },
    /// Update a company. Only the options you pass are changed; takes effect within a second
    Update {
        /// Company id
        id: CompanyId,
        /// New name
        #[arg(long)]
        name: Option<Label>,
        /// Allow contacts with a phone number and no e-mail address
        #[arg(long, value_name = "BOOL")]
        phone_only_contacts: Option<bool>,
        /// What an upsert does if the phone belongs to another contact: reject it, or skip the phone
        #[arg(long, value_name = "reject|skip")]
        phone_conflict: Option<PhoneConflict>,
        /// What an upsert does if the phone leads to a contact with another e-mail address: replace
        /// the address, reject the call, or create a contact without the phone
        #[arg(long, value_name = "replace|reject|create")]
        email_conflict: Option<EmailConflict>,
        /// What happens to an opt-in when its address changes: keep it, or reset it to null
        #[arg(long, value_name = "keep|reset")]
        consent_on_address_change: Option<ConsentOnAddressChange>,
        /// Reject custom fields that are not defined
        #[arg(long, value_name = "BOOL")]
        strict_custom_fields: Option<bool>,
        /// Limit of all keys of the company together, such as 6000/60s; or default
        #[arg(long, value_name = "LIMIT|default", value_parser = quota_or_default)]
        rate_limit: Option<QuotaOrDefault>,
        /// Reject all requests with the company's keys
        #[arg(long, value_name = "BOOL")]
        suspended: Option<bool>,
        #[command(flatten)]
        output: OutputArgs,
    },
    /// List all companies
    List {
        #[command(flatten)]
        output: OutputArgs,
    },
}

/// A limit, or `None` for the default.
#[derive(Debug, Clone, Copy)]
pub(super) struct QuotaOrDefault(pub(super) Option<Quota>);

impl Command {
    pub(super) async fn run(self, context: &AdminContext) -> anyhow::Result<()> {
        let administration = &context.administration;
        match self {
            Self::Create { name, output } => {
                let company = administration
                    .create_company(&context.principal, &name)
                    .await?;
                let created = json!({"companyId": company.company_id, "name": company.name});
                let id = company.company_id.to_string();
                let hint = format!("Created company {id} ({}).", company.name);
                output.print_result(&created, &id, hint)
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
                        "nothing to change: pass at least one option, see `rubrica company update --help`"
                    );
                }
                let company = administration
                    .change_company(&context.principal, id, &change)
                    .await
                    .map_err(|error| explain(error, &id))?;
                output.print(&company, |company| companies(std::slice::from_ref(company)))
            }
            Self::List { output } => {
                let list = administration
                    .list_companies(&context.principal, 0, ALL)
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
                company.is_suspended().to_string(),
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
