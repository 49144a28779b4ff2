-- A page of contacts in the order of their ids. Called by store::contacts::reads, which puts
-- conditions in place of the marked line: as constants, so that partial indexes can serve them.
-- $1: the company; $2: the id after which the page begins; $3: contacts, at most; $4: the page ends
-- with the contact that takes its custom fields to so many bytes. One contact is read at a time: the
-- text of a large one takes long to make, and what is beyond the end of the page is not made at all.
with recursive page as (
    (
        select
            $2::bigint as id,
            null::text collate "C" as email,
            null::text collate "C" as phone,
            ''::text as custom_fields,
            null::boolean as consent_email,
            null::boolean as consent_whatsapp,
            null::timestamptz as created_at,
            null::timestamptz as updated_at,
            null::timestamptz as deleted_at,
            0::bigint as place,
            0::bigint as bytes_before
    )
    union all
    select
        next.*,
        page.place + 1,
        page.bytes_before + octet_length(page.custom_fields)
    from page
    cross join
        lateral (
            select
                contacts.id,
                contacts.email,
                contacts.phone,
                contacts.custom_fields::text as custom_fields,
                contacts.consent_email,
                contacts.consent_whatsapp,
                contacts.created_at,
                contacts.updated_at,
                contacts.deleted_at
            from contacts
            where
                contacts.company_id = $1
                and contacts.id > page.id
                -- What the list's own indexes ask for.
                and contacts.id > 0
            -- further conditions
            order by contacts.id
            limit 1
        ) as next
    where
        page.place < $3
        and page.bytes_before + octet_length(page.custom_fields) < $4
)

select
    id,
    email,
    phone,
    custom_fields,
    consent_email,
    consent_whatsapp,
    created_at,
    updated_at,
    deleted_at
from page
where place > 0
order by place;
