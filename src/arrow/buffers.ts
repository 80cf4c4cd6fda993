// Growing Arrow buffers: values are appended row by row and handed over without a copy of their own. A builder that is told how much will
// come does not grow: growing copies, and fresh memory costs more than filling it.
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
    if (this.length + more > this.values.length) {
      const larger = this.create(Math.max(this.values.length * 2, this.length + more));
      larger.set(this.values.subarray(0, this.length));
      this.values = larger;
    }
    return this.values;
  }

  push(value: number): void {
    this.room(1)[this.length++] = value;
  }

  taken(): A {
    return this.values.subarray(0, this.length) as A;
  }
}

const int32s = (capacity: number): Growing<Int32Array> => new Growing((length) => new Int32Array(length), capacity);
const bytes = (capacity: number): Growing<Uint8Array> => new Growing((length) => new Uint8Array(length), capacity);
const encoder = new TextEncoder();

/** A column that is built value by value. */
export interface ColumnBuilder {
  readonly length: number;
  finish(): Data<DataType>;
}

export class Int32Builder implements ColumnBuilder {
  private readonly data: Growing<Int32Array>;

  constructor(values = 1024) {
    this.data = int32s(values);
  }

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

  finish(): Data<Int32> {
    return makeData({ type: new Int32(), length: this.length, nullCount: 0, data: this.data.taken() });
  }
}

export class Utf8Builder implements ColumnBuilder {
  private readonly offsets: Growing<Int32Array>;
  private readonly data: Growing<Uint8Array>;

  /** Room for so many texts of so many bytes together. */
  constructor(texts = 1023, textBytes = 1 << 16) {
    this.offsets = int32s(texts + 1);
    this.data = bytes(textBytes);
    this.offsets.push(0);
  }

  get length(): number {
    return this.offsets.length - 1;
  }

  push(text: string): void {
    const room = this.data.room(text.length * 3).subarray(this.data.length);
    this.data.length += encoder.encodeInto(text, room).written;
    this.offsets.push(this.data.length);
  }

  /** Appends a text that is UTF-8 already. */
  pushBytes(text: Uint8Array): void {
    this.data.room(text.length).set(text, this.data.length);
    this.data.length += text.length;
    this.offsets.push(this.data.length);
  }

  finish(): Data<Utf8> {
    return makeData({ type: new Utf8(), length: this.length, nullCount: 0, valueOffsets: this.offsets.taken(), data: this.data.taken() });
  }
}

/** A list column over a child builder: fill the child, then close the list. */
export class ListBuilder<Child extends ColumnBuilder> implements ColumnBuilder {
  readonly child: Child;
  private readonly offsets = int32s(1024);

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

  finish(): Data<Struct> {
    const children = Object.values(this.children).map((child) => child.finish());
    const fields = Object.keys(this.children).map((name, i) => new Field(name, children[i].type, false));
    return makeData({ type: new Struct(fields), length: this.length, nullCount: 0, children });
  }
}
