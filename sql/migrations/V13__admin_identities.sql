-- Administrators sign in by the word of an OpenID Connect issuer.

create table admin_identities (
    admin_id bigint not null references admins (id),
    issuer text not null,
    subject text not null,
    bound_at timestamptz not null,
    primary key (admin_id, issuer),
    constraint admin_identities_are_one_persons unique (issuer, subject)
);
comment on table admin_identities is
    'Who an administrator is for an OpenID Connect issuer: bound at the first sign-in by that way, so that an address that passes to somebody else opens nothing.';
comment on column admin_identities.subject is 'The claim "sub": the issuer''s name for them.';
