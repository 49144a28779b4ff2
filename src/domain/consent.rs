//! Marketing consent, per channel.

use serde::Serialize;
use time::OffsetDateTime;
use utoipa::ToSchema;
use utoipa::openapi::schema::{Object, ObjectBuilder, Type};

use super::timestamp;

/// What a call says about marketing consent. `None` leaves a channel as it is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ConsentChange {
    /// E-mail: opt in (`true`) or out (`false`).
    pub email: Option<bool>,
    /// `WhatsApp`: opt in (`true`) or out (`false`).
    pub whatsapp: Option<bool>,
}

/// The marketing consent of a contact. `null`: never asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct Consent {
    /// E-mail: opted in (`true`) or out (`false`).
    #[schema(required)]
    pub email: Option<bool>,
    /// `WhatsApp`: opted in (`true`) or out (`false`).
    #[schema(required)]
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

/// One change of a consent, or of the address that it holds for.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ConsentEvent {
    /// Numbers the events; a later one is larger.
    #[serde(skip)]
    pub id: i64,
    /// `email` or `whatsapp`.
    #[schema(schema_with = channel)]
    pub channel: String,
    /// The status before; `null`: never asked.
    #[schema(required)]
    pub old_status: Option<bool>,
    /// The status from then on, for `address`. Equal to `oldStatus`: the address changed, and the
    /// consent holds for the new one. `null`: it was reset, because the address changed.
    #[schema(required)]
    pub new_status: Option<bool>,
    /// The e-mail address or phone that the contact had from then on; `null`: none.
    #[schema(required)]
    pub address: Option<String>,
    /// The client id of the key that set it.
    #[schema(required)]
    pub client_id: Option<String>,
    /// When it was set.
    #[serde(serialize_with = "timestamp::serialize")]
    #[schema(value_type = String, format = DateTime)]
    pub occurred_at: OffsetDateTime,
}

fn channel() -> Object {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .description(Some("`email` or `whatsapp`."))
        .enum_values(Some(["email", "whatsapp"]))
        .build()
}
