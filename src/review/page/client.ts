// Requests to the review's server. The token comes with the link, behind #, and stays in this tab.
import type {
  BulkAnswer,
  BulkRequest,
  DecideAnswer,
  DecideRequest,
  Progress,
  QueueAnswer,
  QueueRequest,
  Refusal,
  RowAnswer,
  Session,
  SimilarAnswer,
  UndoAnswer,
} from "../api.ts";

/** What the server, or the way to it, said no with. */
export class NotServed extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

const storageKey = "sluice-review-token";

function takeToken(): string {
  const given = location.hash.slice(1);
  if (given !== "") {
    sessionStorage.setItem(storageKey, given);
    // Out of the address bar, so that it is not copied, shown or kept in the history.
    history.replaceState(null, "", location.pathname);
  }
  return sessionStorage.getItem(storageKey) ?? "";
}

const token = takeToken();

async function ask<Answer>(path: string, body?: unknown): Promise<Answer> {
  const headers: Record<string, string> = { "x-sluice-token": token };
  if (body !== undefined) headers["content-type"] = "application/json";
  let response: Response;
  let value: unknown;
  try {
    response = await fetch(`/api/${path}`, {
      method: body === undefined ? "GET" : "POST",
      headers,
      body: body === undefined ? null : JSON.stringify(body),
    });
    value = await response.json();
  } catch {
    throw new NotServed(0, "The server does not answer. Is `sluice review` still running?");
  }
  if (!response.ok) throw new NotServed(response.status, (value as Refusal).error);
  return value as Answer;
}

export const client = {
  session: () => ask<Session>("session"),
  progress: () => ask<Progress>("progress"),
  queue: (request: QueueRequest) => ask<QueueAnswer>("queue", request),
  row: (row: number) => ask<RowAnswer>(`row?row=${row}`),
  similar: (row: number) => ask<SimilarAnswer>(`similar?row=${row}`),
  decide: (request: DecideRequest) => ask<DecideAnswer>("decide", request),
  undo: (hash?: string) => ask<UndoAnswer>("undo", { hash }),
  bulk: (request: BulkRequest) => ask<BulkAnswer>("bulk", request),
} as const;
