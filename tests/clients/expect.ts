// What the programs have in common: where the service is, and how they fail.

declare const process: { env: Record<string, string | undefined>; exit(code: number): never };
declare function setTimeout(run: () => void, milliseconds: number): { unref(): void };

// A program that waits for something fails instead.
setTimeout(() => process.exit(1), 120_000).unref();

function setting(name: string): string {
  const value = process.env[name];
  if (value === undefined) throw new Error(`${name} is not set`);
  return value;
}

export const url = setting("RUBRICA_URL");
/** A key of a company of the program's own. */
export const key = setting("RUBRICA_KEY");
/** A key that may make one request a day. */
export const limitedKey = setting("RUBRICA_LIMITED_KEY");
export const wrongKey = "mn-aaaaaaaaaaaa-wrong";

export const ada = {
  email: "ada@example.com",
  phone: "+393391234567",
  customFields: { plan: "pro", address: { city: "Torino" } },
  marketingConsent: { email: true },
};
export const others = [{ email: "bob@example.com" }, { email: "eve@example.com" }];
/** Its phone is Ada's. */
export const conflict = { email: "bob@example.com", phone: ada.phone };
export const invalid = { email: "nobody" };

/** As JSON, with the members of each object in one order. */
function text(value: unknown): string | undefined {
  const sorted = (_: string, member: unknown) =>
    member !== null && typeof member === "object" && !Array.isArray(member)
      ? Object.fromEntries(Object.entries(member).sort(([left], [right]) => (left < right ? -1 : 1)))
      : member;
  return JSON.stringify(value, sorted);
}

export function equal(actual: unknown, expected: unknown): void {
  const [left, right] = [text(actual), text(expected)];
  if (left !== right) throw new Error(`expected ${right}, not ${left}`);
}

export function present<T>(value: T | null | undefined): T {
  if (value === null || value === undefined) throw new Error("expected a value");
  return value;
}
