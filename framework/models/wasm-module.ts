/**
 * A module of WebAssembly with one function, put together from its instructions. Of the format there is as much as a function needs
 * that works on numbers in a memory it is given. Pure.
 *
 * The format is the W3C's: WebAssembly Core Specification, chapter 5, "Binary Format".
 * @module
 */

/** Instructions as they stand in a module. */
export type Code = readonly number[];

/** A whole number as a module has it, without a sign: seven bits a byte, the last ones first. */
function unsigned(value: number): Code {
  const bytes: number[] = [];
  for (let rest = value; ; rest >>>= 7) {
    if (rest < 0x80) return [...bytes, rest];
    bytes.push((rest & 0x7f) | 0x80);
  }
}

/** A whole number with a sign. */
function signed(value: number): Code {
  const bytes: number[] = [];
  for (let rest = value; ; rest >>= 7) {
    const low = rest & 0x7f;
    if ((rest >> 6 === 0 || rest >> 6 === -1) && rest >> 7 === rest >> 6) return [...bytes, low];
    bytes.push(low | 0x80);
  }
}

/** The instructions that are used here; numbers lie in memory where their size lets them. */
export const wasm = {
  /** The value of a local number. */
  get: (local: number): Code => [0x20, ...unsigned(local)],
  set: (local: number): Code => [0x21, ...unsigned(local)],
  /** Sets a local number and leaves it on the stack. */
  tee: (local: number): Code => [0x22, ...unsigned(local)],
  /** A whole number of 32 bits. */
  number: (value: number): Code => [0x41, ...signed(value)],
  /** The number at an address and so many bytes behind it. */
  loadInteger: (behind = 0): Code => [0x28, 2, ...unsigned(behind)],
  loadSingle: (behind = 0): Code => [0x2a, 2, ...unsigned(behind)],
  loadDouble: (behind = 0): Code => [0x2b, 3, ...unsigned(behind)],
  storeSingle: (behind = 0): Code => [0x38, 2, ...unsigned(behind)],
  isZero: [0x45],
  isLess: [0x49],
  isGreaterSingle: [0x5e],
  add: [0x6a],
  subtract: [0x6b],
  shiftLeft: [0x74],
  shiftRight: [0x76],
  addDouble: [0xa0],
  /** A number of 64 bits as one of 32, rounded. */
  toSingle: [0xb6],
  toDouble: [0xbb],
  /** Leaves the innermost block, or begins the innermost loop again, where the stack has no zero. */
  branchIf: [0x0d, 0],
  block: (code: Code): Code => [0x02, nothing, ...code, end],
  loop: (code: Code): Code => [0x03, nothing, ...code, end],
} as const;

const nothing = 0x40;
const end = 0x0b;
const integer = 0x7f;

/** A function of a module. */
export interface WasmFunction {
  /** How many whole numbers of 32 bits it takes, and how many it has beside these. */
  readonly parameters: number;
  readonly locals: number;
  readonly code: Code;
}

/** A compiled module. Threads of a process may be given one. */
export type WasmModule = object;

/** A compiled function at work in a memory of its own. */
export interface RunningModule {
  readonly run: (...parameters: readonly number[]) => void;
  readonly memory: ArrayBuffer;
}

/** As much of the engine's global as is used: its types come with those of browsers. */
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array<ArrayBuffer>) => WasmModule;
  readonly Memory: new (size: { readonly initial: number }) => { readonly buffer: ArrayBuffer };
  readonly Instance: new (
    module: WasmModule,
    imports: Readonly<Record<string, Readonly<Record<string, unknown>>>>,
  ) => { readonly exports: Readonly<Record<string, unknown>> };
};

const exportName = "run";
const memoryName = "memory";
const pageBytes = 65_536;

/** Compiles a function that works in a memory. */
export function compileModule(written: WasmFunction): WasmModule {
  return new WebAssembly.Module(composeModule(written));
}

/** Gives a module a memory of so many bytes. */
export function openModule(module: WasmModule, bytes: number): RunningModule {
  const memory = new WebAssembly.Memory({ initial: Math.ceil(bytes / pageBytes) });
  const { exports } = new WebAssembly.Instance(module, { [memoryName]: { [memoryName]: memory } });
  return { run: exports[exportName] as RunningModule["run"], memory: memory.buffer };
}

function composeModule({ parameters, locals, code }: WasmFunction): Uint8Array<ArrayBuffer> {
  const body = [...list([[...unsigned(locals), integer]]), ...code, end];
  const text = (value: string): Code => list([...value].map((character) => [character.charCodeAt(0)]));
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, list([[0x60, ...list(Array.from({ length: parameters }, () => [integer])), 0]])),
    ...section(2, list([[...text(memoryName), ...text(memoryName), 2, 0, 1]])),
    ...section(3, list([[0]])),
    ...section(7, list([[...text(exportName), 0, 0]])),
    ...section(10, list([[...unsigned(body.length), ...body]])),
  ]);
}

function list(items: readonly Code[]): Code {
  return [...unsigned(items.length), ...items.flat()];
}

function section(id: number, body: Code): Code {
  return [id, ...unsigned(body.length), ...body];
}
