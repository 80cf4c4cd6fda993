// Servers on this machine that stand in for the network, and environment variables that point to them.
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** A server on this machine for the time of a call; `base` is its address. */
export async function serving<T>(
  answer: (request: IncomingMessage, response: ServerResponse) => void,
  use: (base: string) => Promise<T>,
): Promise<T> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    return await use(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

/** Sets environment variables for the time of a call. */
export async function withEnvironment<T>(values: Readonly<Record<string, string | undefined>>, use: () => Promise<T>): Promise<T> {
  const before = Object.fromEntries(Object.keys(values).map((name) => [name, process.env[name]]));
  const set = (all: Readonly<Record<string, string | undefined>>): void => {
    for (const [name, value] of Object.entries(all)) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  };
  set(values);
  try {
    return await use();
  } finally {
    set(before);
  }
}
