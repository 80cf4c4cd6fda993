// Numbers in messages.

/** 1234567 as "1,234,567", the same in every locale. */
export function count(value: number): string {
  return value.toLocaleString("en-US");
}

/** "1 row", "0 rows", "2,000 rows". */
export function counted(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}

/** A share of 1 as "0.99 %", without what binary fractions add. */
export function percent(share: number): string {
  return `${+(share * 100).toPrecision(6)} %`;
}

/** Bytes as "1,234 MiB". */
export function mebibytes(bytes: number): string {
  return `${count(Math.round(bytes / 2 ** 20))} MiB`;
}
