/**
 * What becomes of a release that won an experiment and is proposed to the model whose release lost. Pure.
 * @module
 */
import type { EntityStatus, LiveModel, WonFrom } from "../../framework/engine/entity-status.ts";
import type { ProposeMessage } from "../../framework/engine/messages.ts";
import type { ModelMemory, ProposalMemory, WeighedProposal } from "./messages.ts";

/** Looks are remembered so many. */
const answeredAtMost = 20;

/**
 * The memory with a proposal that was told. One that was decided on, or is known, changes nothing; one of a later experiment takes the
 * place of the same endpoint's before, and one of another endpoint has its turn after those that are decided on before it.
 */
export function hearProposal(memory: ModelMemory, proposed: ProposeMessage): ModelMemory {
  const { answered = [], proposal, proposals = [] } = memory;
  const known = [...answered, ...[...(proposal ? [proposal.proposed] : []), ...proposals].map(({ look }) => look)];
  if (known.includes(proposed.look)) return memory;
  if (!proposal || proposal.proposed.endpoint === proposed.endpoint) return { ...memory, proposal: { proposed } };
  const others = proposals.filter(({ endpoint }) => endpoint !== proposed.endpoint);
  return { ...memory, proposals: [...others, proposed] };
}

/** The memory once a proposal is decided on, whatever came of it: the next one has its turn. */
export function answerProposal(memory: ModelMemory, look: string): ModelMemory {
  const { answered = [], proposal, proposals = [] } = memory;
  const left = proposals.filter((one) => one.look !== look);
  const isAnswered = proposal?.proposed.look === look;
  const next = isAnswered ? left.shift() : undefined;
  return {
    ...memory,
    proposal: isAnswered ? next && { proposed: next } : proposal,
    ...(proposals.length > 0 && { proposals: left }),
    answered: [...answered.filter((one) => one !== look), look].slice(-answeredAtMost),
  };
}

/** Whether a proposal's turn has come: all wishes have settled, and what it waited for was decided. */
export function isProposalDue(
  proposal: ProposalMemory | undefined,
  { generation, candidate }: Pick<EntityStatus, "generation" | "candidate">,
): boolean {
  if (!proposal) return false;
  const { after = -1, waitsFor } = proposal;
  return generation > after && (waitsFor === undefined || candidate?.digest !== waitsFor);
}

/**
 * `take`: it is a candidate that has passed. `wait`: people decide first on a candidate of another recipe. `there`: it is in production.
 * `stale`: production is no longer what it won against.
 */
export type ProposalFate = "take" | "wait" | "there" | "stale";

export interface ProposalScene {
  readonly live: Pick<LiveModel, "package" | "from">;
  readonly weighed: WeighedProposal;
  readonly look: string;
}

export function judgeProposal({ live, weighed, look }: ProposalScene): ProposalFate {
  const { over, live: now, waiting } = weighed.recipes;
  if (live.package === weighed.package || live.from?.look === look) return "there";
  if (now !== over) return "stale";
  return waiting === undefined || waiting === over ? "take" : "wait";
}

/** Where a version comes from that a proposal brings. */
export function describeOrigin(
  { from, package: digest, endpoint, experiment, look }: ProposeMessage,
  { recipes }: WeighedProposal,
  live: Pick<LiveModel, "from">,
): WonFrom {
  // What lost to the one that lost now has lost to this one too, unless it is made as this one is: then it has won since.
  const before = [...(live.from?.lost ?? []), recipes.over];
  const lost = [...new Set(before)].filter((recipe) => recipe !== recipes.won);
  return { ...from, package: digest, endpoint, experiment, look, lost };
}

/** `won experiment "trees" on desk`. */
export function sayWon({ experiment, endpoint }: Pick<WonFrom, "experiment" | "endpoint">): string {
  return `won experiment "${experiment}" on ${endpoint}`;
}

/**
 * Why a candidate of the definition is not released: what is in production won an experiment against what makes it.
 *
 * @param recipe of the candidate. @default it is not known
 * @returns nothing where it may be
 */
export function sayLost(name: string, live: LiveModel | undefined, recipe: string | undefined): string | undefined {
  const { from, version } = live ?? {};
  if (!from || recipe === undefined || !from.lost.includes(recipe)) return undefined;
  return `version ${version} stays in production: it ${sayWon(from)}, and the definition describes what lost; give "${name}" the training of "${from.model}", or serve "${from.model}", and deploy`;
}
