-- Records one change, in the transaction that makes it. Called by store::audit.
insert into audit_events (actor, action, company_id, subject, before, after)
values ($1, $2, $3, $4, $5, $6);
