-- The schema that `rubrica migrate` makes, as pg_dump shows it, without the bodies of functions: those are in
-- sql/functions. Written by scripts/update-schema, and compared by a test.
-- Functions: version 2, SHA-256 6421bf33a796a258f247d73f9365e116eb864699a6a4bedfd52c805a50aeb6ff

CREATE FUNCTION advance_filter(for_company_id bigint, of_definition_id bigint, chunk_size integer) RETURNS text
    LANGUAGE plpgsql;

COMMENT ON FUNCTION advance_filter(for_company_id bigint, of_definition_id bigint, chunk_size integer) IS 'Builds or drops a part of one filter. Returns its new state; null: there is nothing to do, or another replica does it.';

CREATE FUNCTION broken_custom_fields_limit(custom_fields jsonb) RETURNS text
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION broken_custom_fields_limit(custom_fields jsonb) IS 'Which limit on stored custom fields is broken (64 KiB of text, 250 keys), or null. Depth and key length are checked before they are sent.';

CREATE FUNCTION custom_field_digest(value jsonb) RETURNS bytea
    LANGUAGE sql STABLE PARALLEL SAFE;

COMMENT ON FUNCTION custom_field_digest(value jsonb) IS 'A scalar as filters compare it: as text, a number without trailing zeros. Null for an object, an array and null.';

CREATE FUNCTION custom_field_gate(of_company_id bigint) RETURNS bigint
    LANGUAGE sql IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION custom_field_gate(of_company_id bigint) IS 'The advisory lock between writers of contacts (shared) and changes of definitions (exclusive): once a filter is declared, no write that has not heard of it is under way.';

CREATE FUNCTION custom_field_key(key text) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION custom_field_key(key text) IS 'The key of the definition that a contact''s key belongs to: in upper case and NFC, independent of any language and collation.';

CREATE FUNCTION decide_consent(for_company_id bigint, of_contact_id bigint, of_channel text, stored boolean, sent boolean, old_address text, new_address text, reset_consents boolean, digests bytea[], OUT status boolean, OUT is_event boolean, OUT is_suppressed boolean) RETURNS record
    LANGUAGE plpgsql;

COMMENT ON FUNCTION decide_consent(for_company_id bigint, of_contact_id bigint, of_channel text, stored boolean, sent boolean, old_address text, new_address text, reset_consents boolean, digests bytea[], OUT status boolean, OUT is_event boolean, OUT is_suppressed boolean) IS 'The consent for one channel that a write stores; whether that is an event, because the consent or its address changes; and whether an opt-in is left out, because the person was erased after an opt-out.';

CREATE FUNCTION decide_consents(for_company_id bigint, of_contact_id bigint, stored_email boolean, sent_email boolean, old_email text, new_email text, stored_whatsapp boolean, sent_whatsapp boolean, old_phone text, new_phone text, reset_consents boolean, digests bytea[], OUT email_status boolean, OUT is_email_event boolean, OUT whatsapp_status boolean, OUT is_whatsapp_event boolean, OUT suppressed_consents text[]) RETURNS record
    LANGUAGE plpgsql;

COMMENT ON FUNCTION decide_consents(for_company_id bigint, of_contact_id bigint, stored_email boolean, sent_email boolean, old_email text, new_email text, stored_whatsapp boolean, sent_whatsapp boolean, old_phone text, new_phone text, reset_consents boolean, digests bytea[], OUT email_status boolean, OUT is_email_event boolean, OUT whatsapp_status boolean, OUT is_whatsapp_event boolean, OUT suppressed_consents text[]) IS 'decide_consent of both channels, and the channels in which an opt-in is left out.';

CREATE FUNCTION delete_expired_audit_events(older_than timestamp with time zone, at_most integer) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp';

COMMENT ON FUNCTION delete_expired_audit_events(older_than timestamp with time zone, at_most integer) IS 'Deletes audit events that are older than a timestamp and than 30 days, among at most at_most of the oldest ones. Records how many it deleted, and returns that number.';

CREATE FUNCTION duplicates_to_erase(for_company_id bigint, target_id bigint) RETURNS bigint[]
    LANGUAGE plpgsql STABLE;

COMMENT ON FUNCTION duplicates_to_erase(for_company_id bigint, target_id bigint) IS 'The soft-deleted contacts that have an identifier which the target has or had.';

CREATE FUNCTION erase_contacts(for_company_id bigint, by_actor text, target_id bigint, all_identifiers text[], all_digests bytea[], from_client_address text, in_request_id text) RETURNS boolean
    LANGUAGE plpgsql;

COMMENT ON FUNCTION erase_contacts(for_company_id bigint, by_actor text, target_id bigint, all_identifiers text[], all_digests bytea[], from_client_address text, in_request_id text) IS 'Removes a contact and its duplicates from every table; false: there is no such contact. Consent events keep channel and time. all_identifiers: what identifiers_to_erase returns; all_digests: theirs, under the current suppression key. Raises serialization_failure if others were added meanwhile.';

CREATE FUNCTION erase_contacts(for_company_id bigint, by_client_id text, target_id bigint, twin_ids bigint[], target_email text, target_phone text, digests bytea[], email_opted_out boolean, whatsapp_opted_out boolean) RETURNS void
    LANGUAGE plpgsql;

COMMENT ON FUNCTION erase_contacts(for_company_id bigint, by_client_id text, target_id bigint, twin_ids bigint[], target_email text, target_phone text, digests bytea[], email_opted_out boolean, whatsapp_opted_out boolean) IS 'As release 0.2.0 calls it.';

CREATE FUNCTION erase_expired_contact(for_company_id bigint, target_id bigint, deleted_before timestamp with time zone, all_identifiers text[], all_digests bytea[]) RETURNS boolean
    LANGUAGE plpgsql;

COMMENT ON FUNCTION erase_expired_contact(for_company_id bigint, target_id bigint, deleted_before timestamp with time zone, all_identifiers text[], all_digests bytea[]) IS 'Erases a contact, and its duplicates, as erase_contacts does, if it was soft-deleted before a timestamp and not restored since.';

CREATE FUNCTION fold_outside_ascii(key text) RETURNS text
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION fold_outside_ascii(key text) IS 'custom_field_key, of keys with letters outside ASCII.';

CREATE FUNCTION give_way() RETURNS void
    LANGUAGE plpgsql;

COMMENT ON FUNCTION give_way() IS 'Fails with serialization_failure: the caller makes the whole call again.';

CREATE FUNCTION identifier_lock(of_company_id bigint, identifier text) RETURNS bigint
    LANGUAGE sql IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION identifier_lock(of_company_id bigint, identifier text) IS 'The advisory lock between writes that take or give up an identifier (shared) and the erasure of a person who had it (exclusive): each sees what the other did.';

CREATE FUNCTION identifiers_to_erase(for_company_id bigint, target_id bigint) RETURNS SETOF text
    LANGUAGE sql STABLE;

COMMENT ON FUNCTION identifiers_to_erase(for_company_id bigint, target_id bigint) IS 'All identifiers of a contact and its duplicates; none: there is no such contact.';

CREATE FUNCTION index_custom_fields(for_company_id bigint, of_contact_id bigint, custom_fields jsonb) RETURNS void
    LANGUAGE plpgsql;

COMMENT ON FUNCTION index_custom_fields(for_company_id bigint, of_contact_id bigint, custom_fields jsonb) IS 'Brings the filterable values of one contact up to date, after it was written.';

CREATE FUNCTION json_merge_patch(target jsonb, patch jsonb) RETURNS jsonb
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION json_merge_patch(target jsonb, patch jsonb) IS 'RFC 7396 (JSON Merge Patch) of one object into another.';

CREATE FUNCTION known_identifiers(for_company_id bigint, of_contact_ids bigint[]) RETURNS TABLE(contact_id bigint, channel text, identifier text)
    LANGUAGE sql STABLE;

COMMENT ON FUNCTION known_identifiers(for_company_id bigint, of_contact_ids bigint[]) IS 'The identifiers that contacts have, and the former ones that their consent events name.';

CREATE FUNCTION lock_holder(for_company_id bigint, of_email text, of_phone text) RETURNS bigint
    LANGUAGE plpgsql;

COMMENT ON FUNCTION lock_holder(for_company_id bigint, of_email text, of_phone text) IS 'The live contact that has this e-mail address or, if that is null, this phone. Its row is locked until the end of the transaction. Null: no contact has it.';

CREATE FUNCTION lock_identifiers(of_company_id bigint, identifiers text[]) RETURNS void
    LANGUAGE plpgsql;

COMMENT ON FUNCTION lock_identifiers(of_company_id bigint, identifiers text[]) IS 'Waits for all writes that take or give up one of these identifiers, and holds up further ones until the end of the transaction.';

CREATE FUNCTION record_consent(for_company_id bigint, of_contact_id bigint, by_client_id text, moment timestamp with time zone, channel text, old_status boolean, new_status boolean, address text) RETURNS void
    LANGUAGE plpgsql;

COMMENT ON FUNCTION record_consent(for_company_id bigint, of_contact_id bigint, by_client_id text, moment timestamp with time zone, channel text, old_status boolean, new_status boolean, address text) IS 'Appends a consent event, with the address that the contact has from then on.';

CREATE FUNCTION record_consent_changes(for_company_id bigint, of_contact_id bigint, by_client_id text, moment timestamp with time zone, old_consent_email boolean, new_consent_email boolean, email text, old_consent_whatsapp boolean, new_consent_whatsapp boolean, phone text) RETURNS void
    LANGUAGE plpgsql;

COMMENT ON FUNCTION record_consent_changes(for_company_id bigint, of_contact_id bigint, by_client_id text, moment timestamp with time zone, old_consent_email boolean, new_consent_email boolean, email text, old_consent_whatsapp boolean, new_consent_whatsapp boolean, phone text) IS 'Called by functions of release 0.2.0 while they are replaced.';

CREATE FUNCTION refuse_after(p_not_after timestamp with time zone) RETURNS void
    LANGUAGE plpgsql;

COMMENT ON FUNCTION refuse_after(p_not_after timestamp with time zone) IS 'Refuses (RB002) a write after the timestamp at which its caller gives up. Called after the write, in its transaction: by then it has waited for all its locks.';

CREATE FUNCTION refuse_change() RETURNS trigger
    LANGUAGE plpgsql;

COMMENT ON FUNCTION refuse_change() IS 'Keeps a table append-only, also against its owner, as long as the trigger stands.';

CREATE FUNCTION refuse_deleting_administrators() RETURNS trigger
    LANGUAGE plpgsql;

COMMENT ON FUNCTION refuse_deleting_administrators() IS 'Keeps administrators who set a password, so that the audit log names a person.';

CREATE FUNCTION refuse_deleting_audit_events() RETURNS trigger
    LANGUAGE plpgsql;

COMMENT ON FUNCTION refuse_deleting_audit_events() IS 'Keeps every role, the owner included, from deleting audit events, except through delete_expired_audit_events.';

CREATE FUNCTION refuse_foreign_consent_time() RETURNS trigger
    LANGUAGE plpgsql;

COMMENT ON FUNCTION refuse_foreign_consent_time() IS 'Keeps all roles except the owner from dating consent events back or ahead.';

CREATE FUNCTION refuse_rewriting_of_consent() RETURNS trigger
    LANGUAGE plpgsql;

COMMENT ON FUNCTION refuse_rewriting_of_consent() IS 'Keeps consent events as they are, except for an address that is erased.';

CREATE FUNCTION remember_suppressions(for_company_id bigint, of_contact_id bigint, digests bytea[]) RETURNS void
    LANGUAGE plpgsql;

COMMENT ON FUNCTION remember_suppressions(for_company_id bigint, of_contact_id bigint, digests bytea[]) IS 'Ties a contact to the suppressions of the identifiers that it takes.';

CREATE FUNCTION require_active_admin(admin_id bigint) RETURNS void
    LANGUAGE plpgsql;

COMMENT ON FUNCTION require_active_admin(admin_id bigint) IS 'Fails with SQLSTATE RB001 unless the administrator is active, and keeps them so until the end of the transaction.';

CREATE FUNCTION share_identifiers(of_company_id bigint, email text, phone text, old_email text, old_phone text) RETURNS boolean
    LANGUAGE plpgsql;

COMMENT ON FUNCTION share_identifiers(of_company_id bigint, email text, phone text, old_email text, old_phone text) IS 'Holds up erasures of anybody with one of these identifiers until the end of the transaction, and waits for those that are under way.';

CREATE FUNCTION suppressed_channels(for_company_id bigint, of_contact_id bigint, digests bytea[], OUT email boolean, OUT whatsapp boolean) RETURNS record
    LANGUAGE plpgsql STABLE;

COMMENT ON FUNCTION suppressed_channels(for_company_id bigint, of_contact_id bigint, digests bytea[], OUT email boolean, OUT whatsapp boolean) IS 'In which channels a contact with these identifiers must not be opted in.';

CREATE TABLE contacts (
    company_id bigint NOT NULL,
    id bigint NOT NULL,
    email text COLLATE pg_catalog."C",
    phone text COLLATE pg_catalog."C",
    custom_fields jsonb DEFAULT '{}'::jsonb NOT NULL,
    consent_email boolean,
    consent_whatsapp boolean,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    deleted_at timestamp with time zone,
    CONSTRAINT contacts_custom_fields_check CHECK ((jsonb_typeof(custom_fields) = 'object'::text)),
    CONSTRAINT contacts_have_an_identifier CHECK (((email IS NOT NULL) OR (phone IS NOT NULL)))
)
WITH (fillfactor='80');

COMMENT ON TABLE contacts IS 'The customers of companies. A row with deleted_at is soft-deleted: its identifiers are free, and an upsert may restore it.';

COMMENT ON COLUMN contacts.consent_email IS 'Marketing consent for e-mail: opted in, opted out, or null: never asked.';

COMMENT ON COLUMN contacts.consent_whatsapp IS 'Marketing consent for WhatsApp: opted in, opted out, or null: never asked.';

CREATE FUNCTION update_contact(for_company_id bigint, by_client_id text, target_id bigint, expected_updated_at timestamp with time zone[], phone_only_contacts boolean, is_email_sent boolean, sent_email text, is_phone_sent boolean, sent_phone text, sent_custom_fields jsonb, sent_consent_email boolean, sent_consent_whatsapp boolean, sent_digests bytea[], OUT outcome text, OUT conflicting_id bigint, OUT contact contacts, OUT suppressed_consents text[]) RETURNS record
    LANGUAGE sql;

COMMENT ON FUNCTION update_contact(for_company_id bigint, by_client_id text, target_id bigint, expected_updated_at timestamp with time zone[], phone_only_contacts boolean, is_email_sent boolean, sent_email text, is_phone_sent boolean, sent_phone text, sent_custom_fields jsonb, sent_consent_email boolean, sent_consent_whatsapp boolean, sent_digests bytea[], OUT outcome text, OUT conflicting_id bigint, OUT contact contacts, OUT suppressed_consents text[]) IS 'As release 0.2.0 calls it.';

CREATE FUNCTION update_contact(for_company_id bigint, by_client_id text, target_id bigint, expected_updated_at timestamp with time zone[], phone_only_contacts boolean, reset_consents boolean, is_email_sent boolean, sent_email text, is_phone_sent boolean, sent_phone text, sent_custom_fields jsonb, sent_consent_email boolean, sent_consent_whatsapp boolean, sent_digests bytea[], OUT outcome text, OUT conflicting_id bigint, OUT contact contacts, OUT suppressed_consents text[]) RETURNS record
    LANGUAGE plpgsql;

COMMENT ON FUNCTION update_contact(for_company_id bigint, by_client_id text, target_id bigint, expected_updated_at timestamp with time zone[], phone_only_contacts boolean, reset_consents boolean, is_email_sent boolean, sent_email text, is_phone_sent boolean, sent_phone text, sent_custom_fields jsonb, sent_consent_email boolean, sent_consent_whatsapp boolean, sent_digests bytea[], OUT outcome text, OUT conflicting_id bigint, OUT contact contacts, OUT suppressed_consents text[]) IS 'Changes or restores the contact with this id, and returns it as it is then. outcome: updated, restored, unchanged; or, with nothing written, not_found, precondition_failed, email_required, phone_required, email_conflict, phone_conflict (held by conflicting_id), custom_fields_too_large, too_many_custom_fields. suppressed_consents: as upsert_contact.';

CREATE FUNCTION upsert_contact(for_company_id bigint, by_client_id text, sent_email text, sent_phone text, sent_custom_fields jsonb, sent_consent_email boolean, sent_consent_whatsapp boolean, skip_phone_conflict boolean, sent_digests bytea[], OUT outcome text, OUT contact_id bigint, OUT matched_by text, OUT email_conflict_id bigint, OUT phone_conflict_id bigint, OUT suppressed_consents text[]) RETURNS record
    LANGUAGE sql;

COMMENT ON FUNCTION upsert_contact(for_company_id bigint, by_client_id text, sent_email text, sent_phone text, sent_custom_fields jsonb, sent_consent_email boolean, sent_consent_whatsapp boolean, skip_phone_conflict boolean, sent_digests bytea[], OUT outcome text, OUT contact_id bigint, OUT matched_by text, OUT email_conflict_id bigint, OUT phone_conflict_id bigint, OUT suppressed_consents text[]) IS 'As release 0.2.0 calls it.';

CREATE FUNCTION upsert_contact(for_company_id bigint, by_client_id text, sent_email text, sent_phone text, sent_custom_fields jsonb, sent_consent_email boolean, sent_consent_whatsapp boolean, skip_phone_conflict boolean, on_email_conflict text, reset_consents boolean, sent_digests bytea[], OUT outcome text, OUT contact_id bigint, OUT matched_by text, OUT email_conflict_id bigint, OUT phone_conflict_id bigint, OUT second_phone_conflict_id bigint, OUT previous_email text, OUT suppressed_consents text[]) RETURNS record
    LANGUAGE plpgsql;

COMMENT ON FUNCTION upsert_contact(for_company_id bigint, by_client_id text, sent_email text, sent_phone text, sent_custom_fields jsonb, sent_consent_email boolean, sent_consent_whatsapp boolean, skip_phone_conflict boolean, on_email_conflict text, reset_consents boolean, sent_digests bytea[], OUT outcome text, OUT contact_id bigint, OUT matched_by text, OUT email_conflict_id bigint, OUT phone_conflict_id bigint, OUT second_phone_conflict_id bigint, OUT previous_email text, OUT suppressed_consents text[]) IS 'Creates, updates or restores one contact. outcome: created, updated, restored, unchanged; or, with nothing written, phone_conflict, email_differs, custom_fields_too_large, too_many_custom_fields. A conflict id beside a written outcome names the live contact that kept the identifier; previous_email is the address that a contact had that was matched by phone. suppressed_consents: channels that were not opted in, because the person was erased after an opt-out. sent_digests: of the e-mail address, then of the phone.';

CREATE FUNCTION upsert_contacts(for_company_ids bigint[], by_client_ids text[], sent_emails text[], sent_phones text[], sent_custom_fields jsonb[], sent_consents_email boolean[], sent_consents_whatsapp boolean[], skip_phone_conflicts boolean[], sent_digests bytea[], set_size integer, OUT outcomes text[], OUT contact_ids bigint[], OUT matches text[], OUT email_conflict_ids bigint[], OUT phone_conflict_ids bigint[], OUT suppressed_consents text[]) RETURNS record
    LANGUAGE sql;

COMMENT ON FUNCTION upsert_contacts(for_company_ids bigint[], by_client_ids text[], sent_emails text[], sent_phones text[], sent_custom_fields jsonb[], sent_consents_email boolean[], sent_consents_whatsapp boolean[], skip_phone_conflicts boolean[], sent_digests bytea[], set_size integer, OUT outcomes text[], OUT contact_ids bigint[], OUT matches text[], OUT email_conflict_ids bigint[], OUT phone_conflict_ids bigint[], OUT suppressed_consents text[]) IS 'As release 0.2.0 calls it.';

CREATE FUNCTION upsert_contacts(for_company_ids bigint[], by_client_ids text[], sent_emails text[], sent_phones text[], sent_custom_fields jsonb[], sent_consents_email boolean[], sent_consents_whatsapp boolean[], skip_phone_conflicts boolean[], on_email_conflicts text[], reset_consents boolean[], sent_digests bytea[], set_size integer, OUT outcomes text[], OUT contact_ids bigint[], OUT matches text[], OUT email_conflict_ids bigint[], OUT phone_conflict_ids bigint[], OUT second_phone_conflict_ids bigint[], OUT previous_emails text[], OUT suppressed_consents text[]) RETURNS record
    LANGUAGE plpgsql
    SET enable_seqscan TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan';

COMMENT ON FUNCTION upsert_contacts(for_company_ids bigint[], by_client_ids text[], sent_emails text[], sent_phones text[], sent_custom_fields jsonb[], sent_consents_email boolean[], sent_consents_whatsapp boolean[], skip_phone_conflicts boolean[], on_email_conflicts text[], reset_consents boolean[], sent_digests bytea[], set_size integer, OUT outcomes text[], OUT contact_ids bigint[], OUT matches text[], OUT email_conflict_ids bigint[], OUT phone_conflict_ids bigint[], OUT second_phone_conflict_ids bigint[], OUT previous_emails text[], OUT suppressed_consents text[]) IS 'Upserts many contacts, of one or many companies, as upsert_contact does each; results are in the order of the calls. Null as outcome: not done, because a concurrent transaction is in the way. suppressed_consents: separated by commas.';

CREATE FUNCTION use_form(p_admin bigint, p_form bytea, p_subject text, p_now timestamp with time zone) RETURNS void
    LANGUAGE plpgsql;

COMMENT ON FUNCTION use_form(p_admin bigint, p_form bytea, p_subject text, p_now timestamp with time zone) IS 'Uses up a form of the console in the transaction of what the form does. Refuses (RU001) a form that was used before, so that nothing is done twice.';

CREATE FUNCTION wait_for_standbys() RETURNS pg_lsn
    LANGUAGE sql;

COMMENT ON FUNCTION wait_for_standbys() IS 'Makes the commit of a transaction that wrote nothing wait for the synchronous standbys, if there are any. Called at the end of a transaction.';

CREATE TABLE admin_identities (
    admin_id bigint NOT NULL,
    issuer text NOT NULL,
    subject text NOT NULL,
    bound_at timestamp with time zone NOT NULL
);

COMMENT ON TABLE admin_identities IS 'Who an administrator is for an OpenID Connect issuer: bound at the first sign-in by that way, so that an address that passes to somebody else opens nothing.';

COMMENT ON COLUMN admin_identities.subject IS 'The claim "sub": the issuer''s name for them.';

CREATE TABLE admin_refresh_tokens (
    digest bytea NOT NULL,
    session_id bigint NOT NULL,
    issued_at timestamp with time zone NOT NULL,
    used_at timestamp with time zone
);

COMMENT ON TABLE admin_refresh_tokens IS 'SHA-256 of refresh tokens. One that comes again after it was used ends its session.';

CREATE TABLE admin_sessions (
    id bigint NOT NULL,
    admin_id bigint NOT NULL,
    created_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    ended_at timestamp with time zone
);

COMMENT ON TABLE admin_sessions IS 'Sign-ins of administrators: each is the family of the refresh tokens that follow one another.';

COMMENT ON COLUMN admin_sessions.expires_at IS 'When the administrator has to sign in again, however often the session was refreshed.';

COMMENT ON COLUMN admin_sessions.ended_at IS 'When it was ended: by signing out, a reused refresh token, a new password, or a disabled administrator.';

ALTER TABLE admin_sessions ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME admin_sessions_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE admins (
    id bigint NOT NULL,
    email text NOT NULL COLLATE pg_catalog."C",
    password_hash text,
    company_id bigint,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    disabled_at timestamp with time zone,
    invitation_digest bytea,
    invitation_expires_at timestamp with time zone,
    CONSTRAINT admins_invitation_is_whole CHECK (((invitation_digest IS NULL) = (invitation_expires_at IS NULL)))
);

COMMENT ON TABLE admins IS 'People who provision companies and keys. Without a company_id: an operator of all companies.';

COMMENT ON COLUMN admins.password_hash IS 'PHC string (argon2id); null: invited, and no password set yet.';

COMMENT ON COLUMN admins.invitation_digest IS 'SHA-256 of the one-time token that sets a password until invitation_expires_at; null: none is open.';

ALTER TABLE admins ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME admins_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE api_key_last_used (
    company_id bigint NOT NULL,
    client_id text NOT NULL COLLATE pg_catalog."C",
    last_used_at timestamp with time zone NOT NULL
)
WITH (fillfactor='50');

COMMENT ON TABLE api_key_last_used IS 'When each API key was last used; a key without a row never was.';

CREATE TABLE api_key_usage (
    company_id bigint NOT NULL,
    client_id text NOT NULL COLLATE pg_catalog."C",
    hour timestamp with time zone NOT NULL,
    requests bigint NOT NULL,
    refused bigint NOT NULL,
    client_errors bigint NOT NULL,
    server_errors bigint NOT NULL
)
WITH (fillfactor='50');

COMMENT ON TABLE api_key_usage IS 'Requests of API keys by the hour (UTC) in which they were answered, all replicas together.';

COMMENT ON COLUMN api_key_usage.refused IS 'Of the requests, those beyond the key''s limit: 429.';

COMMENT ON COLUMN api_key_usage.client_errors IS 'Of the requests, those with any other answer of 4xx.';

COMMENT ON COLUMN api_key_usage.server_errors IS 'Of the requests, those that were answered with 5xx.';

CREATE TABLE api_keys (
    client_id text NOT NULL COLLATE pg_catalog."C",
    company_id bigint NOT NULL,
    name text NOT NULL,
    secret_hash text NOT NULL,
    token_key_fingerprint text NOT NULL,
    scopes text[] NOT NULL,
    rate_limit integer,
    rate_limit_window_ms bigint,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    expires_at timestamp with time zone,
    revoked_at timestamp with time zone,
    replaced_by text COLLATE pg_catalog."C",
    CONSTRAINT api_keys_client_id_check CHECK ((client_id ~ '^[a-z2-7]{12}$'::text)),
    CONSTRAINT api_keys_name_check CHECK (((length(name) >= 1) AND (length(name) <= 200))),
    CONSTRAINT api_keys_rate_limit_check CHECK ((rate_limit > 0)),
    CONSTRAINT api_keys_rate_limit_is_whole CHECK (((rate_limit IS NULL) = (rate_limit_window_ms IS NULL))),
    CONSTRAINT api_keys_rate_limit_window_ms_check CHECK ((rate_limit_window_ms > 0)),
    CONSTRAINT api_keys_scopes_check CHECK ((cardinality(scopes) > 0))
);

COMMENT ON TABLE api_keys IS 'Bearer keys of companies. Holds an argon2id hash of each secret, never the secret.';

COMMENT ON COLUMN api_keys.secret_hash IS 'PHC string (argon2id) of the token''s secret.';

COMMENT ON COLUMN api_keys.token_key_fingerprint IS 'Which secret of the deployment (auth.token_key) keyed the checksum of this key''s token.';

COMMENT ON COLUMN api_keys.replaced_by IS 'The key that was made in this one''s place; null: it was not rotated.';

CREATE TABLE audit_events (
    id bigint NOT NULL,
    occurred_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    actor text NOT NULL,
    action text NOT NULL,
    company_id bigint,
    subject text NOT NULL,
    before jsonb,
    after jsonb,
    client_address text,
    request_id text
);

COMMENT ON TABLE audit_events IS 'Append-only, by a trigger: who changed what about companies, keys and administrators, with no secret in it.';

COMMENT ON COLUMN audit_events.actor IS 'For the command line: cli:<system user>@<host>; for a call: key:<client id> or admin:<id>; anonymous: nobody signed in; service: the service itself, in the background.';

COMMENT ON COLUMN audit_events.subject IS 'What was changed: company:<id>, key:<client id>, admin:<id>, contact:<id>, custom_field:<key>, or audit: the record.';

COMMENT ON COLUMN audit_events.client_address IS 'Where the request came from; null: the command line, or the service itself.';

COMMENT ON COLUMN audit_events.request_id IS 'The X-Request-Id of the request; null: the command line, or the service itself.';

ALTER TABLE audit_events ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME audit_events_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE companies (
    id bigint NOT NULL,
    name text NOT NULL,
    phone_only_contacts boolean DEFAULT false NOT NULL,
    phone_conflict text DEFAULT 'reject'::text NOT NULL,
    rate_limit integer,
    rate_limit_window_ms bigint,
    suspended_at timestamp with time zone,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    strict_custom_fields boolean DEFAULT false NOT NULL,
    email_conflict text DEFAULT 'replace'::text NOT NULL,
    consent_on_address_change text DEFAULT 'keep'::text NOT NULL,
    CONSTRAINT companies_consent_on_address_change_check CHECK ((consent_on_address_change = ANY (ARRAY['keep'::text, 'reset'::text]))),
    CONSTRAINT companies_email_conflict_check CHECK ((email_conflict = ANY (ARRAY['replace'::text, 'reject'::text, 'create'::text]))),
    CONSTRAINT companies_name_check CHECK (((length(name) >= 1) AND (length(name) <= 200))),
    CONSTRAINT companies_phone_conflict_check CHECK ((phone_conflict = ANY (ARRAY['reject'::text, 'skip'::text]))),
    CONSTRAINT companies_rate_limit_check CHECK ((rate_limit > 0)),
    CONSTRAINT companies_rate_limit_is_whole CHECK (((rate_limit IS NULL) = (rate_limit_window_ms IS NULL))),
    CONSTRAINT companies_rate_limit_window_ms_check CHECK ((rate_limit_window_ms > 0))
);

COMMENT ON TABLE companies IS 'The tenants: each owns API keys and contacts, and sees nothing of another.';

COMMENT ON COLUMN companies.phone_only_contacts IS 'Whether a contact may have a phone and no e-mail address.';

COMMENT ON COLUMN companies.phone_conflict IS 'What an upsert does when the sent phone belongs to another contact: reject it, or skip the phone.';

COMMENT ON COLUMN companies.rate_limit IS 'Requests per rate_limit_window_ms of a key without a limit of its own; null: the configured default.';

COMMENT ON COLUMN companies.strict_custom_fields IS 'Whether contacts may store defined custom fields alone.';

COMMENT ON COLUMN companies.email_conflict IS 'What an upsert does when the sent phone leads to a contact with another e-mail address: replace the address, reject the call, or create a contact without the phone.';

COMMENT ON COLUMN companies.consent_on_address_change IS 'What becomes of an opt-in when the address that it was given for changes: keep it, or reset it to null. An opt-out always stays.';

ALTER TABLE companies ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME companies_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE consent_events (
    company_id bigint NOT NULL,
    contact_id bigint NOT NULL,
    id bigint NOT NULL,
    channel text NOT NULL,
    old_status boolean,
    new_status boolean,
    address text,
    client_id text COLLATE pg_catalog."C",
    occurred_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT consent_events_channel_check CHECK ((channel = ANY (ARRAY['email'::text, 'whatsapp'::text])))
);

COMMENT ON TABLE consent_events IS 'Append-only, but for erased addresses: every real change of a marketing consent, as evidence of who opted in or out, when, and for which address.';

COMMENT ON COLUMN consent_events.new_status IS 'The status from then on. Equal to old_status: the consent now holds for another address. Null: reset, because the address changed.';

COMMENT ON COLUMN consent_events.address IS 'The e-mail address or phone that the contact had when the consent was set; null: it had none, or was erased.';

COMMENT ON COLUMN consent_events.client_id IS 'The API key that set it.';

ALTER TABLE consent_events ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME consent_events_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

ALTER TABLE contacts ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME contacts_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE custom_field_definitions (
    company_id bigint NOT NULL,
    id bigint NOT NULL,
    key text NOT NULL COLLATE pg_catalog."C",
    display_name text NOT NULL,
    type text NOT NULL,
    options text[] DEFAULT '{}'::text[] NOT NULL,
    category text,
    filter text DEFAULT 'none'::text NOT NULL,
    filter_progress bigint DEFAULT 0 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    deleted_at timestamp with time zone,
    CONSTRAINT custom_field_definitions_category_check CHECK (((length(category) >= 1) AND (length(category) <= 200))),
    CONSTRAINT custom_field_definitions_display_name_check CHECK (((length(display_name) >= 1) AND (length(display_name) <= 200))),
    CONSTRAINT custom_field_definitions_filter_check CHECK ((filter = ANY (ARRAY['none'::text, 'building'::text, 'ready'::text, 'dropping'::text]))),
    CONSTRAINT custom_field_definitions_key_check CHECK (((length(key) >= 1) AND (length(key) <= 128))),
    CONSTRAINT custom_field_definitions_options_are_of_selects CHECK (((cardinality(options) > 0) = (type = 'select'::text))),
    CONSTRAINT custom_field_definitions_type_check CHECK ((type = ANY (ARRAY['text'::text, 'number'::text, 'boolean'::text, 'date'::text, 'datetime'::text, 'select'::text, 'json'::text])))
);

COMMENT ON TABLE custom_field_definitions IS 'What companies say of their custom fields. A deleted row stays until its filterable values are gone.';

COMMENT ON COLUMN custom_field_definitions.key IS 'custom_field_key of the key that was sent; matched by the keys of contacts that have the same.';

COMMENT ON COLUMN custom_field_definitions.filter IS 'Whether contacts can be filtered by this field (ready), or how far that is. Writers keep filterable_values up to date while it is building or ready.';

COMMENT ON COLUMN custom_field_definitions.filter_progress IS 'While the filter is building: the last contact whose values are there.';

ALTER TABLE custom_field_definitions ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME custom_field_definitions_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE filterable_values (
    company_id bigint NOT NULL,
    definition_id bigint NOT NULL,
    digest bytea NOT NULL,
    contact_id bigint NOT NULL,
    CONSTRAINT filterable_values_digest_check CHECK ((octet_length(digest) = 16))
);

COMMENT ON TABLE filterable_values IS 'Which contact, live or deleted, holds which value of a filterable custom field. Its key serves pages of contacts by such a value.';

COMMENT ON COLUMN filterable_values.digest IS 'custom_field_digest of the value: of one length, however long the value is.';

CREATE TABLE schema_functions (
    id bigint NOT NULL,
    version integer NOT NULL,
    checksum text NOT NULL,
    release text NOT NULL,
    least_release text,
    applied_at timestamp with time zone DEFAULT now() NOT NULL
);

COMMENT ON TABLE schema_functions IS 'Which texts of sql/functions were applied, and when. The row with the highest id is the current one.';

COMMENT ON COLUMN schema_functions.version IS 'The number in sql/functions/VERSION, which each change of a function raises.';

COMMENT ON COLUMN schema_functions.checksum IS 'SHA-256 of all files, in hexadecimal.';

COMMENT ON COLUMN schema_functions.release IS 'The release whose files they are. An older release does not replace them.';

COMMENT ON COLUMN schema_functions.least_release IS 'The oldest release of the service that can live with these functions; null: all can.';

ALTER TABLE schema_functions ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME schema_functions_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE schema_migrations (
    version integer NOT NULL,
    name text NOT NULL,
    checksum text NOT NULL,
    least_release text,
    applied_at timestamp with time zone DEFAULT now() NOT NULL
);

COMMENT ON TABLE schema_migrations IS 'Which files of sql/migrations were applied, and when.';

COMMENT ON COLUMN schema_migrations.least_release IS 'The oldest release of the service that can live with this migration; null: all can.';

CREATE TABLE suppressed_contacts (
    company_id bigint NOT NULL,
    contact_id bigint NOT NULL,
    erased_contact_id bigint NOT NULL
);

COMMENT ON TABLE suppressed_contacts IS 'Which contact took an identifier of an erased one: a later write may not name that identifier.';

CREATE TABLE suppressions (
    company_id bigint NOT NULL,
    digest bytea NOT NULL,
    erased_contact_id bigint NOT NULL,
    email_opted_out boolean NOT NULL,
    whatsapp_opted_out boolean NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT suppressions_digest_check CHECK ((octet_length(digest) = 32)),
    CONSTRAINT suppressions_say_something CHECK ((email_opted_out OR whatsapp_opted_out))
);

COMMENT ON TABLE suppressions IS 'Who opted out and was erased: while a row stands, a write with one of that contact''s identifiers opts nobody in again.';

COMMENT ON COLUMN suppressions.digest IS 'HMAC-SHA-256 of an identifier of the erased contact, under privacy.suppression_key.';

CREATE TABLE usage_flushes (
    process_id bigint NOT NULL,
    sequence bigint NOT NULL,
    flushed_at timestamp with time zone NOT NULL
)
WITH (fillfactor='50');

COMMENT ON TABLE usage_flushes IS 'The last flush of each serving process into api_key_usage: none is added twice, even if the answer to its COMMIT was lost.';

COMMENT ON COLUMN usage_flushes.process_id IS 'A random number that a process takes when it starts.';

CREATE TABLE used_forms (
    admin_id bigint NOT NULL,
    form_id bytea NOT NULL,
    subject text NOT NULL,
    used_at timestamp with time zone NOT NULL,
    CONSTRAINT used_forms_ids_are_16_bytes CHECK ((octet_length(form_id) = 16))
);

COMMENT ON TABLE used_forms IS 'The one-time ids of console forms that were sent, and what each made.';

COMMENT ON COLUMN used_forms.subject IS 'What the form made or changed: company:<id>, key:<client id> or admin:<id>.';

ALTER TABLE ONLY admin_identities
    ADD CONSTRAINT admin_identities_are_one_persons UNIQUE (issuer, subject);

ALTER TABLE ONLY admin_identities
    ADD CONSTRAINT admin_identities_pkey PRIMARY KEY (admin_id, issuer);

ALTER TABLE ONLY admin_refresh_tokens
    ADD CONSTRAINT admin_refresh_tokens_pkey PRIMARY KEY (digest);

ALTER TABLE ONLY admin_sessions
    ADD CONSTRAINT admin_sessions_pkey PRIMARY KEY (id);

ALTER TABLE ONLY admins
    ADD CONSTRAINT admins_pkey PRIMARY KEY (id);

ALTER TABLE ONLY api_key_last_used
    ADD CONSTRAINT api_key_last_used_pkey PRIMARY KEY (company_id, client_id);

ALTER TABLE ONLY api_key_usage
    ADD CONSTRAINT api_key_usage_pkey PRIMARY KEY (company_id, client_id, hour);

ALTER TABLE ONLY api_keys
    ADD CONSTRAINT api_keys_pkey PRIMARY KEY (client_id);

ALTER TABLE ONLY audit_events
    ADD CONSTRAINT audit_events_pkey PRIMARY KEY (id);

ALTER TABLE ONLY companies
    ADD CONSTRAINT companies_pkey PRIMARY KEY (id);

ALTER TABLE ONLY consent_events
    ADD CONSTRAINT consent_events_pkey PRIMARY KEY (company_id, contact_id, id);

ALTER TABLE ONLY contacts
    ADD CONSTRAINT contacts_pkey PRIMARY KEY (company_id, id);

ALTER TABLE ONLY custom_field_definitions
    ADD CONSTRAINT custom_field_definitions_pkey PRIMARY KEY (company_id, id);

ALTER TABLE ONLY filterable_values
    ADD CONSTRAINT filterable_values_pkey PRIMARY KEY (company_id, definition_id, digest, contact_id);

ALTER TABLE ONLY schema_functions
    ADD CONSTRAINT schema_functions_pkey PRIMARY KEY (id);

ALTER TABLE ONLY schema_migrations
    ADD CONSTRAINT schema_migrations_pkey PRIMARY KEY (version);

ALTER TABLE ONLY suppressed_contacts
    ADD CONSTRAINT suppressed_contacts_pkey PRIMARY KEY (company_id, contact_id, erased_contact_id);

ALTER TABLE ONLY suppressions
    ADD CONSTRAINT suppressions_pkey PRIMARY KEY (company_id, digest, erased_contact_id);

ALTER TABLE ONLY usage_flushes
    ADD CONSTRAINT usage_flushes_pkey PRIMARY KEY (process_id);

ALTER TABLE ONLY used_forms
    ADD CONSTRAINT used_forms_pkey PRIMARY KEY (admin_id, form_id);

CREATE INDEX admin_refresh_tokens_by_session ON admin_refresh_tokens USING btree (session_id);

COMMENT ON INDEX admin_refresh_tokens_by_session IS 'Finds the tokens to forget with a session.';

CREATE INDEX admin_sessions_by_admin ON admin_sessions USING btree (admin_id) WHERE (ended_at IS NULL);

COMMENT ON INDEX admin_sessions_by_admin IS 'Finds the sessions to end with an administrator.';

CREATE INDEX admin_sessions_by_expiry ON admin_sessions USING btree (expires_at);

COMMENT ON INDEX admin_sessions_by_expiry IS 'Finds the sessions to forget.';

CREATE INDEX admins_by_company ON admins USING btree (company_id, id);

COMMENT ON INDEX admins_by_company IS 'Serves the list of one company''s administrators.';

CREATE UNIQUE INDEX admins_email ON admins USING btree (email);

COMMENT ON INDEX admins_email IS 'One administrator per e-mail address.';

CREATE UNIQUE INDEX admins_invitation ON admins USING btree (invitation_digest) WHERE (invitation_digest IS NOT NULL);

COMMENT ON INDEX admins_invitation IS 'Finds who an invitation is for.';

CREATE INDEX api_keys_by_company ON api_keys USING btree (company_id, created_at);

COMMENT ON INDEX api_keys_by_company IS 'Serves `rubrica key list`.';

CREATE INDEX audit_events_by_actor ON audit_events USING btree (actor, id);

COMMENT ON INDEX audit_events_by_actor IS 'Serves the history of what one actor did.';

CREATE INDEX audit_events_by_company ON audit_events USING btree (company_id, id);

COMMENT ON INDEX audit_events_by_company IS 'Serves the history of one company, newest first.';

CREATE INDEX audit_events_by_subject ON audit_events USING btree (subject, id);

COMMENT ON INDEX audit_events_by_subject IS 'Serves the history of one subject.';

CREATE INDEX contacts_by_deletion ON contacts USING btree (company_id, deleted_at) WHERE ((deleted_at IS NOT NULL) AND (id > 0));

COMMENT ON INDEX contacts_by_deletion IS 'Finds the contacts that have been soft-deleted for longer than privacy.deleted_retention.';

CREATE INDEX contacts_consent_email ON contacts USING btree (company_id, consent_email, id) WHERE (consent_email IS NOT NULL);

COMMENT ON INDEX contacts_consent_email IS 'Serves pages of contacts by their consent to e-mail.';

CREATE INDEX contacts_consent_whatsapp ON contacts USING btree (company_id, consent_whatsapp, id) WHERE (consent_whatsapp IS NOT NULL);

COMMENT ON INDEX contacts_consent_whatsapp IS 'Serves pages of contacts by their consent to WhatsApp.';

CREATE INDEX contacts_deleted ON contacts USING btree (company_id, id) WHERE ((deleted_at IS NOT NULL) AND (id > 0));

COMMENT ON INDEX contacts_deleted IS 'Serves pages of soft-deleted contacts, past the live ones.';

CREATE INDEX contacts_deleted_email ON contacts USING btree (company_id, email, deleted_at) WHERE ((email IS NOT NULL) AND (deleted_at IS NOT NULL));

COMMENT ON INDEX contacts_deleted_email IS 'Finds the contact to restore by its e-mail address.';

CREATE INDEX contacts_deleted_phone ON contacts USING btree (company_id, phone, deleted_at) WHERE ((phone IS NOT NULL) AND (deleted_at IS NOT NULL));

COMMENT ON INDEX contacts_deleted_phone IS 'Finds the contact to restore by its phone.';

CREATE INDEX contacts_live ON contacts USING btree (company_id, id) WHERE ((deleted_at IS NULL) AND (id > 0));

COMMENT ON INDEX contacts_live IS 'Serves pages of live contacts, past however many deleted ones.';

CREATE UNIQUE INDEX contacts_live_email ON contacts USING btree (company_id, email) WHERE ((email IS NOT NULL) AND (deleted_at IS NULL));

COMMENT ON INDEX contacts_live_email IS 'One live contact per e-mail address and company; serves the match by e-mail.';

CREATE UNIQUE INDEX contacts_live_phone ON contacts USING btree (company_id, phone) WHERE ((phone IS NOT NULL) AND (deleted_at IS NULL));

COMMENT ON INDEX contacts_live_phone IS 'One live contact per phone and company; serves the match by phone.';

CREATE UNIQUE INDEX custom_field_definitions_key ON custom_field_definitions USING btree (company_id, key) WHERE (deleted_at IS NULL);

COMMENT ON INDEX custom_field_definitions_key IS 'One definition per key and company; serves the list and the look-up by key.';

CREATE INDEX custom_field_definitions_unfinished ON custom_field_definitions USING btree (company_id, id) WHERE (filter = ANY (ARRAY['building'::text, 'dropping'::text]));

COMMENT ON INDEX custom_field_definitions_unfinished IS 'Finds the filters that are still to be built or dropped.';

CREATE INDEX filterable_values_by_contact ON filterable_values USING btree (company_id, contact_id);

COMMENT ON INDEX filterable_values_by_contact IS 'Finds the values of one contact, to bring them up to date.';

CREATE INDEX suppressed_contacts_by_erased_contact ON suppressed_contacts USING btree (company_id, erased_contact_id);

COMMENT ON INDEX suppressed_contacts_by_erased_contact IS 'Finds whom a suppression acts on, to lift it.';

CREATE INDEX suppressions_by_erased_contact ON suppressions USING btree (company_id, erased_contact_id);

COMMENT ON INDEX suppressions_by_erased_contact IS 'Finds all of one erased contact, to lift them together, and from suppressed_contacts.';

CREATE TRIGGER admins_with_password_stay BEFORE DELETE ON admins FOR EACH ROW WHEN ((old.password_hash IS NOT NULL)) EXECUTE FUNCTION refuse_deleting_administrators();

CREATE TRIGGER audit_events_append_only BEFORE UPDATE OR TRUNCATE ON audit_events FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TRIGGER audit_events_expire_only BEFORE DELETE ON audit_events FOR EACH STATEMENT EXECUTE FUNCTION refuse_deleting_audit_events();

CREATE TRIGGER consent_events_append_only BEFORE DELETE OR TRUNCATE ON consent_events FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TRIGGER consent_events_are_of_now BEFORE INSERT ON consent_events FOR EACH ROW WHEN (((new.occurred_at < (statement_timestamp() - '00:01:00'::interval)) OR (new.occurred_at > (statement_timestamp() + '00:01:00'::interval)))) EXECUTE FUNCTION refuse_foreign_consent_time();

CREATE TRIGGER consent_events_only_forget BEFORE UPDATE ON consent_events FOR EACH ROW EXECUTE FUNCTION refuse_rewriting_of_consent();

ALTER TABLE ONLY admin_identities
    ADD CONSTRAINT admin_identities_admin_id_fkey FOREIGN KEY (admin_id) REFERENCES admins(id);

ALTER TABLE ONLY admin_refresh_tokens
    ADD CONSTRAINT admin_refresh_tokens_session_id_fkey FOREIGN KEY (session_id) REFERENCES admin_sessions(id) ON DELETE CASCADE;

ALTER TABLE ONLY admin_sessions
    ADD CONSTRAINT admin_sessions_admin_id_fkey FOREIGN KEY (admin_id) REFERENCES admins(id);

ALTER TABLE ONLY admins
    ADD CONSTRAINT admins_company_id_fkey FOREIGN KEY (company_id) REFERENCES companies(id);

ALTER TABLE ONLY api_keys
    ADD CONSTRAINT api_keys_company_id_fkey FOREIGN KEY (company_id) REFERENCES companies(id);

ALTER TABLE ONLY api_keys
    ADD CONSTRAINT api_keys_replaced_by_fkey FOREIGN KEY (replaced_by) REFERENCES api_keys(client_id);

ALTER TABLE ONLY audit_events
    ADD CONSTRAINT audit_events_company_id_fkey FOREIGN KEY (company_id) REFERENCES companies(id);

ALTER TABLE ONLY custom_field_definitions
    ADD CONSTRAINT custom_field_definitions_company_id_fkey FOREIGN KEY (company_id) REFERENCES companies(id);

ALTER TABLE ONLY used_forms
    ADD CONSTRAINT used_forms_admin_id_fkey FOREIGN KEY (admin_id) REFERENCES admins(id) ON DELETE CASCADE;
