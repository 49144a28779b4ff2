-- Builds or drops a part of one filter. Called by store::custom_fields::filters.
select advance_filter($1, $2, $3) as state;
