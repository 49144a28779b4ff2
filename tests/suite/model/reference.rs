//! Matching and merging as the documentation tells them: slow, obvious, in memory.

use serde_json::Value;

/// One upsert.
#[derive(Debug, Clone)]
pub struct Call {
    pub email: Option<&'static str>,
    pub phone: Option<&'static str>,
    pub fields: Option<Value>,
    pub consent_email: Option<bool>,
    pub consent_whatsapp: Option<bool>,
}

/// A contact. Its place in [`Model::contacts`] is its id.
#[derive(Debug, Clone, PartialEq)]
pub struct Contact {
    pub email: Option<&'static str>,
    pub phone: Option<&'static str>,
    pub fields: Value,
    pub consent_email: Option<bool>,
    pub consent_whatsapp: Option<bool>,
    /// When it was deleted, on the model's own clock.
    pub deleted: Option<usize>,
    /// How many consent events it has.
    pub events: usize,
}

/// What an upsert answers. Contacts are named by their place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    Done {
        contact: usize,
        outcome: &'static str,
        matched_by: Option<&'static str>,
        /// Who keeps the e-mail address, and who the phone.
        conflicts: (Option<usize>, Option<usize>),
    },
    PhoneConflict {
        contact: usize,
        holder: usize,
    },
}

/// All contacts of one company.
#[derive(Debug, Clone, Default)]
pub struct Model {
    pub contacts: Vec<Contact>,
    pub skips_phone_conflicts: bool,
    pub clock: usize,
}

impl Model {
    /// Soft-deletes the live contact with this e-mail address, if there is one.
    pub fn delete(&mut self, email: &str) {
        self.clock += 1;
        let clock = self.clock;
        if let Some(id) = self.live(|contact| contact.email == Some(email)) {
            self.contacts[id].deleted = Some(clock);
        }
    }

    pub fn upsert(&mut self, call: &Call) -> Answer {
        self.clock += 1;
        let by_email = call
            .email
            .and_then(|email| self.live(|it| it.email == Some(email)));
        let by_phone = call
            .phone
            .and_then(|phone| self.live(|it| it.phone == Some(phone)));

        if let (Some(contact), Some(holder)) = (by_email, by_phone)
            && contact != holder
        {
            if !self.skips_phone_conflicts {
                return Answer::PhoneConflict { contact, holder };
            }
            let call = Call {
                phone: None,
                ..call.clone()
            };
            let outcome = self.write(contact, &call);
            let conflicts = (None, Some(holder));
            return Answer::Done {
                contact,
                outcome,
                matched_by: Some("email"),
                conflicts,
            };
        }
        if let Some(contact) = by_email {
            let outcome = self.write(contact, call);
            return Answer::Done {
                contact,
                outcome,
                matched_by: Some("email"),
                conflicts: (None, None),
            };
        }
        if let Some(contact) = by_phone {
            let outcome = self.write(contact, call);
            return Answer::Done {
                contact,
                outcome,
                matched_by: Some("phone"),
                conflicts: (None, None),
            };
        }
        match self.deleted(call) {
            Some(contact) => self.restore(contact, call),
            None => self.create(call),
        }
    }

    fn restore(&mut self, contact: usize, call: &Call) -> Answer {
        let it = self.contacts[contact].clone();
        let is_by_email = it.email.is_some() && it.email == call.email;
        let holder = |is_it: &dyn Fn(&Contact) -> bool| self.live(is_it);
        let email_holder = match (call.email, it.email) {
            (None, Some(email)) => holder(&|other| other.email == Some(email)),
            _ => None,
        };
        let phone_holder = match (call.phone, it.phone) {
            (None, Some(phone)) => holder(&|other| other.phone == Some(phone)),
            _ => None,
        };
        if email_holder.is_some() {
            self.contacts[contact].email = None;
        }
        if phone_holder.is_some() {
            self.contacts[contact].phone = None;
        }
        self.write(contact, call);
        self.contacts[contact].deleted = None;
        Answer::Done {
            contact,
            outcome: "restored",
            matched_by: Some(if is_by_email { "email" } else { "phone" }),
            conflicts: (email_holder, phone_holder),
        }
    }

    fn create(&mut self, call: &Call) -> Answer {
        self.contacts.push(Contact {
            email: None,
            phone: None,
            fields: Value::Object(serde_json::Map::new()),
            consent_email: None,
            consent_whatsapp: None,
            deleted: None,
            events: 0,
        });
        let contact = self.contacts.len() - 1;
        self.write(contact, call);
        Answer::Done {
            contact,
            outcome: "created",
            matched_by: None,
            conflicts: (None, None),
        }
    }

    fn write(&mut self, contact: usize, call: &Call) -> &'static str {
        let it = &mut self.contacts[contact];
        let before = it.clone();
        it.email = call.email.or(it.email);
        it.phone = call.phone.or(it.phone);
        if let Some(fields) = &call.fields {
            json_patch::merge(&mut it.fields, fields);
        }
        it.consent_email = call.consent_email.or(it.consent_email);
        it.consent_whatsapp = call.consent_whatsapp.or(it.consent_whatsapp);
        it.events += usize::from(it.consent_email != before.consent_email);
        it.events += usize::from(it.consent_whatsapp != before.consent_whatsapp);
        if *it == before {
            "unchanged"
        } else {
            "updated"
        }
    }

    fn live(&self, is_it: impl Fn(&Contact) -> bool) -> Option<usize> {
        self.contacts
            .iter()
            .position(|contact| contact.deleted.is_none() && is_it(contact))
    }

    /// The most recently deleted contact that a call means: by its e-mail address, or by its
    /// phone where no e-mail address speaks against it.
    fn deleted(&self, call: &Call) -> Option<usize> {
        let is_meant = |contact: &Contact| {
            let by_email = contact.email.is_some() && contact.email == call.email;
            let by_phone = contact.phone.is_some() && contact.phone == call.phone;
            let is_silent = contact.email.is_none() || call.email.is_none();
            by_email || (by_phone && is_silent)
        };
        let meant = self.contacts.iter().enumerate();
        let meant = meant.filter(|(_, contact)| contact.deleted.is_some() && is_meant(contact));
        meant
            .max_by_key(|(_, contact)| contact.deleted)
            .map(|(id, _)| id)
    }
}
