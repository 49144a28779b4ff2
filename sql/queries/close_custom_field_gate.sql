-- Waits for the writes of a company's contacts that are under way, and holds up further ones until
-- the end of the transaction. Called by store::custom_fields::definitions.
select pg_advisory_xact_lock(custom_field_gate($1));
