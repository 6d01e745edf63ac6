/** Identifiers that nobody else makes. `crypto.randomUUID` is missing on plain HTTP, so it is not used. */

function hex(bytes: number): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(bytes)), (byte) => byte.toString(16).padStart(2, "0")).join(
    "",
  );
}

export function newKey(): string {
  return hex(16);
}

/** A W3C trace that begins here and asks to be recorded. */
export function newTraceparent(): string {
  return `00-${hex(16)}-${hex(8)}-01`;
}
