-- Kept for release 0.2.0, which calls it like this. Dropped in release 0.4.0.
create or replace function upsert_contact(
    for_company_id bigint,
    by_client_id text,
    sent_email text,
    sent_phone text,
    sent_custom_fields jsonb,
    sent_consent_email boolean,
    sent_consent_whatsapp boolean,
    skip_phone_conflict boolean,
    sent_digests bytea[],
    out outcome text,
    out contact_id bigint,
    out matched_by text,
    out email_conflict_id bigint,
    out phone_conflict_id bigint,
    out suppressed_consents text[]
)
language sql as $$
    select
        upserted.outcome, upserted.contact_id, upserted.matched_by,
        upserted.email_conflict_id, upserted.phone_conflict_id, upserted.suppressed_consents
    from upsert_contact(
        for_company_id, by_client_id, sent_email, sent_phone, sent_custom_fields,
        sent_consent_email, sent_consent_whatsapp, skip_phone_conflict, 'replace', false,
        sent_digests
    ) as upserted;
$$;
comment on function upsert_contact(
    bigint, text, text, text, jsonb, boolean, boolean, boolean, bytea[]
) is
'As release 0.2.0 calls it.';
