/**
 * How pages look, by day and by night.
 * @module
 */
export const baseStyle = `
:root { color-scheme: light dark; --ground: #f6f7f9; --card: #fff; --line: #e3e6eb; --text: #1d2430; --quiet: #667085; --bar: #4a7de2; --soft: #dfe9fb; --mark: #e0662f; --some: #b4540a; --warn: #fff6e9; --edge: #f0d7b1; }
@media (prefers-color-scheme: dark) { :root { --ground: #11151c; --card: #1a202a; --line: #2b3340; --text: #e7eaf0; --quiet: #97a1b2; --bar: #6c9bf5; --soft: #263654; --mark: #ff9d66; --some: #f2b266; --warn: #2a2216; --edge: #57431f; } }
* { box-sizing: border-box; }
body { margin: 0; padding: 32px clamp(16px, 4vw, 56px) 48px; background: var(--ground); color: var(--text); font: 14px/1.45 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif; }
h1 { margin: 0; font-size: 28px; letter-spacing: -0.02em; overflow-wrap: anywhere; }
.root { margin: 2px 0 18px; color: var(--quiet); overflow-wrap: anywhere; }
code { font: 12px/1.4 ui-monospace, "SF Mono", Menlo, Consolas, monospace; }
dl { margin: 0; display: flex; flex-wrap: wrap; gap: 10px 36px; }
dt { color: var(--quiet); font-size: 12px; }
dd { margin: 0; font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
header dd { font-size: 18px; font-weight: 600; letter-spacing: -0.01em; }
main { margin-top: 24px; display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 380px), 1fr)); gap: 16px; }
article { background: var(--card); border: 1px solid var(--line); border-radius: 12px; padding: 16px 18px; min-width: 0; }
article h2 { margin: 0 0 8px; display: flex; align-items: baseline; gap: 8px; font-size: 16px; }
.name { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; margin-right: auto; }
.badge { flex: none; font-size: 11px; font-weight: 500; color: var(--quiet); border: 1px solid var(--line); border-radius: 99px; padding: 0 8px; }
.about { margin: -4px 0 8px; color: var(--quiet); font-size: 12.5px; overflow-wrap: anywhere; }
svg { display: block; width: 100%; height: auto; overflow: visible; }
svg rect { fill: var(--bar); }
svg rect:hover { fill: var(--mark); }
svg text { fill: var(--quiet); font-size: 10.5px; font-variant-numeric: tabular-nums; }
.axis, .tick { stroke: var(--line); }
.chart rect.other { fill: var(--mark); fill-opacity: 0.55; }
.chart polyline { fill: none; stroke-width: 1.8; stroke-linejoin: round; }
.chart polyline.own { stroke: var(--bar); }
.chart polyline.other { stroke: var(--mark); }
.chart polyline.ideal { stroke: var(--quiet); stroke-width: 1; stroke-dasharray: 3 3; }
.chart circle.own { fill: var(--bar); }
.chart circle.other { fill: var(--mark); }
.chart .grid { stroke: var(--line); }
.legend { margin: 6px 0 0; display: flex; flex-wrap: wrap; gap: 4px 16px; color: var(--quiet); font-size: 12px; }
.key::before { content: ""; display: inline-block; width: 10px; height: 10px; border-radius: 3px; margin-right: 6px; background: var(--quiet); }
.key.own::before { background: var(--bar); }
.key.other::before { background: var(--mark); }
.note, .empty { margin: 4px 0 0; color: var(--quiet); font-size: 12px; }
.number { text-align: right; font-variant-numeric: tabular-nums; }
footer { margin-top: 28px; color: var(--quiet); font-size: 12px; }
@media print { body { background: none; padding: 0; } article { break-inside: avoid; } }
`;
