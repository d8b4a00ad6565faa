/**
 * What the child that evaluates a project says to the process that started it: lines of JSON on a pipe of their own, since
 * stdout is where a project would print.
 * @module
 */
import { writeSync } from "node:fs";
import { maskProblem } from "../definitions/inlined-secret.ts";
import type { Problem } from "../definitions/problem.ts";
import type { ProjectSpec } from "../definitions/spec.ts";

/** The descriptor of the pipe in the child. */
const pipe = 3;

/** What the child is asked for, as its one argument. */
export interface Question {
  /** The project file, absolute. */
  readonly file: string;
  readonly environment: string;
}

/** A problem without a file is of the project file. */
export type Message = { readonly problem: Problem } | { readonly spec: ProjectSpec };

/** Kept, since the guard takes the name away. */
const write = writeSync;
let problems = 0;

/** Tells a problem at once: the process may not live to its end. */
export function report(problem: Problem): void {
  problems += 1;
  send({ problem: maskProblem(problem) });
}

/** Whether anything is wrong so far, also when the project took no notice of it. */
export function hasProblems(): boolean {
  return problems > 0;
}

export function send(message: Message): void {
  const bytes = Buffer.from(`${JSON.stringify(message)}\n`);
  for (let sent = 0; sent < bytes.length; ) sent += write(pipe, bytes, sent);
}
