// Files in S3 and stores that speak like it: s3://BUCKET/path, folder/ or glob. Credentials and place come from AWS_ACCESS_KEY_ID,
// AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN, AWS_REGION and AWS_ENDPOINT_URL; without keys, requests are not signed (public buckets).
import { AwsClient } from "aws4fetch";
import { dataError } from "../../core/errors.ts";
import { formatOfName } from "../format.ts";
import { fixedFolder, isPattern, patternToRegExp } from "../glob.ts";
import { download, type RemoteFile } from "./download.ts";

export async function listS3(url: string, source: string): Promise<RemoteFile[]> {
  const [, bucket, path] = /^s3:\/\/([^/]+)\/?(.*)$/.exec(url) ?? [];
  if (bucket === undefined) throw fault(`sources.${source} path ${url}`, "s3://BUCKET/path", url);
  if (!isPattern(path) && formatOfName(path) !== undefined) return [s3File(bucket, path, path.slice(0, path.lastIndexOf("/") + 1))];
  const folder = isPattern(path) ? fixedFolder(path) : path === "" || path.endsWith("/") ? path : `${path}/`;
  const wanted = isPattern(path) ? patternToRegExp(path) : undefined;
  const keys = (await listKeys(bucket, folder)).filter((key) => !key.endsWith("/") && (wanted === undefined || wanted.test(key)));
  return keys.map((key) => s3File(bucket, key, folder));
}

function s3File(bucket: string, key: string, folder: string): RemoteFile {
  const url = `s3://${bucket}/${key}`;
  return {
    name: key.slice(folder.length),
    url,
    copyTo: (cacheDir) => download({ url, cacheDir, get: (headers) => request(bucket, key, {}, headers) }),
  };
}

async function listKeys(bucket: string, prefix: string): Promise<string[]> {
  const keys: string[] = [];
  for (let token = ""; ;) {
    const query: Record<string, string> = { "list-type": "2", prefix };
    if (token !== "") query["continuation-token"] = token;
    const response = await request(bucket, "", query, {});
    const text = await response.text();
    if (!response.ok)
      throw fault(
        `s3://${bucket}/${prefix}`,
        "a bucket that can be listed",
        `the server answered ${response.status}: ${tag(text, "Message") ?? response.statusText}`,
      );
    for (const [, key] of text.matchAll(/<Key>([\s\S]*?)<\/Key>/g)) keys.push(unescapeXml(key));
    token = tag(text, "NextContinuationToken") ?? "";
    if (tag(text, "IsTruncated") !== "true" || token === "") return keys;
  }
}

async function request(
  bucket: string,
  key: string,
  query: Readonly<Record<string, string>>,
  headers: Readonly<Record<string, string>>,
): Promise<Response> {
  const region = process.env.AWS_REGION ?? process.env.AWS_DEFAULT_REGION ?? "us-east-1";
  const endpoint = process.env.AWS_ENDPOINT_URL_S3 ?? process.env.AWS_ENDPOINT_URL;
  // Stores of one's own take the bucket in the path, AWS in the host.
  const base = endpoint ? `${endpoint.replace(/\/$/, "")}/${bucket}/` : `https://${bucket}.s3.${region}.amazonaws.com/`;
  const url = new URL(base + key.split("/").map(encodeURIComponent).join("/"));
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey, AWS_SESSION_TOKEN: sessionToken } = process.env;
  if (!accessKeyId || !secretAccessKey) return fetch(url, { headers });
  const client = new AwsClient({ accessKeyId, secretAccessKey, sessionToken, region, service: "s3", retries: 0 });
  return client.fetch(url.href, { headers });
}

function tag(xml: string, name: string): string | undefined {
  const value = new RegExp(`<${name}>([\\s\\S]*?)</${name}>`).exec(xml)?.[1];
  return value === undefined ? undefined : unescapeXml(value);
}

function unescapeXml(text: string): string {
  const entities: Readonly<Record<string, string>> = { lt: "<", gt: ">", quot: '"', apos: "'", amp: "&" };
  return text.replace(/&(?:(lt|gt|quot|apos|amp)|#(\d+)|#x([\da-f]+));/gi, (_, name?: string, decimal?: string, hex?: string) =>
    name ? entities[name.toLowerCase()] : String.fromCodePoint(decimal ? Number(decimal) : Number.parseInt(hex ?? "0", 16)),
  );
}

function fault(where: string, expected: string, found: string): Error {
  return dataError({ where, expected, found, fix: "check the path, AWS_REGION, AWS_ENDPOINT_URL and the credentials" });
}
