/**
 * Datasets that must not compile. Above each wrong line: what is wrong → the part of the message that matters.
 * @module
 */
import { z } from "zod";
import { csv, dataset, http, input, json, parquet, s3 } from "../../../framework/index.ts";
import { Flight } from "./shop.ts";

const whole = { owner: "o", schema: Flight, source: parquet("x"), eventTime: "date" } as const;
const { eventTime: _time, ...timeless } = whole;
const { owner: _owner, ...unowned } = whole;
const { source: _source, ...sourceless } = whole;
const { schema: _schema, ...schemaless } = whole;

// @ts-expect-error a time that is text → Type '"origin"' is not assignable to type '"date"'
dataset("x", { ...whole, eventTime: "origin" });
// @ts-expect-error a time that may be missing → Type '"landed"' is not assignable to type '"date"'
dataset("x", { ...whole, eventTime: "landed" });
// @ts-expect-error a time that is no column → Type '"day"' is not assignable to type '"date"'
dataset("x", { ...whole, eventTime: "day" });
// @ts-expect-error no time → Property 'eventTime' is missing
dataset("x", timeless);
// @ts-expect-error no owner → Property 'owner' is missing
dataset("x", unowned);
// @ts-expect-error no source → Property 'source' is missing
dataset("x", sourceless);
// @ts-expect-error no schema → Property 'schema' is missing
dataset("x", schemaless);
// @ts-expect-error an unknown field → 'licence' does not exist in type 'DatasetOptions
dataset("x", { owner: "o", schema: Flight, source: parquet("x"), eventTime: "date", licence: "CC0-1.0" });
// @ts-expect-error a key that is no column → Type '"airport"' is not assignable to type
dataset("x", { ...whole, key: ["airport"] });
// @ts-expect-error a key that is no list → Type 'string' is not assignable to type 'readonly
dataset("x", { ...whole, key: "origin" });
// @ts-expect-error an unknown treatment of violations → Type '"ignore"' is not assignable to type
dataset("x", { ...whole, contract: { violations: "ignore" } });
// @ts-expect-error a contract without its treatment → Property 'violations' is missing in type '{ tolerance: number; }' but required in type 'Contract<
dataset("x", { ...whole, contract: { tolerance: 0.1 } });
// @ts-expect-error a share in words → Type 'string' is not assignable to type 'number'
dataset("x", { ...whole, contract: { violations: "quarantine", tolerance: "1%" } });
// @ts-expect-error an unknown field of the contract → 'tolerence' does not exist in type 'Contract<
dataset("x", { ...whole, contract: { violations: "quarantine", tolerence: 0.1 } });
// @ts-expect-error no column to be unique by → Type '"airport"' is not assignable to type
dataset("x", { ...whole, contract: { violations: "reject", unique: ["airport"] } });
// @ts-expect-error a column to be unique by that is in no list → Type 'string' is not assignable to type 'readonly
dataset("x", { ...whole, contract: { violations: "reject", unique: "origin" } });
// @ts-expect-error a count of rows in words → Type 'string' is not assignable to type 'number'
dataset("x", { ...whole, contract: { violations: "reject", rows: { min: "many" } } });
// @ts-expect-error a count of rows that is one number → Type 'number' has no properties in common with type 'RowBand'
dataset("x", { ...whole, contract: { violations: "reject", rows: 100 } });
// @ts-expect-error an age without its unit → Type '"2"' is not assignable to type 'Duration
dataset("x", { ...whole, contract: { violations: "reject", freshness: "2" } });
// @ts-expect-error a growth that there is none of → Type '"thaw"' is not assignable to type
dataset("x", { ...whole, contract: { violations: "reject", evolution: "thaw" } });
// @ts-expect-error a rule over a column that there is none of → Property 'gate' does not exist on type 'ContractRow
dataset("x", { ...whole, contract: { violations: "reject", rules: (row) => ({ a: row.gate.gt(1) }) } });
// @ts-expect-error a rule over a window → Property 'mean' does not exist on type 'NumberExpression
dataset("x", { ...whole, contract: { violations: "reject", rules: (row) => ({ a: row.delay.mean({}).gt(1) }) } });
// @ts-expect-error a source that is only its path → Type 'string' is not assignable to type
dataset("x", { ...whole, source: "f.parquet" });
// @ts-expect-error a path that is a number → Argument of type 'number' is not assignable to parameter of type 'Path'
csv(1);
// @ts-expect-error a source without a path → Expected 1 arguments, but got 0
json();
// @ts-expect-error objects that do not say their format → Property 'format' is missing in type
dataset("x", { ...whole, source: s3("s3://lake/f.parquet") });
// @ts-expect-error a key in the place of an input → Type 'string' is not assignable to type 'Input'
s3("s3://lake/f.parquet", { credentials: { accessKey: "key", secretKey: input("lake.secret") } });
// @ts-expect-error a key without its secret → Property 'secretKey' is missing in type
s3("s3://lake/f.parquet", { credentials: { accessKey: input("lake.key") } });
// @ts-expect-error an unknown option of objects → 'bucket' does not exist in type 'S3Options'
s3("s3://lake/f.parquet", { bucket: "lake" });
// @ts-expect-error a header's value in the place of an input → Type 'string' is not assignable to type 'Input'
http("https://data.example.org/f.csv", { headers: { authorization: "Bearer x" } });
// @ts-expect-error an unknown option of a server → 'md5' does not exist in type 'HttpOptions'
http("https://data.example.org/f.csv", { md5: "x" });
// @ts-expect-error an input without a name → Expected 1 arguments, but got 0
input();
// @ts-expect-error a schema that is no object → is missing the following properties from type 'ZodObject
dataset("x", { ...whole, schema: z.array(Flight) });
// @ts-expect-error a name that is a number → Argument of type 'number' is not assignable to parameter of type 'string'
dataset(1, whole);
// @ts-expect-error a duration without its unit → Type '"6"' is not assignable to type 'Duration'
z.int().meta({ known: "6" });
// @ts-expect-error a duration that is a number → Type 'number' is not assignable to type 'Duration'
z.int().meta({ known: 6 });
// @ts-expect-error a unit of time there is none of → Type '"6 weeks"' is not assignable to type 'Duration'
z.int().meta({ known: "6 weeks" });
// @ts-expect-error a unit that is no text → Type 'number' is not assignable to type 'string'
z.int().meta({ unit: 1 });
