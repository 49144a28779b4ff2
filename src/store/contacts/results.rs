//! The results of the SQL functions that write contacts.

use tokio_postgres::Row;
use tokio_postgres::types::FromSql;

use crate::domain::{
    Channel, ContactId, IdentifierConflict, IdentifierKind, Outcome, Upserted, Warning,
};
use crate::store::{ContactError, StoreError};

/// The result of one upsert.
pub(in crate::store) type UpsertResult = Result<Upserted, ContactError>;

/// One row of `upsert_contact.sql`, or one index in the arrays of `upsert_contacts.sql`.
struct Answer<'a> {
    outcome: &'a str,
    contact_id: Option<i64>,
    matched_by: Option<&'a str>,
    email_conflict_id: Option<i64>,
    phone_conflict_id: Option<i64>,
    second_phone_conflict_id: Option<i64>,
    previous_email: Option<&'a str>,
    suppressed_consents: Vec<&'a str>,
}

/// Reads the result of `upsert_contact.sql`.
pub(in crate::store) fn read_upserted(rows: &[Row]) -> UpsertResult {
    let row = rows.first().ok_or_else(|| unknown("no row"))?;
    read_answer(Answer {
        outcome: column(row, "outcome")?,
        contact_id: column(row, "contact_id")?,
        matched_by: column(row, "matched_by")?,
        email_conflict_id: column(row, "email_conflict_id")?,
        phone_conflict_id: column(row, "phone_conflict_id")?,
        second_phone_conflict_id: column(row, "second_phone_conflict_id")?,
        previous_email: column(row, "previous_email")?,
        suppressed_consents: column::<Option<_>>(row, "suppressed_consents")?.unwrap_or_default(),
    })
}

/// Reads the results of `upsert_contacts.sql`, in the order of the calls. `None`: the call has to run
/// again.
pub(in crate::store) fn read_all_upserted(
    rows: &[Row],
) -> Result<Vec<Option<UpsertResult>>, StoreError> {
    let row = rows.first().ok_or_else(|| unknown("no row"))?;
    let outcomes: Vec<Option<&str>> = column(row, "outcomes")?;
    let contact_ids: Vec<Option<i64>> = column(row, "contact_ids")?;
    let matches: Vec<Option<&str>> = column(row, "matches")?;
    let email_conflict_ids: Vec<Option<i64>> = column(row, "email_conflict_ids")?;
    let phone_conflict_ids: Vec<Option<i64>> = column(row, "phone_conflict_ids")?;
    let second_phone_conflict_ids: Vec<Option<i64>> = column(row, "second_phone_conflict_ids")?;
    let previous_emails: Vec<Option<&str>> = column(row, "previous_emails")?;
    let suppressed_consents: Vec<Option<&str>> = column(row, "suppressed_consents")?;
    let answer = |place: usize, outcome| {
        read_answer(Answer {
            outcome,
            contact_id: contact_ids[place],
            matched_by: matches[place],
            email_conflict_id: email_conflict_ids[place],
            phone_conflict_id: phone_conflict_ids[place],
            second_phone_conflict_id: second_phone_conflict_ids[place],
            previous_email: previous_emails[place],
            suppressed_consents: suppressed_consents[place]
                .filter(|channels| !channels.is_empty())
                .map_or_else(Vec::new, |channels| channels.split(',').collect()),
        })
    };
    let places = outcomes.into_iter().enumerate();
    Ok(places
        .map(|(place, outcome)| outcome.map(|outcome| answer(place, outcome)))
        .collect())
}

fn read_answer(answer: Answer<'_>) -> UpsertResult {
    let conflict = |id: Option<i64>, identifier| {
        id.map(|id| {
            Warning::IdentifierConflict(IdentifierConflict {
                identifier,
                conflicting_contact_id: ContactId::new(id),
            })
        })
    };
    // If a new contact is refused, there is no id.
    let contact_id = ContactId::new(answer.contact_id.unwrap_or_default());
    if let Some(refusal) = read_refusal(answer.outcome, contact_id, answer.phone_conflict_id)? {
        return Err(refusal);
    }
    let outcome = match answer.outcome {
        "created" => Outcome::Created,
        "updated" => Outcome::Updated,
        "restored" => Outcome::Restored,
        "unchanged" => Outcome::Unchanged,
        _ => return Err(unknown("an unknown outcome").into()),
    };
    let matched_by = match answer.matched_by {
        None => None,
        Some("email") => Some(IdentifierKind::Email),
        Some("phone") => Some(IdentifierKind::Phone),
        Some(_) => return Err(unknown("an unknown match").into()),
    };
    let email_replaced = answer
        .previous_email
        .map(|previous_email| Warning::EmailReplaced {
            previous_email: previous_email.to_owned(),
        });
    let mut warnings: Vec<Warning> = email_replaced.into_iter().collect();
    warnings.extend(conflict(answer.email_conflict_id, IdentifierKind::Email));
    warnings.extend(conflict(answer.phone_conflict_id, IdentifierKind::Phone));
    let second = answer.second_phone_conflict_id;
    warnings.extend(conflict(second, IdentifierKind::Phone));
    warnings.extend(suppressed(answer.suppressed_consents)?);
    Ok(Upserted {
        contact_id,
        outcome,
        matched_by,
        warnings,
    })
}

/// The channels in which a suppression prevented an opt-in.
pub(in crate::store) fn read_suppressed(row: &Row) -> Result<Vec<Warning>, StoreError> {
    suppressed(column(row, "suppressed_consents")?)
}

fn suppressed(channels: Vec<&str>) -> Result<Vec<Warning>, StoreError> {
    let channels = channels.into_iter().map(|channel| match channel {
        "email" => Ok(Warning::ConsentSuppressed(Channel::Email)),
        "whatsapp" => Ok(Warning::ConsentSuppressed(Channel::Whatsapp)),
        _ => Err(unknown("an unknown channel")),
    });
    channels.collect()
}

/// The errors that all SQL functions share. `None` if the outcome is none of them.
pub(in crate::store) fn read_refusal(
    outcome: &str,
    contact_id: ContactId,
    conflicting_id: Option<i64>,
) -> Result<Option<ContactError>, StoreError> {
    let taken = |identifier| {
        let id = conflicting_id.ok_or_else(|| unknown("no conflicting id"))?;
        let conflicting_contact_id = ContactId::new(id);
        Ok(ContactError::IdentifierTaken {
            identifier,
            contact_id,
            conflicting_contact_id,
        })
    };
    let refusal = match outcome {
        "not_found" => ContactError::NotFound,
        "precondition_failed" => ContactError::PreconditionFailed,
        "email_required" => ContactError::IdentifierRequired(IdentifierKind::Email),
        "phone_required" => ContactError::IdentifierRequired(IdentifierKind::Phone),
        "email_conflict" => taken(IdentifierKind::Email)?,
        "phone_conflict" => taken(IdentifierKind::Phone)?,
        "email_differs" => ContactError::EmailDiffers { contact_id },
        "custom_fields_too_large" => ContactError::CustomFieldsTooLarge,
        "too_many_custom_fields" => ContactError::TooManyCustomFields,
        _ => return Ok(None),
    };
    Ok(Some(refusal))
}

pub(in crate::store) fn unknown(what: &str) -> StoreError {
    StoreError::Defect(format!("a function for contacts returned {what}"))
}

fn column<'a, T: FromSql<'a>>(row: &'a Row, name: &str) -> Result<T, StoreError> {
    row.try_get(name)
        .map_err(|_| unknown("an unreadable column"))
}
