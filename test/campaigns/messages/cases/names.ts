/**
 * Names that engines, stores, addresses, shells and readers cannot take.
 * @module
 */
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: it is what a project says
import type { Malformed } from "../malformed.ts";

/** A dataset of a name, given as it stands in the file. */
function named(name: string, literal: string, says: readonly string[]): Malformed {
  return { name, edits: [['dataset("weather"', `dataset(${literal}`]], codes: ["name-invalid"], says };
}

const form = "lower-case letters a to z, digits and hyphens, at most 63, no hyphen at an end";

export const names: readonly Malformed[] = [
  named("an empty name", '""', ['got ""', form]),
  named("a name of 64 letters", `"${"a".repeat(64)}"`, [form]),
  named("a name with dots", '"weather.daily"', ['got "weather.daily"']),
  named("a name with a slash", '"weather/daily"', ['got "weather/daily"']),
  named("a name that climbs", '"../../etc"', ['got "../../etc"']),
  named("a name of two dots", '".."', ['got ".."']),
  named("a name with a line break", '"weather\\nnow"', ['got "weather\\nnow"']),
  named("a name with a null character", '"weather\\0"', ['got "weather\\u{0000}"']),
  named("a name with an escape sequence", '"\\u001b[2Jweather"', ["\\u{001B}[2Jweather"]),
  named("a name with a quote", `'weather"'`, ["the dataset has no valid name"]),
  named("a name with an apostrophe", `"weather'; drop table"`, ["the dataset has no valid name"]),
  named("a name with a placeholder of a shell", '"${HOME}"', ['got "${HOME}"']),
  named("a name with a template", '"{{ weather }}"', ['got "{{ weather }}"']),
  named("a name with a backtick", '"`id`"', ['got "`id`"']),
  named("a name with an emoji", '"weather-🌦"', ["weather-🌦"]),
  named("a name written from right to left", '"weather\\u202egnp"', ["weather\\u{202E}gnp"]),
  named("a name with a space of no width", '"wea\\u200bther"', ["wea\\u{200B}ther"]),
  named("a name that objects have", '"constructor"', ["a name that objects do not have already"]),
  named("a name that sets a prototype", '"__proto__"', ['got "__proto__"']),
  named("a name in upper case", '"Weather"', ['got "Weather"']),
  named("a name with an accent, composed", '"m\\u00e9t\\u00e9o"', ["météo"]),
  named("a name with an accent, taken apart", '"me\\u0301te\\u0301o"', [form]),
  named("a name with a Cyrillic letter", '"we\\u0430ther"', ["weаther", form]),
  named("a name that begins with a hyphen", '"-weather"', [form]),
  named("a name with a space at its end", '"weather "', ['got "weather "']),
  {
    ...named("a name of half a character", '"weather\\ud800"', ["\\u{D800}"]),
    codes: ["definition-invalid", "name-invalid"],
  },
  named("a very long name", '"w".repeat(100_000)', ["…", form]),
  {
    name: "a name that is a number",
    edits: [['dataset("weather"', "dataset(7"]],
    codes: ["definition-invalid"],
    at: "flights.definitions[1].name",
    says: ['"name" takes no such value (got 7, expected a text)'],
  },
  {
    name: "no name, and the options in its place",
    edits: [['dataset("weather", ', "dataset("]],
    codes: ["definition-invalid"],
    says: ["is given no options"],
  },
  {
    name: "a project's name with a slash",
    edits: [['project("flights"', 'project("ops/flights"']],
    codes: ["name-invalid"],
    at: "ops/flights",
    says: ["the project has no valid name", form],
  },
  {
    name: "a project without a name",
    edits: [['project("flights", ', "project("]],
    codes: ["definition-invalid"],
    says: [
      "is given no options",
      '"name" takes no such value (got an object with "definitions", "environments", expected a text)',
    ],
  },
  {
    name: "an environment in upper case",
    edits: [["production: {}", "Production: {}"]],
    codes: ["name-invalid"],
    at: "flights.environments.Production",
    says: ["the environment has no valid name"],
  },
  {
    name: "an environment with a path",
    edits: [["production: {}", '"../prod": {}']],
    codes: ["name-invalid"],
    says: ['got "../prod"'],
  },
];

/** The schema of the flights with another column, given as it stands in the file. */
function withColumn(name: string, column: string, rest: Pick<Malformed, "codes" | "says">): Malformed {
  return {
    name,
    edits: [["  delay: z.int()", `  ${column}\n  delay: z.int()`]],
    line: "export const flights = dataset(",
    ...rest,
  };
}

export const columnNames: readonly Malformed[] = [
  withColumn("a column with a Cyrillic letter in a Latin word", '"dist\\u0430nz": z.number(),', {
    codes: ["name-invalid"],
    says: ["mixes Latin and Cyrillic letters"],
  }),
  withColumn("two columns that differ in composition", '"caf\\u00e9": z.string(), "cafe\\u0301": z.string(),', {
    codes: ["name-clash"],
    says: ["looks like"],
  }),
  withColumn("two columns that differ in case", "Distance: z.number(),", {
    codes: ["name-clash"],
    says: ['"Distance" has the name of "distance", for SQL folds case'],
  }),
  withColumn("a column that looks like another in another script", '"\\u0441\\u043e": z.number(), co: z.number(),', {
    codes: ["name-clash"],
    says: ['"co" looks like "со", and has other letters'],
  }),
  withColumn("two columns that differ in the width of their letters", '"\\uff41\\uff42": z.number(), ab: z.number(),', {
    codes: ["name-clash"],
    says: ["looks like"],
  }),
  withColumn("a column with a character of no width", '"wi\\u200dnd": z.number(),', {
    codes: ["name-invalid"],
    says: ["holds a character that is not shown", "wi\\u{200D}nd"],
  }),
  withColumn("a column written from right to left", '"\\u202ednim": z.number(),', {
    codes: ["name-invalid"],
    says: ["\\u{202E}dnim"],
  }),
  withColumn("a column with a line break", '"wind\\nspeed": z.number(),', {
    codes: ["name-invalid"],
    says: ['the name "wind\\nspeed" holds a character that is not shown'],
  }),
  withColumn("a column without a name", '"": z.number(),', { codes: ["name-invalid"], says: ['the name "" is empty'] }),
  withColumn("a column that Steward keeps", "__position: z.number(),", {
    codes: ["name-clash"],
    says: ["begins with two underscores"],
  }),
  withColumn("a column that would set a prototype", '["__proto__"]: z.number(),', {
    codes: ["name-clash"],
    says: ["begins with two underscores"],
  }),
  withColumn("a column that DuckDB adds", "file_row_number: z.number(),", {
    codes: ["name-clash"],
    says: ["DuckDB"],
  }),
  {
    name: "a feature with a hyphen",
    edits: [["hour: row", '"hour-of-day": row']],
    codes: ["name-clash"],
    at: "routes.hour-of-day",
    says: ['"hour-of-day" is no name for a feature (expected letters, digits and underscores)'],
  },
  {
    name: "a feature of an injection",
    edits: [["hour: row", `'hour"); drop table x; --': row`]],
    codes: ["name-clash"],
    says: ["is no name for a feature"],
  },
  {
    name: "features that differ in case",
    edits: [["hour: row", "Origin: row.date.month(), hour: row"]],
    codes: ["name-clash"],
    says: ['"origin" has the name of "Origin"'],
  },
  {
    name: "a parameter with a character that is not shown",
    edits: [["{ leaves: z", '{ "lea\\u200bves": z']],
    codes: ["name-invalid"],
    says: ["lea\\u{200B}ves"],
  },
  {
    name: "a parameter that mixes scripts",
    edits: [["{ leaves: z", '{ "le\\u0430ves": z']],
    codes: ["name-invalid"],
    says: ["mixes Latin and Cyrillic letters"],
  },
];
