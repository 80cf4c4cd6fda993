// hf://datasets/owner/name[@revision]/path-or-glob on the Hugging Face Hub. HF_ENDPOINT and HF_TOKEN are honoured.
import { HubApiError, listFiles } from "@huggingface/hub";
import { type Place, refusalOf, unreadable } from "../inputs.ts";
import { refused } from "./download.ts";
import { hubAccess } from "./hub-access.ts";
import type { RemoteFolder } from "./index.ts";

const pattern = /^hf:\/\/datasets\/([^/@]+\/[^/@]+)(?:@([^/]+))?(?:\/(.*))?$/;

export function openHub(place: Place): RemoteFolder {
  const match = pattern.exec(place.path);
  if (!match)
    throw unreadable(
      place,
      "not of the form hf://datasets/OWNER/NAME[@REVISION]/PATH",
      "e.g. hf://datasets/tatsu-lab/alpaca/data/*.parquet",
    );
  const [, name, revision = "main", path = ""] = match;
  const { hubUrl, accessToken, send } = hubAccess();
  return {
    path,
    root: `hf://datasets/${name}${revision === "main" ? "" : `@${revision}`}/`,
    send,
    urlOf: (file) =>
      `${hubUrl}/datasets/${name}/resolve/${encodeURIComponent(decodeURIComponent(revision))}/${file.split("/").map(encodeURIComponent).join("/")}`,
    async list(folder) {
      const names: string[] = [];
      try {
        const options = { repo: { type: "dataset" as const, name }, revision: decodeURIComponent(revision), recursive: true, hubUrl };
        for await (const entry of listFiles({
          ...options,
          ...(folder === "" ? {} : { path: folder.replace(/\/$/, "") }),
          ...(accessToken ? { accessToken } : {}),
        })) {
          if (entry.type === "file") names.push(entry.path);
        }
      } catch (error) {
        if (error instanceof HubApiError) throw refused(refusalOf(place), `${hubUrl}/datasets/${name}`, error.statusCode);
        throw error;
      }
      return names;
    },
  };
}
