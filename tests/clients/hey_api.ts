// A client that @hey-api/openapi-ts generates.

import { ada, conflict, equal, invalid, key, limitedKey, others, present, url, wrongKey } from "./expect";
import {
  createCustomField,
  getContact,
  listContacts,
  updateContact,
  upsertContact,
  upsertContacts,
  type Contact,
  type ErrorResponse,
} from "./generated/hey-api/public";
import { createClient, createConfig } from "./generated/hey-api/public/client";

function connect(key: string) {
  return createClient(createConfig({ baseUrl: url, auth: key }));
}

function refused(answer: { error?: ErrorResponse; response?: Response }, status: number, code: string) {
  equal(answer.response?.status, status);
  const { error } = present(answer.error);
  equal(error.code, code);
  return present(error.details);
}

async function main(): Promise<void> {
  const client = connect(key);
  const definition = { key: "plan", type: "text", filterable: true } as const;
  equal((await createCustomField({ client, body: definition })).data?.key, "PLAN");

  const created = present((await upsertContact({ client, body: ada })).data);
  equal(created.map((it) => it.outcome), ["created"]);
  const id = present(created[0]).contactId;
  const results = await upsertContacts({ client, body: { contacts: [...others, invalid] } });
  equal(results.response?.status, 207);
  equal(present(results.data).map((it) => ("error" in it ? it.error.code : it.outcome)), [
    "created",
    "created",
    "validation_error",
  ]);

  const contacts: Contact[] = [];
  let cursor: string | undefined;
  do {
    const query = { limit: 2, ...(cursor === undefined ? {} : { cursor }) };
    const page = present((await listContacts({ client, query })).data);
    contacts.push(...page.data);
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
  equal(contacts.length, 3);
  const query = { customFields: { "customFields.plan": "pro" }, "consent.email": true };
  const filtered = present((await listContacts({ client, query })).data);
  equal(filtered.data.map((it) => it.contactId), [id]);
  equal(filtered.data[0]?.customFields["address"], { city: "Torino" });

  const path = { id };
  const read = await getContact({ client, path });
  equal(read.data?.email, ada.email);
  const headers = { "If-Match": present(read.response?.headers.get("etag")) };
  const body = { customFields: { plan: null, seats: 3 } };
  const changed = present((await updateContact({ client, path, headers, body })).data);
  equal(changed.customFields, { address: { city: "Torino" }, seats: 3 });
  const stale = await updateContact({ client, path, headers, body });
  equal([stale.response?.status, stale.error?.error.code], [412, "precondition_failed"]);

  const taken = await upsertContact({ client, body: conflict });
  equal(refused(taken, 409, "duplicate_resource").conflictingContactId, id);
  const bad = await upsertContact({ client, body: invalid });
  equal(refused(bad, 422, "validation_error").errors?.map((it) => it.field), ["email"]);
  const filter = { customFields: { "customFields.seats": "3" } };
  const unfiltered = await listContacts({ client, query: filter });
  equal(refused(unfiltered, 422, "validation_error").field, "customFields.seats");
  const limited = connect(limitedKey);
  equal((await listContacts({ client: limited })).response?.status, 200);
  const tooMany = await listContacts({ client: limited });
  const { retryAfterSeconds } = refused(tooMany, 429, "rate_limit_exceeded");
  equal(tooMany.response?.headers.get("retry-after"), String(present(retryAfterSeconds)));
  const unknown = await listContacts({ client: connect(wrongKey) });
  equal([unknown.response?.status, unknown.error?.error.code], [401, "unauthorized"]);
}

void main();
