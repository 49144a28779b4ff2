-- What a form of the console created or changed. Called by store::used_forms.
select subject
from used_forms
where admin_id = $1 and form_id = $2;
