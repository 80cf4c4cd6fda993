// Growing Arrow buffers: values are appended row by row and handed over without a copy of their own. Fresh memory costs more than filling
// it, and growing copies: a builder can be told how much will come, and used again once its data was written.
import { Data, Field, Int32, List, makeData, Struct, Utf8, type DataType } from "apache-arrow";

/** A growing typed array. */
class Growing<A extends Int32Array | Uint8Array> {
  values: A;
  length = 0;
  private readonly create: (length: number) => A;

  constructor(create: (length: number) => A, capacity: number) {
    this.create = create;
    this.values = create(capacity);
  }

  /** Makes room for `more` values behind the present ones. */
  room(more: number): A {
    if (this.length + more > this.values.length) this.enlarge(Math.max(this.values.length * 2, this.length + more));
    return this.values;
  }

  /** Room for so many values and a sixteenth more: what comes next time will be about as much. */
  reserve(values: number): void {
    if (values > this.values.length) this.enlarge(values + (values >> 4));
  }

  private enlarge(capacity: number): void {
    const larger = this.create(capacity);
    larger.set(this.values.subarray(0, this.length));
    this.values = larger;
  }

  push(value: number): void {
    this.room(1)[this.length++] = value;
  }

  taken(): A {
    return this.values.subarray(0, this.length) as A;
  }
}

const int32s = (): Growing<Int32Array> => new Growing((length) => new Int32Array(length), 1024);
const bytes = (): Growing<Uint8Array> => new Growing((length) => new Uint8Array(length), 1 << 16);
const encoder = new TextEncoder();
/** Texts up to here are copied unit by unit. */
const shortText = 64;

/** A column that is built value by value. */
export interface ColumnBuilder {
  readonly length: number;
  /** The values, in the builder's own memory. */
  finish(): Data<DataType>;
  /** Forgets all values; memory handed over before is written to again. */
  clear(): void;
}

export class Int32Builder implements ColumnBuilder {
  private readonly data = int32s();

  get length(): number {
    return this.data.length;
  }

  push(value: number): void {
    this.data.push(value);
  }

  /** Room for `count` values, appended; the caller fills them at once. */
  extend(count: number): Int32Array {
    const values = this.data.room(count);
    const start = this.data.length;
    this.data.length += count;
    return values.subarray(start, start + count);
  }

  reserve(values: number): void {
    this.data.reserve(values);
  }

  clear(): void {
    this.data.length = 0;
  }

  finish(): Data<Int32> {
    return makeData({ type: new Int32(), length: this.length, nullCount: 0, data: this.data.taken() });
  }
}

export class Utf8Builder implements ColumnBuilder {
  private readonly offsets = int32s();
  private readonly data = bytes();

  constructor() {
    this.offsets.push(0);
  }

  get length(): number {
    return this.offsets.length - 1;
  }

  push(text: string): void {
    const { data } = this;
    const room = data.room(text.length * 3);
    let i = 0;
    // Names and ids are short and ASCII: a call of the encoder costs more than they do.
    if (text.length <= shortText) for (let code; i < text.length && (code = text.charCodeAt(i)) < 0x80; i++) room[data.length + i] = code;
    data.length += i < text.length ? encoder.encodeInto(text, room.subarray(data.length)).written : i;
    this.offsets.push(data.length);
  }

  /** Appends a text that is UTF-8 already: from[start, end). */
  pushBytes(from: Uint8Array, start = 0, end = from.length): void {
    const { data } = this;
    const room = data.room(end - start);
    if (end - start > shortText) room.set(from.subarray(start, end), data.length);
    else for (let i = start, at = data.length; i < end; i++, at++) room[at] = from[i];
    data.length += end - start;
    this.offsets.push(data.length);
  }

  /** Room for so many bytes of texts. */
  reserve(textBytes: number): void {
    this.data.reserve(textBytes);
  }

  clear(): void {
    this.data.length = 0;
    this.offsets.length = 1;
  }

  finish(): Data<Utf8> {
    return makeData({ type: new Utf8(), length: this.length, nullCount: 0, valueOffsets: this.offsets.taken(), data: this.data.taken() });
  }
}

/** A list column over a child builder: fill the child, then close the list. */
export class ListBuilder<Child extends ColumnBuilder> implements ColumnBuilder {
  readonly child: Child;
  private readonly offsets = int32s();

  constructor(child: Child) {
    this.child = child;
    this.offsets.push(0);
  }

  get length(): number {
    return this.offsets.length - 1;
  }

  /** Everything the child got since the last call is this row's list. */
  close(): void {
    this.offsets.push(this.child.length);
  }

  clear(): void {
    this.child.clear();
    this.offsets.length = 1;
  }

  finish(): Data<List> {
    const child = this.child.finish();
    return makeData({
      type: new List(new Field("item", child.type, false)),
      length: this.length,
      nullCount: 0,
      valueOffsets: this.offsets.taken(),
      child,
    });
  }
}

export class StructBuilder<Children extends Readonly<Record<string, ColumnBuilder>>> implements ColumnBuilder {
  readonly children: Children;

  constructor(children: Children) {
    this.children = children;
  }

  get length(): number {
    return Object.values(this.children)[0].length;
  }

  clear(): void {
    for (const child of Object.values(this.children)) child.clear();
  }

  finish(): Data<Struct> {
    const children = Object.values(this.children).map((child) => child.finish());
    const fields = Object.keys(this.children).map((name, i) => new Field(name, children[i].type, false));
    return makeData({ type: new Struct(fields), length: this.length, nullCount: 0, children });
  }
}
