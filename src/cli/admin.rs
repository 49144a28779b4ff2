//! `rubrica admin …`

use clap::{Args, Subcommand};
use serde_json::json;

use super::OutputArgs;
use super::context::{ALL, AdminContext, explain};
use super::output::table;
use super::password::read_password;
use crate::administration::AdministrationError;
use crate::ambient;
use crate::domain::{Admin, CompanyId, Email, Role};

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Create an administrator. The password is asked for, or read from standard input
    Create {
        #[command(flatten)]
        account: Account,
        /// Id of the one company to administer. Default: all companies
        #[arg(long, value_name = "ID")]
        company: Option<CompanyId>,
        #[command(flatten)]
        output: OutputArgs,
    },
    /// List all administrators
    List {
        #[command(flatten)]
        output: OutputArgs,
    },
    /// Disable an administrator and sign them out everywhere
    Disable {
        #[command(flatten)]
        account: Account,
        /// Disable the administrator even if no other operator can sign in
        #[arg(long)]
        force: bool,
        #[command(flatten)]
        output: OutputArgs,
    },
    /// Delete an administrator who never accepted the invitation
    Delete {
        #[command(flatten)]
        account: Account,
        #[command(flatten)]
        output: OutputArgs,
    },
    /// Enable a disabled administrator
    Enable {
        #[command(flatten)]
        account: Account,
        #[command(flatten)]
        output: OutputArgs,
    },
    /// Unlink an administrator from their SSO identity and sign them out everywhere. The next SSO
    /// sign-in links a new one
    ForgetIdentity {
        #[command(flatten)]
        account: Account,
        #[command(flatten)]
        output: OutputArgs,
    },
    /// Set a new password, asked for or read from standard input, and sign them out everywhere
    ResetPassword {
        #[command(flatten)]
        account: Account,
        #[command(flatten)]
        output: OutputArgs,
    },
}

/// The administrator to change.
#[derive(Debug, Args)]
pub(super) struct Account {
    /// E-mail address
    #[arg(long, value_parser = email)]
    email: Email,
}

impl Command {
    pub(super) async fn run(self, context: &AdminContext) -> anyhow::Result<()> {
        let AdminContext {
            administration,
            principal,
        } = context;
        match self {
            Self::Create {
                account,
                company,
                output,
            } => {
                let password = read_password()?;
                let principal = &principal.at(ambient::now());
                let admin = administration
                    .create_admin(principal, &account.email, &password, Role::of(company))
                    .await
                    .map_err(|error| match error {
                        AdministrationError::NoSuchCompany => {
                            anyhow::anyhow!("there is no such company: see `rubrica company list`")
                        }
                        other => other.into(),
                    })?;
                let created = json!({
                    "adminId": admin.admin_id,
                    "email": admin.email,
                    "companyId": company,
                });
                output.print(&created, |_| {
                    format!("created administrator {} ({})", admin.admin_id, admin.email)
                })
            }
            Self::List { output } => {
                let list = administration.list_admins(principal, 0, ALL).await?;
                output.print(&list, |list| admins(list))
            }
            Self::Disable {
                account,
                force,
                output,
            } => {
                let id = account.find(context).await?.admin_id;
                let disabled = if force {
                    administration
                        .disable_even_the_last_operator(principal, id)
                        .await
                } else {
                    administration.disable_admin(principal, id).await
                };
                let disabled = disabled.map_err(|error| match error {
                    AdministrationError::LastOperator => {
                        anyhow::anyhow!("{error}; --force disables them anyway")
                    }
                    other => other.into(),
                })?;
                output.print(&disabled, |admin| admins(std::slice::from_ref(admin)))
            }
            Self::Delete { account, output } => {
                let id = account.find(context).await?.admin_id;
                let deleted = administration.delete_admin(principal, id).await?;
                output.print(&deleted, |admin| {
                    format!("deleted administrator {} ({})", admin.admin_id, admin.email)
                })
            }
            Self::Enable { account, output } => {
                let admin = account.find(context).await?;
                let enabled = administration
                    .enable_admin(principal, admin.admin_id)
                    .await?;
                output.print(&enabled, |admin| admins(std::slice::from_ref(admin)))
            }
            Self::ForgetIdentity { account, output } => {
                let admin = account.find(context).await?;
                let changed = administration
                    .forget_identity(principal, admin.admin_id)
                    .await?;
                output.print(&changed, |admin| admins(std::slice::from_ref(admin)))
            }
            Self::ResetPassword { account, output } => {
                let password = read_password()?;
                let principal = &principal.at(ambient::now());
                let admin = account.find(context).await?;
                let reset = administration
                    .reset_password(principal, admin.admin_id, &password)
                    .await?;
                output.print(&reset, |admin| admins(std::slice::from_ref(admin)))
            }
        }
    }
}

impl Account {
    async fn find(&self, context: &AdminContext) -> anyhow::Result<Admin> {
        let found = context
            .administration
            .find_admin_by_email(&context.principal, &self.email);
        found
            .await
            .map_err(|error| explain(error, &self.email.as_str()))
    }
}

fn admins(admins: &[Admin]) -> String {
    let header = ["ID", "E-MAIL", "ROLE", "COMPANY", "STATE"];
    let rows = admins
        .iter()
        .map(|admin| {
            let company = admin.company_id.map(|company| company.to_string());
            vec![
                admin.admin_id.to_string(),
                admin.email.clone(),
                admin.role.as_str().to_owned(),
                company.unwrap_or_else(|| "all".to_owned()),
                admin.state.to_string(),
            ]
        })
        .collect();
    table(&header, rows)
}

fn email(text: &str) -> Result<Email, String> {
    Email::parse(text).map_err(|error| error.to_string())
}
