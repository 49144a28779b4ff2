//! The bounded resources, their bounds and the error at a bound.

use std::fmt;

use crate::config::FairShare;

/// A resource that callers share.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resource {
    /// Memory of companies' request bodies in flight, as they use it when parsed, in KiB.
    Bodies,
    /// Companies' request bodies that are being received.
    Uploads,
    /// Memory of responses to companies that are being sent, in KiB.
    Answers,
    /// Memory of request bodies of clients without a key or session, in KiB.
    OpenBodies,
    /// Memory of administrators' request bodies, in KiB.
    AdminBodies,
    /// Connections of one client address.
    Connections,
}

/// The maximum amounts in use at the same time.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bounds {
    /// For one holder.
    pub(super) each: u64,
    /// For all holders together.
    pub(super) all: u64,
}

/// Whether the bound of one holder or the bound of all holders was reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// The holder's own bound: the holder has to use less.
    Own,
    /// The bound of all holders together: the holder has to wait.
    All,
}

/// The error of a request that would exceed a bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BoundReached {
    resource: Resource,
    scope: Scope,
    bound: u64,
}

impl Resource {
    pub(super) const ALL: [Self; 6] = [
        Self::Bodies,
        Self::Uploads,
        Self::Answers,
        Self::OpenBodies,
        Self::AdminBodies,
        Self::Connections,
    ];
    pub(super) const COUNT: usize = Self::ALL.len();

    pub(super) const fn index(self) -> usize {
        self as usize
    }

    /// The value of the metric label.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Bodies => "bodies_kib",
            Self::Uploads => "uploads",
            Self::Answers => "answers_kib",
            Self::OpenBodies => "open_bodies_kib",
            Self::AdminBodies => "admin_bodies_kib",
            Self::Connections => "connections",
        }
    }

    pub(super) const fn bounds(self, settings: &FairShare) -> Bounds {
        const UNBOUNDED: u64 = u64::MAX;
        let (each, all) = match self {
            Self::Bodies => (settings.company_body_kib, settings.body_kib),
            Self::Uploads => (settings.company_uploads, UNBOUNDED),
            Self::Answers => (settings.company_answer_kib, settings.answer_kib),
            Self::OpenBodies => (settings.address_open_body_kib, settings.open_body_kib),
            Self::AdminBodies => (settings.admin_body_kib, UNBOUNDED),
            Self::Connections => (settings.address_connections, UNBOUNDED),
        };
        Bounds { each, all }
    }

    /// The key of the setting in `[fair_share]`.
    const fn setting(self, scope: Scope) -> &'static str {
        match (self, scope) {
            (Self::Bodies, Scope::Own) => "company_body_kib",
            (Self::Bodies, Scope::All) => "body_kib",
            (Self::Uploads, _) => "company_uploads",
            (Self::Answers, Scope::Own) => "company_answer_kib",
            (Self::Answers, Scope::All) => "answer_kib",
            (Self::OpenBodies, Scope::Own) => "address_open_body_kib",
            (Self::OpenBodies, Scope::All) => "open_body_kib",
            (Self::AdminBodies, _) => "admin_body_kib",
            (Self::Connections, _) => "address_connections",
        }
    }
}

impl Scope {
    /// The value of the metric label.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Own => "own",
            Self::All => "all",
        }
    }
}

impl BoundReached {
    pub(super) const fn new(resource: Resource, scope: Scope, bounds: Bounds) -> Self {
        let bound = match scope {
            Scope::Own => bounds.each,
            Scope::All => bounds.all,
        };
        Self {
            resource,
            scope,
            bound,
        }
    }

    /// Whether it is the bound of one holder or of all holders.
    #[must_use]
    pub const fn scope(&self) -> Scope {
        self.scope
    }

    /// The full name of the setting, such as `fair_share.body_kib`.
    #[must_use]
    pub fn setting(&self) -> String {
        format!("fair_share.{}", self.resource.setting(self.scope))
    }
}

impl fmt::Display for BoundReached {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match (self.resource, self.scope) {
            (Resource::Bodies, Scope::Own) => "request bodies of this company that are in flight",
            (Resource::Bodies, Scope::All) => "request bodies that are in flight",
            (Resource::Uploads, _) => "request bodies of this company that are arriving",
            (Resource::Answers, Scope::Own) => "answers to this company that are not read yet",
            (Resource::Answers, Scope::All) => "answers that are not read yet",
            (Resource::OpenBodies, Scope::Own) => "request bodies of this client address",
            (Resource::OpenBodies, Scope::All) => "request bodies of clients without a session",
            (Resource::AdminBodies, _) => "request bodies of this administrator",
            (Resource::Connections, _) => "connections of this client address",
        };
        write!(
            formatter,
            "{what} are at their bound, {} = {}",
            self.setting(),
            self.bound
        )
    }
}

impl std::error::Error for BoundReached {}
