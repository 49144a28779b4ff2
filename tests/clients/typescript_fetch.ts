// A client that openapi-generator generates as typescript-fetch.

import { ada, conflict, equal, invalid, key, limitedKey, others, present, url, wrongKey } from "./expect";
import {
  Configuration,
  ContactsApi,
  CustomFieldsApi,
  ErrorResponseFromJSON,
  ResponseError,
  type Contact,
} from "./generated/typescript-fetch/public";

function connect(key: string): Configuration {
  return new Configuration({ basePath: url, accessToken: key });
}

async function refused(call: Promise<unknown>, status: number, code: string) {
  const thrown: unknown = await call.then(() => undefined, (reason: unknown) => reason);
  if (!(thrown instanceof ResponseError)) throw thrown ?? new Error(`expected ${status}`);
  equal(thrown.response.status, status);
  const { error } = ErrorResponseFromJSON(await thrown.response.json());
  equal(error.code, code);
  return { details: error.details ?? {}, headers: thrown.response.headers };
}

async function main(): Promise<void> {
  const api = new ContactsApi(connect(key));
  const definition = { key: "plan", type: "text", filterable: true } as const;
  const fields = new CustomFieldsApi(connect(key));
  equal((await fields.createCustomField({ newCustomField: definition })).key, "PLAN");

  const created = await api.upsertContact({ contactUpsert: ada });
  equal(created.map((it) => it.outcome), ["created"]);
  const id = present(created[0]).contactId;
  const batch = await api.upsertContactsRaw({ contactBatch: { contacts: [...others, invalid] } });
  equal(batch.raw.status, 207);
  equal((await batch.value()).map((it) => ("error" in it ? it.error.code : it.outcome)), [
    "created",
    "created",
    "validation_error",
  ]);

  const contacts: Contact[] = [];
  let cursor: string | undefined;
  do {
    const page = await api.listContacts({ limit: 2, ...(cursor === undefined ? {} : { cursor }) });
    contacts.push(...page.data);
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
  equal(contacts.length, 3);
  const filter = { customFields: { "customFields.plan": "pro" }, consentEmail: true };
  const filtered = await api.listContacts(filter);
  equal(filtered.data.map((it) => it.contactId), [id]);
  equal(filtered.data[0]?.customFields["address"], { city: "Torino" });

  const read = await api.getContactRaw({ id });
  equal((await read.value()).email, ada.email);
  const ifMatch = present(read.raw.headers.get("etag"));
  const change = { id, ifMatch, contactUpdate: { customFields: { plan: null, seats: 3 } } };
  equal((await api.updateContact(change)).customFields, { address: { city: "Torino" }, seats: 3 });
  await refused(api.updateContact(change), 412, "precondition_failed");

  const taken = await refused(api.upsertContact({ contactUpsert: conflict }), 409, "duplicate_resource");
  equal(taken.details.conflictingContactId, id);
  const bad = await refused(api.upsertContact({ contactUpsert: invalid }), 422, "validation_error");
  equal(bad.details.errors?.map((it) => it.field), ["email"]);
  const unfiltered = api.listContacts({ customFields: { "customFields.seats": "3" } });
  equal((await refused(unfiltered, 422, "validation_error")).details.field, "customFields.seats");
  const limited = new ContactsApi(connect(limitedKey));
  await limited.listContacts();
  const tooMany = await refused(limited.listContacts(), 429, "rate_limit_exceeded");
  equal(tooMany.headers.get("retry-after"), String(present(tooMany.details.retryAfterSeconds)));
  await refused(new ContactsApi(connect(wrongKey)).listContacts(), 401, "unauthorized");
}

void main();
