// Numbers as they stand in the page. A number and its unit are never broken over two lines (no-break spaces).

const space = "\u00a0";
const minus = "\u2212";

/** 1234567 as 1,234,567. */
export function count(value: number): string {
  const digits = String(Math.abs(Math.round(value))).replace(/\B(?=(\d{3})+(?!\d))/g, ",");
  return Math.round(value) < 0 ? minus + digits : digits;
}

/** "1 row", "12 rows". */
export function counted(value: number, one: string, many = `${one}s`): string {
  return `${count(value)}${space}${Math.round(value) === 1 ? one : many}`;
}

export function percent(share: number, digits = 1): string {
  return `${fixed(100 * share, digits)}${space}%`;
}

export function fixed(value: number, digits: number): string {
  const text = Math.abs(value).toFixed(digits);
  return value < 0 && Number(text) !== 0 ? minus + text : text;
}

/** Three significant digits or so: losses, rates. */
export function figure(value: number): string {
  const size = Math.abs(value);
  if (size === 0) return "0";
  if (size >= 1000) return count(value);
  if (size < 0.001) return value.toExponential(2).replace("-", minus);
  return fixed(value, size >= 100 ? 1 : size >= 1 ? 3 : 4);
}

/** With its sign; a true minus. */
export function signed(value: number, format: (value: number) => string = count): string {
  const text = format(Math.abs(value));
  if (Number.parseFloat(text) === 0) return `±${text}`;
  return `${value < 0 ? minus : "+"}${text}`;
}

export function share(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}

export function bytes(size: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let unit = 0;
  let value = size;
  for (; value >= 1024 && unit < units.length - 1; unit++) value /= 1024;
  return `${unit === 0 ? count(value) : value.toFixed(1)}${space}${units[unit]}`;
}

export function duration(seconds: number): string {
  if (seconds < 60) return `${seconds.toFixed(1)}${space}s`;
  const whole = Math.round(seconds);
  const parts = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60), whole % 60];
  const names = ["h", "min", "s"];
  return parts.flatMap((part, i) => (part > 0 ? [`${part}${space}${names[i]}`] : [])).join(" ");
}

/** "mid_sentence" as "mid sentence". */
export function words(name: string): string {
  return name.replaceAll("_", " ");
}

/** "a", "a and b", "a, b and c". */
export function listed(items: readonly string[]): string {
  return items.length < 2 ? (items[0] ?? "") : `${items.slice(0, -1).join(", ")} and ${items[items.length - 1]}`;
}
