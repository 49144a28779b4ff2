-- Deletes some audit events that are older than a moment, the oldest first, and says how many. None while
-- another replica is at it. Called by store::retention.
select
    case
        when pg_try_advisory_xact_lock($1)
            then delete_expired_audit_events($2, $3)
        else 0
    end as deleted;
