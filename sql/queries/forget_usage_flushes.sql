-- Deletes the flush numbers of processes that ended long ago. Called by store::usage.
delete from usage_flushes
where flushed_at < $1;
