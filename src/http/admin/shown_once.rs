//! Answers with a secret that is shown once, for the OpenAPI document alone: each is what it would be
//! later, and more.

use std::borrow::Cow;

use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use utoipa::openapi::{Ref, RefOr};
use utoipa::{PartialSchema, ToSchema};

use super::answers::{AdminAnswer, ApiKeyAnswer};

/// A key with its token.
pub(super) struct CreatedApiKey;

/// A key with its token, and the one in whose place it was made.
pub(super) struct RotatedApiKey;

/// An administrator with the token of an invitation.
pub(super) struct InvitedAdmin;

impl PartialSchema for CreatedApiKey {
    fn schema() -> RefOr<Schema> {
        let token = secret("The whole token. It is not shown again.");
        with::<ApiKeyAnswer>("A key with its token.", "key", token)
    }
}

impl PartialSchema for RotatedApiKey {
    fn schema() -> RefOr<Schema> {
        let replaced = Ref::from_schema_name(ApiKeyAnswer::name());
        let description = "A key with its token, and the one in whose place it was made.";
        with::<CreatedApiKey>(description, "replaces", replaced.into())
    }
}

impl PartialSchema for InvitedAdmin {
    fn schema() -> RefOr<Schema> {
        let token = secret("Sets the password, once. It is not shown again.");
        let description = "An administrator with the token of an invitation.";
        with::<AdminAnswer>(description, "invitationToken", token)
    }
}

impl ToSchema for CreatedApiKey {
    fn name() -> Cow<'static, str> {
        "CreatedApiKey".into()
    }

    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        ApiKeyAnswer::schemas(schemas);
    }
}

impl ToSchema for RotatedApiKey {
    fn name() -> Cow<'static, str> {
        "RotatedApiKey".into()
    }

    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        schemas.push((ApiKeyAnswer::name().into_owned(), ApiKeyAnswer::schema()));
        ApiKeyAnswer::schemas(schemas);
    }
}

impl ToSchema for InvitedAdmin {
    fn name() -> Cow<'static, str> {
        "InvitedAdmin".into()
    }

    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        AdminAnswer::schemas(schemas);
    }
}

fn secret(description: &str) -> RefOr<Schema> {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .description(Some(description))
        .into()
}

/// The schema of an object, with one more member.
fn with<T: PartialSchema>(description: &str, name: &str, member: RefOr<Schema>) -> RefOr<Schema> {
    let mut schema = T::schema();
    if let RefOr::T(Schema::Object(object)) = &mut schema {
        object.description = Some(description.to_owned());
        object.properties.insert(name.to_owned(), member);
        object.required.push(name.to_owned());
    }
    schema
}
