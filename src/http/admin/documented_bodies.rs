//! The bodies that administrators send, for the OpenAPI document alone: they are read member by member
//! in `bodies`.

#![expect(dead_code, reason = "these types describe, and hold nothing")]

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa::openapi::schema::{Object, ObjectBuilder, SchemaType, Type};

use crate::domain::{
    Label, MAX_LABEL_CHARACTERS, MAX_PASSWORD_CHARACTERS, MIN_PASSWORD_CHARACTERS,
};

/// Who signs in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SignIn {
    email: String,
    #[schema(format = Password)]
    password: String,
}

/// A refresh token.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct RefreshToken {
    refresh_token: String,
}

/// A password to set with the token of an invitation.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct AcceptInvitation {
    token: String,
    #[schema(schema_with = password)]
    password: String,
}

/// A password to set in place of the current one.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct ChangePassword {
    #[schema(format = Password)]
    current_password: String,
    #[schema(schema_with = password)]
    new_password: String,
}

/// A company to create.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewCompany {
    #[schema(schema_with = name)]
    name: String,
}

/// What is to change of a company: what is not sent stays. What is `null` stays, too, but for `rateLimit`,
/// which `null` resets.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct CompanyUpdate {
    #[schema(schema_with = optional_name)]
    name: Option<String>,
    /// Whether its contacts may have a phone alone. `null`: it stays.
    phone_only_contacts: Option<bool>,
    /// What an upsert does when the sent phone belongs to another contact. `null`: it stays.
    phone_conflict: Option<PhoneConflictName>,
    /// What an upsert does that is matched by phone and has another e-mail address. `null`: it stays.
    email_conflict: Option<EmailConflictName>,
    /// What becomes of a consent when its address changes. `null`: it stays.
    consent_on_address_change: Option<ConsentOnAddressChangeName>,
    /// Whether its contacts may store defined custom fields alone. `null`: it stays.
    strict_custom_fields: Option<bool>,
    #[schema(schema_with = rate_limit)]
    rate_limit: Option<String>,
    /// Whether its keys are refused. `null`: it stays.
    suspended: Option<bool>,
}

/// A key to create.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct NewApiKey {
    #[schema(schema_with = name)]
    name: String,
    /// Without it, or with `null`, all but `contacts:erase`.
    #[schema(min_items = 1)]
    scopes: Option<Vec<ScopeName>>,
    #[schema(schema_with = rate_limit)]
    rate_limit: Option<String>,
    /// When it ends by itself: a moment to come. Without it, or with `null`, never.
    #[schema(format = DateTime)]
    expires_at: Option<String>,
}

/// What is to change of a key: what is not sent stays. What is `null` stays, too, but for `rateLimit`,
/// which `null` resets.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct ApiKeyUpdate {
    #[schema(schema_with = optional_name)]
    name: Option<String>,
    /// In place of all it has. `null`: they stay.
    #[schema(min_items = 1)]
    scopes: Option<Vec<ScopeName>>,
    #[schema(schema_with = rate_limit)]
    rate_limit: Option<String>,
}

/// How to rotate a key.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct KeyRotation {
    /// The days in which the old key still works. Without it, or with `null`, one.
    #[schema(minimum = 0, maximum = 7, default = 1)]
    grace_days: Option<u8>,
}

/// Whom to invite.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct NewInvitation {
    #[schema(format = IdnEmail, max_length = 254)]
    email: String,
    role: RoleName,
    /// Of the role `company_admin` alone, which needs it.
    #[schema(pattern = "^[1-9][0-9]{0,17}$")]
    company_id: Option<String>,
}

/// What an administrator may reach: all companies, or one.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = Role)]
pub(super) enum RoleName {
    Operator,
    CompanyAdmin,
}

/// What an upsert does when the sent phone belongs to another contact.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = PhoneConflict)]
pub(super) enum PhoneConflictName {
    Reject,
    Skip,
}

/// What an upsert does when no contact has the sent e-mail address, and the sent phone leads to a
/// contact with another one: `replace` its address and warn with `email_replaced`, `reject` the call
/// with 409, or `create` a contact without the phone and warn with `phone_conflict`. The new contact
/// is matched by e-mail address from then on, so `phoneConflict` decides about the phone in further
/// calls: `skip` goes well with `create`.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = EmailConflict)]
pub(super) enum EmailConflictName {
    Replace,
    Reject,
    Create,
}

/// What becomes of a stored opt-in when its address (the e-mail address, or the phone for `WhatsApp`)
/// changes, by an upsert or by id, and the call does not set it: `keep` it for the new address, or
/// `reset` it to `null`. A stored opt-out always stays.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = ConsentOnAddressChange)]
pub(super) enum ConsentOnAddressChangeName {
    Keep,
    Reset,
}

/// What a key may do.
#[derive(Deserialize, Serialize, ToSchema)]
#[schema(as = Scope)]
pub(super) enum ScopeName {
    #[serde(rename = "contacts:read")]
    ContactsRead,
    #[serde(rename = "contacts:write")]
    ContactsWrite,
    #[serde(rename = "contacts:erase")]
    ContactsErase,
    #[serde(rename = "custom_fields:read")]
    CustomFieldsRead,
    #[serde(rename = "custom_fields:write")]
    CustomFieldsWrite,
}

fn name() -> Object {
    named(
        Type::String.into(),
        "For people. No control characters, nor others that are invisible or change the direction of the text.",
    )
}

fn optional_name() -> Object {
    named(
        SchemaType::from_iter([Type::String, Type::Null]),
        "For people. No control characters, nor others that are invisible or change the direction of the text. `null`: it stays.",
    )
}

fn named(schema_type: SchemaType, description: &str) -> Object {
    ObjectBuilder::new()
        .schema_type(schema_type)
        .description(Some(description))
        .pattern(Some(Label::PATTERN))
        .max_length(Some(MAX_LABEL_CHARACTERS))
        .build()
}

fn password() -> Object {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .description(Some(
            "Any characters, spaces too. Compared in Unicode's form NFKC, in which its length counts.",
        ))
        .min_length(Some(MIN_PASSWORD_CHARACTERS))
        .max_length(Some(MAX_PASSWORD_CHARACTERS))
        .build()
}

fn rate_limit() -> Object {
    ObjectBuilder::new()
        .schema_type(SchemaType::from_iter([Type::String, Type::Null]))
        .description(Some(
            "Requests per window of 1s to 24h, such as `600/60s`. `null`: the next wider limit, of the \
             company or of the service. Only operators set it.",
        ))
        .pattern(Some("^[1-9][0-9]{0,8}/[1-9][0-9]{0,3}s$"))
        .build()
}
