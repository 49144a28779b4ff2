//! `rubrica admin …`

use std::io::{IsTerminal, Read};

use anyhow::{Context as _, bail};
use clap::Subcommand;
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;

use super::OutputArgs;
use super::context::AdminContext;
use crate::auth::hash_password;
use crate::domain::{CompanyId, Email};
use crate::store::NewAdmin;

const MIN_PASSWORD_CHARACTERS: usize = 8;
const MAX_PASSWORD_BYTES: u64 = 1024;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Creates an administrator. The password is read from standard input.
    Create {
        /// The e-mail address to sign in with.
        #[arg(long, value_parser = email)]
        email: Email,
        /// The one company to administer. Left out: all of them.
        #[arg(long, value_name = "ID")]
        company: Option<CompanyId>,
        #[command(flatten)]
        output: OutputArgs,
    },
}

impl Command {
    pub(super) async fn run(self, context: &AdminContext) -> anyhow::Result<()> {
        let Self::Create {
            email,
            company,
            output,
        } = self;
        let hash = hash_password(&read_password()?)?;
        let created = context
            .store
            .create_admin(&context.actor, &email, &hash, company)
            .await?;
        let id = match created {
            NewAdmin::Created(id) => id,
            NewAdmin::EmailTaken => {
                bail!("an administrator with this e-mail address exists already")
            }
            NewAdmin::NoSuchCompany => {
                bail!("there is no such company: see `rubrica company list`")
            }
        };
        let created = json!({
            "adminId": id.to_string(),
            "email": email.as_str(),
            "companyId": company,
        });
        output.print(&created, |_| {
            format!("created administrator {id} ({})", email.as_str())
        })
    }
}

fn read_password() -> anyhow::Result<SecretString> {
    let mut input = std::io::stdin();
    if input.is_terminal() {
        eprintln!("Type the password, Enter, and Ctrl-D (it is shown; better pipe it in):");
    }
    let mut text = String::new();
    input
        .by_ref()
        .take(MAX_PASSWORD_BYTES + 1)
        .read_to_string(&mut text)
        .context("cannot read the password from standard input")?;
    let line = text.strip_suffix('\n').map_or(text.as_str(), |line| {
        line.strip_suffix('\r').unwrap_or(line)
    });
    let password = SecretString::from(line);
    let length = password.expose_secret().chars().count();
    if length < MIN_PASSWORD_CHARACTERS || text.len() as u64 > MAX_PASSWORD_BYTES {
        bail!(
            "the password on standard input must have {MIN_PASSWORD_CHARACTERS} characters or more, and at most {MAX_PASSWORD_BYTES} bytes"
        );
    }
    Ok(password)
}

fn email(text: &str) -> Result<Email, String> {
    Email::parse(text).map_err(|error| error.to_string())
}
