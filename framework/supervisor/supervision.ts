/**
 * Keeps the declared services of one stack running: it observes, lets `decide` decide, and acts. Whoever uses it holds
 * the stack's lock.
 * @module
 */
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { StewardError } from "../definitions/problem.ts";
import { type Action, adoptCondition, createCondition, type Declared, decide, type Observed } from "./decide.ts";
import {
  type Declaration,
  nameInstance,
  readDeclarations,
  redeclare,
  removeDeclaration,
  writeDeclaration,
} from "./declaration.ts";
import { createInstance, describeInstance, type Instance, locateLog, nameForPeople } from "./instance.ts";
import { removeLog, renameLog, rotateLog } from "./log.ts";
import { findWait, sortByOrder } from "./order.ts";
import { conclude, initialise, launch, probe, type Surroundings, signal } from "./perform.ts";
import { endGroup, isRunning } from "./process-group.ts";
import { type ProgramRecord, readRecords, removeRecord, writeRecord } from "./program.ts";
import { redact } from "./redact.ts";
import type { Service, ServiceStatus } from "./service.ts";
import type { StackLayout } from "./stack-layout.ts";

const tickMilliseconds = 100;
const rotateMilliseconds = 5_000;

export interface SupervisionOptions {
  /** Takes one line for each change of a service; no secret is in it. */
  readonly log: (line: string) => void;
  /** Stop what runs instead of running what is declared; only services of this name when one is given. @default run */
  readonly stopOnly?: { readonly name?: string } | undefined;
}

/** The services of a stack under supervision. */
export class Supervision {
  readonly #layout: StackLayout;
  readonly #log: (line: string) => void;
  readonly #folderInode: number;
  readonly #declarations: Map<string, Declaration>;
  readonly #instances = new Map<string, Instance>();
  readonly #surroundings: Surroundings;
  readonly #timers: NodeJS.Timeout[] = [];
  readonly #ended = Promise.withResolvers<void>();
  #goingDown: boolean;

  private constructor(layout: StackLayout, options: SupervisionOptions) {
    this.#layout = layout;
    this.#log = options.log;
    this.#surroundings = { layout, observe: (instance, observed) => this.#observe(instance, observed) };
    this.#folderInode = statSync(layout.folder).ino;
    this.#goingDown = options.stopOnly !== undefined;
    const isMeant = (name: string) => options.stopOnly?.name === undefined || options.stopOnly.name === name;
    this.#declarations = new Map(
      readDeclarations(layout)
        .filter(({ service }) => isMeant(service.name))
        .map((declaration) => [declaration.service.name, declaration]),
    );
  }

  /** Takes up a stack where it was left: adopts what lives, ends what is not declared any more, starts the rest. */
  static async open(layout: StackLayout, options: SupervisionOptions): Promise<Supervision> {
    const supervision = new Supervision(layout, options);
    for (const name of supervision.#declarations.keys()) supervision.#assignRoles(name);
    await supervision.#takeOver(readRecords(layout), options.stopOnly?.name);
    supervision.#tick();
    supervision.#timers.push(setInterval(() => supervision.#tick(), tickMilliseconds));
    supervision.#timers.push(setInterval(() => supervision.#rotateLogs(), rotateMilliseconds));
    return supervision;
  }

  /** Whether the stack is being brought down, so that nothing can be declared. */
  get goingDown(): boolean {
    return this.#goingDown;
  }

  /** Settles when everything has been brought down. */
  get ended(): Promise<void> {
    return this.#ended.promise;
  }

  /** Whether the stack's folder has been removed, and with it every reason to go on. */
  isAbandoned(): boolean {
    return statSync(this.#layout.folder, { throwIfNoEntry: false })?.ino !== this.#folderInode;
  }

  /** Every instance, in the order in which they start. */
  list(): ServiceStatus[] {
    const ordered = sortByOrder([...this.#declarations.values()].map(({ service }) => service)).map(({ name }) => name);
    return [...this.#instances.values()]
      .sort((a, b) => ordered.indexOf(a.service.name) - ordered.indexOf(b.service.name) || (a.role < b.role ? -1 : 1))
      .map((instance) => describeInstance(this.#layout, instance));
  }

  /** Declares a service and starts it where it does not run, or runs another description. */
  apply(service: Service): ServiceStatus {
    const { name } = service;
    const previous = this.#declarations.get(name);
    const next = redeclare(previous, service);
    if (next !== previous) {
      const others = [...this.#declarations.values()]
        .map((other) => other.service)
        .filter((other) => other.name !== name);
      sortByOrder([...others, service]);
      this.#declare(next);
      this.#assignRoles(name);
    }
    const instance = this.#current(name);
    if (!instance) throw new Error(`${name} has just been declared and has no instance`);
    this.#retryNow(instance);
    this.#tick();
    return describeInstance(this.#layout, instance);
  }

  /** Lets everything that backs off start at once. */
  revive(): ServiceStatus[] {
    for (const instance of this.#instances.values()) this.#retryNow(instance);
    this.#tick();
    return this.list();
  }

  /** Stops a service with its older descriptions and forgets it. Nothing happens when there is none. */
  async remove(name: string): Promise<void> {
    this.#declarations.delete(name);
    removeDeclaration(this.#layout, name);
    this.#assignRoles(name);
    await this.#until(() => ![...this.#instances.values()].some(({ service }) => service.name === name));
  }

  /** Stops everything, last started first, and keeps the declarations. */
  async down(): Promise<void> {
    this.#goingDown = true;
    await this.#until(() => [...this.#instances.values()].every(({ condition }) => condition.phase === "gone"));
    for (const timer of this.#timers) clearInterval(timer);
    this.#ended.resolve();
  }

  async #until(isSo: () => boolean): Promise<void> {
    for (this.#tick(); !isSo(); await sleep(tickMilliseconds / 2));
  }

  #current(name: string): Instance | undefined {
    return [...this.#instances.values()].find(
      (instance) => instance.role === "current" && instance.service.name === name,
    );
  }

  #declare(declaration: Declaration): void {
    writeDeclaration(this.#layout, declaration);
    this.#declarations.set(declaration.service.name, declaration);
  }

  #retryNow(instance: Instance): void {
    const { phase, restarts } = instance.condition;
    if (phase === "backing-off") instance.condition = { ...createCondition(now()), restarts: restarts + 1 };
  }

  /** Gives each instance of a service the role that its declaration has for it, and makes those that are missing. */
  #assignRoles(name: string): void {
    const declaration = this.#declarations.get(name);
    const wanted = declaration
      ? [
          ...declaration.draining.map((service) => createInstance(service, "draining", now())),
          createInstance(declaration.service, "current", now()),
        ]
      : [];
    for (const instance of this.#instances.values()) {
      if (instance.service.name !== name) continue;
      if (!wanted.some(({ id }) => id === instance.id)) instance.role = "leaving";
    }
    // Those that drain come first: the current log has to be out of the way before another becomes the current one.
    for (const fresh of wanted) {
      const instance = this.#instances.get(fresh.id);
      if (!instance) this.#instances.set(fresh.id, fresh);
      else if (instance.role !== fresh.role) {
        const before = locateLog(this.#layout, instance);
        instance.role = fresh.role;
        const after = locateLog(this.#layout, instance);
        if (before !== after) renameLog(before, after);
      }
    }
  }

  async #takeOver(records: readonly ProgramRecord[], only: string | undefined): Promise<void> {
    const left = records.filter(({ instance }) => only === undefined || instance.startsWith(`${only}@`));
    await Promise.all(
      left.map(async (record) => {
        const instance = this.#instances.get(record.instance);
        if (instance) {
          instance.record = record;
          instance.adopted = true;
          instance.condition = adoptCondition(record, now());
          return;
        }
        await endGroup(record.process, record.stopSeconds);
        removeRecord(this.#layout, record.instance);
      }),
    );
  }

  #tick(): void {
    for (const instance of this.#instances.values()) {
      const { record } = instance;
      if (instance.adopted && record && !isRunning(record.process)) {
        instance.adopted = false;
        const exit = { how: "ended; its exit code is not known, because an earlier supervisor had started it" };
        this.#attempt(instance, () => conclude(instance, exit, this.#surroundings));
      }
      this.#observe(instance, { kind: "tick" });
      if (instance.role === "leaving" && instance.condition.phase === "gone") this.#drop(instance);
    }
  }

  #observe(instance: Instance, observed: Observed): void {
    const before = instance.condition;
    const decision = decide(this.#describeDeclared(instance), before, { observed, now: now() });
    instance.condition = decision.condition;
    if (before.phase !== decision.condition.phase) {
      const { phase, reason } = decision.condition;
      this.#log(`${nameForPeople(instance)}: ${phase}${reason === undefined ? "" : ` (${reason})`}`);
    }
    for (const action of decision.actions) this.#attempt(instance, () => this.#perform(instance, action));
  }

  #describeDeclared(instance: Instance): Declared {
    const { service, role } = instance;
    const others = [...this.#instances.values()].filter((other) => other !== instance);
    const isReplacing =
      role === "current" && others.some((other) => other.role === "leaving" && other.service.name === service.name);
    return {
      startSeconds: service.startSeconds,
      stopSeconds: service.stopSeconds,
      hasAfterStart: service.afterStart !== undefined,
      draining: role === "draining",
      wanted: !this.#goingDown && role !== "leaving",
      wait: isReplacing
        ? { reason: "waits for its older description to end", hopeless: false }
        : findWait(service, (name) => this.#readinessOf(name)),
      mayStop: !this.#goingDown || !others.some((other) => other.service.after.includes(service.name) && isLive(other)),
    };
  }

  #readinessOf(name: string): "ready" | "failed" | "not ready" | "not declared" {
    const instance = this.#current(name);
    if (!instance) return "not declared";
    const { state } = describeInstance(this.#layout, instance);
    return state === "ready" || state === "failed" ? state : "not ready";
  }

  /** A failed action must not end the supervision of everything else. */
  #attempt(instance: Instance, act: () => void | Promise<void>): void {
    const report = (error: unknown) =>
      this.#log(redact(`${nameForPeople(instance)}: ${explain(error)}`, instance.service));
    try {
      Promise.resolve(act()).catch(report);
    } catch (error) {
      report(error);
    }
  }

  #perform(instance: Instance, action: Action): void | Promise<void> {
    switch (action) {
      case "launch":
        return launch(instance, this.#surroundings);
      case "probe":
        return probe(instance, this.#surroundings);
      case "initialise":
        return initialise(instance, this.#surroundings);
      case "prove":
        return this.#prove(instance);
      case "terminate":
        return signal(instance, "SIGTERM");
      case "kill":
        return signal(instance, "SIGKILL");
      case "retire":
        return this.#retire(instance);
    }
  }

  #prove(instance: Instance): void {
    if (instance.record && !instance.record.initialised) {
      instance.record = { ...instance.record, initialised: true };
      writeRecord(this.#layout, instance.record);
    }
    const declaration = this.#declarations.get(instance.service.name);
    if (instance.role !== "current" || !declaration || declaration.proven) return;
    this.#declare({ ...declaration, proven: true });
  }

  #retire(instance: Instance): void {
    const declaration = this.#declarations.get(instance.service.name);
    if (declaration) {
      const draining = declaration.draining.filter((service) => nameInstance(service) !== instance.id);
      this.#declare({ ...declaration, draining });
    }
    this.#drop(instance);
  }

  #drop(instance: Instance): void {
    this.#instances.delete(instance.id);
    removeLog(join(this.#layout.logs, `${instance.id}.log`));
  }

  #rotateLogs(): void {
    try {
      for (const file of readdirSync(this.#layout.logs)) {
        if (file.endsWith(".log")) rotateLog(join(this.#layout.logs, file));
      }
    } catch (error) {
      this.#log(`logs could not be rotated: ${explain(error)}`);
    }
  }
}

function isLive({ condition }: Instance): boolean {
  return condition.phase !== "gone" && condition.phase !== "waiting" && condition.phase !== "backing-off";
}

/** Milliseconds since the epoch by a clock that never goes backwards, so that no back-off is lost in a corrected one. */
function now(): number {
  return performance.timeOrigin + performance.now();
}

function explain(error: unknown): string {
  return error instanceof StewardError || !(error instanceof Error) ? String(error) : error.message;
}
