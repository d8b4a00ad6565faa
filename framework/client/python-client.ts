/**
 * The Python client of an endpoint: one file of the standard library alone, for Python 3.9 and later. Pure: one subject, one text.
 * @module
 */
import { commentLines, pascalCase, versionComment } from "./client-text.ts";
import { pythonRuntime } from "./python-runtime.ts";
import { digestRequestType, type RequestType, sayDigest, sayType, type TypeColumn, versionOf } from "./request-type.ts";
import type { ClientSubject } from "./subject.ts";

/** Writes the client. */
export function writePythonClient(subject: ClientSubject): string {
  const { endpoint, type, hasFeedback } = subject;
  const name = pascalCase(endpoint);
  return [
    `"""${versionComment(subject).map(inDocstring).join("\n")}\n"""`,
    imports,
    [
      "#: The version of this client.",
      `VERSION = ${quote(versionOf(type))}`,
      "#: The request type that it was written for, which the server holds against its own.",
      `REQUEST_TYPE = ${quote(sayDigest(digestRequestType(type)))}`,
      "#: All of that type, which is said to a server that does not know it.",
      `_REQUEST_TYPE_DOCUMENT = ${quote(sayType(type))}`,
    ].join("\n"),
    ...writeRow(name, subject),
    ...writeAnswers(name, type),
    ...(hasFeedback ? writeFeedback(name, subject) : []),
    pythonRuntime({ name, endpoint, hasFeedback }),
  ].join("\n\n\n");
}

const imports = `from __future__ import annotations

import json
import time as _time
import urllib.error
import urllib.request
import uuid
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from http.client import HTTPException
from typing import Any, Callable, Dict, List, Literal, Mapping, Optional, Sequence, TypedDict, Union, cast`;

/** A row: what must be there in a class of its own, for a key that may be left out is one of another class. */
function writeRow(name: string, { type, descriptions }: ClientSubject): readonly string[] {
  const must = type.columns.filter((column) => column.name !== type.eventTime);
  const time = type.columns.filter((column) => column.name === type.eventTime);
  const comment = (column: TypeColumn) => [
    ...commentLines(column, descriptions.get(column.name)),
    ...(column.name === type.eventTime ? ["When it happens: now, where it is left out."] : []),
  ];
  const fields = (columns: readonly TypeColumn[]) =>
    columns.map((column) => ({ key: column.name, type: typeOfColumn(column), comment: comment(column) }));
  return [
    ...writeTypedDict(`_${name}Columns`, { fields: fields(must), about: "What is always said of a row." }),
    ...writeTypedDict(`${name}Row`, {
      fields: fields(time),
      about: "What is asked about.",
      base: `_${name}Columns`,
    }),
  ];
}

interface Field {
  readonly key: string;
  readonly type: string;
  /** @default there is nothing to be told */
  readonly comment?: readonly string[];
}

interface TypedDictParts {
  readonly fields: readonly Field[];
  readonly about: string;
  /** The class with what is always there; then its own fields may be left out. @default none: all are there */
  readonly base?: string;
}

/** A typed dictionary. Keys that Python takes for no name stand in a call, which its type checkers read too. */
function writeTypedDict(name: string, { fields, about, base }: TypedDictParts): readonly string[] {
  const total = base === undefined ? "" : ", total=False";
  if (fields.every(({ key }) => isName(key))) {
    const lines = fields.flatMap(({ key, type, comment = [] }) => [
      ...comment.map((line) => `    #: ${line}`),
      `    ${key}: ${type}`,
    ]);
    return [
      `class ${name}(${base ?? "TypedDict"}${total}):\n    ${docstring(about)}\n${lines.length > 0 ? `\n${lines.join("\n")}` : ""}`.trimEnd(),
    ];
  }
  const lines = fields.flatMap(({ key, type, comment = [] }) => [
    ...comment.map((line) => `        # ${line}`),
    `        ${quote(key)}: ${type},`,
  ]);
  const call = (own: string) =>
    `${own} = TypedDict(\n    ${quote(own)},\n    {\n${lines.join("\n")}\n    },${base === undefined ? "" : "\n    total=False,"}\n)`;
  if (base === undefined) return [call(name)];
  const extra = `${name.startsWith("_") ? "" : "_"}${name}Extra`;
  return [call(extra), `class ${name}(${base}, ${extra}):\n    ${docstring(about)}`];
}

const keywords = new Set(
  "False None True and as assert async await break class continue def del elif else except finally for from global if import in is lambda nonlocal not or pass raise return try while with yield".split(
    " ",
  ),
);

/** Names that begin with two underscores mean something else in a class. */
function isName(key: string): boolean {
  return /^[A-Za-z_]\w*$/.test(key) && !key.startsWith("__") && !keywords.has(key);
}

function typeOfColumn(column: TypeColumn): string {
  return column.nullable ? `Optional[${typeOfValue(column)}]` : typeOfValue(column);
}

function typeOfValue({ type, values }: TypeColumn): string {
  switch (type) {
    case "boolean":
      return "bool";
    case "integer":
      return "int";
    case "number":
      return "float";
    case "string":
      return values ? writeLiteral(values) : "str";
    case "timestamp":
      return "Union[str, datetime]";
    case "vector":
      return "Sequence[float]";
  }
}

function writeLiteral(values: readonly string[]): string {
  return `Literal[${values.map(quote).join(", ")}]`;
}

function writeAnswers(name: string, { task, classes = [] }: RequestType): readonly string[] {
  const own: Readonly<Record<RequestType["task"], readonly Field[]>> = {
    binary: [
      { key: "probability", type: "float", comment: ["How probable it is that the label is true."] },
      { key: "label", type: "bool", comment: ["True from a probability of 0.5 on."] },
    ],
    multiclass: [
      { key: "probabilities", type: `Dict[${name}Class, float]`, comment: ["How probable each class is."] },
      { key: "label", type: `${name}Class`, comment: ["The most probable class."] },
    ],
    regression: [{ key: "value", type: "float" }],
  };
  const about: readonly Field[] = [
    { key: "id", type: "str", comment: ["Under which the record of the answer is kept."] },
    { key: "model", type: `${name}Model`, comment: ["What answered."] },
  ];
  const prediction: readonly Field[] = [
    { key: "features", type: "Dict[str, Any]", comment: ["What the model was asked with, where it was asked for."] },
    { key: "attributions", type: "Any", comment: ["What each feature adds to the answer, where it was asked for."] },
  ];
  const around: readonly Field[] = [
    {
      key: "freshnessSeconds",
      type: "float",
      comment: ["How long ago the moment lies as of which features were looked up, where some were."],
    },
    {
      key: "tables",
      type: "List[Any]",
      comment: ["The tables in which features were looked up, where it was asked for."],
    },
  ];
  return [
    ...(task === "multiclass" ? [`#: What a row may be.\n${name}Class = ${writeLiteral(classes)}`] : []),
    ...writeTypedDict(`_${name}ModelNamed`, {
      fields: ["name", "version", "package"].map((key) => ({ key, type: "str" })),
      about: "What is always said of what answered.",
    }),
    ...writeTypedDict(`${name}Model`, {
      fields: [{ key: "variant", type: "str" }],
      about: "What answered.",
      base: `_${name}ModelNamed`,
    }),
    ...writeTypedDict(`_${name}Predicted`, { fields: own[task], about: "What is predicted of a row." }),
    ...writeTypedDict(`${name}Prediction`, {
      fields: prediction,
      about: "What is predicted of a row, and told of it.",
      base: `_${name}Predicted`,
    }),
    ...writeTypedDict(`_${name}Answered`, { fields: about, about: "What is always said beside predictions." }),
    ...writeTypedDict(`_${name}Around`, {
      fields: around,
      about: "What is said beside predictions.",
      base: `_${name}Answered`,
    }),
    `class ${name}Answer(_${name}Around, ${name}Prediction):\n    ${docstring("The answer to a row.")}`,
    ...writeTypedDict(`_${name}Rows`, {
      fields: [{ key: "rows", type: `List[${name}Prediction]` }],
      about: "The rows of an answer.",
    }),
    `class ${name}Answers(_${name}Around, _${name}Rows):\n    ${docstring("The answer to a list of rows, in their order.")}`,
  ];
}

function writeFeedback(name: string, { type: { task }, hasSubject }: ClientSubject): readonly string[] {
  const label = { binary: "bool", multiclass: `${name}Class`, regression: "float" }[task];
  const whose = "Whom it says something of, as requests name them: it is encrypted for them.";
  return [
    ...writeTypedDict(`_${name}Label`, {
      fields: [
        { key: "id", type: "str", comment: ["The id of the answer."] },
        { key: "label", type: label },
        ...(hasSubject ? [{ key: "subject", type: "Union[str, int]", comment: [whose] }] : []),
      ],
      about: "What is always said of a label.",
    }),
    ...writeTypedDict(`${name}Feedback`, {
      fields: [
        { key: "time", type: "Union[str, datetime]", comment: ["When it became true: now, where it is left out."] },
        { key: "row", type: "int", comment: ["The row of several, from 0."] },
        { key: "correction", type: "bool", comment: ["Whether what was said before of this row was wrong."] },
        {
          key: "selected",
          type: "bool",
          comment: [
            "Whether it is there only because of what was answered: as the endpoint declares it, where it is left out.",
          ],
        },
      ],
      about: "A label that came later.",
      base: `_${name}Label`,
    }),
  ];
}

function docstring(text: string): string {
  return `"""${inDocstring(text)}"""`;
}

function inDocstring(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll('"""', '\\"\\"\\"');
}

/** A text of Python: JSON's escapes are Python's too, but for pairs of surrogates, which stand as they are. */
function quote(text: string): string {
  return JSON.stringify(text);
}
