//! Marketing consent, per channel.

use serde::Serialize;
use time::OffsetDateTime;

/// What a call says about marketing consent. `None` leaves a channel as it is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ConsentChange {
    /// E-mail: opt in (`true`) or out (`false`).
    pub email: Option<bool>,
    /// `WhatsApp`: opt in (`true`) or out (`false`).
    pub whatsapp: Option<bool>,
}

/// The marketing consent of a contact. `None`: never asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Consent {
    /// E-mail: opted in (`true`) or out (`false`).
    pub email: Option<bool>,
    /// `WhatsApp`: opted in (`true`) or out (`false`).
    pub whatsapp: Option<bool>,
}

/// A way to reach people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Channel {
    /// E-mail.
    Email,
    /// `WhatsApp`.
    Whatsapp,
}

impl Channel {
    /// The field of a contact that says whether the person agreed to it.
    #[must_use]
    pub const fn field(self) -> &'static str {
        match self {
            Self::Email => "marketingConsent.email",
            Self::Whatsapp => "marketingConsent.whatsapp",
        }
    }
}

/// One real change of a consent.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ConsentEvent {
    /// Numbers the events; a later one is larger.
    #[serde(skip)]
    pub id: i64,
    /// `email` or `whatsapp`.
    pub channel: String,
    /// The status before; `None`: never asked.
    pub old_status: Option<bool>,
    /// The status from then on.
    pub new_status: bool,
    /// The e-mail address or phone that the contact had then.
    pub address: Option<String>,
    /// The client id of the key that set it.
    pub client_id: Option<String>,
    /// When it was set.
    #[serde(with = "time::serde::rfc3339")]
    pub occurred_at: OffsetDateTime,
}
