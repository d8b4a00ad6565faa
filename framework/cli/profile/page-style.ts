/**
 * What the page of a profile has beside what every page has.
 * @module
 */
export const profileStyle = `
.nulls { height: 3px; border-radius: 2px; background: var(--mark); overflow: hidden; }
.nulls span { display: block; height: 100%; background: var(--soft); }
.counts { margin: 6px 0 12px; display: flex; gap: 18px; color: var(--quiet); font-size: 12.5px; }
.counts b { color: var(--text); font-variant-numeric: tabular-nums; }
.counts .some, .counts .some b { color: var(--some); }
.median { stroke: var(--mark); stroke-width: 1.2; stroke-dasharray: 3 3; }
.empty { padding: 24px 0; text-align: center; }
.rows { display: grid; gap: 3px; }
.row { position: relative; display: flex; gap: 12px; padding: 2px 8px; border-radius: 4px; overflow: hidden; }
.bar { position: absolute; inset: 0 auto 0 0; background: var(--soft); border-radius: 4px; }
.value, .share { position: relative; }
.value { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; margin-right: auto; }
.share { flex: none; color: var(--quiet); font-variant-numeric: tabular-nums; }
.pairs, .quantiles { margin-top: 12px; gap: 6px 12px; display: grid; grid-template-columns: repeat(auto-fit, minmax(64px, 1fr)); font-size: 12.5px; }
.quantiles { display: flex; flex-wrap: nowrap; justify-content: space-between; gap: 6px; font-size: 12px; }
.quantiles dd { white-space: nowrap; }
.quantiles + .pairs { padding-top: 8px; margin-top: 8px; border-top: 1px solid var(--line); }
.pairs dt, .quantiles dt { font-size: 11px; }
.quarantine { margin-top: 24px; padding: 14px 18px; background: var(--warn); border: 1px solid var(--edge); border-radius: 12px; }
.quarantine h2 { margin: 0 0 6px; font-size: 15px; }
.quarantine td { padding: 1px 14px 1px 0; vertical-align: top; overflow-wrap: anywhere; }
`;
