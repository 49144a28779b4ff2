//! Marketing consent, per channel.

use time::OffsetDateTime;

/// A change of the marketing consent. `None` leaves a channel.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ConsentChange {
    /// E-mail: opt in (`true`) or out (`false`).
    pub email: Option<bool>,
    /// `WhatsApp`: opt in (`true`) or out (`false`).
    pub whatsapp: Option<bool>,
}

/// The marketing consent of a contact. `null`: never asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Consent {
    /// E-mail: opted in (`true`) or out (`false`).
    pub email: Option<bool>,
    /// `WhatsApp`: opted in (`true`) or out (`false`).
    pub whatsapp: Option<bool>,
}

/// A marketing channel.
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

/// One change of a consent, or of the address that it holds for.
#[derive(Debug)]
pub struct ConsentEvent {
    /// Numbers the events; a later one is larger.
    pub id: i64,
    /// `email` or `whatsapp`.
    pub channel: String,
    /// The status before; `null`: never asked.
    pub old_status: Option<bool>,
    /// The status from then on, for `address`. Equal to `oldStatus`: the address changed, and the
    /// consent holds for the new one. `null`: it was reset, because the address changed.
    pub new_status: Option<bool>,
    /// The e-mail address or phone that the contact had from then on; `null`: none.
    pub address: Option<String>,
    /// The client id of the key that set it.
    pub client_id: Option<String>,
    /// When it was set.
    pub occurred_at: OffsetDateTime,
}
