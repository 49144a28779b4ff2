-- Soft-deletes one active contact, if it has one of the expected versions (null: any). Returns one row
-- with what was found and what was done, both in one snapshot.
-- Called by store::contacts::writes.
with found as (
    select
        id,
        updated_at
    from contacts
    where
        company_id = $1
        and id = $2
        and deleted_at is null
    for update
),

deleted as (
    update contacts
    set
        deleted_at = clock_timestamp(),
        updated_at = greatest(clock_timestamp(), found.updated_at + interval '1 microsecond')
    from found
    where
        contacts.company_id = $1
        and contacts.id = found.id
        and ($3::timestamptz[] is null or found.updated_at = any($3))
    returning contacts.id
)

select
    exists(select from found) as is_found,
    exists(select from deleted) as is_deleted;
