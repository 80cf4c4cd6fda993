// How the page looks: light or dark, calm or dense. Remembered in this browser.
import { byId } from "./dom.ts";

const themeKey = "sluice-review-theme";
const densityKey = "sluice-review-density";
const themes = ["auto", "light", "dark"] as const;

function set(): void {
  const theme = localStorage.getItem(themeKey) ?? "auto";
  const density = localStorage.getItem(densityKey) === "dense" ? "dense" : "calm";
  document.documentElement.dataset.theme = theme;
  document.documentElement.dataset.density = density;
  byId("theme").textContent = `Theme: ${theme}`;
  byId("density").setAttribute("aria-pressed", String(density === "dense"));
}

/** Sets the remembered look and listens to its buttons; `changed` hears that rows have another height. */
export function startLook(changed: () => void): void {
  byId("theme").addEventListener("click", () => {
    const now = themes.findIndex((theme) => theme === localStorage.getItem(themeKey));
    localStorage.setItem(themeKey, themes[(Math.max(0, now) + 1) % themes.length]);
    set();
  });
  byId("density").addEventListener("click", () => {
    localStorage.setItem(densityKey, localStorage.getItem(densityKey) === "dense" ? "calm" : "dense");
    set();
    changed();
  });
  set();
}

/** Height of a row of the list, CSS pixels. */
export function listRowHeight(): number {
  return document.documentElement.dataset.density === "dense" ? 34 : 58;
}
