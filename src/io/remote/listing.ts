// Listings of remote folders, with what was listed last kept for when the network is gone: a run that was started continues without it.
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { writeAtomic } from "../atomic.ts";
import { type Place, unreadable } from "../inputs.ts";
import { isNetworkError, networkMessage } from "./download.ts";

export async function listed(place: Place, cacheDir: string, list: () => Promise<readonly string[]>): Promise<readonly string[]> {
  const kept = join(cacheDir, "remote", `list-${createHash("sha256").update(place.path).digest("hex").slice(0, 16)}.json`);
  try {
    const names = await list();
    writeAtomic(kept, JSON.stringify(names));
    return names;
  } catch (error) {
    if (!isNetworkError(error)) throw error;
    if (existsSync(kept)) return JSON.parse(readFileSync(kept, "utf8")) as string[];
    throw unreadable(place, `no listing: ${networkMessage(error)}`, "check the network and try again");
  }
}
