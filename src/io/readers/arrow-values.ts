// Values of Arrow arrays by index, with text decoded from its bytes (invalid UTF-8 stays visible) and offsets checked (they may be damaged).
import { type Data, DataType, Vector } from "apache-arrow";
import { textOfBytes } from "./plain.ts";

export type Getter = (index: number) => unknown;

export function getterOf(data: Data): Getter {
  const get = valueGetter(data);
  return data.nullCount === 0 ? get : (index) => (data.getValid(index) ? get(index) : null);
}

function valueGetter(data: Data): Getter {
  const { type } = data;
  if (DataType.isUtf8(type) || DataType.isLargeUtf8(type)) return textGetter(data);
  if (DataType.isList(type) || DataType.isLargeList(type)) return listGetter(data);
  if (DataType.isMap(type)) {
    const entries = listGetter(data);
    return (index) => new Map((entries(index) as Record<string, unknown>[]).map((entry) => Object.values(entry) as [unknown, unknown]));
  }
  if (DataType.isFixedSizeList(type)) {
    const item = getterOf(child(data, 0));
    const size = type.listSize;
    return (index) => Array.from({ length: size }, (_, i) => item(index * size + i));
  }
  if (DataType.isStruct(type))
    return structGetter(
      data,
      type.children.map((field) => field.name),
    );
  if (DataType.isDictionary(type)) return dictionaryGetter(data);
  const vector = new Vector([data]);
  if (DataType.isTimestamp(type) || DataType.isDate(type)) return (index) => dateOf(vector.get(index));
  if (DataType.isDecimal(type)) return (index) => decimalOf(vector.get(index), type.scale);
  return (index) => vector.get(index);
}

/** Words of a two's complement integer, lowest first, as the number they mean. */
function decimalOf(words: unknown, scale: number): unknown {
  if (!(words instanceof Uint32Array) || words.length === 0) return null;
  let value = 0n;
  for (let i = words.length - 1; i >= 0; i--) value = (value << 32n) | BigInt(words[i]);
  return Number(BigInt.asIntN(words.length * 32, value)) / 10 ** scale;
}

/** Offsets [index, index + 1) of a list or text, checked against what they point into. */
function rangeOf(offsets: ArrayLike<number | bigint>, index: number, limit: number): readonly [number, number] {
  const start = Number(offsets[index]);
  const end = Number(offsets[index + 1]);
  if (!(start >= 0 && start <= end && end <= limit)) throw new RangeError(`offsets ${start} to ${end} of ${limit}`);
  return [start, end];
}

function textGetter(data: Data): Getter {
  const bytes = data.values as Uint8Array;
  const offsets = data.valueOffsets as ArrayLike<number | bigint>;
  return (index) => {
    const [start, end] = rangeOf(offsets, index, bytes.length);
    return textOfBytes(bytes.subarray(start, end));
  };
}

function listGetter(data: Data): Getter {
  const items = child(data, 0);
  const item = getterOf(items);
  const offsets = data.valueOffsets as ArrayLike<number | bigint>;
  return (index) => {
    const [start, end] = rangeOf(offsets, index, items.length);
    const list: unknown[] = [];
    for (let i = start; i < end; i++) list.push(item(i));
    return list;
  };
}

function structGetter(data: Data, names: readonly string[]): Getter {
  const getters = names.map((_, i) => getterOf(child(data, i)));
  return (index) => {
    const value: Record<string, unknown> = {};
    for (let i = 0; i < names.length; i++) {
      Object.defineProperty(value, names[i], { value: getters[i](index), enumerable: true, configurable: true, writable: true });
    }
    return value;
  };
}

function dictionaryGetter(data: Data): Getter {
  const { dictionary } = data;
  if (!dictionary) throw new Error("a dictionary column without its dictionary");
  const keys = data.values as ArrayLike<number | bigint>;
  const single = dictionary.data.length === 1 ? getterOf(dictionary.data[0]) : (index: number): unknown => dictionary.get(index);
  return (index) => {
    const key = Number(keys[index]);
    if (!(key >= 0 && key < dictionary.length)) throw new RangeError(`key ${key} of a dictionary of ${dictionary.length}`);
    return single(key);
  };
}

function dateOf(value: unknown): unknown {
  return typeof value === "number" ? new Date(value) : value;
}

function child(data: Data, i: number): Data {
  const found = data.children[i] as Data | undefined;
  if (!found) throw new Error(`no child ${i + 1} of a ${String(data.type)} column`);
  return found;
}
