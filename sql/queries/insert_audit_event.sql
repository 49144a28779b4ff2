-- Inserts one audit event, in the transaction of the change if there is one. Called by store::audit.
insert into audit_events (
    actor, action, company_id, subject, before, after, client_address, request_id
)
values ($1, $2, $3, $4, $5, $6, $7, $8);
