/**
 * Datasets and features that compile and resolve, each program for one part of the language.
 * @module
 */
import { z } from "zod";
import {
  type Category,
  csv,
  cyclical,
  type Dataset,
  dataset,
  type Expression,
  features,
  input,
  json,
  oneHot,
  type Project,
  parquet,
  project,
  type Row,
  when,
} from "../../../framework/index.ts";
import { Flight, flights, reports, sessions } from "./shop.ts";

type Write = Parameters<
  typeof features<z.infer<typeof Flight>, Record<string, Expression<number, string, string>>, never>
>[2];
/** A project of one feature set over the flights. */
const ofFlights = (columns: Write): Project =>
  project("shop", { definitions: [flights, features("x", flights, columns)] });

/** The same, with features of any type. */
const ofAnything = (columns: Parameters<typeof features<z.infer<typeof Flight>, FeatureRecord, never>>[2]): Project =>
  project("shop", { definitions: [flights, features("x", flights, columns)] });
type FeatureRecord = Record<string, Expression<number | boolean | Category, string, string>>;

const Dated = z.object({ at: z.date() });
const source = parquet("x.parquet");
const withSchema = (schema: z.ZodObject<{ at: z.ZodDate }>): Project =>
  project("shop", { definitions: [dataset("x", { owner: "o", schema, source, eventTime: "at" })] });

/** The features that a table of any kind can have, by the column that says when. */
function hourOf<V>(from: Dataset<V>, read: (row: Row<V>) => Expression<number, string>) {
  return features(`${from.name}-hours`, from, (row) => ({ hour: read(row) }));
}

/** One recipe for every number of past delays. */
const meanOver = (row: Row<z.infer<typeof Flight>>, over: `${number} days`) =>
  row.delay.mean({ by: row.origin, over, lag: "6 hours" });

export const programs: Readonly<Record<string, () => Project>> = {
  "arithmetic with constants and columns": () =>
    ofFlights((row) => ({
      a: row.distance.add(1).subtract(row.distance).multiply(2).divide(row.distance),
      b: row.distance.log1p().abs().clip(0, 9),
    })),
  "comparisons, with constants and columns": () =>
    project("shop", {
      definitions: [
        flights,
        features("x", flights, (row) => ({
          a: row.distance.gt(1).and(row.distance.gte(1)),
          b: row.distance.lt(row.distance).or(row.distance.lte(1)),
          c: row.distance.eq(1).not(),
        })),
      ],
    }),
  "texts, as categories and compared": () =>
    project("shop", {
      definitions: [
        flights,
        features("x", flights, (row) => ({
          origin: row.origin.category(),
          carrier: row.carrier.category(),
          united: row.carrier.eq("UA"),
          home: row.origin.eq(row.destination),
        })),
      ],
    }),
  "what is fitted on the training rows": () =>
    project("shop", {
      definitions: [
        flights,
        features("x", flights, (row) => ({
          filled: row.distance.imputed("median"),
          scaled: row.delay.mean({ by: row.origin, over: "7 days", lag: "6 hours" }).scaled("robust"),
          both: row.distance.log1p().imputed("most-frequent").scaled("standard"),
          either: row.distance.scaled("min-max").imputed("mean"),
          origin: row.origin.category({ unseen: "other", min: 20 }),
          carrier: row.carrier.category({ unseen: "error" }),
          destination: row.destination.category({ unseen: "missing" }),
        })),
      ],
    }),
  "every part of a time": () =>
    ofFlights((row) => ({
      second: row.date.second(),
      minute: row.date.minute(),
      hour: row.date.hour(),
      weekday: row.date.dayOfWeek(),
      date: row.date.dayOfMonth(),
      day: row.date.dayOfYear(),
      week: row.date.weekOfYear(),
      month: row.date.month(),
      quarter: row.date.quarter(),
      year: row.date.year(),
    })),
  "times compared, and what is between them": () =>
    ofAnything((row) => ({
      weekend: row.date.isWeekend(),
      since: row.date.secondsSince(row.date),
      later: row.date.gt(row.date).or(row.date.lte(row.date)),
      other: row.date.orElse(row.date).hour(),
      hasDate: row.date.isNull().not(),
    })),
  "functions of a number": () =>
    ofFlights((row) => ({
      a: row.distance.negate().modulo(7).power(2).sqrt(),
      b: row.distance.exp().log().sin().cos(),
      c: row.distance.round().floor().ceil(),
      d: row.distance.least(row.distance).greatest(0).orElse(1),
      e: row.distance.bucket([100, 500, 1500]),
    })),
  "what a number is compared with, and whether it is there": () =>
    ofAnything((row) => ({
      a: row.distance.ne(0),
      b: row.distance.between(1, row.distance),
      c: row.distance.isNull(),
    })),
  "texts, made and asked": () =>
    ofAnything((row) => ({
      a: row.origin.lower().upper().trim().slice(0, 2).concat("-").concat(row.carrier).category(),
      b: row.origin.startsWith("S").and(row.origin.endsWith(row.destination)).or(row.origin.contains("E")),
      c: row.origin.length().add(row.origin.hash(64)),
      d: row.origin.ne(row.destination),
      e: row.carrier.orElse("none").category(),
      f: row.carrier.isNull(),
      g: row.origin.slice(1).category(),
    })),
  "texts translated, to numbers and to texts": () =>
    ofAnything((row) => ({
      a: row.carrier.map({ AA: 1, UA: 2 }, 0).add(1),
      b: row.carrier.map({ AA: "oneworld" }).category(),
      c: row.origin.map({ SEA: "west", BOS: "east" }, "elsewhere").category(),
    })),
  "choices, of numbers, truths, texts and moments": () =>
    ofAnything((row) => ({
      a: when(row.diverted, 0, row.distance).add(1),
      b: when(row.distance.gt(1), row.diverted, false).not(),
      c: when(row.diverted, row.origin, "none").category(),
      d: when(row.diverted, row.date, row.date).hour(),
      e: when(row.date.hour().lt(12), "morning", "later").category(),
    })),
  "a cycle and truths of a text, beside other features": () =>
    ofAnything((row) => ({
      ...cyclical("hour", row.date.hour(), 24),
      ...oneHot("origin", row.origin, ["SEA", "ORD"]),
      ...oneHot("carrier", row.carrier, ["UA"]),
      distance: row.distance,
    })),
  "every aggregate of a number": () =>
    ofFlights((row) => {
      const past = { by: row.origin, over: "7 days", lag: "12 hours" } as const;
      return {
        count: row.delay.count(past),
        last: row.delay.last(past),
        sum: row.delay.sum(past),
        mean: row.delay.mean(past),
        min: row.delay.min(past),
        max: row.delay.max(past),
        std: row.delay.std(past),
        distinct: row.delay.distinct(past),
        rate: row.delay.rate(past),
        rateOfDays: row.delay.rate({ ...past, per: "1 day" }),
      };
    }),
  "aggregates of texts, times and truths": () =>
    project("shop", {
      definitions: [
        flights,
        features("x", flights, (row) => ({
          place: row.destination.last({ by: [row.origin], over: "1 day" }).category(),
          hour: row.landed.last({ by: row.origin, over: "1 day", lag: "6 hours" }).hour(),
          diverted: row.diverted.last({ by: row.origin, over: "1 day" }),
          seen: row.carrier.count({ by: row.origin, over: "1 day" }),
        })),
      ],
    }),
  "a window by several columns, by one and by none": () =>
    ofFlights((row) => ({
      route: row.delay.mean({ by: [row.origin, row.destination], over: "7 days", lag: "12 hours" }),
      airport: row.delay.mean({ by: row.origin, over: "7 days", lag: "12 hours" }),
      all: row.delay.mean({ by: [], over: "7 days", lag: "12 hours" }),
    })),
  "a window by a number, a truth and a moment": () =>
    ofFlights((row) => ({
      a: row.delay.count({ by: [row.distance, row.diverted, row.date], over: "1 day", lag: "1 day" }),
    })),
  "a window by what is computed": () =>
    ofFlights((row) => ({ a: row.delay.mean({ by: row.date.hour(), over: "30 days", lag: "6 hours" }) })),
  "a window up to the event over what is known at once": () =>
    ofFlights((row) => ({ a: row.distance.sum({ by: row.origin, over: "1 hour" }) })),
  "aggregates in arithmetic": () =>
    ofFlights((row) => {
      const now = row.delay.mean({ by: row.origin, over: "1 day", lag: "6 hours" });
      const before = row.delay.mean({ by: row.origin, over: "1 day", lag: "7 days" });
      return { step: now.subtract(before), ratio: now.divide(before).clip(-9, 9) };
    }),
  "a duration in every unit, with a fraction, in the plural and not": () =>
    ofFlights((row) => ({
      a: row.distance.count({ by: row.origin, over: "90 seconds" }),
      b: row.distance.count({ by: row.origin, over: "1 minute" }),
      c: row.distance.count({ by: row.origin, over: "1.5 hours" }),
      d: row.distance.count({ by: row.origin, over: "1 day", lag: "0 seconds" }),
    })),
  "features written by a function of their own": () =>
    ofFlights((row) => ({ week: meanOver(row, "7 days"), month: meanOver(row, "30 days") })),
  "one function of features for two datasets": () =>
    project("shop", {
      definitions: [
        flights,
        sessions,
        hourOf(flights, (row) => row.date.hour()),
        hourOf(sessions, (row) => row.day.hour()),
      ],
    }),
  "features named by a loop": () =>
    ofFlights((row) =>
      Object.fromEntries(([1, 7, 30] as const).map((days) => [`delay${days}d`, meanOver(row, `${days} days`)])),
    ),
  "a column that may be missing, one that may be null": () =>
    withSchema(Dated.extend({ a: z.number().optional(), b: z.string().nullable(), c: z.boolean().nullish() })),
  "every type of column": () =>
    withSchema(
      Dated.extend({
        text: z.string().min(1).max(9),
        code: z.string().length(3),
        whole: z.int().min(0).max(9),
        positive: z.int().positive(),
        number: z.number().min(-1).max(1),
        flag: z.boolean(),
        letter: z.enum(["a", "b"]),
        part: z.number().int(),
      }),
    ),
  "what is said of columns, by meta and by describe": () =>
    withSchema(
      Dated.extend({
        a: z.int().meta({ unit: "mi", description: "the way", known: "1 hour" }),
        b: z.int().describe("the other way").optional(),
        c: z.number().meta({ unit: "min" }).nullable().meta({ known: "2 days" }),
      }),
    ),
  "a schema from parts of others": () =>
    withSchema(Dated.extend(Flight.pick({ origin: true, delay: true }).shape).extend({ extra: z.boolean() })),
  "a dataset with all its fields": () =>
    project("shop", {
      definitions: [
        dataset("x", {
          owner: "o",
          license: "CC0-1.0",
          schema: z.object({ at: z.date(), city: z.string(), street: z.string() }),
          eventTime: "at",
          key: ["city", "street"],
          source: json("x.json.gz"),
          contract: {
            violations: "quarantine",
            tolerance: 0.5,
            unique: ["city", "at"],
            rules: (row) => ({ "lies in its city": row.city.eq(row.street).not() }),
            rows: { min: 1, max: 1000 },
            freshness: "2 days",
            evolution: "add-columns",
          },
        }),
      ],
    }),
  "a dataset with each treatment of violations": () =>
    project("shop", {
      definitions: (["reject", "quarantine", "accept"] as const).map((violations) =>
        dataset(`x-${violations}`, { owner: "o", schema: Dated, source, eventTime: "at", contract: { violations } }),
      ),
    }),
  "sources of every format, from a file, a package and an input": () =>
    project("shop", {
      definitions: [parquet("a.parquet"), csv("npm:vega-datasets/data/b.csv"), json(input("c.path"))].map((from, i) =>
        dataset(`x-${i}`, { owner: "o", schema: Dated, source: from, eventTime: "at" }),
      ),
    }),
  "two feature sets of one dataset": () =>
    project("shop", {
      definitions: [
        reports,
        features("a", reports, (row) => ({ wind: row.wind })),
        features("b", reports, (row) => ({ cloudy: row.cloudy })),
      ],
    }),
};
