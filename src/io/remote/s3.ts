// s3://bucket/key-or-glob on S3 and what speaks like it. AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN, AWS_REGION and
// AWS_ENDPOINT_URL (or AWS_ENDPOINT_URL_S3) are honoured; without keys, requests are anonymous.
import { AwsClient } from "aws4fetch";
import { type Place, refusalOf, unreadable } from "../inputs.ts";
import { refused, type Send } from "./download.ts";
import type { RemoteFolder } from "./index.ts";

export function openS3(place: Place): RemoteFolder {
  const match = /^s3:\/\/([^/]+)(?:\/(.*))?$/.exec(place.path);
  if (!match) throw unreadable(place, "not of the form s3://BUCKET/PATH", "e.g. s3://my-data/train/*.jsonl.gz");
  const [, bucket, path = ""] = match;
  const { env } = process;
  const region = env["AWS_REGION"] ?? env["AWS_DEFAULT_REGION"] ?? "us-east-1";
  const endpoint = (env["AWS_ENDPOINT_URL_S3"] ?? env["AWS_ENDPOINT_URL"])?.replace(/\/$/, "");
  // A bucket's own host, or the endpoint's path where one is given (or the name has dots, which certificates do not cover).
  const base = endpoint
    ? `${endpoint}/${bucket}/`
    : bucket.includes(".")
      ? `https://s3.${region}.amazonaws.com/${bucket}/`
      : `https://${bucket}.s3.${region}.amazonaws.com/`;
  const send = sender(region);
  return {
    path,
    root: `s3://${bucket}/`,
    send,
    urlOf: (key) => base + key.split("/").map(encodeKey).join("/"),
    async list(folder) {
      const names: string[] = [];
      for (let token: string | undefined, more = true; more;) {
        const query = new URLSearchParams({
          "list-type": "2",
          ...(folder === "" ? {} : { prefix: folder }),
          ...(token ? { "continuation-token": token } : {}),
        });
        const url = `${base}?${query.toString()}`;
        const response = await send(url, {});
        if (!response.ok) throw refused(refusalOf(place), base, response.status);
        const xml = await response.text();
        for (const [, contents] of xml.matchAll(/<Contents>([\s\S]*?)<\/Contents>/g)) {
          const key = textOf(contents, "Key");
          if (key !== undefined && !key.endsWith("/")) names.push(key);
        }
        token = textOf(xml, "NextContinuationToken");
        more = textOf(xml, "IsTruncated") === "true" && token !== undefined;
      }
      return names;
    },
  };
}

function sender(region: string): Send {
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey, AWS_SESSION_TOKEN: sessionToken } = process.env;
  if (!accessKeyId || !secretAccessKey) return (url, headers) => fetch(url, { headers });
  const client = new AwsClient({
    accessKeyId,
    secretAccessKey,
    ...(sessionToken ? { sessionToken } : {}),
    service: "s3",
    region,
    retries: 0,
  });
  return (url, headers) => client.fetch(url, { headers });
}

/** RFC 3986, as signatures want it. */
function encodeKey(part: string): string {
  return encodeURIComponent(part).replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
}

const entities: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

function textOf(xml: string, name: string): string | undefined {
  const text = new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1];
  return text?.replace(
    /&(?:#(\d+)|#x([\da-fA-F]+)|(\w+));/g,
    (whole, decimal: string | undefined, hex: string | undefined, word: string | undefined) => {
      if (decimal !== undefined) return String.fromCodePoint(Number(decimal));
      if (hex !== undefined) return String.fromCodePoint(Number.parseInt(hex, 16));
      return entities[word ?? ""] ?? whole;
    },
  );
}
