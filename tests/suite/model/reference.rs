//! The rules of upserts as a simple program in memory: no indexes, no locks, no SQL.

use rubrica::domain::{
    CompanySettings, ConsentOnAddressChange, EmailConflict, IdentifierKind, Outcome, PhoneConflict,
};
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

/// The response to an upsert. Contacts are numbered in the order of their creation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    Done {
        contact: usize,
        outcome: Outcome,
        matched_by: Option<IdentifierKind>,
        warnings: Vec<Note>,
    },
    PhoneConflict {
        contact: usize,
        holder: usize,
    },
    EmailDiffers {
        contact: usize,
    },
}

/// A warning.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Note {
    /// The identifier stays with this contact.
    Conflict(IdentifierKind, usize),
    /// The contact had this address.
    EmailReplaced(String),
}

/// A contact as it is stored, with its consent history.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Contact {
    pub email: Option<String>,
    pub phone: Option<String>,
    pub custom_fields: Value,
    pub consent: [Option<bool>; 2],
    pub events: Vec<ConsentEvent>,
    /// The position in the order of deletions; `None` for an active contact.
    pub deleted: Option<usize>,
}

/// Channel, old status, new status, address.
pub type ConsentEvent = (&'static str, Option<bool>, Option<bool>, Option<String>);

/// The contacts of one company.
#[derive(Debug, Clone)]
pub struct Model {
    settings: CompanySettings,
    pub contacts: Vec<Contact>,
    deletions: usize,
}

impl Model {
    /// A company with nothing in it.
    pub fn new(settings: CompanySettings) -> Self {
        Self {
            settings,
            contacts: vec![],
            deletions: 0,
        }
    }

    /// Soft-deletes a contact if it is active.
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
        let Some((contact, previous_email)) = self.with_another_email(sent) else {
            return self.write_to(self.find(sent), sent, vec![]);
        };
        match self.settings.email_conflict {
            EmailConflict::Replace => self.write_to(
                self.find(sent),
                sent,
                vec![Note::EmailReplaced(previous_email)],
            ),
            EmailConflict::Reject => Answer::EmailDiffers { contact },
            // The same as an upsert without the phone.
            EmailConflict::Create => {
                let sent = Upsert {
                    phone: None,
                    ..sent.clone()
                };
                let conflict = Note::Conflict(IdentifierKind::Phone, contact);
                self.write_to(self.find(&sent), &sent, vec![conflict])
            }
        }
    }

    /// The active contact with the sent phone and a different email, if no active contact has the sent
    /// email; and its email.
    fn with_another_email(&self, sent: &Upsert) -> Option<(usize, String)> {
        let (contact, by) = self.find(sent)?;
        let found = &self.contacts[contact];
        let is_by_phone = by == IdentifierKind::Phone && found.deleted.is_none();
        let email = found.email.clone().filter(|_| is_by_phone)?;
        (sent.email? != email).then_some((contact, email))
    }

    fn write_to(
        &mut self,
        target: Option<(usize, IdentifierKind)>,
        sent: &Upsert,
        notes: Vec<Note>,
    ) -> Answer {
        match target {
            None => self.create(sent, notes),
            Some((contact, by)) if self.contacts[contact].deleted.is_some() => {
                self.restore(contact, by, sent, notes)
            }
            Some((contact, by)) => self.update(contact, by, sent, notes),
        }
    }

    /// The contact that the upsert matches, and by which identifier.
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
        // The email decides if the phone belongs to another contact.
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

    fn create(&mut self, sent: &Upsert, warnings: Vec<Note>) -> Answer {
        let mut contact = Contact {
            custom_fields: Value::Object(serde_json::Map::new()),
            ..Contact::default()
        };
        let before = contact.clone();
        self.write(&before, &mut contact, sent, sent.phone);
        self.contacts.push(contact);
        Answer::Done {
            contact: self.contacts.len() - 1,
            outcome: Outcome::Created,
            matched_by: None,
            warnings,
        }
    }

    fn update(
        &mut self,
        contact: usize,
        by: IdentifierKind,
        sent: &Upsert,
        mut warnings: Vec<Note>,
    ) -> Answer {
        let mut phone = sent.phone;
        let holder = self.live_with(sent.phone, |contact| &contact.phone);
        if let Some(holder) = holder.filter(|holder| *holder != contact) {
            if self.settings.phone_conflict == PhoneConflict::Reject {
                return Answer::PhoneConflict { contact, holder };
            }
            phone = None;
            warnings.push(Note::Conflict(IdentifierKind::Phone, holder));
        }
        let before = self.contacts[contact].clone();
        let mut after = before.clone();
        self.write(&before, &mut after, sent, phone);
        let is_unchanged = after == before;
        self.contacts[contact] = after;
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

    fn restore(
        &mut self,
        contact: usize,
        by: IdentifierKind,
        sent: &Upsert,
        mut warnings: Vec<Note>,
    ) -> Answer {
        // No active contact has the sent identifiers, or it would have matched. The stored ones may be in use.
        let stored = self.contacts[contact].clone();
        let email_holder = self
            .live_with(stored.email.as_deref(), |contact| &contact.email)
            .filter(|_| sent.email.is_none());
        let phone_holder = self
            .live_with(stored.phone.as_deref(), |contact| &contact.phone)
            .filter(|_| sent.phone.is_none());

        let mut restored = stored.clone();
        restored.deleted = None;
        if let Some(holder) = email_holder {
            restored.email = None;
            warnings.push(Note::Conflict(IdentifierKind::Email, holder));
        }
        if let Some(holder) = phone_holder {
            restored.phone = None;
            let conflict = Note::Conflict(IdentifierKind::Phone, holder);
            // It may have the sent phone, too: one warning covers both.
            if !warnings.contains(&conflict) {
                warnings.push(conflict);
            }
        }
        self.write(&stored, &mut restored, sent, sent.phone);
        self.contacts[contact] = restored;
        Answer::Done {
            contact,
            outcome: Outcome::Restored,
            matched_by: Some(by),
            warnings,
        }
    }

    /// Sets identifiers, custom fields and consent, in this order, because a consent is given for an
    /// address. `after` may lack an identifier that `before` had.
    fn write(&self, before: &Contact, after: &mut Contact, sent: &Upsert, phone: Option<&str>) {
        if let Some(email) = sent.email {
            after.email = Some(email.to_owned());
        }
        if let Some(phone) = phone {
            after.phone = Some(phone.to_owned());
        }
        if let Some(patch) = &sent.custom_fields {
            json_patch::merge(&mut after.custom_fields, patch);
        }
        for (index, channel) in ["email", "whatsapp"].into_iter().enumerate() {
            let address = after.address(channel).cloned();
            let former = before
                .address(channel)
                .cloned()
                .or_else(|| before.last_address(channel));
            let is_removed = before.address(channel).is_none() && address.is_none();
            let is_changed = former.is_some() && former != address && !is_removed;
            let old = before.consent[index];
            let is_reset = is_changed
                && self.settings.consent_on_address_change == ConsentOnAddressChange::Reset
                && old == Some(true);
            let new = sent.consent[index].or(if is_reset { None } else { old });
            let is_moved = is_changed && address.is_some() && old.is_some();
            if new != old || is_moved {
                after.events.push((channel, old, new, address));
                after.consent[index] = new;
            }
        }
    }
}

impl Contact {
    /// The address that a consent for this channel is given for.
    fn address(&self, channel: &str) -> Option<&String> {
        if channel == "email" {
            self.email.as_ref()
        } else {
            self.phone.as_ref()
        }
    }

    /// The address in the last event of this channel.
    fn last_address(&self, channel: &str) -> Option<String> {
        let mut events = self.events.iter().rev();
        events.find(|event| event.0 == channel)?.3.clone()
    }
}
