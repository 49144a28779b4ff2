//! Pages of a list, with a limit and an opaque cursor.

use std::borrow::Cow;
use std::collections::HashSet;
use std::marker::PhantomData;

use actix_web::web::Query;
use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ArrayBuilder, ObjectBuilder, Ref, Schema, SchemaType, Type};
use utoipa::{IntoParams, PartialSchema, ToSchema};

use super::error::ApiError;

const DEFAULT_LIMIT: usize = 50;
const MAX_LIMIT: usize = 200;

/// The query parameters of a page.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(in crate::http) struct PageRequest {
    /// Maximum number of items per page.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 200, default = 50)]
    limit: usize,
    /// The `nextCursor` of the previous page.
    // The id of the last item of that page.
    #[param(value_type = Option<String>, pattern = "^[0-9A-Fa-f]{16}$")]
    pub(in crate::http) cursor: Option<i64>,
}

/// A page with items of type `T`, as JSON.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::http) struct Page<T> {
    data: Vec<Box<RawValue>>,
    next_cursor: Option<String>,
    #[serde(skip)]
    items: PhantomData<T>,
}

/// Reads the parameters of a query. `read` returns whether it knows a parameter. An error names the
/// parameter that is unknown, not valid or sent twice.
pub(in crate::http) fn read_query(
    query: &str,
    mut read: impl FnMut(&str, &str) -> Result<bool, ApiError>,
) -> Result<(), ApiError> {
    let Query(parameters) = Query::<Vec<(String, String)>>::from_query(query)
        .map_err(|_| ApiError::BadRequest("the query cannot be read".into()))?;
    let refuse = |message: String| Err(ApiError::BadRequest(message.into()));
    let mut names = HashSet::new();
    for (name, value) in &parameters {
        if !names.insert(name) {
            return refuse(format!(
                "the query parameter {name:?} was sent twice: send it once"
            ));
        }
        if !read(name, value)? {
            return refuse(format!("unknown query parameter {name:?}: remove it"));
        }
    }
    Ok(())
}

impl PageRequest {
    /// Reads `limit` and `cursor` as [`read_query`] does; `filter` reads all other parameters.
    pub(in crate::http) fn parse(
        query: &str,
        mut filter: impl FnMut(&str, &str) -> Result<bool, ApiError>,
    ) -> Result<Self, ApiError> {
        let mut request = Self {
            limit: DEFAULT_LIMIT,
            cursor: None,
        };
        read_query(query, |name, value| match name {
            "limit" => {
                let limit = value
                    .parse()
                    .ok()
                    .filter(|limit| (1..=MAX_LIMIT).contains(limit));
                let message = "limit must be a whole number from 1 to 200";
                request.limit = limit.ok_or(ApiError::BadRequest(message.into()))?;
                Ok(true)
            }
            "cursor" => {
                let message = "cursor must be a nextCursor of this list, unchanged";
                let cursor = read_cursor(value);
                request.cursor = Some(cursor.ok_or(ApiError::BadRequest(message.into()))?);
                Ok(true)
            }
            _ => filter(name, value),
        })?;
        Ok(request)
    }

    /// The number of items to read: one more than the limit shows whether there is another page.
    pub(in crate::http) fn fetch(&self) -> i64 {
        // At most 201.
        i64::try_from(self.limit + 1).unwrap_or(i64::MAX)
    }
}

impl<T: Serialize> Page<T> {
    /// Makes a page from the items that were read; `id` returns the id that orders the list. The page
    /// ends before the item that would exceed `max_bytes`, and the next page begins with that item.
    pub(in crate::http) fn new<F: Into<T>>(
        found: Vec<F>,
        request: &PageRequest,
        max_bytes: usize,
        id: impl Fn(&F) -> i64,
    ) -> Result<Self, ApiError> {
        let found_count = found.len();
        let mut data: Vec<Box<RawValue>> = Vec::with_capacity(found_count.min(request.limit));
        let (mut bytes, mut last) = (0, None);
        for item in found.into_iter().take(request.limit) {
            let id = id(&item);
            let text = to_raw_value(&item.into())
                .map_err(|error| ApiError::Internal(error.to_string()))?;
            bytes += text.get().len();
            if bytes > max_bytes && !data.is_empty() {
                break;
            }
            last = Some(id);
            data.push(text);
        }
        let last = last.filter(|_| data.len() < found_count);
        let next_cursor = last.map(|id| hex::encode(id.to_be_bytes()));
        Ok(Self {
            data,
            next_cursor,
            items: PhantomData,
        })
    }

    /// The only page, with these items.
    pub(in crate::http) fn sample(items: impl IntoIterator<Item = T>) -> Self {
        // The tests of the documents fail if a sample is not JSON.
        let text = |item| to_raw_value(&item).unwrap_or_default();
        Self {
            data: items.into_iter().map(text).collect(),
            next_cursor: None,
            items: PhantomData,
        }
    }
}

// A derived schema would repeat the schema of the items instead of referring to it.
impl<T: ToSchema> PartialSchema for Page<T> {
    fn schema() -> RefOr<Schema> {
        let items = ArrayBuilder::new().items(Ref::from_schema_name(T::name()));
        let next_cursor = ObjectBuilder::new()
            .schema_type(SchemaType::from_iter([Type::String, Type::Null]))
            .description(Some(
                "The `cursor` of the next page; `null` on the last page.",
            ));
        ObjectBuilder::new()
            .description(Some("A page of a list."))
            .property("data", items)
            .required("data")
            .property("nextCursor", next_cursor)
            .required("nextCursor")
            .into()
    }
}

impl<T: ToSchema> ToSchema for Page<T> {
    fn name() -> Cow<'static, str> {
        format!("{}Page", T::name()).into()
    }

    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        schemas.push((T::name().into_owned(), T::schema()));
        T::schemas(schemas);
    }
}

fn read_cursor(text: &str) -> Option<i64> {
    let bytes: [u8; 8] = hex::decode(text).ok()?.try_into().ok()?;
    Some(i64::from_be_bytes(bytes))
}
