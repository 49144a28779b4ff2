-- Administrators sign in over HTTP: sessions, invitations, and where a change came from.

alter table admins alter column password_hash drop not null;
alter table admins add column invitation_digest bytea;
alter table admins add column invitation_expires_at timestamptz;
alter table admins add constraint admins_invitation_is_whole
check ((invitation_digest is null) = (invitation_expires_at is null));
comment on column admins.password_hash is
    'PHC string (argon2id); null: invited, and no password set yet.';
comment on column admins.invitation_digest is
    'SHA-256 of the one-time token that sets a password until invitation_expires_at; null: none is open.';

create unique index admins_invitation on admins (invitation_digest)
where invitation_digest is not null;
comment on index admins_invitation is 'Finds who an invitation is for.';

create index admins_by_company on admins (company_id, id);
comment on index admins_by_company is 'Serves the list of one company''s administrators.';

create table admin_sessions (
    id bigint generated always as identity primary key,
    admin_id bigint not null references admins (id),
    created_at timestamptz not null,
    expires_at timestamptz not null,
    ended_at timestamptz
);
comment on table admin_sessions is
    'Sign-ins of administrators: each is the family of the refresh tokens that follow one another.';
comment on column admin_sessions.expires_at is
    'When the administrator has to sign in again, however often the session was refreshed.';
comment on column admin_sessions.ended_at is
    'When it was ended: by signing out, a reused refresh token, a new password, or a disabled administrator.';

create index admin_sessions_by_admin on admin_sessions (admin_id) where ended_at is null;
comment on index admin_sessions_by_admin is 'Finds the sessions to end with an administrator.';

create index admin_sessions_by_expiry on admin_sessions (expires_at);
comment on index admin_sessions_by_expiry is 'Finds the sessions to forget.';

create table admin_refresh_tokens (
    digest bytea primary key,
    session_id bigint not null references admin_sessions (id) on delete cascade,
    issued_at timestamptz not null,
    used_at timestamptz
);
comment on table admin_refresh_tokens is
    'SHA-256 of refresh tokens. One that comes again after it was used ends its session.';

create index admin_refresh_tokens_by_session on admin_refresh_tokens (session_id);
comment on index admin_refresh_tokens_by_session is 'Finds the tokens to forget with a session.';

alter table audit_events add column client_address text;
alter table audit_events add column request_id text;
comment on column audit_events.actor is
    'For the command line: cli:<system user>@<host>; for a call: key:<client id> or admin:<id>; anonymous: nobody signed in.';
comment on column audit_events.client_address is
    'Where the request came from; null: not by way of the admin API.';
comment on column audit_events.request_id is
    'The X-Request-Id of the request; null: not by way of the admin API.';

create index audit_events_by_actor on audit_events (actor, id);
comment on index audit_events_by_actor is 'Serves the history of what one actor did.';

create index audit_events_by_subject on audit_events (subject, id);
comment on index audit_events_by_subject is 'Serves the history of one subject.';
