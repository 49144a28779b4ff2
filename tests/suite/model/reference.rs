//! Section 1 of the contract as a program in memory: no indexes, no locks, no SQL.

use rubrica::domain::{IdentifierKind, Outcome};
use serde_json::Value;

/// One upsert, in normal form.
#[derive(Debug, Clone)]
pub struct Upsert {
    pub email: Option<&'static str>,
    pub phone: Option<&'static str>,
    pub custom_fields: Option<Value>,
    /// E-mail, then `WhatsApp`.
    pub consent: [Option<bool>; 2],
}

/// What an upsert answers. Contacts are numbered in the order in which they were created.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    Done {
        contact: usize,
        outcome: Outcome,
        matched_by: Option<IdentifierKind>,
        warnings: Vec<(IdentifierKind, usize)>,
    },
    PhoneConflict {
        contact: usize,
        holder: usize,
    },
}

/// A contact as it is stored, with its consent history.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Contact {
    pub email: Option<String>,
    pub phone: Option<String>,
    pub custom_fields: Value,
    pub consent: [Option<bool>; 2],
    pub events: Vec<ConsentEvent>,
    /// Orders the deletions; `None` while it lives.
    pub deleted: Option<usize>,
}

/// Channel, old status, new status, address.
pub type ConsentEvent = (&'static str, Option<bool>, bool, Option<String>);

/// The contacts of one company.
#[derive(Debug, Clone, Default)]
pub struct Model {
    skips_phone_conflicts: bool,
    pub contacts: Vec<Contact>,
    deletions: usize,
}

impl Model {
    /// A company with nothing in it.
    pub fn new(skips_phone_conflicts: bool) -> Self {
        Self {
            skips_phone_conflicts,
            ..Self::default()
        }
    }

    /// Soft-deletes a contact, if it lives.
    pub fn delete(&mut self, contact: usize) -> bool {
        let lives = self.contacts[contact].deleted.is_none();
        if lives {
            self.deletions += 1;
            self.contacts[contact].deleted = Some(self.deletions);
        }
        lives
    }

    /// Upserts.
    pub fn upsert(&mut self, sent: &Upsert) -> Answer {
        match self.find(sent) {
            None => self.create(sent),
            Some((contact, by)) if self.contacts[contact].deleted.is_some() => {
                self.restore(contact, by, sent)
            }
            Some((contact, by)) => self.update(contact, by, sent),
        }
    }

    /// Whom it means, and by which identifier.
    fn find(&self, sent: &Upsert) -> Option<(usize, IdentifierKind)> {
        let by_email = self.live_with(sent.email, |contact| &contact.email);
        let by_phone = self.live_with(sent.phone, |contact| &contact.phone);
        by_email
            .map(|contact| (contact, IdentifierKind::Email))
            .or(by_phone.map(|contact| (contact, IdentifierKind::Phone)))
            .or_else(|| self.find_deleted(sent))
    }

    fn live_with(
        &self,
        sent: Option<&str>,
        stored: impl Fn(&Contact) -> &Option<String>,
    ) -> Option<usize> {
        let sent = sent?;
        self.contacts.iter().position(|contact| {
            contact.deleted.is_none() && stored(contact).as_deref() == Some(sent)
        })
    }

    fn find_deleted(&self, sent: &Upsert) -> Option<(usize, IdentifierKind)> {
        let has_email =
            |contact: &Contact| sent.email.is_some() && contact.email.as_deref() == sent.email;
        let has_phone =
            |contact: &Contact| sent.phone.is_some() && contact.phone.as_deref() == sent.phone;
        // The phone alone leads to somebody else, if the e-mail address says who is meant.
        let is_meant_by_phone = |contact: &Contact| {
            has_phone(contact) && (contact.email.is_none() || sent.email.is_none())
        };
        let (index, contact) = (self.contacts.iter().enumerate())
            .filter(|(_, contact)| contact.deleted.is_some())
            .filter(|(_, contact)| has_email(contact) || is_meant_by_phone(contact))
            .max_by_key(|(_, contact)| contact.deleted)?;
        let by = if has_email(contact) {
            IdentifierKind::Email
        } else {
            IdentifierKind::Phone
        };
        Some((index, by))
    }

    fn create(&mut self, sent: &Upsert) -> Answer {
        let mut contact = Contact {
            custom_fields: Value::Object(serde_json::Map::new()),
            ..Contact::default()
        };
        write(&mut contact, sent, sent.phone);
        self.contacts.push(contact);
        Answer::Done {
            contact: self.contacts.len() - 1,
            outcome: Outcome::Created,
            matched_by: None,
            warnings: vec![],
        }
    }

    fn update(&mut self, contact: usize, by: IdentifierKind, sent: &Upsert) -> Answer {
        let mut phone = sent.phone;
        let mut warnings = vec![];
        let holder = self.live_with(sent.phone, |contact| &contact.phone);
        if let Some(holder) = holder.filter(|holder| *holder != contact) {
            if !self.skips_phone_conflicts {
                return Answer::PhoneConflict { contact, holder };
            }
            phone = None;
            warnings.push((IdentifierKind::Phone, holder));
        }
        let before = self.contacts[contact].clone();
        write(&mut self.contacts[contact], sent, phone);
        let is_unchanged = self.contacts[contact] == before;
        Answer::Done {
            contact,
            outcome: if is_unchanged {
                Outcome::Unchanged
            } else {
                Outcome::Updated
            },
            matched_by: Some(by),
            warnings,
        }
    }

    fn restore(&mut self, contact: usize, by: IdentifierKind, sent: &Upsert) -> Answer {
        // What was sent is nobody's, or that contact would have been meant. What is stored may be.
        let stored = self.contacts[contact].clone();
        let email_holder = self
            .live_with(stored.email.as_deref(), |contact| &contact.email)
            .filter(|_| sent.email.is_none());
        let phone_holder = self
            .live_with(stored.phone.as_deref(), |contact| &contact.phone)
            .filter(|_| sent.phone.is_none());

        let restored = &mut self.contacts[contact];
        restored.deleted = None;
        let mut warnings = vec![];
        if let Some(holder) = email_holder {
            restored.email = None;
            warnings.push((IdentifierKind::Email, holder));
        }
        if let Some(holder) = phone_holder {
            restored.phone = None;
            warnings.push((IdentifierKind::Phone, holder));
        }
        write(restored, sent, sent.phone);
        Answer::Done {
            contact,
            outcome: Outcome::Restored,
            matched_by: Some(by),
            warnings,
        }
    }
}

/// Identifiers, merge, consent: in this order, since a consent is given for an address.
fn write(contact: &mut Contact, sent: &Upsert, phone: Option<&str>) {
    if let Some(email) = sent.email {
        contact.email = Some(email.to_owned());
    }
    if let Some(phone) = phone {
        contact.phone = Some(phone.to_owned());
    }
    if let Some(patch) = &sent.custom_fields {
        json_patch::merge(&mut contact.custom_fields, patch);
    }
    let addresses = [contact.email.clone(), contact.phone.clone()];
    for (index, (channel, address)) in ["email", "whatsapp"].into_iter().zip(addresses).enumerate()
    {
        let (old, new) = (contact.consent[index], sent.consent[index]);
        if let Some(new) = new.filter(|new| old != Some(*new)) {
            contact.events.push((channel, old, new, address));
            contact.consent[index] = Some(new);
        }
    }
}
