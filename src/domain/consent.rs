//! Marketing consent, per channel.

/// What a call says about marketing consent. `None` leaves a channel as it is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ConsentChange {
    /// E-mail: opt in (`true`) or out (`false`).
    pub email: Option<bool>,
    /// `WhatsApp`: opt in (`true`) or out (`false`).
    pub whatsapp: Option<bool>,
}
