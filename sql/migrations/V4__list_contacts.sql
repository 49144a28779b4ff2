-- Indexes that serve the list of contacts. None holds custom_fields or updated_at: only an update
-- that changes a consent, an identifier or the deletion touches an index.

create index contacts_live on contacts (company_id, id)
where deleted_at is null;
comment on index contacts_live is 'Serves pages of live contacts, past however many deleted ones.';

create index contacts_deleted on contacts (company_id, id)
where deleted_at is not null;
comment on index contacts_deleted is 'Serves pages of soft-deleted contacts, past the live ones.';

create index contacts_consent_email on contacts (company_id, consent_email, id)
where consent_email is not null;
comment on index contacts_consent_email is 'Serves pages of contacts by their consent to e-mail.';

create index contacts_consent_whatsapp on contacts (company_id, consent_whatsapp, id)
where consent_whatsapp is not null;
comment on index contacts_consent_whatsapp is
    'Serves pages of contacts by their consent to WhatsApp.';
