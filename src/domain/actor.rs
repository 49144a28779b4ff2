//! Who makes a change, and from where.

use std::fmt;
use std::net::IpAddr;

use time::OffsetDateTime;

use super::{AdminId, ClientId, FormId};

/// Who makes a change that the audit log records, and from where.
#[derive(Debug, Clone)]
pub struct Actor {
    name: String,
    admin: Option<AdminId>,
    origin: Option<Origin>,
    /// The console's form that asks for the change, and who sent it.
    form: Option<(AdminId, FormId)>,
}

/// Where a request came from.
#[derive(Debug, Clone)]
pub struct Origin {
    /// The client's address.
    pub client_address: IpAddr,
    /// Its `X-Request-Id` if that is valid; else a generated one.
    pub request_id: String,
    /// When it was received.
    pub received_at: OffsetDateTime,
}

impl Actor {
    /// The command line: the system user and the host.
    #[must_use]
    pub fn command_line(user: &str, host: &str) -> Self {
        Self::named(format!("cli:{user}@{host}"), None)
    }

    /// The service itself, as a background task.
    #[must_use]
    pub fn service() -> Self {
        Self::named("service".to_owned(), None)
    }

    /// An administrator who is signed in.
    #[must_use]
    pub fn admin(id: AdminId, origin: Origin) -> Self {
        Self {
            admin: Some(id),
            ..Self::named(format!("admin:{id}"), Some(origin))
        }
    }

    /// A company's software, by one of its API keys.
    #[must_use]
    pub fn key(client: &ClientId, origin: Origin) -> Self {
        Self::named(format!("key:{client}"), Some(origin))
    }

    /// Somebody who is not signed in.
    #[must_use]
    pub fn anonymous(origin: Origin) -> Self {
        Self::named("anonymous".to_owned(), Some(origin))
    }

    const fn named(name: String, origin: Option<Origin>) -> Self {
        Self {
            name,
            admin: None,
            origin,
            form: None,
        }
    }

    /// The same actor; the next change uses up a form.
    #[must_use]
    pub fn sending(mut self, admin: AdminId, form: FormId) -> Self {
        self.form = Some((admin, form));
        self
    }

    /// The form that the change uses up, and who sent it.
    #[must_use]
    pub const fn form(&self) -> Option<(AdminId, FormId)> {
        self.form
    }

    /// The name that is recorded, such as `admin:1`.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The administrator who is signed in, if it is one.
    #[must_use]
    pub const fn admin_id(&self) -> Option<AdminId> {
        self.admin
    }

    /// Where the request came from; none: there was no request.
    #[must_use]
    pub const fn origin(&self) -> Option<&Origin> {
        self.origin.as_ref()
    }
}

impl fmt::Display for Actor {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.name)
    }
}
