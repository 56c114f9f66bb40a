const light = `
--page: #f6f6f4; --card: #ffffff; --ink: #1c1d22; --text: #1c1d22; --muted: #6a6d76; --line: #e4e4e0; --edge: #c9cad0; --grid: #ededea;
--accent: #3757c4; --gain: #15795a; --loss: #b8402c; --buy: #15795a; --sell: #b8402c;
--c1: #3757c4; --c2: #c07a10; --c3: #7a4fb5; --c4: #13828c; --c5: #b4457f; --c6: #5d7a1f;
--warn-page: #fbf4e2; --warn-line: #e6cf94; --warn-text: #65480a; --shadow: 0 1px 2px rgb(20 20 30 / 5%);
color-scheme: light;`

const dark = `
--page: #131418; --card: #1b1d22; --ink: #d8dae0; --text: #e6e7ea; --muted: #979aa5; --line: #2c2e36; --edge: #4c4f5a; --grid: #272930;
--accent: #8aa2f5; --gain: #4cc29a; --loss: #f0836d; --buy: #4cc29a; --sell: #f0836d;
--c1: #8aa2f5; --c2: #e2a94a; --c3: #b897ec; --c4: #55bfc8; --c5: #ea8abb; --c6: #a6c55f;
--warn-page: #2a2416; --warn-line: #57491f; --warn-text: #ecd594; --shadow: none;
color-scheme: dark;`

/** The report's style sheet. */
export const style: string = `
:root {${light}
  --sans: Inter, system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif;
  --mono: ui-monospace, "SF Mono", "Cascadia Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace;
}
@media (prefers-color-scheme: dark) { :root:not([data-theme="light"]) {${dark}} }
:root[data-theme="dark"] {${dark}}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body { margin: 0; background: var(--page); color: var(--text); font: 14px/1.5 var(--sans); -webkit-font-smoothing: antialiased; }
main { max-width: 1240px; margin: 0 auto; padding: 40px 28px 56px; display: grid; gap: 24px; grid-template-columns: minmax(0, 1fr); }
h1, h2, h3, p, dl, dd, ul, figure { margin: 0; padding: 0; }
h1 { font-size: 28px; line-height: 1.2; font-weight: 650; letter-spacing: -0.02em; text-wrap: balance; overflow-wrap: anywhere; }
h2 { font-size: 15px; font-weight: 620; letter-spacing: -0.005em; }
h3 { font-size: 13px; font-weight: 600; }
.num, td.time, .value, .uplot .u-value { font-variant-numeric: tabular-nums; }
.note, .hint { color: var(--muted); font-size: 12.5px; }
code { font: 12px/1.5 var(--mono); overflow-wrap: anywhere; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; border-radius: 4px; }

.top { display: flex; align-items: flex-start; justify-content: space-between; gap: 24px; }
.eyebrow { color: var(--muted); font-size: 12px; letter-spacing: 0.02em; margin-bottom: 6px; }
.sub { color: var(--muted); margin-top: 6px; }
.dot { margin: 0 4px; }
.meta { display: flex; flex-wrap: wrap; gap: 2px 20px; margin-top: 10px; font-size: 12.5px; }
.meta div { display: flex; gap: 6px; } .meta dt { color: var(--muted); }
a { color: var(--accent); text-decoration: none; } a:hover { text-decoration: underline; }
.button { display: inline-flex; align-items: center; gap: 7px; font: 500 12.5px/1 var(--sans); color: var(--text); background: var(--card); border: 1px solid var(--line); border-radius: 7px; padding: 8px 12px; cursor: pointer; white-space: nowrap; }
.button:hover:not(:disabled) { border-color: var(--muted); }
.button:disabled { color: var(--muted); opacity: 0.6; cursor: default; }
.button svg { width: 14px; height: 14px; color: var(--muted); }

.warnings { background: var(--warn-page); border: 1px solid var(--warn-line); color: var(--warn-text); border-radius: 10px; padding: 14px 18px; }
.warnings h2 { font-size: 13px; margin-bottom: 4px; }
.warnings ul { padding-left: 18px; }
.warnings li { margin: 2px 0; }

.card { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 18px 20px; box-shadow: var(--shadow); min-width: 0; }
.card > h2 + .note { margin-top: 2px; }
.card > h3 { margin: 22px 0 4px; }

.tiles { display: grid; grid-template-columns: repeat(6, minmax(0, 1fr)); gap: 1px; background: var(--line); border: 1px solid var(--line); border-radius: 10px; overflow: hidden; box-shadow: var(--shadow); }
.tile { background: var(--card); padding: 14px 18px 13px; min-width: 0; }
.tile:nth-child(-n+2) .value { font-size: 24px; }
.tile:nth-child(1) { grid-column: span 2; }
.tile dt { color: var(--muted); font-size: 12px; }
.tile .value { font-size: 20px; line-height: 32px; font-weight: 600; letter-spacing: -0.015em; overflow-wrap: anywhere; }
.tile .note { font-size: 11.5px; }
.gain { color: var(--gain); } .loss { color: var(--loss); } .missing { color: var(--muted); font-weight: 500; }

.bar { display: grid; grid-template-columns: auto 1fr auto; align-items: center; gap: 4px 14px; margin: 4px 0 12px; }
.chart { padding: 14px 8px 6px 12px; margin-bottom: 12px; }
.chart figcaption { display: flex; flex-wrap: wrap; align-items: baseline; gap: 2px 18px; padding: 0 8px; }
.chart figcaption .note { flex-basis: 100%; }
.key { list-style: none; display: flex; flex-wrap: wrap; gap: 2px 14px; color: var(--muted); font-size: 12px; }
.key svg { width: 10px; height: 10px; margin-right: 5px; }
.key path { fill: none; stroke-width: 1.5; stroke-linejoin: round; } .key .buy { stroke: var(--buy); } .key .sell { stroke: var(--sell); }
.key .buy.solid { fill: var(--buy); } .key .sell.solid { fill: var(--sell); }
.plot { position: relative; }
.uplot { display: flex; flex-direction: column-reverse; width: auto; font-family: var(--sans); }
.uplot .u-legend { margin: 0; padding: 4px 8px 0; text-align: left; font-size: 12px; color: var(--muted); line-height: 1.4; }
.uplot .u-legend tr { margin-right: 18px; }
.uplot .u-legend th { font-weight: 400; }
.uplot .u-legend th .u-marker { width: 8px; height: 8px; border-radius: 2px; margin-right: 6px; }
.uplot .u-legend tr:first-child .u-marker { display: none; }
.uplot .u-series > * { padding: 2px 0; border: 0; }
.uplot .u-inline.u-live th::after { content: ""; }
.uplot .u-series .u-value { color: var(--text); padding-left: 7px; min-width: 5.5em; }
.uplot .u-select { background: color-mix(in srgb, var(--accent) 14%, transparent); }
.uplot .u-hz .u-cursor-x, .uplot .u-vt .u-cursor-y { border-right: 1px solid color-mix(in srgb, var(--muted) 60%, transparent); }
.uplot .u-hz .u-cursor-y, .uplot .u-vt .u-cursor-x { border-bottom: 1px solid color-mix(in srgb, var(--muted) 35%, transparent); }
.tip { position: absolute; left: 0; top: 0; z-index: 5; pointer-events: none; white-space: pre; padding: 7px 10px; font-size: 12px; line-height: 1.45; font-variant-numeric: tabular-nums; background: var(--card); color: var(--text); border: 1px solid var(--line); border-radius: 7px; box-shadow: 0 4px 14px rgb(0 0 0 / 14%); }

.columns { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(420px, 100%), 1fr)); gap: 24px; align-items: start; }
.columns:empty { display: none; }
.scroll { overflow-x: auto; margin-top: 10px; }
.scroll.tall { max-height: 460px; overflow-y: auto; }
table { border-collapse: collapse; width: 100%; font-size: 13px; }
th, td { text-align: left; padding: 6px 14px 6px 0; border-bottom: 1px solid var(--line); white-space: nowrap; font-weight: 400; }
th:last-child, td:last-child { padding-right: 0; }
tbody tr:last-child > * { border-bottom: 0; }
thead th { color: var(--muted); font-size: 12px; }
.tall thead th { position: sticky; top: 0; background: var(--card); box-shadow: inset 0 -1px var(--line); border-bottom: 0; z-index: 1; }
th.num, td.num { text-align: right; }
tbody tr:hover > * { background: color-mix(in srgb, var(--muted) 6%, transparent); }
td.text { white-space: pre-wrap; overflow-wrap: anywhere; width: 100%; min-width: 18em; }
td.time { color: var(--muted); }
.log td { vertical-align: top; }
.sortable th button { all: unset; cursor: pointer; }
.sortable th button:hover { color: var(--text); }
.sortable th button:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; border-radius: 3px; }
.sortable th[aria-sort] { color: var(--text); }
.sortable th[aria-sort] button::after { content: " ↑"; } .sortable th[aria-sort="descending"] button::after { content: " ↓"; }

.histograms { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(320px, 100%), 1fr)); gap: 28px; margin-top: 12px; }
.histogram figcaption { display: flex; justify-content: space-between; align-items: baseline; }
.histogram svg { display: block; width: 100%; height: 110px; margin-top: 8px; border-bottom: 1px solid var(--line); fill: var(--c1); }
.histogram rect:hover { fill: var(--c2); }
.axis { display: flex; justify-content: space-between; color: var(--muted); font-size: 11.5px; padding-top: 4px; }
.percentiles { display: flex; flex-wrap: wrap; gap: 6px 24px; margin-top: 10px; font-variant-numeric: tabular-nums; }
.percentiles dt { color: var(--muted); font-size: 11.5px; }

.facts { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(230px, 100%), 1fr)); gap: 14px 24px; margin-top: 12px; }
.facts dt { color: var(--muted); font-size: 12px; }
.facts dd { overflow-wrap: anywhere; }
.facts .wide { grid-column: 1 / -1; }
footer { color: var(--muted); font-size: 12px; }

@media (max-width: 1000px) { .tiles { grid-template-columns: repeat(4, minmax(0, 1fr)); } }
@media (max-width: 700px) {
  main { padding: 22px 14px 40px; gap: 18px; }
  .tiles { grid-template-columns: repeat(2, minmax(0, 1fr)); }
  .bar { grid-template-columns: 1fr auto; } .bar .hint { grid-column: 1 / -1; grid-row: 2; }
  .card { padding: 14px; } .chart { padding: 12px 2px 4px; }
  h1 { font-size: 23px; }
}
@media print {
  .button, .hint { display: none; } .scroll.tall { max-height: none; } .card, .tiles { break-inside: avoid; box-shadow: none; }
}
`
