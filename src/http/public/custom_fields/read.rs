//! `GET /public/v1/custom-fields` and `/public/v1/custom-fields/{key}`

use std::collections::BTreeMap;

use actix_web::HttpRequest;
use actix_web::web::{Data, Json};
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

use super::definition::CustomFieldResponse;
use crate::domain::{FieldKey, Label, Scope};
use crate::http::public::caller::{Authorized, CustomFieldsRead};
use crate::http::shared::{ApiError, AppState, PathValue, read_query};

/// All definitions, ordered by key or grouped by category.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
pub(in crate::http::public) enum CustomFieldList {
    /// Ordered by key.
    Flat { data: Vec<CustomFieldResponse> },
    /// Grouped by category.
    Grouped {
        #[schema(min_items = 1)]
        data: Vec<CustomFieldCategory>,
    },
}

/// The definitions of one category.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::http::public) struct CustomFieldCategory {
    /// `null`: the definitions without a category.
    #[schema(value_type = Option<String>, required)]
    category: Option<Label>,
    custom_fields: Vec<CustomFieldResponse>,
}

impl CustomFieldList {
    fn sample() -> Self {
        let data = vec![CustomFieldResponse::sample()];
        Self::Flat { data }
    }

    /// Groups definitions by category, those without one last.
    fn grouped(definitions: Vec<CustomFieldResponse>) -> Self {
        let mut categories = BTreeMap::<_, Vec<CustomFieldResponse>>::new();
        for definition in definitions {
            let category = definition.category.clone();
            let order = (category.is_none(), category);
            categories.entry(order).or_default().push(definition);
        }
        let data = categories
            .into_iter()
            .map(|((_, category), custom_fields)| CustomFieldCategory {
                category,
                custom_fields,
            })
            .collect();
        Self::Grouped { data }
    }
}

/// Lists the definitions of custom fields.
///
/// Ordered by key. With `groupBy=category`, grouped by category, with the definitions without one last.
#[utoipa::path(
    get, path = "/public/v1/custom-fields",
    security(("apiKey" = [Scope::CustomFieldsRead])),
    params(CustomFieldQuery),
    responses(
        (status = 200, description = "All definitions.", body = CustomFieldList,
            example = json!(CustomFieldList::sample())),
    ),
)]
pub(in crate::http::public) async fn list_custom_fields(
    state: Data<AppState>,
    request: HttpRequest,
    Authorized { principal, .. }: Authorized<CustomFieldsRead>,
) -> Result<Json<CustomFieldList>, ApiError> {
    let query = CustomFieldQuery::read(request.query_string())?;
    let definitions = state.store.list_custom_fields(principal.company).await?;
    let data = definitions.into_iter().map(Into::into).collect();
    Ok(Json(match query.group_by {
        Some(GroupBy::Category) => CustomFieldList::grouped(data),
        None => CustomFieldList::Flat { data },
    }))
}

/// How definitions are grouped.
#[derive(Default, IntoParams)]
#[into_params(parameter_in = Query)]
struct CustomFieldQuery {
    /// Groups the definitions by category.
    #[param(inline, rename = "groupBy")]
    group_by: Option<GroupBy>,
}

#[derive(ToSchema)]
#[schema(rename_all = "lowercase")]
enum GroupBy {
    Category,
}

impl CustomFieldQuery {
    fn read(query: &str) -> Result<Self, ApiError> {
        let mut read = Self::default();
        read_query(query, |name, value| match (name, value) {
            ("groupBy", "category") => {
                read.group_by = Some(GroupBy::Category);
                Ok(true)
            }
            ("groupBy", _) => Err(ApiError::BadRequest("groupBy must be category".into())),
            _ => Ok(false),
        })?;
        Ok(read)
    }
}

/// Gets the definition of a custom field.
#[utoipa::path(
    get, path = "/public/v1/custom-fields/{key}",
    security(("apiKey" = [Scope::CustomFieldsRead])),
    params(PathValue::<FieldKey>),
    responses(
        (status = 200, description = "The definition.", body = CustomFieldResponse,
            example = json!(CustomFieldResponse::sample())),
    ),
)]
pub(in crate::http::public) async fn get_custom_field(
    state: Data<AppState>,
    Authorized { principal, .. }: Authorized<CustomFieldsRead>,
    PathValue(key): PathValue<FieldKey>,
) -> Result<Json<CustomFieldResponse>, ApiError> {
    let definition = state.store.find_custom_field(principal.company, &key);
    let definition = definition.await?.ok_or(ApiError::NoSuchCustomField)?;
    Ok(Json(definition.into()))
}
