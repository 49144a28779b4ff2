// The schema of a contact, from which Fastify compiles the validator and the serializer.

export const contact = {
  type: 'object',
  required: ['email'],
  additionalProperties: false,
  properties: {
    email: { type: 'string', format: 'email', maxLength: 254 },
    phone: { type: 'string', pattern: '^\\+[1-9][0-9]{6,14}$' },
    customFields: { type: 'object' },
    marketingConsent: {
      type: 'object',
      additionalProperties: false,
      properties: { email: { type: 'boolean' }, whatsapp: { type: 'boolean' } },
    },
  },
};

export const upserted = {
  type: 'array',
  items: {
    type: 'object',
    properties: {
      contactId: { type: 'string' },
      outcome: { type: 'string' },
      matchedBy: { type: ['string', 'null'] },
    },
  },
};
