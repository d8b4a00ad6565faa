/**
 * The search space of a study, between the language and a sampler. Pure: which parameters a trial has, what they may be, what
 * a sampler is told of them, and the cells of a grid.
 *
 * A sampler knows numbers alone: of a choice, the place among its values. So `1`, `true` and `"1"` stay three values.
 * @module
 */
import type { DistributionSpec, SearchedSpec } from "../../definitions/tuning-spec.ts";
import type { TrialParams } from "./study.ts";

export type Space = readonly SearchedSpec[];

/** A parameter, as a sampler is told of it. Both bounds are included. */
export type Dimension = {
  readonly name: string;
  /** Drawn only where another dimension, which stands before it, has that number. @default always */
  readonly when?: { readonly name: string; readonly is: number };
} & (
  | { readonly kind: "int"; readonly low: number; readonly high: number; readonly step: number; readonly log: boolean }
  | { readonly kind: "float"; readonly low: number; readonly high: number; readonly log: boolean }
  | { readonly kind: "choice"; readonly size: number }
);

/** Numbers by the name of their dimension. */
export type Drawn = Readonly<Record<string, number>>;

type ParamValue = TrialParams[string];

/**
 * The parameters in an order in which each stands after the one that it depends on; otherwise as written. One that depends on
 * itself or on what is not searched is left out: no trial has it.
 */
export function orderSpace(space: Space): SearchedSpec[] {
  const ordered: SearchedSpec[] = [];
  for (;;) {
    const isThere = (param: string): boolean => ordered.some((one) => one.param === param);
    const next = space.find(({ param, when }) => !isThere(param) && (when === undefined || isThere(when.param)));
    if (!next) return ordered;
    ordered.push(next);
  }
}

/** The parameters that a trial has whose others are so: those without a condition, and those whose condition holds. */
export function listActive(space: Space, params: TrialParams): SearchedSpec[] {
  const active: SearchedSpec[] = [];
  for (const searched of orderSpace(space)) {
    const { when } = searched;
    const holds =
      when === undefined || (active.some(({ param }) => param === when.param) && params[when.param] === when.is);
    if (holds) active.push(searched);
  }
  return active;
}

/**
 * Why a trial could not have these parameters in this space, each in a few words.
 *
 * @returns nothing when it could
 */
export function findParamFaults(space: Space, params: TrialParams): string[] {
  const active = listActive(space, params);
  const surplus = Object.keys(params).filter((name) => !active.some(({ param }) => param === name));
  return [
    ...surplus.map((name) => `"${name}" is not searched there`),
    ...active.flatMap(({ param, distribution }) => {
      const value = params[param];
      if (value === undefined) return [`"${param}" is missing`];
      return contains(distribution, value)
        ? []
        : [`"${param}" is ${JSON.stringify(value)}, not ${describe(distribution)}`];
    }),
  ];
}

/** What a sampler is told of a space. */
export function describeDimensions(space: Space): Dimension[] {
  const ordered = orderSpace(space);
  return ordered.map(({ param, distribution, when }): Dimension => {
    const parent = when && ordered.find((one) => one.param === when.param);
    const condition = parent && when && { when: { name: parent.param, is: toNumber(parent.distribution, when.is) } };
    const base = { name: param, ...condition };
    if (distribution.kind === "choice") return { ...base, kind: "choice", size: distribution.values.length };
    const { low, high, scale } = distribution;
    const log = scale === "log";
    if (distribution.kind === "float") return { ...base, kind: "float", low, high, log };
    return { ...base, kind: "int", low, high, step: distribution.step, log };
  });
}

/** Parameters as a sampler knows them, those alone that belong together. */
export function encodeParams(space: Space, params: TrialParams): Drawn {
  const active = listActive(space, params).filter(({ param }) => Object.hasOwn(params, param));
  return Object.fromEntries(active.map(({ param, distribution }) => [param, toNumber(distribution, params[param])]));
}

/** The parameters that a sampler has drawn. */
export function decodeParams(space: Space, drawn: Drawn): TrialParams {
  const searched = space.filter(({ param }) => Object.hasOwn(drawn, param));
  return Object.fromEntries(
    searched.map(({ param, distribution }): [string, ParamValue] => {
      const number = drawn[param] as number;
      return [param, distribution.kind === "choice" ? (distribution.values[number] as ParamValue) : number];
    }),
  );
}

/**
 * How many different trials there are.
 *
 * @returns nothing when a parameter is a fraction, of which there are too many to count
 */
export function countGrid(space: Space): number | undefined {
  const ordered = orderSpace(space);
  if (ordered.some(({ distribution }) => countValues(distribution) === undefined)) return undefined;
  return countCells(ordered, {});
}

/** The parameters of a cell of the grid, counted from 0. */
export function readGridCell(space: Space, cell: number): TrialParams {
  const ordered = orderSpace(space);
  const params: Record<string, ParamValue> = {};
  let rest = cell;
  for (let next = findDeciding(ordered, params); next; next = findDeciding(ordered, params)) {
    for (const group of groupValues(ordered, next)) {
      const each = countCells(ordered, { ...params, [next.param]: group.valueAt(0) });
      if (rest < each * group.size) {
        params[next.param] = group.valueAt(Math.floor(rest / each));
        rest %= each;
        break;
      }
      rest -= each * group.size;
    }
  }
  for (const { param, distribution } of listActive(ordered, params)) {
    if (Object.hasOwn(params, param)) continue;
    const size = countValues(distribution) ?? 1;
    params[param] = valueAt(distribution, rest % size);
    rest = Math.floor(rest / size);
  }
  return params;
}

/** How many cells there are where some of the parameters that others depend on are decided. */
function countCells(ordered: Space, params: TrialParams): number {
  const next = findDeciding(ordered, params);
  if (!next) {
    const free = listActive(ordered, params).filter(({ param }) => !Object.hasOwn(params, param));
    return free.reduce((product, { distribution }) => product * (countValues(distribution) ?? 1), 1);
  }
  return groupValues(ordered, next).reduce(
    (sum, group) => sum + group.size * countCells(ordered, { ...params, [next.param]: group.valueAt(0) }),
    0,
  );
}

/** The first parameter that others depend on and that is not decided yet. */
function findDeciding(ordered: Space, params: TrialParams): SearchedSpec | undefined {
  return listActive(ordered, params).find(
    ({ param }) => !Object.hasOwn(params, param) && ordered.some(({ when }) => when?.param === param),
  );
}

interface ValueGroup {
  readonly size: number;
  readonly valueAt: (index: number) => ParamValue;
}

/** The values of a parameter that others depend on: each one that is asked for, and all others as one. */
function groupValues(ordered: Space, { param, distribution }: SearchedSpec): ValueGroup[] {
  const size = countValues(distribution) ?? 1;
  const asked = new Set(ordered.flatMap(({ when }) => (when?.param === param ? [when.is] : [])));
  const places = [...asked]
    .filter((value) => contains(distribution, value))
    .map((value) => indexOf(distribution, value))
    .sort((a, b) => a - b);
  const others: ValueGroup = {
    size: size - places.length,
    valueAt(index) {
      const place = places.reduce((at, taken) => (taken <= at ? at + 1 : at), index);
      return valueAt(distribution, place);
    },
  };
  const each = places.map((place): ValueGroup => ({ size: 1, valueAt: () => valueAt(distribution, place) }));
  return others.size > 0 ? [...each, others] : each;
}

function contains(distribution: DistributionSpec, value: ParamValue): boolean {
  if (distribution.kind === "choice") return distribution.values.includes(value);
  if (typeof value !== "number" || value < distribution.low || value > distribution.high) return false;
  return distribution.kind === "float" || (value - distribution.low) % distribution.step === 0;
}

function describe(distribution: DistributionSpec): string {
  if (distribution.kind === "choice")
    return `one of ${distribution.values.map((value) => JSON.stringify(value)).join(", ")}`;
  const { low, high } = distribution;
  const steps = distribution.kind === "int" ? ` in steps of ${distribution.step}` : "";
  return `from ${low} to ${high}${steps}`;
}

/** @returns nothing for a fraction between bounds that differ */
function countValues(distribution: DistributionSpec): number | undefined {
  if (distribution.kind === "choice") return distribution.values.length;
  const { low, high } = distribution;
  if (distribution.kind === "int") return Math.floor((high - low) / distribution.step) + 1;
  return low === high ? 1 : undefined;
}

function valueAt(distribution: DistributionSpec, index: number): ParamValue {
  if (distribution.kind === "choice") return distribution.values[index] as ParamValue;
  return distribution.kind === "int" ? distribution.low + index * distribution.step : distribution.low;
}

function indexOf(distribution: DistributionSpec, value: ParamValue): number {
  if (distribution.kind === "choice") return distribution.values.indexOf(value);
  return distribution.kind === "int" ? ((value as number) - distribution.low) / distribution.step : 0;
}

function toNumber(distribution: DistributionSpec, value: ParamValue | undefined): number {
  return distribution.kind === "choice" ? distribution.values.indexOf(value as ParamValue) : (value as number);
}
