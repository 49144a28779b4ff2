//! Batched lookups of single contacts.
//!
//! Lookups that arrive while a batch runs share the next one. On an idle service a lookup runs
//! immediately, in a query of its own.

use std::sync::Arc;

use tokio::sync::oneshot;
use tokio_postgres::types::ToSql;

use super::call_span::CallSpan;
use super::fair_queue::{FairQueue, Full, Waiting};
use crate::config::Batching;
use crate::domain::{CompanyId, Contact, ContactId, Email, Phone};
use crate::store::contacts::reads::read_contact;
use crate::store::postgres::error::AttemptError;
use crate::store::postgres::timeouts::within;
use crate::store::{Store, StoreError};

const FIND_CONTACT: &str = include_str!("../../../sql/queries/find_contact.sql");
const FIND_CONTACT_BY_EMAIL: &str = include_str!("../../../sql/queries/find_contact_by_email.sql");
const FIND_CONTACT_BY_PHONE: &str = include_str!("../../../sql/queries/find_contact_by_phone.sql");
const FIND_CONTACTS: &str = include_str!("../../../sql/queries/find_contacts.sql");

/// What identifies the contact.
#[derive(Debug, Clone)]
enum Handle {
    Id(i64),
    Email(String),
    Phone(String),
}

/// Lookups that wait for a batch.
pub(in crate::store) struct LookupBatcher {
    queue: FairQueue<Lookup>,
}

struct Lookup {
    company: CompanyId,
    handle: Handle,
    answer: oneshot::Sender<Option<Contact>>,
    call_span: CallSpan,
}

impl Waiting for Lookup {
    fn company(&self) -> CompanyId {
        self.company
    }

    fn calls(&self) -> usize {
        1
    }
}

impl LookupBatcher {
    pub(in crate::store) fn new(settings: &Batching) -> Self {
        Self {
            queue: FairQueue::new(settings.queue_capacity, settings.size),
        }
    }
}

impl Store {
    /// The live contact with this id.
    ///
    /// # Errors
    /// A [`StoreError`].
    pub async fn find_contact(
        &self,
        company: CompanyId,
        id: ContactId,
    ) -> Result<Option<Contact>, StoreError> {
        self.look_up(company, Handle::Id(id.get())).await
    }

    /// The live contact with this e-mail address.
    ///
    /// # Errors
    /// A [`StoreError`].
    pub async fn find_contact_by_email(
        &self,
        company: CompanyId,
        email: &Email,
    ) -> Result<Option<Contact>, StoreError> {
        self.look_up(company, Handle::Email(email.as_str().to_owned()))
            .await
    }

    /// The live contact with this phone.
    ///
    /// # Errors
    /// A [`StoreError`].
    pub async fn find_contact_by_phone(
        &self,
        company: CompanyId,
        phone: &Phone,
    ) -> Result<Option<Contact>, StoreError> {
        self.look_up(company, Handle::Phone(phone.as_str().to_owned()))
            .await
    }

    async fn look_up(
        &self,
        company: CompanyId,
        handle: Handle,
    ) -> Result<Option<Contact>, StoreError> {
        if let Some(_running) = self.lookup_batcher.queue.begin_direct(company) {
            let (_, sql) = handle.query();
            let until = self.timeouts.until();
            let rows = self
                .read_direct(until, sql, &handle.parameters(&company.get()))
                .await;
            match rows {
                Ok(rows) => return rows.first().map(read_contact).transpose(),
                Err(AttemptError::Fail(error)) => return Err(error),
                // The cause is temporary: it runs again below.
                Err(AttemptError::Retry(_)) => {}
            }
        } else if let Some(found) = self.look_up_queued(company, &handle).await? {
            return Ok(found);
        }
        let (name, sql) = handle.query();
        let rows = self
            .read_of(company, name, sql, &handle.parameters(&company.get()))
            .await?;
        rows.first().map(read_contact).transpose()
    }

    /// `None`: the queue is full, or the batch failed. A query of its own may succeed.
    async fn look_up_queued(
        &self,
        company: CompanyId,
        handle: &Handle,
    ) -> Result<Option<Option<Contact>>, StoreError> {
        let (answer, answered) = oneshot::channel();
        let lookup = Lookup {
            company,
            handle: handle.clone(),
            answer,
            call_span: CallSpan::queued(),
        };
        if self.lookup_batcher.queue.push(lookup) == Err(Full) {
            return Ok(None);
        }
        let answered = within(self.timeouts.until(), answered)
            .await
            .ok_or_else(|| {
                let error = StoreError::unavailable("a contact was not looked up in time");
                self.outage.explain(error)
            })?;
        Ok(answered.ok())
    }

    pub(in crate::store) async fn look_up_batches(self) {
        let lookup_batcher = Arc::clone(&self.lookup_batcher);
        loop {
            let (mut lookups, _running) = lookup_batcher.queue.take().await;
            lookups.retain(|lookup| !lookup.answer.is_closed());
            let count = lookups.len();
            for lookup in &mut lookups {
                lookup.call_span.enter_transaction(count);
            }
            // A caller whose channel closes without an answer runs its own query.
            let found = self.find_all(&lookups).await.unwrap_or_default();
            for (lookup, contact) in lookups.into_iter().zip(found) {
                let _ = lookup.answer.send(contact);
            }
        }
    }

    async fn find_all(&self, lookups: &[Lookup]) -> Result<Vec<Option<Contact>>, AttemptError> {
        let companies: Vec<i64> = lookups.iter().map(|lookup| lookup.company.get()).collect();
        let ids: Vec<Option<i64>> = lookups.iter().map(|lookup| lookup.handle.id()).collect();
        let emails: Vec<Option<&str>> =
            lookups.iter().map(|lookup| lookup.handle.email()).collect();
        let phones: Vec<Option<&str>> =
            lookups.iter().map(|lookup| lookup.handle.phone()).collect();
        let rows = self
            .read_batch(FIND_CONTACTS, &[&companies, &ids, &emails, &phones])
            .await?;

        let mut found: Vec<Option<Contact>> = lookups.iter().map(|_| None).collect();
        for row in rows {
            let place: i64 = row.get("place");
            let place = usize::try_from(place - 1).ok();
            let contact = read_contact(&row).map_err(AttemptError::Fail)?;
            if let Some(slot) = place.and_then(|place| found.get_mut(place)) {
                *slot = Some(contact);
            }
        }
        Ok(found)
    }
}

impl Handle {
    /// The name and the text of the statement for one lookup.
    const fn query(&self) -> (&'static str, &'static str) {
        match self {
            Self::Id(_) => ("find_contact", FIND_CONTACT),
            Self::Email(_) => ("find_contact_by_email", FIND_CONTACT_BY_EMAIL),
            Self::Phone(_) => ("find_contact_by_phone", FIND_CONTACT_BY_PHONE),
        }
    }

    fn parameters<'a>(&'a self, company: &'a i64) -> [&'a (dyn ToSql + Sync); 2] {
        match self {
            Self::Id(id) => [company, id],
            Self::Email(email) => [company, email],
            Self::Phone(phone) => [company, phone],
        }
    }

    fn id(&self) -> Option<i64> {
        match self {
            Self::Id(id) => Some(*id),
            Self::Email(_) | Self::Phone(_) => None,
        }
    }

    fn email(&self) -> Option<&str> {
        match self {
            Self::Email(email) => Some(email),
            Self::Id(_) | Self::Phone(_) => None,
        }
    }

    fn phone(&self) -> Option<&str> {
        match self {
            Self::Phone(phone) => Some(phone),
            Self::Id(_) | Self::Email(_) => None,
        }
    }
}
