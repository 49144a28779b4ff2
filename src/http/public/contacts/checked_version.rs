//! Changes of a contact that depend on its stored version.

use crate::domain::{CompanyId, Contact, ContactId};
use crate::http::shared::{ApiError, AppState};
use crate::retry_after::Unavailable;
use crate::store::{ContactError, ExpectedVersions};

/// How often a change is retried after concurrent changes.
const MAX_ATTEMPTS: usize = 10;

/// Changes only the version of a contact that `check` accepted. Reads and checks the contact again after a
/// concurrent change.
pub(super) async fn change_checked_version<T>(
    state: &AppState,
    company: CompanyId,
    id: ContactId,
    check: impl Fn(&Contact) -> Result<(), ApiError>,
    write: impl AsyncFn(ExpectedVersions<'_>) -> Result<T, ContactError>,
) -> Result<T, ApiError> {
    for _ in 0..MAX_ATTEMPTS {
        let found = state.store.find_contact_in_any_state(company, id).await?;
        let found = found.ok_or(ApiError::NoSuchContact)?;
        check(&found)?;
        match write(Some(&[found.updated_at])).await {
            Err(ContactError::PreconditionFailed) => {}
            written => return Ok(written?),
        }
    }
    Err(Unavailable::retry_soon("a contact was changed again and again").into())
}
