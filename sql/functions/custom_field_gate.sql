-- Called by queries/close_custom_field_gate, functions/index_custom_fields and functions/upsert_contacts.
create or replace function custom_field_gate(of_company_id bigint) returns bigint
language sql immutable parallel safe as $$
    select hashtextextended('custom fields of company ' || of_company_id::text, 0);
$$;
comment on function custom_field_gate(bigint) is
'The advisory lock between writers of contacts (shared) and changes of definitions (exclusive): once '
'a filter is declared, no write that has not heard of it is under way.';
