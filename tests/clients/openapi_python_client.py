"""A client that openapi-python-client generates."""

from expect import ADA, CONFLICT, DEFINITION, INVALID, KEY, LIMITED_KEY, OTHERS, URL, WRONG_KEY, equal
from rubrica_httpx import AuthenticatedClient
from rubrica_httpx.api.contacts import get_contact, list_contacts, update_contact, upsert_contact, upsert_contacts
from rubrica_httpx.api.custom_fields import create_custom_field
from rubrica_httpx.models import (
    ContactBatch,
    ContactUpdate,
    ContactUpsert,
    ErrorResponse,
    ListContactsCustomFields,
    NewCustomField,
)
from rubrica_httpx.types import UNSET


def connect(key):
    return AuthenticatedClient(base_url=URL, token=key)


def refused(answer, status, code):
    equal(answer.status_code, status)
    assert isinstance(answer.parsed, ErrorResponse), answer
    equal(answer.parsed.error.code, code)
    return answer.parsed.error.details


client = connect(KEY)
equal(create_custom_field.sync(client=client, body=NewCustomField.from_dict(DEFINITION)).key, "PLAN")

[created] = upsert_contact.sync(client=client, body=ContactUpsert.from_dict(ADA))
equal(created.outcome, "created")
identifier = created.contact_id
batch = ContactBatch.from_dict({"contacts": [*OTHERS, INVALID]})
results = upsert_contacts.sync_detailed(client=client, body=batch)
equal(results.status_code, 207)
*written, bad = results.parsed
equal([it.outcome for it in written], ["created", "created"])
equal(bad.error.code, "validation_error")

contacts, cursor = [], UNSET
while cursor is not None:
    page = list_contacts.sync(client=client, limit=2, cursor=cursor)
    contacts += page.data
    cursor = page.next_cursor
equal(len(contacts), 3)
plan = ListContactsCustomFields.from_dict({"customFields.plan": "pro"})
filtered = list_contacts.sync(client=client, custom_fields=plan, consent_email=True)
equal([it.contact_id for it in filtered.data], [identifier])
equal(filtered.data[0].custom_fields["address"], {"city": "Torino"})

read = get_contact.sync_detailed(identifier, client=client)
equal(read.parsed.email, ADA["email"])
change = {
    "client": client,
    "body": ContactUpdate.from_dict({"customFields": {"plan": None, "seats": 3}}),
    "if_match": read.headers["etag"],
}
changed = update_contact.sync(identifier, **change)
equal(changed.custom_fields.to_dict(), {"address": {"city": "Torino"}, "seats": 3})
refused(update_contact.sync_detailed(identifier, **change), 412, "precondition_failed")

taken = upsert_contact.sync_detailed(client=client, body=ContactUpsert.from_dict(CONFLICT))
equal(refused(taken, 409, "duplicate_resource").conflicting_contact_id, identifier)
bad = upsert_contact.sync_detailed(client=client, body=ContactUpsert.from_dict(INVALID))
equal([it.field for it in refused(bad, 422, "validation_error").errors], ["email"])
seats = ListContactsCustomFields.from_dict({"customFields.seats": "3"})
unfiltered = list_contacts.sync_detailed(client=client, custom_fields=seats)
equal(refused(unfiltered, 422, "validation_error").field, "customFields.seats")
limited = connect(LIMITED_KEY)
equal(list_contacts.sync_detailed(client=limited).status_code, 200)
too_many = list_contacts.sync_detailed(client=limited)
details = refused(too_many, 429, "rate_limit_exceeded")
equal(too_many.headers["retry-after"], str(details.retry_after_seconds))
refused(list_contacts.sync_detailed(client=connect(WRONG_KEY)), 401, "unauthorized")
