//! Every endpoint of the public API, on one screen.

use std::sync::LazyLock;

use super::admission::{limited, paged};
use super::contacts::{batch, change, consent_events, delete, erase, list, read, upsert};
use super::custom_fields::{
    create as create_field, delete as delete_field, read as read_fields, update as update_field,
};
use super::suppressions;
use crate::http::openapi::endpoint::{Endpoint, endpoint};

/// In this order: a path is compared with one resource after the other, and upserts are many.
pub(super) static ENDPOINTS: LazyLock<Vec<Endpoint>> = LazyLock::new(|| {
    vec![
        endpoint!(limited, upsert::upsert),
        endpoint!(paged, list::list),
        endpoint!(limited, batch::upsert_all),
        endpoint!(limited, read::find_by_email).taking_rest(),
        endpoint!(limited, read::find_by_phone).taking_rest(),
        endpoint!(paged, consent_events::list),
        endpoint!(limited, erase::erase),
        endpoint!(limited, read::find),
        endpoint!(limited, change::update),
        endpoint!(limited, delete::delete),
        endpoint!(limited, suppressions::lift).reading_query(),
        endpoint!(paged, read_fields::list),
        endpoint!(limited, create_field::create),
        endpoint!(limited, read_fields::find).taking_rest(),
        endpoint!(limited, update_field::update).taking_rest(),
        endpoint!(limited, delete_field::delete).taking_rest(),
    ]
});
