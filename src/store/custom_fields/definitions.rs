//! Custom-field definitions.

use serde::Deserialize;
use serde_json::json;
use tokio_postgres::types::{Json, ToSql};
use tokio_postgres::{Row, Transaction};

use crate::domain::{
    Actor, AuditAction, AuditSubject, CompanyId, CustomFieldDefinition, CustomFieldRules,
    DefinitionId, FieldChange, FieldKey, FieldSpecification, FieldType, FieldTypeName, FilterState,
    InvalidSpecification, Label, MAX_DEFINITIONS,
};
use crate::store::audit::{self, AuditEvent};
use crate::store::postgres::error::TxError;
use crate::store::{Store, StoreError};

const LIST_CUSTOM_FIELD_DEFINITIONS: &str =
    include_str!("../../../sql/queries/list_custom_field_definitions.sql");
const FIND_CUSTOM_FIELD_DEFINITION: &str =
    include_str!("../../../sql/queries/find_custom_field_definition.sql");
const FIND_CUSTOM_FIELD_DEFINITIONS: &str =
    include_str!("../../../sql/queries/find_custom_field_definitions.sql");
const CLOSE_CUSTOM_FIELD_GATE: &str =
    include_str!("../../../sql/queries/close_custom_field_gate.sql");
const INSERT_CUSTOM_FIELD_DEFINITION: &str =
    include_str!("../../../sql/queries/insert_custom_field_definition.sql");
const UPDATE_CUSTOM_FIELD_DEFINITION: &str =
    include_str!("../../../sql/queries/update_custom_field_definition.sql");
const DELETE_CUSTOM_FIELD_DEFINITION: &str =
    include_str!("../../../sql/queries/delete_custom_field_definition.sql");

/// Why a definition was not changed.
#[derive(Debug, thiserror::Error)]
pub enum CustomFieldError {
    /// There is no definition of this key.
    #[error("there is no such custom field")]
    NotFound,
    /// There is a definition of this key already.
    #[error("the key is defined already")]
    KeyTaken,
    /// The company has the maximum number of definitions.
    #[error("there are too many definitions")]
    TooMany,
    /// The definition contradicts itself.
    #[error(transparent)]
    Invalid(#[from] InvalidSpecification),
    /// The call to the database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Store {
    /// All definitions of a company, in the order of their keys.
    ///
    /// # Errors
    /// A [`StoreError`].
    pub async fn list_custom_fields(
        &self,
        company: CompanyId,
    ) -> Result<Vec<CustomFieldDefinition>, StoreError> {
        let rows = self
            .read_of(
                company,
                "list_custom_fields",
                LIST_CUSTOM_FIELD_DEFINITIONS,
                &[&company.get()],
            )
            .await?;
        rows.iter().map(read_definition).collect()
    }

    /// The definition of a key.
    ///
    /// # Errors
    /// A [`StoreError`].
    pub async fn find_custom_field(
        &self,
        company: CompanyId,
        key: &FieldKey,
    ) -> Result<Option<CustomFieldDefinition>, StoreError> {
        let rows = self
            .read_of(
                company,
                "find_custom_field",
                FIND_CUSTOM_FIELD_DEFINITION,
                &[&company.get(), &key.as_str()],
            )
            .await?;
        rows.first().map(read_definition).transpose()
    }

    /// The definitions of those of these keys that have one.
    ///
    /// # Errors
    /// A [`StoreError`].
    pub async fn find_custom_fields(
        &self,
        company: CompanyId,
        keys: &[&FieldKey],
    ) -> Result<Vec<CustomFieldDefinition>, StoreError> {
        let keys: Vec<&str> = keys.iter().map(|key| key.as_str()).collect();
        let rows = self
            .read_of(
                company,
                "find_custom_fields",
                FIND_CUSTOM_FIELD_DEFINITIONS,
                &[&company.get(), &keys],
            )
            .await?;
        rows.iter().map(read_definition).collect()
    }

    /// Defines a custom field. Its filter has to be built afterwards: see [`Store::finish_filter`].
    ///
    /// # Errors
    /// [`CustomFieldError::KeyTaken`], [`CustomFieldError::TooMany`], or a [`StoreError`].
    pub async fn create_custom_field(
        &self,
        company: CompanyId,
        actor: &Actor,
        key: &FieldKey,
        specification: &FieldSpecification,
    ) -> Result<CustomFieldDefinition, CustomFieldError> {
        let filter = FilterState::None.declared(specification.filterable);
        let limit = i64::try_from(MAX_DEFINITIONS).unwrap_or(i64::MAX);
        let columns = SpecificationColumns::of(specification);
        self.transaction_of(company, "create_custom_field", async |transaction| {
            close_gate(transaction, company).await?;
            let parameters: [&(dyn ToSql + Sync); 8] = [
                &company.get(),
                &key.as_str(),
                &columns.display_name,
                &columns.type_name,
                &columns.options,
                &columns.category,
                &filter.as_str(),
                &limit,
            ];
            let inserted = transaction
                .query_opt(INSERT_CUSTOM_FIELD_DEFINITION, &parameters)
                .await?;
            if let Some(row) = inserted {
                let changed = (None, Some(specification));
                record(transaction, actor, company, key, changed).await?;
                return Ok(read_definition(&row)?);
            }
            // The gate keeps definitions from changing concurrently.
            let defined = transaction
                .query_opt(
                    FIND_CUSTOM_FIELD_DEFINITION,
                    &[&company.get(), &key.as_str()],
                )
                .await?;
            Err(TxError::Refused(match defined {
                Some(_) => CustomFieldError::KeyTaken,
                None => CustomFieldError::TooMany,
            }))
        })
        .await
    }

    /// Changes a definition. Only what is set changes. Its filter may have to be built or dropped
    /// afterwards: see [`Store::finish_filter`].
    ///
    /// # Errors
    /// [`CustomFieldError::NotFound`], [`CustomFieldError::Invalid`], or a [`StoreError`].
    pub async fn update_custom_field(
        &self,
        company: CompanyId,
        actor: &Actor,
        key: &FieldKey,
        change: &FieldChange,
    ) -> Result<CustomFieldDefinition, CustomFieldError> {
        self.transaction_of(company, "update_custom_field", async |transaction| {
            close_gate(transaction, company).await?;
            let found = transaction
                .query_opt(
                    FIND_CUSTOM_FIELD_DEFINITION,
                    &[&company.get(), &key.as_str()],
                )
                .await?;
            let row = found.ok_or(TxError::Refused(CustomFieldError::NotFound))?;
            let definition = read_definition(&row)?;
            let specification = definition
                .specification
                .with(change)
                .map_err(TxError::refused)?;
            if specification == definition.specification {
                return Ok(definition);
            }
            let filter = definition.filter.declared(specification.filterable);
            let columns = SpecificationColumns::of(&specification);
            let parameters: [&(dyn ToSql + Sync); 7] = [
                &company.get(),
                &definition.id.get(),
                &columns.display_name,
                &columns.type_name,
                &columns.options,
                &columns.category,
                &filter.as_str(),
            ];
            let row = transaction
                .query_one(UPDATE_CUSTOM_FIELD_DEFINITION, &parameters)
                .await?;
            let changed = (Some(&definition.specification), Some(&specification));
            record(transaction, actor, company, key, changed).await?;
            Ok(read_definition(&row)?)
        })
        .await
    }

    /// Deletes a definition, and returns its id. The data of its filter has to be deleted afterwards: see
    /// [`Store::finish_filter`]. Contacts keep their values.
    ///
    /// # Errors
    /// [`CustomFieldError::NotFound`], or a [`StoreError`].
    pub async fn delete_custom_field(
        &self,
        company: CompanyId,
        actor: &Actor,
        key: &FieldKey,
    ) -> Result<DefinitionId, CustomFieldError> {
        self.transaction_of(company, "delete_custom_field", async |transaction| {
            close_gate(transaction, company).await?;
            let parameters: [&(dyn ToSql + Sync); 2] = [&company.get(), &key.as_str()];
            let found = transaction
                .query_opt(FIND_CUSTOM_FIELD_DEFINITION, &parameters)
                .await?;
            let row = found.ok_or(TxError::Refused(CustomFieldError::NotFound))?;
            let definition = read_definition(&row)?;
            transaction
                .execute(DELETE_CUSTOM_FIELD_DEFINITION, &parameters)
                .await?;
            let changed = (Some(&definition.specification), None);
            record(transaction, actor, company, key, changed).await?;
            Ok(definition.id)
        })
        .await
    }
}

/// Records a definition before and after a change. `None`: it did not exist.
async fn record(
    transaction: &Transaction<'_>,
    actor: &Actor,
    company: CompanyId,
    key: &FieldKey,
    (before, after): (Option<&FieldSpecification>, Option<&FieldSpecification>),
) -> Result<(), tokio_postgres::Error> {
    let event = AuditEvent {
        actor,
        action: match (before, after) {
            (None, _) => AuditAction::CustomFieldCreate,
            (Some(_), Some(_)) => AuditAction::CustomFieldUpdate,
            (Some(_), None) => AuditAction::CustomFieldDelete,
        },
        company: Some(company),
        subject: AuditSubject::CustomField(key),
        before: before.map(|specification| json!(specification)),
        after: after.map(|specification| json!(specification)),
    };
    audit::record(transaction, event).await
}

async fn close_gate(
    transaction: &Transaction<'_>,
    company: CompanyId,
) -> Result<(), tokio_postgres::Error> {
    transaction
        .execute(CLOSE_CUSTOM_FIELD_GATE, &[&company.get()])
        .await
        .map(|_| ())
}

/// The parameters of a specification.
struct SpecificationColumns<'a> {
    display_name: &'a str,
    type_name: &'static str,
    options: &'a [String],
    category: Option<&'a str>,
}

impl<'a> SpecificationColumns<'a> {
    fn of(specification: &'a FieldSpecification) -> Self {
        Self {
            display_name: specification.display_name.as_str(),
            type_name: specification.field_type.name().as_str(),
            options: specification.field_type.options(),
            category: specification.category.as_ref().map(Label::as_str),
        }
    }
}

fn read_definition(row: &Row) -> Result<CustomFieldDefinition, StoreError> {
    let malformed = || StoreError::Defect("a stored custom-field definition is malformed".into());
    let key = FieldKey::of(row.get("key"));
    let filter = FilterState::parse(row.get("filter")).ok_or_else(malformed)?;
    let options: Vec<String> = row.get("options");
    let change = FieldChange {
        field_type: FieldTypeName::parse(row.get("type")),
        options: Some(options.iter().map(|text| Label::stored(text)).collect()),
        category: Some(row.get::<_, Option<&str>>("category").map(Label::stored)),
        filterable: Some(filter.is_wanted()),
        ..FieldChange::default()
    };
    let specification = FieldSpecification::named(Label::stored(row.get("display_name")))
        .with(&change)
        .map_err(|_| malformed())?;
    Ok(CustomFieldDefinition {
        id: DefinitionId::new(row.get("id")),
        key,
        specification,
        filter,
        created_at: row.get("created_at"),
        updated_at: row.get("updated_at"),
    })
}

/// Reads the rules for custom fields from the row of an API key. A type of a newer release allows all
/// values.
pub(in crate::store) fn read_rules(row: &Row) -> Result<CustomFieldRules, StoreError> {
    #[derive(Deserialize)]
    struct Rule {
        key: String,
        #[serde(flatten)]
        field_type: serde_json::Value,
    }
    let Json(rules): Json<Vec<Rule>> = row
        .try_get("custom_field_rules")
        .map_err(|_| StoreError::Defect("stored custom-field rules are malformed".to_owned()))?;
    let types = rules.into_iter().map(|rule| {
        let field_type = serde_json::from_value(rule.field_type).unwrap_or(FieldType::Json);
        (FieldKey::of(&rule.key), field_type)
    });
    Ok(CustomFieldRules::new(
        row.get("strict_custom_fields"),
        types.collect(),
    ))
}
