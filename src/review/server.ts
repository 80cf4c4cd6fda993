// The review's web server: the page's files, and a small JSON API behind a token. It answers or refuses; nothing that comes in stops it.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { SluiceError } from "../core/errors.ts";
import type { Desk } from "./desk.ts";
import { createGuard, type Guard } from "./guard.ts";
import { type PageFile, readPageFiles } from "./page-files.ts";
import { Refused } from "./refused.ts";
import { bulkRequest, decideRequest, queueRequest, rowNumber, undoRequest } from "./requests.ts";

export interface ServerOptions {
  readonly desk: Desk;
  /** The address to listen on. */
  readonly address: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** Names by which it may be called, besides the address. */
  readonly names: readonly string[];
  /** Reviewers by token. */
  readonly tokens: ReadonlyMap<string, string>;
  /** Told of faults that are ours. */
  report(error: unknown): void;
}

export interface ReviewServer {
  readonly port: number;
  close(): Promise<void>;
}

/** Bytes of one request's body, and of all that are being read at a time. */
const bodyLimit = 16 << 20;
const bodiesLimit = 128 << 20;

/** Nothing but the page's own files runs or is loaded; no other page may hold it in a frame. */
const pageHeaders = {
  "content-security-policy":
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
  "referrer-policy": "no-referrer",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "permissions-policy": "camera=(), microphone=(), geolocation=()",
  "cache-control": "no-store",
} as const;

export async function startServer(options: ServerOptions): Promise<ReviewServer> {
  const files = readPageFiles();
  let guard: Guard | undefined;
  // Connections stay open between a reviewer's decisions: one that closes just as a request sets out would lose it.
  const server = createServer(
    { requestTimeout: 60_000, headersTimeout: 20_000, keepAliveTimeout: 120_000, maxHeaderSize: 16_384 },
    (request, response) => {
      serve(request, response).catch((error: unknown) => {
        const { status, message } = refusalOf(error);
        if (status === 500) options.report(error);
        // Bytes of a refused body that are still coming would be taken for the next request.
        if (!request.complete) response.setHeader("connection", "close");
        answerJson(response, status, { error: message });
      });
    },
  );
  server.on("clientError", (_, socket) => {
    if (socket.writable) socket.end("HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\r\n");
    else socket.destroy();
  });
  const port = await listen(server, options);
  guard = createGuard({ hosts: hostsOf(options), port, tokens: options.tokens });
  const bodies = { bytes: 0 };

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (!guard) throw new Refused(503, "not ready yet");
    guard.checkHost(request.headers);
    const [path, query = ""] = (request.url ?? "/").split("?", 2);
    const file = files.get(path);
    if (file) return answerFile(request, response, file);
    if (!path.startsWith("/api/")) throw new Refused(404, "there is no such page");
    const reviewer = guard.reviewer(request.headers);
    const route = `${request.method} ${path.slice("/api/".length)}`;
    answerJson(
      response,
      200,
      await answer(options.desk, { route, reviewer, query: new URLSearchParams(query), body: () => readBody(request, bodies) }),
    );
  }

  return {
    port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

interface Call {
  readonly route: string;
  readonly reviewer: string;
  readonly query: URLSearchParams;
  body(): Promise<unknown>;
}

async function answer(desk: Desk, { route, reviewer, query, body }: Call): Promise<unknown> {
  switch (route) {
    case "GET session":
      return desk.session(reviewer);
    case "GET progress":
      return desk.progress();
    case "GET row":
      return desk.row(rowNumber(query.get("row")));
    case "GET similar":
      return desk.similar(rowNumber(query.get("row")));
    case "POST queue":
      return desk.queue(queueRequest(await body()));
    case "POST decide":
      return desk.decide(reviewer, decideRequest(await body()));
    case "POST undo":
      return desk.undo(reviewer, undoRequest(await body()));
    case "POST bulk":
      return desk.bulk(reviewer, bulkRequest(await body()));
    default:
      throw new Refused(404, "there is no such request");
  }
}

function readBody(request: IncomingMessage, bodies: { bytes: number }): Promise<unknown> {
  if (!/^application\/json(;|$)/i.test(request.headers["content-type"] ?? "")) throw new Refused(415, "the body must be application/json");
  if (Number(request.headers["content-length"] ?? 0) > bodyLimit) throw tooLarge();
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    const end = (finish: () => void): void => {
      bodies.bytes -= bytes;
      bytes = 0;
      request.removeAllListeners("data");
      finish();
    };
    request.on("data", (chunk: Buffer) => {
      bytes += chunk.length;
      bodies.bytes += chunk.length;
      if (bytes > bodyLimit) end(() => reject(tooLarge()));
      else if (bodies.bytes > bodiesLimit) end(() => reject(new Refused(503, "too much is coming in at once: try again")));
      else chunks.push(chunk);
    });
    request.on("end", () => end(() => parse(Buffer.concat(chunks), resolve, reject)));
    request.on("error", (error) => end(() => reject(error)));
    request.on("close", () => end(() => reject(new Refused(400, "the request ended early"))));
  });
}

function parse(bytes: Buffer, resolve: (value: unknown) => void, reject: (error: unknown) => void): void {
  try {
    resolve(JSON.parse(bytes.toString("utf8")));
  } catch {
    reject(new Refused(400, "the body is not JSON"));
  }
}

function tooLarge(): Refused {
  return new Refused(413, `a request may have ${bodyLimit >> 20} MiB`);
}

function refusalOf(error: unknown): { readonly status: number; readonly message: string } {
  if (error instanceof Refused) return error;
  // The disk is full, the run is gone ...: a person can do something about it.
  if (error instanceof SluiceError) return { status: 507, message: error.message };
  return { status: 500, message: "the server failed at this; its terminal says more" };
}

function answerFile(request: IncomingMessage, response: ServerResponse, { type, bytes }: PageFile): void {
  if (request.method !== "GET" && request.method !== "HEAD") throw new Refused(405, "this can only be read");
  response.writeHead(200, { ...pageHeaders, "content-type": type, "content-length": bytes.length });
  response.end(request.method === "HEAD" ? undefined : bytes);
}

function answerJson(response: ServerResponse, status: number, value: unknown): void {
  if (response.headersSent || response.destroyed) return void response.destroy();
  const bytes = Buffer.from(JSON.stringify(value));
  response.writeHead(status, { ...pageHeaders, "content-type": "application/json", "content-length": bytes.length });
  response.end(bytes);
}

function listen(server: Server, { address, port }: ServerOptions): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen({ host: address, port, backlog: 2048 }, () => resolve((server.address() as AddressInfo).port));
  });
}

function hostsOf({ address, names }: ServerOptions): string[] {
  const loopback = address === "127.0.0.1" || address === "::1" ? ["localhost", "127.0.0.1", "[::1]"] : [];
  const own = address.includes(":") ? `[${address}]` : address;
  return [...new Set([own, ...loopback, ...names])].map((name) => name.toLowerCase());
}
