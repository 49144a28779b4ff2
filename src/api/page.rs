//! Pages of a list: a limit, an opaque cursor, and where to go on.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::web::Query;
use actix_web::{FromRequest, HttpRequest};
use serde::Serialize;

use super::error::ApiError;

const DEFAULT_LIMIT: usize = 50;
const MAX_LIMIT: usize = 200;

/// Which page is asked for: `limit` (1 to 200, 50 by default) and `cursor`.
pub(super) struct PageRequest {
    limit: usize,
    /// Only items with ids below this one: those that follow the last page.
    pub(super) before: i64,
}

/// One page, as callers see it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Page<T> {
    data: Vec<T>,
    next_cursor: Option<String>,
}

impl PageRequest {
    /// How many items to read: one more than asked for shows whether there is another page.
    pub(super) fn fetch(&self) -> i64 {
        // At most 201.
        i64::try_from(self.limit + 1).unwrap_or(i64::MAX)
    }

    fn parse(query: &str) -> Result<Self, ApiError> {
        let Query(parameters) = Query::<Vec<(String, String)>>::from_query(query)
            .map_err(|_| ApiError::BadRequest("the query cannot be read".into()))?;
        let mut request = Self {
            limit: DEFAULT_LIMIT,
            before: i64::MAX,
        };
        for (name, value) in parameters {
            match name.as_str() {
                "limit" => {
                    let limit = value
                        .parse()
                        .ok()
                        .filter(|limit| (1..=MAX_LIMIT).contains(limit));
                    let message = "limit must be a whole number from 1 to 200";
                    request.limit = limit.ok_or(ApiError::BadRequest(message.into()))?;
                }
                "cursor" => {
                    let message = "cursor must be a nextCursor of this list, unchanged";
                    let before = read_cursor(&value);
                    request.before = before.ok_or(ApiError::BadRequest(message.into()))?;
                }
                _ => {
                    let message = format!("unknown query parameter {name:?}: use limit or cursor");
                    return Err(ApiError::BadRequest(message.into()));
                }
            }
        }
        Ok(request)
    }
}

impl FromRequest for PageRequest {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Self::parse(request.query_string()))
    }
}

impl<T> Page<T> {
    /// Makes a page of what [`PageRequest::fetch`] brought; `id` is what the list is ordered by.
    pub(super) fn new(mut data: Vec<T>, request: &PageRequest, id: impl Fn(&T) -> i64) -> Self {
        let has_more = data.len() > request.limit;
        data.truncate(request.limit);
        let last = data.last().filter(|_| has_more);
        let next_cursor = last.map(|item| hex::encode(id(item).to_be_bytes()));
        Self { data, next_cursor }
    }
}

fn read_cursor(text: &str) -> Option<i64> {
    let bytes: [u8; 8] = hex::decode(text).ok()?.try_into().ok()?;
    Some(i64::from_be_bytes(bytes))
}
