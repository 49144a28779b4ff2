-- Lifts the suppressions of all erased contacts that had this identifier, for all identifiers of
-- theirs. Called by store::erasure.
with lifted as (
    delete from suppressions
    where
        company_id = $1
        and erased_contact_id in (
            select same.erased_contact_id
            from suppressions as same
            where
                same.company_id = $1
                and same.digest = any($2)
        )
    returning erased_contact_id
),

untied as (
    delete from suppressed_contacts
    where
        company_id = $1
        and erased_contact_id in (select lifted.erased_contact_id from lifted)
)

select count(*) as lifted
from lifted;
