/** Summaries of tickets as React state: asked for once, answered whenever the network allows. */

import { type Client, GatehouseError, type Outcome } from "agent-gatehouse-sdk";
import { Queue } from "agent-gatehouse-sdk/queue";
import { useCallback, useEffect, useState } from "react";

import type { Ticket } from "./tickets.ts";

/** What the agent `ticket_summary` answers; its page in the catalogue has the schema. */
interface TicketSummary {
  readonly ticket_id: string;
  readonly summary: string;
  readonly open_question: string | null;
  readonly next_step: string;
}

export type Summary =
  | { readonly state: "waiting" }
  | { readonly state: "failed"; readonly why: string }
  | { readonly state: "done"; readonly answer: TicketSummary };

/** The same ticket with the same messages is the same question, however often somebody clicks. */
function keyOf({ ticket_id, messages }: Ticket): string {
  return `summary ${ticket_id} ${messages.length}`;
}

export function useSummaries(client: Client, owner: string) {
  const [queue, setQueue] = useState<Queue>();
  const [summaries, setSummaries] = useState<Readonly<Record<string, Summary>>>({});
  const note = useCallback(
    (key: string, summary: Summary) => setSummaries((known) => ({ ...known, [key]: summary })),
    [],
  );

  useEffect(() => {
    const opened = new Queue(client, {
      owner,
      onDelivered: (key, outcome) => note(key, { state: "done", answer: (outcome as Outcome<TicketSummary>).output }),
      onDead: ({ key, message }) => note(key, { state: "failed", why: message }),
    });
    setQueue(opened);
    // Asked for before the page was reloaded.
    void opened.waiting().then((keys) => keys.forEach((key) => note(key, { state: "waiting" })));
    return () => opened.close();
  }, [client, owner, note]);

  const summarise = async (ticket: Ticket): Promise<void> => {
    const idempotencyKey = keyOf(ticket);
    note(idempotencyKey, { state: "waiting" });
    try {
      await queue?.enqueue("ticket_summary", ticket, { idempotencyKey });
    } catch (error) {
      note(idempotencyKey, { state: "failed", why: error instanceof GatehouseError ? error.slug : "unknown" });
    }
  };
  return { summarise, summaryOf: (ticket: Ticket) => summaries[keyOf(ticket)] };
}
