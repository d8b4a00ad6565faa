/**
 * Whether deletes may have their effect. Removing a definition is part of a change that has a program; a destroy has none,
 * takes everything away, and so asks for a word when something still answers. Pure but for the one question it asks.
 * @module
 */
import { StewardError } from "../definitions/problem.ts";
import type { EntityStatus } from "../engine/entity-status.ts";
import { messageOf } from "./failure.ts";

/** What a person has said about a destroy, in the environment of the provider: `STEWARD_DESTROY`. */
export type DestroyWord = "retire" | "abandon";

/** Reads the word. @throws StewardError when it is another one */
export function readDestroyWord(text: string | undefined): DestroyWord | undefined {
  if (text === undefined || text === "") return undefined;
  if (text === "retire" || text === "abandon") return text;
  throw new StewardError({
    code: "destroy-word-unknown",
    at: "STEWARD_DESTROY",
    what: 'the environment variable "STEWARD_DESTROY" has an unknown word',
    got: `"${text}"`,
    expected: '"retire" or "abandon"',
  });
}

/** The endpoints of a stack that still answer. */
export function findLiveEndpoints(all: readonly EntityStatus[], owner: string): readonly string[] {
  return all
    .filter(
      ({ kind, state, live, ...status }) =>
        kind === "endpoint" && state !== "retired" && live !== undefined && status.owner === owner,
    )
    .map(({ name }) => name)
    .sort();
}

/** The refusal of a destroy, or nothing when it may go on. */
export function decideDestroy(live: readonly string[], word: DestroyWord | undefined): StewardError | undefined {
  if (live.length === 0 || word !== undefined) return undefined;
  return new StewardError({
    code: "destroy-refused",
    at: "",
    what: `nothing was destroyed: ${live.length === 1 ? "an endpoint still serves" : `${live.length} endpoints still serve`} (${live.join(", ")})`,
    fix:
      "`npx steward destroy --retire` retires them first; `npx steward destroy --abandon` stops all compute and keeps the evidence; " +
      "`npx steward down` only stops the local processes",
  });
}

function refuseBlindly(cause: unknown): StewardError {
  return new StewardError(
    {
      code: "destroy-refused",
      at: "",
      what: "nothing was destroyed: whether an endpoint still serves cannot be found out",
      got: messageOf(cause),
      fix: "bring the stack up again, or use `npx steward destroy --abandon`, which stops all compute and keeps the evidence",
    },
    { cause },
  );
}

/** Guards the deletes of one process: its answer is the same for all of them, and is found before any has an effect. */
export class DestroyGuard {
  readonly #word: DestroyWord | undefined;
  #programRuns = false;
  #decision: Promise<StewardError | undefined> | undefined;

  constructor(word: DestroyWord | undefined) {
    this.#word = word;
  }

  /** Whether a destroy leaves entities as they are. */
  get abandons(): boolean {
    return !this.#programRuns && this.#word === "abandon";
  }

  /** Notes that a program declares resources, as it does in every operation but a destroy. */
  noteProgram(): void {
    this.#programRuns = true;
  }

  /** @param list asks for the entities of the stack and its owner @throws StewardError when the destroy is refused */
  async admit(
    list: () => Promise<{ readonly entities: readonly EntityStatus[]; readonly owner: string }>,
  ): Promise<void> {
    if (this.#programRuns || this.#word === "abandon") return;
    this.#decision ??= list().then(
      ({ entities, owner }) => decideDestroy(findLiveEndpoints(entities, owner), this.#word),
      (cause: unknown) => refuseBlindly(cause),
    );
    const refusal = await this.#decision;
    if (refusal) throw refusal;
  }
}
