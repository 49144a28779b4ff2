// API keys: looked up once in Postgres, then cached by the SHA-256 of the token.
import { createHash } from 'node:crypto';

const FIND_KEY = {
  name: 'find_key',
  text: 'select company_id, client_id from peer_keys where token_sha256 = $1',
};

export function keyCache(pool) {
  const known = new Map();

  return async function find(authorization) {
    if (!authorization?.startsWith('Bearer ')) return null;
    const digest = createHash('sha256').update(authorization.slice(7)).digest();
    const name = digest.toString('base64');
    const cached = known.get(name);
    if (cached) return cached;
    const { rows } = await pool.query({ ...FIND_KEY, values: [digest] });
    if (rows.length === 0) return null;
    const key = { company: rows[0].company_id, client: rows[0].client_id };
    known.set(name, key);
    return key;
  };
}
