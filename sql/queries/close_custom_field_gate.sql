-- Waits for the running writes of a company's contacts, and blocks further ones until the transaction
-- ends. Called by store::custom_fields::definitions.
select pg_advisory_xact_lock(custom_field_gate($1));
