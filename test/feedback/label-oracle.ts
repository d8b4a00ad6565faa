/**
 * What a join of answers and labels must give, worked out one record after the other.
 * @module
 */

export interface AnswerRecord {
  readonly sequence: number;
  readonly id: string;
  readonly time: string;
  readonly version: string;
  readonly package: string;
  readonly variant?: string;
  readonly shadow?: true;
  readonly of?: string;
  readonly outputs: { readonly probability: readonly number[]; readonly label: readonly boolean[] };
}

export interface ToldRecord {
  readonly sequence: number;
  readonly id: string;
  readonly row: number;
  readonly label: boolean;
  readonly time: string;
  readonly recorded: string;
  readonly correction?: true;
  readonly selected?: boolean;
}

/**
 * Of each row of each answer what is known of its label, with `id/row/variant`; how many rows labels name that nobody answered, and how
 * many of an id that several answers have.
 */
export function joinNaively(answers: readonly AnswerRecord[], told: readonly ToldRecord[], asOf: number) {
  const given = answers.filter(({ time }) => Date.parse(time) <= asOf);
  const shared = new Set<string>();
  for (const answer of given)
    if (given.some((other) => other !== answer && other.id === answer.id)) shared.add(answer.of ?? answer.id);
  const seen = told
    .filter(({ time, recorded }) => Date.parse(time) <= asOf && Date.parse(recorded) <= asOf)
    .toSorted((a, b) => Date.parse(a.recorded) - Date.parse(b.recorded) || a.sequence - b.sequence);
  const facts = new Map<string, ToldRecord[]>();
  let repeated = 0;
  for (const record of seen) {
    const key = `${record.id}/${record.row}`;
    const list = facts.get(key) ?? [];
    facts.set(key, list);
    const says = ({ label, time, correction, selected }: ToldRecord) =>
      JSON.stringify([label, time, correction, selected]);
    const earlier = record.correction ? list.filter(({ correction }) => correction).slice(-1) : list;
    if (earlier.some((one) => says(one) === says(record))) repeated++;
    else list.push(record);
  }
  const known = new Map<string, ToldRecord>();
  for (const [key, list] of facts) {
    const since = list.findLastIndex(({ correction }) => correction === true);
    let best: ToldRecord | undefined;
    for (const record of list.slice(Math.max(since, 0)))
      if (!best || Date.parse(record.time) >= Date.parse(best.time)) best = record;
    if (best) known.set(key, best);
  }
  const rows: (readonly [key: string, row: object])[] = [];
  const answered = new Set<string>();
  for (const answer of given) {
    const id = answer.of ?? answer.id;
    for (const [row, prediction] of answer.outputs.probability.entries()) {
      if (!answer.shadow) answered.add(`${id}/${row}`);
      const label = shared.has(id) ? undefined : known.get(`${id}/${row}`);
      const facts = {
        time: Date.parse(answer.time),
        predictions: [prediction],
        ...(label && { label: label.label, labelTime: Date.parse(label.time) }),
        ...(label?.selected !== undefined && { selected: label.selected }),
      };
      rows.push([`${id}/${row}/${answer.variant ?? ""}`, facts]);
    }
  }
  const strays = [...known].filter(([key, { id }]) => shared.has(id) || !answered.has(key));
  const ambiguous = strays.filter(([, { id }]) => shared.has(id)).length;
  return { rows, orphans: strays.length - ambiguous, ambiguous, received: seen.length, repeated };
}
