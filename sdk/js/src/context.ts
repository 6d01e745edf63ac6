/** What was said in a session, kept small enough to send along, forgotten in time, and stored only if it may be. */

import { attempt } from "./attempt.ts";

/** One thing that somebody said. */
export interface Message {
  readonly role: string;
  /** When it was said, as ISO 8601. */
  readonly at: string;
  readonly text: string;
}

/** How much is kept of a session, where and for how long. */
export interface ConversationOptions {
  /** What all messages together may cost; 2,000 unless given. The oldest go first. */
  readonly tokenBudget?: number | undefined;
  /** Forgotten this long after the last message; 1,800 unless given. */
  readonly expirySeconds?: number | undefined;
  /** False keeps every word out of the browser's storage: the context then lives as long as the page. */
  readonly keepText?: boolean | undefined;
  /** Applied to each text before it is kept anywhere; when it throws, nothing is kept. */
  readonly redact?: ((text: string) => string) | undefined;
  /** A quarter of the UTF-8 bytes unless given: enough for European languages, too much for none. */
  readonly countTokens?: ((text: string) => number) | undefined;
  /** `sessionStorage` unless given; `localStorage` shares a context between tabs. */
  readonly storage?: TextStorage | undefined;
  readonly now?: (() => number) | undefined;
}

/** As much of a browser's `Storage` as is used. */
export type TextStorage = Pick<Storage, "getItem" | "setItem" | "removeItem">;

interface Kept {
  readonly touched: number;
  readonly messages: readonly Message[];
}

const PREFIX = "gatehouse:context:";
const EMPTY: Kept = { touched: 0, messages: [] };

/** What was said in one session. */
export class Conversation {
  readonly #name: string;
  readonly #options: ConversationOptions;
  readonly #storage: TextStorage | undefined;
  #memory: Kept = EMPTY;

  /** @param session such as the ticket that is talked about */
  constructor(session: string, options: ConversationOptions = {}) {
    this.#name = PREFIX + session;
    this.#options = options;
    this.#storage = options.keepText === false ? undefined : (options.storage ?? browserStorage());
    // Whoever opts out later wants what was stored before to be gone too.
    if (!this.#storage) attempt(() => (options.storage ?? browserStorage())?.removeItem(this.#name));
  }

  /** Keeps what was said, and trims what no longer fits. */
  add(role: string, text: string): void {
    const redacted = this.#options.redact ? this.#options.redact(text) : text;
    const message = { role, at: new Date(this.#now()).toISOString(), text: redacted };
    this.#write({ touched: this.#now(), messages: this.#trimmed([...this.messages(), message]) });
  }

  /** What is still known of the session, the oldest first; ready to be part of an input. */
  messages(): readonly Message[] {
    const kept = this.#read();
    if (this.#now() - kept.touched < (this.#options.expirySeconds ?? 1800) * 1000) return kept.messages;
    if (kept.messages.length) this.clear();
    return [];
  }

  /** Forgets the session, here and in the storage. */
  clear(): void {
    this.#memory = EMPTY;
    attempt(() => this.#storage?.removeItem(this.#name));
  }

  #trimmed(messages: readonly Message[]): readonly Message[] {
    const count = this.#options.countTokens ?? estimatedTokens;
    let left = this.#options.tokenBudget ?? 2000;
    const fitting: Message[] = [];
    for (const message of messages.toReversed()) {
      const text = fitting.length ? message.text : shortened(message.text, left, count);
      left -= count(text);
      if (left < 0) break;
      fitting.unshift({ ...message, text });
    }
    return fitting;
  }

  /** The memory stands in for a storage that is full, forbidden or spoilt. */
  #read(): Kept {
    const stored = attempt(() => this.#storage?.getItem(this.#name));
    const kept = stored ? attempt(() => JSON.parse(stored) as Kept) : undefined;
    return kept && Array.isArray(kept.messages) && typeof kept.touched === "number" ? kept : this.#memory;
  }

  #write(kept: Kept): void {
    this.#memory = kept;
    const written = attempt(() => {
      this.#storage?.setItem(this.#name, JSON.stringify(kept));
      return true;
    });
    // What is stored would otherwise hide what is newer.
    if (!written) attempt(() => this.#storage?.removeItem(this.#name));
  }

  #now(): number {
    return (this.#options.now ?? Date.now)();
  }
}

/** Forgets all sessions of a storage; for signing out. */
export function clearConversations(storage: Storage = sessionStorage): void {
  const names = Array.from({ length: storage.length }, (_, at) => storage.key(at));
  for (const name of names) if (name?.startsWith(PREFIX)) storage.removeItem(name);
}

function estimatedTokens(text: string): number {
  return Math.ceil(new TextEncoder().encode(text).length / 4);
}

/** The beginning of a text that is too long by itself; a newest message is never lost as a whole. */
function shortened(text: string, budget: number, count: (text: string) => number): string {
  let characters = Array.from(text);
  for (let tokens = count(text); tokens > budget && characters.length; tokens = count(characters.join(""))) {
    characters = characters.slice(
      0,
      Math.min(characters.length - 1, Math.floor((characters.length * budget) / tokens)),
    );
  }
  return characters.join("");
}

function browserStorage(): TextStorage | undefined {
  return attempt(() => globalThis.sessionStorage);
}
