-- Builds or drops a part of one filter. Called by store::filters.
select advance_filter($1, $2, $3) as state;
