-- Erasing contacts, and what outlives them, on behalf of `store::erasure`.

create table suppressions (
    company_id bigint not null,
    digest bytea not null check (octet_length(digest) = 32),
    erased_contact_id bigint not null,
    email_opted_out boolean not null,
    whatsapp_opted_out boolean not null,
    created_at timestamptz not null default now(),
    primary key (company_id, digest, erased_contact_id),
    constraint suppressions_say_something check (email_opted_out or whatsapp_opted_out)
);
comment on table suppressions is
    'Who opted out and was erased: while a row stands, a write with one of that contact''s identifiers opts nobody in again.';
comment on column suppressions.digest is
    'HMAC-SHA-256 of an identifier of the erased contact, under privacy.suppression_key.';

create index suppressions_by_erased_contact on suppressions (company_id, erased_contact_id);
comment on index suppressions_by_erased_contact is
    'Finds all of one erased contact, to lift them together, and from suppressed_contacts.';

create table suppressed_contacts (
    company_id bigint not null,
    contact_id bigint not null,
    erased_contact_id bigint not null,
    primary key (company_id, contact_id, erased_contact_id)
);
comment on table suppressed_contacts is
    'Which contact took an identifier of an erased one: a later write may not name that identifier.';

create index suppressed_contacts_by_erased_contact
on suppressed_contacts (company_id, erased_contact_id);
comment on index suppressed_contacts_by_erased_contact is
    'Finds whom a suppression acts on, to lift it.';

-- Digest by digest, for the planner would plan a look-up of an array anew at each call.
create function suppressed_channels(
    for_company_id bigint,
    of_contact_id bigint,
    digests bytea [],
    out email boolean,
    out whatsapp boolean
)
language plpgsql stable as $$
declare
    identifier_digest bytea;
begin
    email := false;
    whatsapp := false;
    if not exists (select from suppressions where suppressions.company_id = for_company_id) then
        return;
    end if;

    foreach identifier_digest in array digests loop
        select
            email or coalesce(bool_or(suppressions.email_opted_out), false),
            whatsapp or coalesce(bool_or(suppressions.whatsapp_opted_out), false)
        into email, whatsapp
        from suppressions
        where suppressions.company_id = for_company_id
            and suppressions.digest = identifier_digest;
    end loop;

    select
        email or coalesce(bool_or(suppressions.email_opted_out), false),
        whatsapp or coalesce(bool_or(suppressions.whatsapp_opted_out), false)
    into email, whatsapp
    from suppressed_contacts
    inner join suppressions
        on suppressions.company_id = suppressed_contacts.company_id
        and suppressions.erased_contact_id = suppressed_contacts.erased_contact_id
    where suppressed_contacts.company_id = for_company_id
        and suppressed_contacts.contact_id = of_contact_id;
end;
$$;
comment on function suppressed_channels is
    'In which channels a contact with these identifiers must not be opted in.';

create function remember_suppressions(
    for_company_id bigint, of_contact_id bigint, digests bytea []
) returns void
language plpgsql as $$
begin
    if not exists (select from suppressions where suppressions.company_id = for_company_id) then
        return;
    end if;
    insert into suppressed_contacts (company_id, contact_id, erased_contact_id)
    select distinct for_company_id, of_contact_id, suppressions.erased_contact_id
    from unnest(digests) as identifier (digest)
    inner join suppressions
        on suppressions.company_id = for_company_id
        and suppressions.digest = identifier.digest
    on conflict do nothing;
end;
$$;
comment on function remember_suppressions is
    'Ties a contact to the suppressions of the identifiers that it takes.';

create function erase_contacts(
    for_company_id bigint,
    by_client_id text,
    target_id bigint,
    twin_ids bigint [],
    target_email text,
    target_phone text,
    digests bytea [],
    email_opted_out boolean,
    whatsapp_opted_out boolean
) returns void
language plpgsql as $$
declare
    erased_ids constant bigint [] := target_id || twin_ids;
begin
    if email_opted_out or whatsapp_opted_out then
        insert into suppressions (
            company_id, digest, erased_contact_id, email_opted_out, whatsapp_opted_out
        )
        select distinct
            for_company_id, identifier.digest, target_id,
            erase_contacts.email_opted_out, erase_contacts.whatsapp_opted_out
        from unnest(digests) as identifier (digest);

        -- A deleted contact was erased, and a live one has its identifiers by now.
        insert into suppressed_contacts (company_id, contact_id, erased_contact_id)
        select for_company_id, holder.id, target_id
        from contacts as holder
        where holder.company_id = for_company_id
            and holder.deleted_at is null
            and holder.id <> target_id
            and (holder.email = target_email or holder.phone = target_phone);
    end if;

    delete from filterable_values as stored
    where stored.company_id = for_company_id and stored.contact_id = any(erased_ids);
    delete from suppressed_contacts as tie
    where tie.company_id = for_company_id and tie.contact_id = any(erased_ids);
    update consent_events as event
    set address = null
    where event.company_id = for_company_id
        and event.contact_id = any(erased_ids)
        and event.address is not null;
    delete from contacts as erased
    where erased.company_id = for_company_id and erased.id = any(erased_ids);

    insert into audit_events (actor, action, company_id, subject, after)
    values (
        'key:' || by_client_id, 'contact.erase', for_company_id, 'contact:' || target_id,
        jsonb_build_object('erasedTwins', to_jsonb(twin_ids))
    );
end;
$$;
comment on function erase_contacts is
    'Removes a contact and its twins, whose rows the caller holds, from every table. Consent events keep channel and time.';

create function refuse_rewriting_of_consent() returns trigger language plpgsql as $$
begin
    old.address := null;
    if new is distinct from old then
        raise exception 'of a consent event, only the address can be forgotten'
        using errcode = 'insufficient_privilege';
    end if;
    return new;
end;
$$;
comment on function refuse_rewriting_of_consent is
    'Keeps consent events as they are, but for an address that is erased.';

create trigger consent_events_only_forget
before update on consent_events
for each row execute function refuse_rewriting_of_consent();
comment on table consent_events is
    'Append-only, but for erased addresses: every real change of a marketing consent, as evidence of who opted in or out, when, and for which address.';
comment on column consent_events.address is
    'The e-mail address or phone that the contact had when the consent was set; null: it had none, or was erased.';

comment on column audit_events.actor is
    'For the command line: cli:<system user>@<host>; for a call: key:<client id>.';
comment on column audit_events.subject is
    'What was changed: company:<id>, key:<client id>, admin:<id> or contact:<id>.';
