// A list of any length of which only the rows in sight exist. It knows positions and heights (CSS pixels), not what a row is.

export interface VirtualList {
  /** Draws again what is in sight: after data, the cursor or the height of rows changed. */
  draw(): void;
  setTotal(total: number): void;
  /** Scrolls a row into sight, no further than needed. */
  show(place: number): void;
}

/** Browsers lay out boxes up to some 30 million pixels; longer lists are scrolled in proportion. */
const longest = 12_000_000;
/** Rows drawn beyond the edges. */
const margin = 6;

export function createVirtualList(options: {
  readonly box: HTMLElement;
  rowHeight(): number;
  /** The row at a place; called for rows in sight only. */
  render(place: number): HTMLElement;
  /** Told which places are in sight, before they are drawn. */
  sight(from: number, to: number): void;
}): VirtualList {
  const { box, rowHeight, render, sight } = options;
  const space = document.createElement("div");
  space.setAttribute("role", "presentation");
  space.className = "list-space";
  box.append(space);
  let total = 0;
  let asked = false;

  const scrollHeight = (): number => Math.min(total * rowHeight(), longest);
  /** Rows above the top edge, with a fraction. */
  const rowsAbove = (): number => {
    const rows = box.clientHeight / rowHeight();
    const range = scrollHeight() - box.clientHeight;
    return range <= 0 ? 0 : (Math.min(box.scrollTop, range) / range) * (total - rows);
  };
  const draw = (): void => {
    const height = rowHeight();
    space.style.height = `${scrollHeight()}px`;
    const top = rowsAbove();
    const from = Math.max(0, Math.floor(top) - margin);
    const to = Math.min(total, Math.ceil(top + box.clientHeight / height) + margin);
    if (from < to) sight(from, to);
    const rows: HTMLElement[] = [];
    for (let place = from; place < to; place++) {
      const row = render(place);
      row.style.transform = `translateY(${Math.round(box.scrollTop + (place - top) * height)}px)`;
      row.style.height = `${height}px`;
      rows.push(row);
    }
    space.replaceChildren(...rows);
  };
  const drawSoon = (): void => {
    if (asked) return;
    asked = true;
    requestAnimationFrame(() => {
      asked = false;
      draw();
    });
  };
  box.addEventListener("scroll", drawSoon, { passive: true });
  new ResizeObserver(drawSoon).observe(box);
  return {
    draw,
    setTotal(rows) {
      total = rows;
    },
    show(place) {
      const visible = box.clientHeight / rowHeight();
      const top = rowsAbove();
      const wanted = place < top ? place : place + 1 > top + visible ? place + 1 - visible : top;
      const range = scrollHeight() - box.clientHeight;
      if (wanted !== top && range > 0) box.scrollTop = (wanted / (total - visible)) * range;
      draw();
    },
  };
}
