"""A client that openapi-generator generates in Python."""

from expect import ADA, CONFLICT, DEFINITION, INVALID, KEY, LIMITED_KEY, OTHERS, URL, WRONG_KEY, equal
from rubrica_urllib3 import (
    ApiClient,
    ApiException,
    Configuration,
    ContactBatch,
    ContactsApi,
    ContactUpdate,
    ContactUpsert,
    CustomFieldsApi,
    ErrorResponse,
    NewCustomField,
)


def connect(key):
    # Else urllib3 waits by itself for as long as a 429 says, be it a day.
    return ApiClient(Configuration(host=URL, access_token=key, retries=False))


def refused(call, status, code):
    try:
        call()
    except ApiException as error:
        equal(error.status, status)
        assert isinstance(error.data, ErrorResponse), error
        equal(error.data.error.code, code)
        return error
    raise AssertionError(f"expected {status}")


client = connect(KEY)
api = ContactsApi(client)
equal(CustomFieldsApi(client).create_custom_field(NewCustomField.from_dict(DEFINITION)).key, "PLAN")

[created] = api.upsert_contact(ContactUpsert.from_dict(ADA))
equal(created.outcome, "created")
identifier = created.contact_id
results = api.upsert_contacts_with_http_info(ContactBatch.from_dict({"contacts": [*OTHERS, INVALID]}))
equal(results.status_code, 207)
*written, bad = [it.actual_instance for it in results.data]
equal([it.outcome for it in written], ["created", "created"])
equal(bad.error.code, "validation_error")

contacts, cursor, more = [], None, True
while more:
    page = api.list_contacts(limit=2, cursor=cursor)
    contacts += page.data
    cursor = page.next_cursor
    more = cursor is not None
equal(len(contacts), 3)
filtered = api.list_contacts(custom_fields={"customFields.plan": "pro"}, consent_email=True)
equal([it.contact_id for it in filtered.data], [identifier])
equal(filtered.data[0].custom_fields["address"], {"city": "Torino"})

read = api.get_contact_with_http_info(identifier)
equal(read.data.email, ADA["email"])
change = {
    # Not `from_dict`, which makes `null` of what is not there: a phone that is `null` is removed.
    "contact_update": ContactUpdate(custom_fields={"plan": None, "seats": 3}),
    "if_match": read.headers["etag"],
}
changed = api.update_contact(identifier, **change)
equal(changed.custom_fields, {"address": {"city": "Torino"}, "seats": 3})
refused(lambda: api.update_contact(identifier, **change), 412, "precondition_failed")

taken = refused(lambda: api.upsert_contact(ContactUpsert.from_dict(CONFLICT)), 409, "duplicate_resource")
equal(taken.data.error.details.conflicting_contact_id, identifier)
bad = refused(lambda: api.upsert_contact(ContactUpsert.from_dict(INVALID)), 422, "validation_error")
equal([it.var_field for it in bad.data.error.details.errors], ["email"])
unfiltered = refused(lambda: api.list_contacts(custom_fields={"customFields.seats": "3"}), 422, "validation_error")
equal(unfiltered.data.error.details.var_field, "customFields.seats")
limited = ContactsApi(connect(LIMITED_KEY))
limited.list_contacts()
too_many = refused(limited.list_contacts, 429, "rate_limit_exceeded")
equal(too_many.headers["retry-after"], str(too_many.data.error.details.retry_after_seconds))
refused(ContactsApi(connect(WRONG_KEY)).list_contacts, 401, "unauthorized")
