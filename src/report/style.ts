// The report's style sheet: light and dark, phone and print, no web fonts.
import { trusted } from "./html.ts";

export const style = trusted(`
:root { --ink: #1c2733; --soft: #5a6b7b; --line: #d8dfe6; --paper: #ffffff; --panel: #f4f7f9; --bar: #1f7a8c; --pale: #a9cdd4; --warn: #8a4b08; --warnpaper: #fdf3e4; --mark: #ffe08a; }
@media (prefers-color-scheme: dark) { :root { --ink: #e4eaf0; --soft: #9bacbb; --line: #33414f; --paper: #121a22; --panel: #1a2530; --bar: #4fb3c6; --pale: #2c5a65; --warn: #f3c78a; --warnpaper: #33260f; --mark: #6b5410; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.55 system-ui, sans-serif; }
main { max-width: 60rem; margin: 0 auto; padding: 2rem 1.25rem 5rem; }
h1 { font-size: 1.9rem; line-height: 1.2; margin: 0 0 .25rem; }
h2 { font-size: 1.3rem; margin: 3rem 0 .75rem; padding-top: 1rem; border-top: 1px solid var(--line); }
h3 { font-size: 1rem; margin: 1.5rem 0 .5rem; }
p { max-width: 46rem; }
.lead { font-size: 1.1rem; }
.soft { color: var(--soft); }
.cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(8.5rem, 1fr)); gap: .75rem; margin: 1.25rem 0; padding: 0; list-style: none; }
.cards li { background: var(--panel); border-radius: .5rem; padding: .7rem .9rem; }
.cards b { display: block; font-size: 1.45rem; font-variant-numeric: tabular-nums; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: .9rem; margin: .5rem 0 1rem; }
th, td { text-align: left; padding: .3rem .7rem .3rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
th { font-weight: 600; color: var(--soft); }
td.n, th.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
svg { width: 100%; height: auto; max-width: 48rem; display: block; margin: .5rem 0; }
svg rect { fill: var(--bar); } svg rect.before { fill: var(--pale); }
svg text { font: 13px system-ui, sans-serif; fill: var(--ink); } svg text.value { fill: var(--soft); }
svg .outline { stroke: var(--ink); stroke-width: 1.5; fill: none; }
.warning { background: var(--warnpaper); color: var(--warn); border-radius: .5rem; padding: .6rem .9rem; margin: .5rem 0; max-width: none; }
details { border: 1px solid var(--line); border-radius: .5rem; margin: .5rem 0; padding: 0 .9rem; }
summary { cursor: pointer; padding: .55rem 0; }
summary:focus-visible, a:focus-visible { outline: 2px solid var(--bar); outline-offset: 2px; }
article { border-top: 1px solid var(--line); padding: .6rem 0; }
.turn { margin: .4rem 0; white-space: pre-wrap; overflow-wrap: anywhere; font-size: .92rem; }
.turn b { color: var(--soft); font-weight: 600; display: block; font-size: .8rem; }
mark { background: var(--mark); color: inherit; }
code, .id { font-family: ui-monospace, monospace; font-size: .85rem; overflow-wrap: anywhere; }
.pair { display: grid; grid-template-columns: 1fr 1fr; gap: 1rem; }
.key i { display: inline-block; width: .8rem; height: .8rem; border-radius: 2px; background: var(--bar); margin-right: .35rem; } .key i.before { background: var(--pale); }
@media (max-width: 40rem) { .pair { grid-template-columns: 1fr; } main { padding: 1.25rem .9rem 3rem; } svg.bars, svg.histogram { min-width: 34rem; } }
@media print { details { break-inside: avoid; } details > * { display: block; } }
`);
