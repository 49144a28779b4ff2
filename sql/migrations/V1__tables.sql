-- The tables of Rubrica. Applied by `rubrica migrate`; never edited once released.
--
-- Contacts and their events lead every key and index with company_id, and no statement joins
-- across companies, so that they can later be distributed by company. Identifiers and keys are
-- compared byte by byte (collation "C"): faster, and safe from changes of the system's locale data.

create table companies (
    id bigint generated always as identity primary key,
    name text not null check (length(name) between 1 and 200),
    phone_only_contacts boolean not null default false,
    phone_conflict text not null default 'reject' check (phone_conflict in ('reject', 'skip')),
    rate_limit integer check (rate_limit > 0),
    rate_limit_window_ms bigint check (rate_limit_window_ms > 0),
    suspended_at timestamptz,
    created_at timestamptz not null default now(),
    constraint companies_rate_limit_is_whole
        check ((rate_limit is null) = (rate_limit_window_ms is null))
);
comment on table companies is
    'The tenants: each owns API keys and contacts, and sees nothing of another.';
comment on column companies.phone_only_contacts is
    'Whether a contact may have a phone and no e-mail address.';
comment on column companies.phone_conflict is
    'What an upsert does when the sent phone belongs to another contact: reject it, or skip the phone.';
comment on column companies.rate_limit is
    'Requests per rate_limit_window_ms of a key without a limit of its own; null: the configured default.';

create table api_keys (
    client_id text collate "C" primary key check (client_id ~ '^[a-z2-7]{12}$'),
    company_id bigint not null references companies (id),
    name text not null check (length(name) between 1 and 200),
    secret_hash text not null,
    token_key_fingerprint text not null,
    scopes text [] not null check (cardinality(scopes) > 0),
    rate_limit integer check (rate_limit > 0),
    rate_limit_window_ms bigint check (rate_limit_window_ms > 0),
    created_at timestamptz not null default now(),
    expires_at timestamptz,
    revoked_at timestamptz,
    constraint api_keys_rate_limit_is_whole
        check ((rate_limit is null) = (rate_limit_window_ms is null))
);
comment on table api_keys is
    'Bearer keys of companies. Holds an argon2id hash of each secret, never the secret.';
comment on column api_keys.secret_hash is 'PHC string (argon2id) of the token''s secret.';
comment on column api_keys.token_key_fingerprint is
    'Which secret of the deployment (auth.token_key) keyed the checksum of this key''s token.';

create index api_keys_by_company on api_keys (company_id, created_at);
comment on index api_keys_by_company is 'Serves `rubrica key list`.';

-- No foreign key to companies: each insert would lock the company's row, which all of its writers
-- share. A company is never deleted, and company_id comes from an authenticated key alone.
create table contacts (
    company_id bigint not null,
    id bigint generated always as identity,
    email text collate "C",
    phone text collate "C",
    custom_fields jsonb not null default '{}' check (jsonb_typeof(custom_fields) = 'object'),
    consent_email boolean,
    consent_whatsapp boolean,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    deleted_at timestamptz,
    primary key (company_id, id),
    constraint contacts_have_an_identifier check (email is not null or phone is not null)
)
-- Room on each page keeps updates HOT: a new row version on its own page needs no index entry.
with (fillfactor = 80);
comment on table contacts is
    'The customers of companies. A row with deleted_at is soft-deleted: its identifiers are free, and an upsert may restore it.';
comment on column contacts.consent_email is
    'Marketing consent for e-mail: opted in, opted out, or null: never asked.';
comment on column contacts.consent_whatsapp is
    'Marketing consent for WhatsApp: opted in, opted out, or null: never asked.';

-- No index holds custom_fields or updated_at: they change on most updates, which then stay HOT.
create unique index contacts_live_email on contacts (company_id, email)
where email is not null and deleted_at is null;
comment on index contacts_live_email is
    'One live contact per e-mail address and company; serves the match by e-mail.';

create unique index contacts_live_phone on contacts (company_id, phone)
where phone is not null and deleted_at is null;
comment on index contacts_live_phone is
    'One live contact per phone and company; serves the match by phone.';

create index contacts_deleted_email on contacts (company_id, email, deleted_at)
where email is not null and deleted_at is not null;
comment on index contacts_deleted_email is
    'Finds the contact to restore by its e-mail address.';

create index contacts_deleted_phone on contacts (company_id, phone, deleted_at)
where phone is not null and deleted_at is not null;
comment on index contacts_deleted_phone is 'Finds the contact to restore by its phone.';

create table consent_events (
    company_id bigint not null,
    contact_id bigint not null,
    id bigint generated always as identity,
    channel text not null check (channel in ('email', 'whatsapp')),
    old_status boolean,
    new_status boolean not null,
    address text,
    client_id text collate "C",
    occurred_at timestamptz not null default now(),
    primary key (company_id, contact_id, id)
);
comment on table consent_events is
    'Append-only for the service''s role: every real change of a marketing consent, as evidence of who opted in or out, when, and for which address.';
comment on column consent_events.address is
    'The e-mail address or phone that the contact had when the consent was set; null: it had none.';
comment on column consent_events.client_id is 'The API key that set it.';

create table admins (
    id bigint generated always as identity primary key,
    email text collate "C" not null,
    password_hash text not null,
    company_id bigint references companies (id),
    created_at timestamptz not null default now(),
    disabled_at timestamptz
);
comment on table admins is
    'People who provision companies and keys. Without a company_id: an operator of all companies.';

create unique index admins_email on admins (email);
comment on index admins_email is 'One administrator per e-mail address.';

create table audit_events (
    id bigint generated always as identity primary key,
    occurred_at timestamptz not null default now(),
    actor text not null,
    action text not null,
    company_id bigint references companies (id),
    subject text not null,
    before jsonb,
    after jsonb
);
comment on table audit_events is
    'Append-only, by a trigger: who changed what about companies, keys and administrators, with no secret in it.';
comment on column audit_events.actor is 'For the command line: cli:<system user>@<host>.';
comment on column audit_events.subject is 'What was changed: company:<id>, key:<client id> or admin:<id>.';

create index audit_events_by_company on audit_events (company_id, id);
comment on index audit_events_by_company is 'Serves the history of one company, newest first.';

create function refuse_change() returns trigger language plpgsql as $$
begin
    raise exception '% is append-only', tg_table_name using errcode = 'insufficient_privilege';
end;
$$;
comment on function refuse_change is
    'Keeps a table append-only, also against its owner, as long as the trigger stands.';

create trigger audit_events_append_only
before update or delete or truncate on audit_events
for each statement execute function refuse_change();
