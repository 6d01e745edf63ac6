/** What a helpdesk would have in its database. */

export interface Ticket {
  readonly ticket_id: string;
  readonly subject: string;
  readonly messages: readonly { readonly role: "customer" | "agent"; readonly at: string; readonly text: string }[];
}

export const TICKETS: readonly Ticket[] = [
  {
    ticket_id: "T-1001",
    subject: "Birthday present is late",
    messages: [
      {
        role: "customer",
        at: "2026-03-02T08:15:00Z",
        text: "My order should have been here on Friday. It is a birthday present. Where is it?",
      },
      {
        role: "agent",
        at: "2026-03-02T09:02:00Z",
        text: "I am sorry. The parcel is at the depot and will be delivered tomorrow.",
      },
      {
        role: "customer",
        at: "2026-03-04T18:40:00Z",
        text: "Nothing came. Can you send it by express, or give me my money back?",
      },
    ],
  },
  {
    ticket_id: "T-1002",
    subject: "Charged twice",
    messages: [
      {
        role: "customer",
        at: "2026-03-05T11:00:00Z",
        text: "I ordered one kettle, and paid for two. Please refund one of them.",
      },
    ],
  },
];
