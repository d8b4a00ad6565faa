/**
 * A set of variants as typed requests see it: what each does with a row. Callers bring the columns of the champion's features; a
 * variant whose features read others can answer none of them. Pure.
 * @module
 */
import type { AnswerShape } from "../../client/request-type.ts";
import type { ColumnSpec } from "../../definitions/spec.ts";
import type { RequestShape } from "../../features/online/request-shape.ts";
import { type ChoiceNote, type Chooser, noteUnit } from "../variants/addressed.ts";
import type { LiveVariant, LiveVariants } from "../variants/live-variants.ts";
import type { CompiledFeatures } from "./compile-features.ts";

/** A variant with what it does with a row. */
export interface ServingModel {
  readonly variant: LiveVariant;
  readonly compiled: CompiledFeatures;
  /** The columns that a request brings: those of the champion's features. */
  readonly shape: RequestShape;
  /** What callers expect to be answered: what the champion answers. */
  readonly answer: AnswerShape;
}

/** A variant that answers, and how it came about. */
export interface ChosenModel {
  readonly model: ServingModel;
  readonly note: ChoiceNote;
}

export interface TypedSet {
  readonly variants: LiveVariants;
  readonly champion: ServingModel;
  /** Those that can answer what callers bring, and whose features are there. */
  readonly models: ReadonlyMap<LiveVariant, ServingModel>;
  /** Whether none has to be looked for any more. */
  readonly isWhole: boolean;
}

/** Chooses what answers a request. */
export function chooseModel({ variants, models, champion }: TypedSet, { unit, id }: Chooser): ChosenModel {
  const assigned = variants.assign(unit ?? id);
  const model = models.get(assigned);
  if (model) return { model, note: noteUnit(unit) };
  return { model: champion, note: { ...noteUnit(unit), assigned: assigned.name } };
}

/** The columns that a version reads and callers of another one do not bring, or bring as something else. */
export function listUnbrought(own: RequestShape, brought: RequestShape): readonly string[] {
  const isBrought = ({ name, type, length }: ColumnSpec) =>
    brought.columns.some((column) => column.name === name && column.type === type && column.length === length);
  const columns = own.columns.filter((column) => !isBrought(column)).map(({ name }) => name);
  return own.eventTime === brought.eventTime ? columns : [...new Set([...columns, own.eventTime])];
}
