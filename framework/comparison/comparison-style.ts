/**
 * How the page of a comparison looks, beside what every page has.
 * @module
 */
export const comparisonStyle = `
:root { --weak: #c3d3f2; --strong: #12357f; }
@media (prefers-color-scheme: dark) { :root { --weak: #34496f; --strong: #a9c8ff; } }
header { margin-bottom: 20px; }
section { background: var(--card); border: 1px solid var(--line); border-radius: 12px; padding: 16px 18px; margin-top: 16px; min-width: 0; }
section h2 { margin: 0 0 8px; font-size: 16px; }
main { margin-top: 16px; }
.parallel { touch-action: none; }
.parallel path.run { fill: none; stroke: color-mix(in oklab, var(--weak), var(--strong) var(--t)); stroke-width: 1.4; stroke-opacity: 0.85; }
.chart polyline.own { stroke: color-mix(in oklab, var(--weak), var(--strong) var(--t, 100%)); stroke-width: 1.3; }
.parallel.many path.run { stroke-width: 1; stroke-opacity: 0.4; }
.parallel path.broken { stroke-opacity: 0.55; stroke-dasharray: 4 3; }
.chart polyline[data-class~="broken"] { stroke-opacity: 0.55; stroke-dasharray: 3 3; }
.parallel path.bare, .chart polyline[data-class~="bare"] { stroke: var(--quiet); }
.parallel path.off, .chart polyline.off { stroke: var(--line); stroke-opacity: 0.5; }
.parallel path.on, .chart polyline.on { stroke: var(--mark); stroke-width: 3; stroke-opacity: 1; stroke-dasharray: none; }
.parallel .axis { stroke: var(--quiet); }
.parallel .tick { stroke: var(--quiet); }
.parallel text { paint-order: stroke; stroke: var(--card); stroke-width: 3px; stroke-linejoin: round; }
.parallel text.label { fill: var(--text); font-size: 11.5px; font-weight: 600; }
.parallel .result text.label { fill: var(--mark); }
.parallel text.none { font-size: 9.5px; }
.parallel rect.grip, .parallel rect.grip:hover { fill: transparent; cursor: ns-resize; }
.parallel rect.brush, .parallel rect.brush:hover { fill: var(--mark); fill-opacity: 0.3; }
.bar { display: grid; grid-template-columns: minmax(80px, 11em) 1fr 3.5em; align-items: center; gap: 10px; margin: 6px 0; font-size: 13px; }
.bar > span:first-child { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.bar i { display: block; height: 12px; border-radius: 3px; background: var(--bar); width: var(--w); min-width: 1px; }
.wide { overflow: auto; max-height: 70vh; }
th.number { text-align: right; }
table { border-collapse: collapse; font-size: 13px; width: 100%; }
th, td { text-align: left; padding: 4px 12px 4px 0; border-bottom: 1px solid var(--line); white-space: nowrap; }
thead th { position: sticky; top: 0; background: var(--card); }
th button { all: unset; cursor: pointer; color: var(--quiet); font-size: 12px; max-width: 16em; overflow: hidden; text-overflow: ellipsis; }
th button:focus-visible { outline: 2px solid var(--bar); }
th button[aria-pressed="true"]::after { content: " ↑"; }
th button[aria-pressed="true"][data-order="down"]::after { content: " ↓"; }
td { max-width: 24em; overflow: hidden; text-overflow: ellipsis; font-variant-numeric: tabular-nums; }
tr.off { display: none; }
tr.on td { background: var(--soft); }
tr.broken td { color: var(--quiet); }
.filter { min-height: 24px; color: var(--quiet); font-size: 12.5px; }
.filter button { font: inherit; margin-left: 8px; }
`;
