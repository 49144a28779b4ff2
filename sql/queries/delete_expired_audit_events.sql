-- Deletes some audit events before a time, the oldest first, and returns how many. None while another
-- replica does the same. Called by store::retention.
select
    case
        when pg_try_advisory_xact_lock($1)
            then delete_expired_audit_events($2, $3)
        else 0
    end as deleted;
