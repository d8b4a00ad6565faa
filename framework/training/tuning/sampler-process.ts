/**
 * The process with Optuna, from the outside: it is asked one thing at a time, and ended when an answer takes too long.
 * @module
 */
import { join } from "node:path";
import { onEachLine } from "../../data/reader/channel.ts";
import { type LimitedProcess, type ProcessEnd, startProcess } from "../limited-process.ts";
import { type Answer, answerSchema, type Question } from "./sampler-message.ts";

export interface SamplerProcessOptions {
  /** The interpreter of the sampler's environment. */
  readonly python: string;
  /** How long one answer may take, in seconds. */
  readonly answerSeconds: number;
  /** What it may have in memory, in bytes. */
  readonly memoryBytes: number;
}

/** The process ended before it answered. */
export interface Ended {
  readonly reason: ProcessEnd["reason"] | "late" | "garbled";
  /** For people: `signal SIGKILL`. */
  readonly how: string;
}

const program = join(import.meta.dirname, "python");
const keptLines = 40;

export class SamplerProcess {
  readonly #child: LimitedProcess;
  readonly #ended: Promise<Ended>;
  readonly #answerSeconds: number;
  readonly #lines: string[] = [];
  #hasEnded = false;
  #reason: Ended["reason"] | undefined;
  #take: (answer: Answer) => void = () => {};

  constructor({ python, answerSeconds, memoryBytes }: SamplerProcessOptions) {
    this.#answerSeconds = answerSeconds;
    this.#child = startProcess([python, "-s", program], {
      folder: "/",
      environment: composeEnvironment(),
      memoryBytes,
      graceSeconds: 0,
      hasChannel: true,
      onLine: (line) => {
        if (this.#lines.push(line) > keptLines) this.#lines.shift();
      },
    });
    this.#ended = this.#watch();
    this.#child.setIdle(true);
  }

  /** Whether it has ended, or been told to. */
  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** Asks it, what was asked before being answered. */
  async ask(question: Question): Promise<Answer | Ended> {
    this.#child.setIdle(false);
    const answered = new Promise<Answer>((resolve) => {
      this.#take = resolve;
    });
    const late = setTimeout(() => this.#end("late"), this.#answerSeconds * 1_000);
    try {
      this.#child.channel?.write(`${JSON.stringify(question)}\n`);
      return await Promise.race([answered, this.#ended]);
    } finally {
      clearTimeout(late);
      this.#take = () => {};
      if (!this.#hasEnded) this.#child.setIdle(true);
    }
  }

  /** The last lines it printed; at most 40. */
  logs(): readonly string[] {
    return [...this.#lines];
  }

  /** Ends it; resolves when nothing of it is left. */
  async close(): Promise<void> {
    this.#end("stopped");
    await this.#ended;
  }

  async #watch(): Promise<Ended> {
    const { channel, ended } = this.#child;
    // A broken channel is the end of the process, which is told below.
    channel?.on("error", () => {});
    if (channel) onEachLine(channel, (line) => this.#hear(line));
    const { reason, how } = await ended;
    this.#hasEnded = true;
    return { reason: this.#reason ?? reason, how };
  }

  #hear(line: string): void {
    const answer = readAnswer(line);
    if (answer) this.#take(answer);
    else this.#end("garbled");
  }

  #end(reason: Ended["reason"]): void {
    this.#reason ??= reason;
    this.#hasEnded = true;
    this.#child.setIdle(false);
    void this.#child.stop();
  }
}

/** What depends on the order of hashes, or on how threads share a sum, would differ from one process to the next. */
function composeEnvironment(): Record<string, string> {
  const threads = ["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"].map((name) => [name, "1"] as const);
  return {
    PATH: "/usr/local/bin:/usr/bin:/bin",
    HOME: "/",
    LANG: "C.UTF-8",
    PYTHONHASHSEED: "0",
    ...Object.fromEntries(threads),
  };
}

function readAnswer(line: string): Answer | undefined {
  try {
    return answerSchema.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined;
  }
}
