/** A helpdesk with an agent in its screen: each ticket can be summarised, online or not. */

import { Client } from "agent-gatehouse-sdk";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";

import { type Summary, useSummaries } from "./summaries.ts";
import { TICKETS } from "./tickets.ts";

const client = new Client({
  baseUrl: "/gatehouse",
  token: async () => (await fetch("/token")).text(),
  workflow: "helpdesk",
});

function Helpdesk() {
  const { summarise, summaryOf } = useSummaries(client, "ada");
  return TICKETS.map((ticket) => (
    <article key={ticket.ticket_id} id={ticket.ticket_id}>
      <h2>{ticket.subject}</h2>
      {ticket.messages.map(({ role, at, text }) => (
        <p key={at}>
          <b>{role}</b> {text}
        </p>
      ))}
      <button type="button" onClick={() => void summarise(ticket)}>
        Summarise
      </button>
      <Shown summary={summaryOf(ticket)} />
    </article>
  ));
}

function Shown({ summary }: { summary: Summary | undefined }) {
  switch (summary?.state) {
    case "waiting":
      return <p role="status">Waiting for the gatehouse…</p>;
    case "failed":
      return <p role="alert">{summary.why}</p>;
    case "done":
      return (
        <blockquote>
          {summary.answer.summary} <b>Next: {summary.answer.next_step}</b>
        </blockquote>
      );
    default:
      return null;
  }
}

createRoot(document.getElementById("root") as HTMLElement).render(
  <StrictMode>
    <Helpdesk />
  </StrictMode>,
);
