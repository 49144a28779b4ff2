// A client of openapi-fetch, with the types of openapi-typescript.

import createClient from "openapi-fetch";

import { ada, conflict, equal, invalid, key, limitedKey, others, present, url, wrongKey } from "./expect";
import type { components, paths } from "./generated/openapi-typescript/public";

type Contact = components["schemas"]["Contact"];
type ErrorResponse = components["schemas"]["ErrorResponse"];

function connect(key: string) {
  return createClient<paths>({
    baseUrl: url,
    headers: { Authorization: `Bearer ${key}` },
    // As the document says of `customFields`; the library has another default.
    querySerializer: { object: { style: "form", explode: true } },
  });
}

function refused(answer: { error?: ErrorResponse; response: Response }, status: number, code: string) {
  equal(answer.response.status, status);
  const { error } = present(answer.error);
  equal(error.code, code);
  return present(error.details);
}

async function main(): Promise<void> {
  const api = connect(key);
  const definition = { key: "plan", type: "text", filterable: true } as const;
  equal((await api.POST("/public/v1/custom-fields", { body: definition })).data?.key, "PLAN");

  const created = present((await api.POST("/public/v1/contacts", { body: ada })).data);
  equal(created.map((it) => it.outcome), ["created"]);
  const id = present(created[0]).contactId;
  const batch = { contacts: [...others, invalid] };
  const results = await api.POST("/public/v1/contacts/batch", { body: batch });
  equal(results.response.status, 207);
  equal(present(results.data).map((it) => ("error" in it ? it.error.code : it.outcome)), [
    "created",
    "created",
    "validation_error",
  ]);

  const contacts: Contact[] = [];
  let cursor: string | undefined;
  do {
    const query = { limit: 2, ...(cursor === undefined ? {} : { cursor }) };
    const page = present((await api.GET("/public/v1/contacts", { params: { query } })).data);
    contacts.push(...page.data);
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
  equal(contacts.length, 3);
  const query = { customFields: { "customFields.plan": "pro" }, "consent.email": true };
  const filtered = present((await api.GET("/public/v1/contacts", { params: { query } })).data);
  equal(filtered.data.map((it) => it.contactId), [id]);
  equal(filtered.data[0]?.customFields["address"], { city: "Torino" });

  const path = { id };
  const read = await api.GET("/public/v1/contacts/{id}", { params: { path } });
  equal(read.data?.email, ada.email);
  const header = { "If-Match": present(read.response.headers.get("etag")) };
  const change = { params: { path, header }, body: { customFields: { plan: null, seats: 3 } } };
  const changed = present((await api.PATCH("/public/v1/contacts/{id}", change)).data);
  equal(changed.customFields, { address: { city: "Torino" }, seats: 3 });
  const stale = await api.PATCH("/public/v1/contacts/{id}", change);
  equal([stale.response.status, stale.error?.error.code], [412, "precondition_failed"]);

  const taken = await api.POST("/public/v1/contacts", { body: conflict });
  equal(refused(taken, 409, "duplicate_resource").conflictingContactId, id);
  const bad = await api.POST("/public/v1/contacts", { body: invalid });
  equal(refused(bad, 422, "validation_error").errors?.map((it) => it.field), ["email"]);
  const filter = { customFields: { "customFields.seats": "3" } };
  const unfiltered = await api.GET("/public/v1/contacts", { params: { query: filter } });
  equal(refused(unfiltered, 422, "validation_error").field, "customFields.seats");
  const limited = connect(limitedKey);
  equal((await limited.GET("/public/v1/contacts")).response.status, 200);
  const tooMany = await limited.GET("/public/v1/contacts");
  const { retryAfterSeconds } = refused(tooMany, 429, "rate_limit_exceeded");
  equal(tooMany.response.headers.get("retry-after"), String(present(retryAfterSeconds)));
  const unknown = await connect(wrongKey).GET("/public/v1/contacts");
  equal([unknown.response.status, unknown.error?.error.code], [401, "unauthorized"]);
}

void main();
