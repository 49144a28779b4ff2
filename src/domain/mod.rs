//! The types and rules of the service. Values are valid by construction.
//!
//! Everything here is pure: no I/O, no clock, no randomness.

mod actor;
mod admin;
mod admin_account;
mod api_key;
mod api_token;
mod audit;
mod calling_codes;
mod client_network;
mod company;
mod company_settings;
mod consent;
mod contact;
mod contact_id;
mod custom_field_definition;
mod custom_field_limits;
mod custom_field_rules;
mod custom_field_text;
mod custom_fields;
mod email;
mod field_type;
mod filter_state;
mod form_id;
mod grace_period;
mod id;
mod invisible;
pub mod json;
mod json_number;
mod key_folding;
mod label;
mod local_part;
mod opaque_token;
mod password;
mod phone;
mod quota;
mod scope;
mod secret_hash;
mod suppression;
pub mod timestamp;
mod upserted;
mod usage;

pub use actor::{Actor, Origin};
pub use admin::{Admin, AdminId, AdminState, Role, RoleName, SessionId, UnknownRole};
pub use admin_account::{
    AdminAccount, AdminChange, AdminCredential, AdminRefusal, AdminStanding, Invitation,
};
pub use api_key::{ApiKey, ApiKeyChange, Credential, KeyState, NewApiKey, NotRotatable, Rotation};
pub use api_token::{ApiToken, ClientId, InvalidClientId, TokenKey, TokenKeys};
pub use audit::{
    AuditAction, AuditFilter, AuditSubject, RecordedAction, RecordedEvent, UnknownAction,
};
pub use client_network::ClientNetwork;
pub use company::{Company, CompanyChange, CompanyId};
pub use company_settings::{
    CompanySettings, ConsentOnAddressChange, EmailConflict, PhoneConflict,
    UnknownConsentOnAddressChange, UnknownEmailConflict, UnknownPhoneConflict,
};
pub use consent::{Channel, Consent, ConsentChange, ConsentEvent};
pub use contact::{
    Change, Contact, ContactChange, ContactFilter, ContactPatch, Deleted, Identifiers,
};
pub use contact_id::ContactId;
pub use custom_field_definition::{
    CustomFieldDefinition, DefinitionId, FieldChange, FieldKey, FieldSpecification,
    InvalidFieldKey, InvalidSpecification, MAX_DEFINITIONS,
};
pub use custom_field_limits::{
    CustomFieldsError, MAX_CUSTOM_FIELDS, MAX_CUSTOM_FIELDS_BYTES, MAX_DEPTH, MAX_KEY_CHARACTERS,
};
pub use custom_field_rules::{BrokenRule, CustomFieldRules, FieldViolation};
pub use custom_fields::CustomFields;
pub use email::{Email, EmailError};
pub use field_type::{FieldType, FieldTypeName, MAX_OPTIONS};
pub use filter_state::FilterState;
pub use form_id::{FormId, InvalidFormId};
pub use grace_period::{GracePeriod, InvalidGracePeriod};
pub use id::InvalidId;
pub use invisible::InvisibleCharacter;
pub use label::{InvalidLabel, Label, MAX_LABEL_CHARACTERS};
pub use opaque_token::{AccessToken, InvitationToken, RefreshToken, TokenDigest};
pub use password::{InvalidPassword, MAX_PASSWORD_CHARACTERS, MIN_PASSWORD_CHARACTERS, Password};
pub use phone::{Phone, PhoneError};
pub use quota::{KeyAndCompany, Quota, QuotaError};
pub use scope::{Scope, Scopes, UnknownScope};
pub use secret_hash::SecretHash;
pub use suppression::{IdentifierDigest, SuppressionKeys};
pub use upserted::{IdentifierConflict, IdentifierKind, Outcome, Upserted, Warning};
pub use usage::{Hour, HourlyUsage, RequestCounts, UsageReading};
