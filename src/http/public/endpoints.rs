//! Every endpoint of the public API, on one screen.

use std::sync::LazyLock;

use super::admission::{limited, paged};
use super::contacts::{batch, change, list, read};
use super::custom_fields::definitions;
use super::suppressions;
use crate::http::openapi::endpoint::{Endpoint, endpoint};

/// In this order: a path is compared with one resource after the other, and upserts are many.
pub(super) static ENDPOINTS: LazyLock<Vec<Endpoint>> = LazyLock::new(|| {
    vec![
        endpoint!(limited, change::upsert),
        endpoint!(paged, list::list),
        endpoint!(limited, batch::upsert_all),
        endpoint!(limited, read::find_by_email).taking_rest(),
        endpoint!(limited, read::find_by_phone).taking_rest(),
        endpoint!(paged, read::consent_events),
        endpoint!(limited, suppressions::erase),
        endpoint!(limited, read::find),
        endpoint!(limited, change::update),
        endpoint!(limited, change::delete),
        endpoint!(limited, suppressions::lift).reading_query(),
        endpoint!(paged, definitions::list),
        endpoint!(limited, definitions::create),
        endpoint!(limited, definitions::find).taking_rest(),
        endpoint!(limited, definitions::update).taking_rest(),
        endpoint!(limited, definitions::delete).taking_rest(),
    ]
});
