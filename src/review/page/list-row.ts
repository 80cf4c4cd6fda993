// One row of the list: how it stands, how it begins, why it is here.
import type { ListRow } from "../api.ts";
import { el, rowText } from "./dom.ts";
import { statusWords } from "./row-view.ts";

/** `row` is undefined while it is on its way. */
export function listRow(
  row: ListRow | undefined,
  { place, total, isCurrent }: { readonly place: number; readonly total: number; readonly isCurrent: boolean },
): HTMLElement {
  const option = el("div", {
    class: "list-row",
    role: "option",
    id: `row-${place}`,
    "aria-selected": String(isCurrent),
    "aria-setsize": String(total),
    "aria-posinset": String(place + 1),
  });
  if (!row) {
    option.setAttribute("aria-label", "not loaded yet");
    return option;
  }
  option.append(
    el("span", { class: `dot ${row.status}`, title: statusWords[row.status] }, el("span", { class: "hidden" }, statusWords[row.status])),
    rowText("bdi", "list-title", row.title || "(no text)"),
    el("span", { class: "list-why soft" }, row.disputed ? "disputed, " : "", row.causes.join(", ") || row.id),
  );
  return option;
}
