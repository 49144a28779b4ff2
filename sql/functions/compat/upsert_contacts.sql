-- Kept for release 0.2.0, which calls it like this. Dropped in release 0.4.0.
create or replace function upsert_contacts(
    for_company_ids bigint[],
    by_client_ids text[],
    sent_emails text[],
    sent_phones text[],
    sent_custom_fields jsonb[],
    sent_consents_email boolean[],
    sent_consents_whatsapp boolean[],
    skip_phone_conflicts boolean[],
    sent_digests bytea[],
    set_size integer,
    out outcomes text[],
    out contact_ids bigint[],
    out matches text[],
    out email_conflict_ids bigint[],
    out phone_conflict_ids bigint[],
    out suppressed_consents text[]
)
language sql as $$
    select
        upserted.outcomes, upserted.contact_ids, upserted.matches,
        upserted.email_conflict_ids, upserted.phone_conflict_ids, upserted.suppressed_consents
    from upsert_contacts(
        for_company_ids, by_client_ids, sent_emails, sent_phones, sent_custom_fields,
        sent_consents_email, sent_consents_whatsapp, skip_phone_conflicts,
        array_fill('replace'::text, array[cardinality(for_company_ids)]),
        array_fill(false, array[cardinality(for_company_ids)]),
        sent_digests, set_size
    ) as upserted;
$$;
comment on function upsert_contacts(
    bigint[], text[], text[], text[], jsonb[], boolean[], boolean[], boolean[], bytea[],
    integer
) is
'As release 0.2.0 calls it.';
