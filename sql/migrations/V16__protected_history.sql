-- The record and the consent history hold what happened, whichever role writes them; and whoever
-- changes something is still an administrator when the change is committed.

-- Not the start of the transaction: a transaction that is held open would date its rows back.
alter table audit_events alter column occurred_at set default clock_timestamp();

create function refuse_foreign_consent_time() returns trigger language plpgsql as $$
begin
    -- The owner may import the history of another system, or restore a copy.
    if pg_has_role(
        current_user, (select relowner from pg_class where pg_class.oid = tg_relid), 'usage'
    ) then
        return new;
    end if;
    if new.occurred_at < statement_timestamp() then
        raise exception 'a consent event cannot be dated back'
        using errcode = 'insufficient_privilege';
    end if;
    -- A contact that was written by a server whose clock was ahead has versions of the future. Its
    -- consent must not wait for them, and was given now.
    new.occurred_at := clock_timestamp();
    return new;
end;
$$;
comment on function refuse_foreign_consent_time is
    'Keeps all roles but the owner from dating consent events back or ahead.';

-- The condition is all that an insert of now pays for.
create trigger consent_events_are_of_now
before insert on consent_events
for each row
when (
    new.occurred_at < statement_timestamp() - interval '1 minute'
    or new.occurred_at > statement_timestamp() + interval '1 minute'
)
execute function refuse_foreign_consent_time();

create trigger consent_events_append_only
before delete or truncate on consent_events
for each statement execute function refuse_change();

create function refuse_deleting_administrators() returns trigger language plpgsql as $$
begin
    raise exception 'an administrator who has a password cannot be deleted: disable them'
    using errcode = 'insufficient_privilege';
end;
$$;
comment on function refuse_deleting_administrators is
    'Keeps administrators who set a password, so that the record names somebody.';

create trigger admins_with_password_stay
before delete on admins
for each row
when (old.password_hash is not null)
execute function refuse_deleting_administrators();

-- Who is disabled holds the lock on the row, and who changes something waits for it: of the two,
-- one comes first.
create function require_active_admin(admin_id bigint) returns void
language plpgsql as $$
begin
    perform from admins
    where admins.id = admin_id and admins.disabled_at is null
    for share;
    if not found then
        raise exception 'the administrator was disabled meanwhile' using errcode = 'RB001';
    end if;
end;
$$;
comment on function require_active_admin is
    'Fails with SQLSTATE RB001 unless the administrator is active, and keeps them so until the end of the transaction.';

comment on column audit_events.actor is
    'For the command line: cli:<system user>@<host>; for a call: key:<client id> or admin:<id>; anonymous: nobody signed in; service: the service itself, in the background.';
comment on column audit_events.subject is
    'What was changed: company:<id>, key:<client id>, admin:<id>, contact:<id>, custom_field:<key>, or audit: the record.';
comment on column audit_events.client_address is
    'Where the request came from; null: the command line, or the service itself.';
comment on column audit_events.request_id is
    'The X-Request-Id of the request; null: the command line, or the service itself.';
