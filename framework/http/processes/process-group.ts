/**
 * A service in several processes that share its port: the operating system gives each new connection to one of them. One that ends
 * is begun again, one that hangs is ended, and neither touches what the others do.
 * @module
 */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { type FromGroup, type FromMember, memberVariables, type Question } from "./process-message.ts";
import { beatMilliseconds, findHang, findPause, usualLimits, type WatchLimits } from "./watchdog.ts";

export interface GroupOptions {
  /** The program of each process: the path of a module. */
  readonly program: string;
  readonly count: number;
  /** Told what becomes of the processes, in one line each. */
  readonly report: (line: string) => void;
  /** When a process is given up. @default 5 s of silence, 60 s of work */
  readonly limits?: WatchLimits | undefined;
}

/** How long the answers of members are waited for, in milliseconds. */
const patience = 1_000;

interface Member {
  readonly index: number;
  child: ChildProcess;
  begun: number;
  /** When it last said that it lives. @default it has not been ready */
  heard?: number;
  oldest: number;
  /** How many of its predecessors ended soon, one after the other. */
  ended: number;
}

interface Asking {
  readonly asker: ChildProcess;
  readonly id: number;
  readonly answers: Map<number, unknown>;
  readonly timer: NodeJS.Timeout;
}

/** Processes of one service. Start them with `startGroup`. */
export class ProcessGroup {
  readonly #options: GroupOptions;
  readonly #members: Member[] = [];
  readonly #asking = new Map<number, Asking>();
  readonly #watch: NodeJS.Timeout;
  #asked = 0;
  #closing = false;

  constructor(options: GroupOptions) {
    this.#options = options;
    this.#watch = setInterval(() => this.#look(), beatMilliseconds);
  }

  /** Starts all. @throws Error where one ends before it has been ready */
  async start(): Promise<void> {
    const started = Array.from({ length: this.#options.count }, (_, index) => {
      const child = this.#fork(index);
      const member: Member = { index, child, begun: performance.now(), oldest: 0, ended: 0 };
      this.#members.push(member);
      return this.#attend(member);
    });
    await Promise.all(started);
  }

  /** Passes a signal on to all, and waits for their ends. @returns whether all ended well */
  async close(signal: NodeJS.Signals): Promise<boolean> {
    this.#closing = true;
    clearInterval(this.#watch);
    const ends = this.#members.map(async ({ child }) => {
      if (child.exitCode === null && child.signalCode === null) {
        const ended = once(child, "exit");
        child.kill(signal);
        await ended;
      }
      return child.exitCode === 0;
    });
    return (await Promise.all(ends)).every(Boolean);
  }

  #fork(index: number): ChildProcess {
    const { program, count } = this.#options;
    const own = { [memberVariables.index]: String(index), [memberVariables.count]: String(count) };
    return fork(program, [], { env: { ...process.env, ...own }, serialization: "advanced" });
  }

  /** Listens to a member, and begins it again when it ends. @returns when it is ready. @throws Error where it ends before */
  #attend(member: Member): Promise<void> {
    const { child, index } = member;
    return new Promise((resolve, reject) => {
      child.on("message", (message: FromMember) => {
        member.heard = performance.now();
        if (message.kind === "ready") resolve();
        else if (message.kind === "beat") member.oldest = message.oldest;
        else if (message.kind === "question") this.#ask(child, message);
        else this.#collect(index, message.id, message.value);
      });
      child.once("error", reject);
      child.once("exit", (code, signal) => {
        const how = signal ?? `code ${code}`;
        reject(new Error(`process ${index + 1} of ${this.#options.count} ended with ${how}`));
        if (!this.#closing) this.#succeed(member, how);
      });
    });
  }

  /** Begins a member again; one that was never ready before is not. */
  #succeed(member: Member, how: string): void {
    const { count, report } = this.#options;
    if (member.heard === undefined && member.ended === 0) return;
    const lived = performance.now() - member.begun;
    const pause = findPause({ ended: member.ended, lived });
    member.ended = lived >= 60_000 ? 0 : member.ended + 1;
    report(`process ${member.index + 1} of ${count} ended with ${how}, and is begun again`);
    setTimeout(() => {
      if (this.#closing) return;
      member.child = this.#fork(member.index);
      member.begun = performance.now();
      delete member.heard;
      member.oldest = 0;
      this.#attend(member).catch(() => undefined);
    }, pause);
  }

  /** Ends who hangs. */
  #look(): void {
    const { count, report, limits = usualLimits } = this.#options;
    const now = performance.now();
    for (const member of this.#members) {
      if (member.heard === undefined) continue;
      const why = findHang({ silent: now - member.heard, oldest: member.oldest }, limits);
      if (why === undefined) continue;
      report(`process ${member.index + 1} of ${count} ${why}, and is ended`);
      delete member.heard;
      // Its successor is due whatever it was.
      member.ended = Math.max(member.ended, 1);
      member.child.kill("SIGKILL");
    }
  }

  #ask(asker: ChildProcess, { id, name }: Question): void {
    const own = ++this.#asked;
    const timer = setTimeout(() => this.#answer(own), patience);
    this.#asking.set(own, { asker, id, answers: new Map(), timer });
    for (const { child, heard } of this.#members)
      if (heard !== undefined) send(child, { kind: "question", id: own, name });
  }

  #collect(index: number, own: number, value: unknown): void {
    const asking = this.#asking.get(own);
    asking?.answers.set(index, value);
    const { length } = this.#members.filter(({ heard }) => heard !== undefined);
    if (asking && asking.answers.size >= length) this.#answer(own);
  }

  #answer(own: number): void {
    const asking = this.#asking.get(own);
    if (!asking) return;
    this.#asking.delete(own);
    clearTimeout(asking.timer);
    const values = [...asking.answers].sort(([a], [b]) => a - b).map(([, value]) => value);
    send(asking.asker, { kind: "answers", id: asking.id, values, of: this.#options.count });
  }
}

function send(child: ChildProcess, message: FromGroup): void {
  // One that has ended hears nothing, and is noticed by its end.
  if (child.connected) child.send(message, () => undefined);
}
