// Who may ask what: hosts, origins and tokens. Pure checks of a request's head; anything doubtful is refused.
import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import { Refused } from "./refused.ts";

export interface Guard {
  /** Refuses hosts that this server is not: a page elsewhere may point its own name at this address. */
  checkHost(headers: IncomingHttpHeaders): void;
  /** Refuses pages of other origins, and returns the reviewer whose token came along. */
  reviewer(headers: IncomingHttpHeaders): string;
}

export interface GuardOptions {
  /** Names and addresses by which the server may be called, without port. */
  readonly hosts: readonly string[];
  readonly port: number;
  /** Reviewers by token. */
  readonly tokens: ReadonlyMap<string, string>;
}

const tokenHeader = "x-sluice-token";

export function createGuard({ hosts, port, tokens }: GuardOptions): Guard {
  const known = new Set(hosts.flatMap((host) => (port === 80 ? [`${host}:80`, host] : [`${host}:${port}`])));
  const digests = [...tokens].map(([token, reviewer]) => ({ digest: digestOf(token), reviewer }));
  return {
    checkHost({ host }) {
      if (!known.has((host ?? "").toLowerCase()))
        throw new Refused(421, "this server goes by another name: open the link that `sluice review` printed");
    },
    reviewer(headers) {
      const { origin, host } = headers;
      if (origin !== undefined && origin.toLowerCase() !== `http://${host}`.toLowerCase())
        throw new Refused(403, "requests from other pages are refused");
      const site = headers["sec-fetch-site"];
      if (site !== undefined && site !== "same-origin" && site !== "none") throw new Refused(403, "requests from other pages are refused");
      const given = headers[tokenHeader];
      const digest = digestOf(typeof given === "string" ? given : "");
      let found: string | undefined;
      // Every token is compared, in the same time whether it fits or not.
      for (const { digest: known, reviewer } of digests) if (timingSafeEqual(known, digest)) found = reviewer;
      if (found === undefined) throw new Refused(401, "this link is not, or no longer, valid: open the one that `sluice review` printed");
      return found;
    },
  };
}

function digestOf(token: string): Buffer {
  return createHash("sha256").update(token).digest();
}
