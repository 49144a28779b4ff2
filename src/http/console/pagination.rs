//! Pages of a list.

use serde::Deserialize;

/// The most items of a page.
const SIZE: usize = 50;

/// How many items to read: one more than a page has shows whether there is another page.
pub(super) const FETCH: i64 = 51;

/// The query of a list.
#[derive(Deserialize)]
pub(super) struct PageQuery {
    /// The id of the last item of the page before.
    pub(super) after: Option<i64>,
}

/// One page of a list that is ordered by ids.
pub(super) struct Pagination<T> {
    pub(super) items: Vec<T>,
    /// The id after which the next page begins.
    pub(super) next: Option<i64>,
    pub(super) is_first: bool,
}

impl<T> Pagination<T> {
    /// The page of up to [`FETCH`] items that begins after the item with the id `after`.
    pub(super) fn new(mut items: Vec<T>, after: Option<i64>, id: impl Fn(&T) -> i64) -> Self {
        let has_more = items.len() > SIZE;
        items.truncate(SIZE);
        Self {
            next: items.last().filter(|_| has_more).map(id),
            is_first: after.is_none(),
            items,
        }
    }
}
