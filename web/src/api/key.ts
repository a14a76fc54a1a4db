/** A fresh unique key. Not crypto.randomUUID, which browsers withhold on plain http, where self-hosted servers often are. */
export function freshKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
