-- Kept for release 0.2.0, which calls it like this. Dropped in release 0.4.0.
create or replace function update_contact(
    for_company_id bigint,
    by_client_id text,
    target_id bigint,
    expected_updated_at timestamptz[],
    phone_only_contacts boolean,
    is_email_sent boolean,
    sent_email text,
    is_phone_sent boolean,
    sent_phone text,
    sent_custom_fields jsonb,
    sent_consent_email boolean,
    sent_consent_whatsapp boolean,
    sent_digests bytea[],
    out outcome text,
    out conflicting_id bigint,
    out contact contacts,
    out suppressed_consents text[]
)
language sql as $$
    select
        updated.outcome, updated.conflicting_id, updated.contact, updated.suppressed_consents
    from update_contact(
        for_company_id, by_client_id, target_id, expected_updated_at, phone_only_contacts, false,
        is_email_sent, sent_email, is_phone_sent, sent_phone, sent_custom_fields,
        sent_consent_email, sent_consent_whatsapp, sent_digests
    ) as updated;
$$;
comment on function update_contact(
    bigint, text, bigint, timestamptz[], boolean, boolean, text, boolean, text, jsonb, boolean,
    boolean, bytea[]
) is
'As release 0.2.0 calls it.';
