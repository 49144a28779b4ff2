// The upsert of Rubrica as a Node team would build it: Fastify, pg and ioredis in one process.
import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import rateLimit from '@fastify/rate-limit';
import Fastify from 'fastify';
import Redis from 'ioredis';
import pg from 'pg';
import { keyCache } from './keys.js';
import { contact, upserted } from './schemas.js';

const { DATABASE_URL, REDIS_URL, PORT, SUPPRESSION_KEY, POOL_SIZE = '16' } = process.env;

// The statement of Rubrica itself: both call the same function with the same parameters.
const UPSERT_CONTACT = {
  name: 'upsert_contact',
  text: readFileSync(new URL('../../../sql/queries/upsert_contact.sql', import.meta.url), 'utf8'),
};

const pool = new pg.Pool({ connectionString: DATABASE_URL, max: Number(POOL_SIZE) });
const redis = new Redis(REDIS_URL, { enableAutoPipelining: true });
const findKey = keyCache(pool);

const app = Fastify({ ajv: { customOptions: { removeAdditional: false, coerceTypes: false } } });

app.decorateRequest('key', null);
app.addHook('onRequest', async (request, reply) => {
  request.key = await findKey(request.headers.authorization);
  if (!request.key) return reply.code(401).send({ error: { code: 'unauthorized' } });
});

await app.register(rateLimit, {
  hook: 'preParsing',
  redis,
  nameSpace: 'peer:',
  max: 1_000_000,
  timeWindow: 1000,
  keyGenerator: (request) => request.key.client,
});

// The same keyed hash as Rubrica's for erased contacts.
function digest(company, identifier) {
  return createHmac('sha256', SUPPRESSION_KEY).update(`${company}:${identifier}`).digest();
}

app.post(
  '/public/v1/contacts',
  { schema: { body: contact, response: { 200: upserted } } },
  async (request, reply) => {
    const { company, client } = request.key;
    const { phone, customFields, marketingConsent } = request.body;
    const email = request.body.email.trim().toLowerCase();
    const identifiers = phone ? [email, phone] : [email];
    const { rows } = await pool.query({
      ...UPSERT_CONTACT,
      values: [
        company,
        client,
        email,
        phone ?? null,
        customFields ? JSON.stringify(customFields) : null,
        marketingConsent?.email ?? null,
        marketingConsent?.whatsapp ?? null,
        false,
        identifiers.map((identifier) => digest(company, identifier)),
      ],
    });
    const { contact_id: contactId, outcome, matched_by: matchedBy } = rows[0];
    if (outcome === 'phone_conflict') {
      return reply.code(409).send({ error: { code: 'duplicate_resource' } });
    }
    return [{ contactId, outcome, matchedBy }];
  },
);

await app.listen({ host: '127.0.0.1', port: Number(PORT) });
process.once('SIGTERM', async () => {
  await app.close();
  await pool.end();
  redis.disconnect();
});
