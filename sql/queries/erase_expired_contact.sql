-- Erases a contact and its duplicates, unless it was restored in the meantime. Null while another replica
-- erases one. Called by store::retention.
select
    case
        when pg_try_advisory_xact_lock($1)
            then erase_expired_contact($2, $3, $4, $5, $6)
    end as is_erased;
