/**
 * A backend in memory: an engine of which a test scripts the answers, a store that keeps what is put into it.
 * @module
 */

import type { EntityStatus } from "../../framework/engine/entity-status.ts";
import type { ApplyMessage, RetireMessage } from "../../framework/engine/messages.ts";
import { referTo } from "../../framework/plan/desired.ts";
import type { Backend } from "../../framework/provider/backend.ts";
import type { CallContext } from "../../framework/provider/resource.ts";
import { SeenSpecs } from "../../framework/provider/seen-specs.ts";
import type { Reference } from "../../framework/store/reference.ts";

export interface FakeBackend extends Backend {
  readonly applied: ApplyMessage[];
  readonly retired: RetireMessage[];
  readonly stored: unknown[];
}

export interface FakeAnswers {
  /** The statuses that are told one after the other, the last one for ever. @default there is no such entity */
  readonly statuses?: readonly EntityStatus[];
  /** The generation that `apply` is accepted under. @default 1 */
  readonly generation?: number;
  /** What every question to the engine fails with. @default it answers */
  readonly down?: Error;
  /** What `retire` fails with. @default it accepts */
  readonly retireFails?: Error;
  /** Whether the stack has an engine. @default true */
  readonly deployed?: boolean;
  /** The reference of a file that is put. @default of its path */
  readonly putFile?: (path: string) => Reference;
}

export function createFakeBackend(answers: FakeAnswers = {}): FakeBackend {
  const {
    statuses = [],
    generation = 1,
    down,
    retireFails,
    deployed = true,
    putFile = (path) => referTo(path),
  } = answers;
  const applied: ApplyMessage[] = [];
  const retired: RetireMessage[] = [];
  const stored: unknown[] = [];
  let asked = 0;
  return {
    applied,
    retired,
    stored,
    deployed: async () => deployed,
    async engine() {
      if (down) throw down;
      return {
        async apply(_entity, message) {
          applied.push(message);
          return { generation };
        },
        progress: async ({ work }) => (work ? "step 1 of 2" : undefined),
        status: async () => statuses[Math.min(asked++, statuses.length - 1)],
        list: async () => [...statuses],
        async retire(_entity, message) {
          if (retireFails) throw retireFails;
          retired.push(message);
        },
      };
    },
    async store() {
      return {
        async putJson(value) {
          stored.push(value);
          return referTo(value);
        },
        putFile: async (path) => putFile(path),
      };
    },
    supervisor: () => Promise.reject(new Error("this test has no supervisor")),
  };
}

export interface FakeContext extends CallContext {
  /** What was said, each with how it was said. */
  readonly said: string[];
}

export function createFakeContext(backend: Backend, given: Partial<CallContext> = {}): FakeContext {
  const said: string[] = [];
  return {
    backend,
    said,
    reporter: {
      progress: (line) => said.push(`progress ${line}`),
      info: (line) => said.push(`info ${line}`),
      warn: (line) => said.push(`warn ${line}`),
    },
    cancelled: new AbortController().signal,
    actor: { id: "ada@example.org", via: "pulumi" },
    adopt: false,
    abandon: false,
    seen: new SeenSpecs(),
    ...given,
  };
}
