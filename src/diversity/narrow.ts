import type { ProfileSummary } from "./profile.ts";
export function narrowWarnings(summary: ProfileSummary): string[] {
  return summary.rows < 0 ? [""] : [];
}
