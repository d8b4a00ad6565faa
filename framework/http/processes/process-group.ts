/**
 * A service in several processes that share its port: the operating system gives each new connection to one of them. One that ends
 * is begun again, one that hangs is ended, and neither touches what the others do.
 * @module
 */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { type FromGroup, type FromMember, memberVariables, type Question, type Told } from "./process-message.ts";
import { beatMilliseconds, findHang, findPause, usualLimits, type WatchLimits } from "./watchdog.ts";

export interface GroupOptions {
  /** The program of each process: the path of a module. */
  readonly program: string;
  readonly count: number;
  /** Told what becomes of the processes, in one line each. */
  readonly report: (line: string) => void;
  /** When a process is given up. @default 10 s of silence, 60 s of work */
  readonly limits?: WatchLimits | undefined;
  /**
   * How two answers to a question become one, by the question: so nothing is lost of those that ended, however many they were.
   * @default the answers of the last 64 of them are kept, one by one
   */
  readonly merge?: MergeAnswers | undefined;
  /**
   * What one that ended has left, before its successor begins. Not asked of those that end with the group.
   * @default nothing
   */
  readonly left?: ((ended: EndedMember) => LeftBehind) | undefined;
  /** What a group before this one left that ended with all its processes, as when it was killed. @default nothing */
  readonly before?: LeftBehind | undefined;
}

/** A process that ended while the group goes on. */
export interface EndedMember {
  /** Counts from 0. */
  readonly index: number;
  /** Whether it hung, and was ended for that. */
  readonly isHung: boolean;
}

/** What a process that ended has left. */
export interface LeftBehind {
  /** Answers, by the question, that count beside those that it gave. @default none */
  readonly past?: Readonly<Record<string, unknown>>;
  /** What all processes are to know from now on, those too that begin later. @default nothing new */
  readonly tell?: Told;
  /** What is reported of it, in one line each. @default nothing */
  readonly says?: readonly string[];
}

export type MergeAnswers = Readonly<Record<string, (before: unknown, next: unknown) => unknown>>;

/** How long the answers of members are waited for, in milliseconds. */
const patience = 1_000;

/** How many of those that ended are remembered, where their answers cannot be made one. */
const mostPast = 64;

interface Member {
  readonly index: number;
  child: ChildProcess;
  begun: number;
  /** When it last said that it lives. @default it has said nothing yet */
  heard?: number;
  /** Whether it, or one before it, has been ready. */
  isProven: boolean;
  oldest: number;
  /** Whether it was ended because it hung. */
  isHung: boolean;
  /** How many of its predecessors ended soon, one after the other. */
  ended: number;
  /** What it answered last, by the question. */
  readonly said: Map<string, unknown>;
}

interface Asking {
  readonly asker: ChildProcess;
  readonly id: number;
  readonly name: string;
  readonly answers: Map<number, unknown>;
  readonly timer: NodeJS.Timeout;
}

/** Processes of one service. Start them with `startGroup`. */
export class ProcessGroup {
  readonly #options: GroupOptions;
  readonly #members: Member[] = [];
  readonly #asking = new Map<number, Asking>();
  /** What those answered last that have ended, by the question. */
  readonly #past = new Map<string, unknown[]>();
  /** What all were told last, by its name. */
  readonly #told = new Map<string, unknown>();
  readonly #watch: NodeJS.Timeout;
  #asked = 0;
  #closing = false;
  #looked = performance.now();

  constructor(options: GroupOptions) {
    this.#options = options;
    this.#watch = setInterval(() => this.#look(), beatMilliseconds);
  }

  /** Starts all. @throws Error where one ends before it has been ready */
  async start(): Promise<void> {
    this.#takeBehind(this.#options.before ?? {}, "before");
    const started = Array.from({ length: this.#options.count }, (_, index) => {
      const child = this.#fork(index);
      const begun = performance.now();
      const fresh = { isProven: false, oldest: 0, isHung: false, ended: 0, said: new Map() };
      const member: Member = { index, child, begun, ...fresh };
      this.#members.push(member);
      return this.#attend(member);
    });
    await Promise.all(started);
  }

  /** Passes a signal on to all, and waits for their ends. One that hangs hears no signal, and is still ended. @returns whether all ended well */
  async close(signal: NodeJS.Signals): Promise<boolean> {
    this.#closing = true;
    const ends = this.#members.map(async ({ child }) => {
      // How one ended whose successor is due was said then.
      if (hasEnded(child)) return true;
      const ended = once(child, "exit");
      child.kill(signal);
      await ended;
      return child.exitCode === 0;
    });
    const ended = await Promise.all(ends);
    clearInterval(this.#watch);
    return ended.every(Boolean);
  }

  #fork(index: number): ChildProcess {
    const { program, count } = this.#options;
    const own = { [memberVariables.index]: String(index), [memberVariables.count]: String(count) };
    return fork(program, [], { env: { ...process.env, ...own }, serialization: "advanced" });
  }

  /** Listens to a member, and begins it again when it ends. @returns when it is ready. @throws Error where it ends before */
  #attend(member: Member): Promise<void> {
    const { child, index } = member;
    for (const [name, value] of this.#told) send(child, { kind: "told", name, value });
    return new Promise((resolve, reject) => {
      const end = (how: string): void => {
        this.#remember(member);
        if (!this.#closing) this.#takeLeft(member);
        reject(new Error(`process ${index + 1} of ${this.#options.count} ended with ${how}`));
        if (!this.#closing) this.#succeed(member, how);
      };
      child.on("message", (message: FromMember) => {
        member.heard = performance.now();
        if (message.kind === "ready") {
          member.isProven = true;
          resolve();
        } else if (message.kind === "beat") member.oldest = message.oldest;
        else if (message.kind === "question") this.#ask(child, message);
        else {
          // What comes too late for its question is what it answered last all the same.
          if (message.value !== undefined) member.said.set(message.name, message.value);
          this.#collect(index, message.id, message.value);
        }
      });
      // One that could not be begun has no end of its own.
      child.on("error", ({ message }) => {
        if (child.pid === undefined) end(message);
      });
      child.once("exit", (code, signal) => end(signal ?? `code ${code}`));
    });
  }

  /** Begins a member again; the first of all is not, where it was never ready. */
  #succeed(member: Member, how: string): void {
    const { count, report } = this.#options;
    if (!member.isProven) return;
    const lived = performance.now() - member.begun;
    const pause = findPause({ ended: member.ended, lived });
    member.ended = lived >= 60_000 ? 0 : member.ended + 1;
    report(`process ${member.index + 1} of ${count} ended with ${how}, and is begun again`);
    setTimeout(() => {
      if (this.#closing) return;
      delete member.heard;
      member.oldest = 0;
      member.isHung = false;
      member.begun = performance.now();
      try {
        member.child = this.#fork(member.index);
      } catch (error) {
        this.#succeed(member, error instanceof Error ? error.message : String(error));
        return;
      }
      this.#attend(member).catch(() => undefined);
    }, pause);
  }

  /** Ends who hangs. */
  #look(): void {
    const { count, report, limits = usualLimits } = this.#options;
    const now = performance.now();
    // Where this process stood still it has heard nobody: it listens first, and judges the next time.
    const stoodStill = now - this.#looked > 4 * beatMilliseconds;
    this.#looked = now;
    if (stoodStill) return;
    for (const member of this.#members) {
      if (hasEnded(member.child)) continue;
      const silent = member.heard === undefined ? undefined : now - member.heard;
      const why = findHang({ silent, age: now - member.begun, oldest: member.oldest }, limits);
      if (why === undefined) continue;
      report(`process ${member.index + 1} of ${count} ${why}, and is ended`);
      // It is asked nothing more, and its end is on its way.
      delete member.heard;
      member.begun = now;
      member.isHung = true;
      member.child.kill("SIGKILL");
    }
  }

  #remember({ said }: Member): void {
    for (const [name, value] of said) this.#keep(name, value);
    said.clear();
  }

  #keep(name: string, value: unknown): void {
    const [past, merge] = [this.#past.get(name) ?? [], this.#options.merge?.[name]];
    const all = [...past, value];
    this.#past.set(name, merge ? [all.reduce(merge)] : all.slice(-mostPast));
  }

  /** Takes what one that ended has left, and tells the others. */
  #takeLeft({ index, isHung }: Member): void {
    const { left, count } = this.#options;
    this.#takeBehind(left?.({ index, isHung }) ?? {}, `process ${index + 1} of ${count}`);
  }

  #takeBehind({ past = {}, tell, says = [] }: LeftBehind, who: string): void {
    for (const [name, value] of Object.entries(past)) this.#keep(name, value);
    for (const line of says) this.#options.report(`${who}: ${line}`);
    if (!tell) return;
    this.#told.set(tell.name, tell.value);
    for (const { child } of this.#members) if (!hasEnded(child)) send(child, { kind: "told", ...tell });
  }

  #ask(asker: ChildProcess, { id, name }: Question): void {
    const own = ++this.#asked;
    // What lies unread where this process stood still has come in time.
    const timer = setTimeout(() => setImmediate(() => this.#answer(own)), patience);
    this.#asking.set(own, { asker, id, name, answers: new Map(), timer });
    for (const { child, heard } of this.#members)
      if (heard !== undefined) send(child, { kind: "question", id: own, name });
  }

  #collect(index: number, own: number, value: unknown): void {
    const asking = this.#asking.get(own);
    if (!asking) return;
    asking.answers.set(index, value);
    const { length } = this.#members.filter(({ heard }) => heard !== undefined);
    if (asking.answers.size >= length) this.#answer(own);
  }

  #answer(own: number): void {
    const asking = this.#asking.get(own);
    if (!asking) return;
    this.#asking.delete(own);
    clearTimeout(asking.timer);
    const answers = [...asking.answers].sort(([a], [b]) => a - b).map(([, value]) => value);
    const values = answers.filter((value) => value !== undefined);
    // What one counted that does not answer now is not lost: sums of what only grows must not fall, and rise again when it does.
    const silent = this.#members.filter(({ index }) => asking.answers.get(index) === undefined);
    const last = silent.map(({ said }) => said.get(asking.name)).filter((value) => value !== undefined);
    const past = [...(this.#past.get(asking.name) ?? []), ...last];
    send(asking.asker, { kind: "answers", id: asking.id, values, past });
  }
}

/** Whether a process has ended, or never began. */
function hasEnded({ pid, exitCode, signalCode }: ChildProcess): boolean {
  return pid === undefined || exitCode !== null || signalCode !== null;
}

function send(child: ChildProcess, message: FromGroup): void {
  // One that has ended hears nothing, and is noticed by its end.
  if (child.connected) child.send(message, () => undefined);
}
