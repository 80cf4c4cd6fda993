// Where the Hugging Face Hub is and who asks: HF_ENDPOINT and HF_TOKEN, as Hugging Face's own tools read them.
import type { Send } from "./download.ts";

export interface HubAccess {
  /** Without a slash at its end. */
  readonly hubUrl: string;
  readonly accessToken: string | undefined;
  readonly send: Send;
}

export function hubAccess(): HubAccess {
  const hubUrl = (process.env["HF_ENDPOINT"] ?? "https://huggingface.co").replace(/\/$/, "");
  // An empty variable is how a token is unset in many shells.
  const accessToken = process.env["HF_TOKEN"] || undefined;
  const send: Send = (url, headers) =>
    fetch(url, { headers: accessToken ? { ...headers, authorization: `Bearer ${accessToken}` } : headers });
  return { hubUrl, accessToken, send };
}
