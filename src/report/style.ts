// The report's style sheet: light and dark, phone and print, no web fonts. Colours of marks are told apart by people with any colour vision:
// grey before, blue after, orange and violet beside them; curves of sources differ in their dashes, too.
import { trusted } from "./html.ts";

const light = `
  --ink: #1a2027; --soft: #55616d; --line: #dde2e6; --paper: #fdfdfc; --panel: #f3f5f6; --track: #edf0f2; --link: #145a78;
  --before: #98a3ae; --beforeline: #737f8b; --after: #1d6f90; --second: #d2792c; --third: #6a57a5;
  --mark: #ffe694; --differs: #fcd9c2; --warn: #6f3f00; --warnpaper: #fdf3df; --warnline: #e0a33a;
  --s0: #0069a8; --s1: #c04f00; --s2: #00795a; --s3: #a64a83; --s4: #7a6400; --s5: #3d4a57;`;
const dark = `
  --ink: #e5e9ed; --soft: #a3afbb; --line: #2d353d; --paper: #13171b; --panel: #1b2126; --track: #242b32; --link: #7cc4df;
  --before: #66737f; --beforeline: #93a0ac; --after: #56aecb; --second: #e3994f; --third: #ab9ae2;
  --mark: #6b5512; --differs: #6a3d22; --warn: #f4d29a; --warnpaper: #2b2213; --warnline: #a97721;
  --s0: #5fb0e8; --s1: #ee8c4a; --s2: #3dbf97; --s3: #dd8fbd; --s4: #d0b545; --s5: #b4bfca;`;

export const style = trusted(`
:root { color-scheme: light dark; ${light} --serif: Charter, "Bitstream Charter", "Iowan Old Style", "Palatino Linotype", Georgia, serif; --mono: ui-monospace, "SF Mono", Menlo, Consolas, monospace; }
@media (prefers-color-scheme: dark) { :root { ${dark} } }
*, ::before, ::after { box-sizing: border-box; }
html { scroll-padding-top: 1rem; -webkit-text-size-adjust: 100%; }
body { margin: 0; padding: 0 1.25rem 5rem; background: var(--paper); color: var(--ink); font: 1rem/1.55 system-ui, -apple-system, "Segoe UI", sans-serif; }
a { color: var(--link); text-decoration-thickness: 1px; text-underline-offset: .18em; }
:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; border-radius: 3px; }
.skip { position: absolute; left: -99rem; } .skip:focus { left: 1rem; top: .5rem; background: var(--paper); padding: .3rem .6rem; }
.hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.soft { color: var(--soft); }
.top { padding: 2.2rem 0 .8rem; } .top p { margin: 0; font-size: .9rem; }
h1, h2 { font-family: var(--serif); font-weight: 600; line-height: 1.2; overflow-wrap: anywhere; }
h1 { font-size: clamp(1.9rem, 5vw, 2.6rem); margin: .1rem 0 .3rem; letter-spacing: -.01em; }
h2 { font-size: 1.6rem; margin: 0 0 .6rem; }
h3 { font-size: 1.02rem; font-weight: 650; margin: 2.2rem 0 .4rem; }
.side { font-size: .8rem; font-weight: 600; color: var(--soft); margin: .2rem 0 .3rem; }
p { margin: .5rem 0; max-width: 44rem; }
section { padding: 2.2rem 0 .4rem; border-top: 1px solid var(--line); margin-top: 2rem; }
section:first-child { border: 0; padding-top: .4rem; margin-top: 0; }
section:first-child h2 { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
.lead { font: 1.22rem/1.55 var(--serif); max-width: 42rem; }
.n, td, th, dd, .plot text { font-variant-numeric: tabular-nums lining-nums; }

.contents ol { list-style: none; margin: 0; padding: 0; display: flex; flex-wrap: wrap; gap: .1rem 1.1rem; font-size: .92rem; }
.contents a { display: inline-block; padding: .3rem 0; text-decoration: none; } .contents a:hover { text-decoration: underline; }
.contents { border-bottom: 1px solid var(--line); padding-bottom: .7rem; margin-bottom: 1rem; }
@media (min-width: 68rem) {
  body { display: grid; grid-template-columns: 12.5rem minmax(0, 52rem); column-gap: 3.5rem; justify-content: center; align-items: start; }
  .top, main { grid-column: 2; }
  .contents { grid-column: 1; grid-row: 1 / span 2; position: sticky; top: 0; max-height: 100vh; overflow-y: auto; border: 0; padding: 2.5rem 0 1rem; margin: 0; }
  .contents ol { display: block; border-left: 2px solid var(--line); }
  .contents a { display: block; padding: .28rem 0 .28rem .9rem; margin-left: -2px; border-left: 2px solid transparent; color: var(--soft); }
  .contents a:hover { color: var(--ink); border-color: var(--after); text-decoration: none; }
}

.cards { display: grid; grid-template-columns: repeat(6, minmax(0, 1fr)); margin: 1.6rem 0 0; border-top: 1px solid var(--line); border-bottom: 1px solid var(--line); }
.cards div { padding: .7rem .2rem .7rem .9rem; border-left: 1px solid var(--line); display: flex; flex-direction: column-reverse; justify-content: flex-end; }
.cards div:first-child { border-left: 0; padding-left: 0; }
.cards dt { font-size: .82rem; color: var(--soft); } .cards dd { margin: 0; font-size: 1.45rem; line-height: 1.2; }
.cards small { display: block; font-size: .8rem; color: var(--soft); }
@media (max-width: 44rem) { .cards { grid-template-columns: repeat(3, minmax(0, 1fr)); } .cards div:nth-child(4) { border-left: 0; padding-left: 0; } .cards div { padding: .6rem .2rem .6rem .7rem; } .cards dd { font-size: 1.2rem; } }

.scroll { overflow-x: auto; margin: .4rem 0 1.2rem; }
table { border-collapse: collapse; width: 100%; font-size: .9rem; line-height: 1.4; }
th, td { text-align: left; vertical-align: baseline; padding: .36rem 0 .36rem 1.2rem; border-bottom: 1px solid var(--line); }
th:first-child, td:first-child { padding-left: 0; }
thead th { font-weight: 500; color: var(--soft); vertical-align: bottom; border-bottom-color: var(--soft); }
tbody th, tfoot th { font-weight: 400; overflow-wrap: break-word; min-width: 8.5rem; } tfoot th, tfoot td { font-weight: 600; border-bottom: 0; }
td { overflow-wrap: break-word; } td.n, th.n { text-align: right; } td.n { white-space: nowrap; } tr > .n:first-child { width: 4rem; min-width: 0; }
td bdi { display: inline-block; min-width: min(6rem, 100%); overflow-wrap: anywhere; }

.chart { margin: 2.2rem 0 1.4rem; }
figcaption strong { display: block; font-weight: 650; } figcaption span { color: var(--soft); font-size: .9rem; display: block; max-width: 44rem; }
.key { list-style: none; display: flex; flex-wrap: wrap; gap: .1rem 1.2rem; padding: 0; margin: .5rem 0 .2rem; font-size: .88rem; color: var(--soft); }
.key svg { margin-right: .45rem; vertical-align: -1px; }
.plot { display: block; margin: .7rem 0 .3rem; overflow: visible; }
.plane { margin-left: 3.4rem; width: calc(100% - 3.4rem); } .plot text { font-size: 13px; fill: var(--ink); } .plot text.soft { fill: var(--soft); font-size: 12.5px; }
.plot text.halo { paint-order: stroke; stroke: var(--paper); stroke-width: 4px; stroke-linejoin: round; }
rect.track { fill: var(--track); } rect.before, path.before { fill: var(--before); } rect.after { fill: var(--after); } rect.second { fill: var(--second); } rect.third { fill: var(--third); }
path.before { opacity: .45; }
.line { fill: none; stroke-width: 2; vector-effect: non-scaling-stroke; stroke-linejoin: round; opacity: 1; }
path.line.before { fill: none; stroke: var(--beforeline); opacity: 1; } path.line.after { stroke: var(--after); } circle.line { stroke: none; fill: var(--after); }
.source0 { stroke: var(--s0); } .source1 { stroke: var(--s1); stroke-dasharray: 7 3; } .source2 { stroke: var(--s2); stroke-dasharray: 2 3; } .source3 { stroke: var(--s3); stroke-dasharray: 9 3 2 3; } .source4 { stroke: var(--s4); stroke-dasharray: 4 4; } .source5 { stroke: var(--s5); stroke-dasharray: 12 4; }
circle.source0 { fill: var(--s0); } circle.source1 { fill: var(--s1); } circle.source2 { fill: var(--s2); } circle.source3 { fill: var(--s3); } circle.source4 { fill: var(--s4); } circle.source5 { fill: var(--s5); }
.grid { stroke: var(--line); } .base { stroke: var(--soft); } line.note { stroke: var(--ink); stroke-dasharray: 3 3; }
.two { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(18rem, 100%), 1fr)); column-gap: 2.5rem; }

summary { cursor: pointer; list-style: none; } summary::-webkit-details-marker { display: none; }
summary::before { content: ""; flex: none; display: inline-block; width: .42rem; height: .42rem; margin: 0 .65rem .12rem .1rem; border: solid var(--soft); border-width: 0 1.5px 1.5px 0; transform: rotate(-45deg); }
details[open] > summary::before { transform: rotate(45deg); }
.numbers { font-size: .9rem; } .numbers > summary { color: var(--soft); padding: .3rem 0; width: fit-content; } .numbers > summary:hover { color: var(--ink); }
.steps { margin: .9rem 0 .4rem; }
.step { border-top: 1px solid var(--line); } .step:last-child { border-bottom: 1px solid var(--line); }
.step > summary, div.step { display: grid; grid-template-columns: 1.2rem minmax(0, 1fr) minmax(4.5rem, auto) minmax(4.5rem, auto); column-gap: .3rem; align-items: baseline; padding: .5rem 0 .6rem; }
.step > summary::before { margin-right: 0; } div.step::before { content: ""; } .step > summary:hover { background: var(--panel); }
.step .title { grid-column: 2; } .step .n { text-align: right; } .step .lost { color: var(--soft); } .step .left { font-weight: 550; }
.bar { display: block; grid-column: 2 / -1; margin-top: .3rem; }
.inside { padding: 0 0 .8rem 1.5rem; }
.source { border-top: 1px solid var(--line); } .source + :not(.source) { border-top: 1px solid var(--line); } .source:last-child { border-bottom: 1px solid var(--line); }
.source > summary { display: grid; grid-template-columns: 1.2rem minmax(0, 1fr) auto; column-gap: .3rem; align-items: baseline; padding: .6rem 0; } .source > summary::before { margin-right: 0; }
.source > summary .title { font-weight: 600; } .source > .steps { margin-left: 1.5rem; }
.source > summary:hover, .reason > summary:hover, .cluster > summary:hover, .answer > summary:hover { background: var(--panel); }
.reason, .cluster, .answer { border-top: 1px solid var(--line); }
.reason > summary, .cluster > summary, .answer > summary { display: flex; align-items: baseline; flex-wrap: wrap; gap: 0 .2rem; padding: .5rem 0; }
.reason > summary .n, .cluster > summary .n { margin-left: auto; padding-left: 1rem; color: var(--soft); }
.reason > summary > :first-of-type, .answer > summary > :first-of-type, .cluster > summary > :first-of-type { max-width: calc(100% - 1.6rem); overflow-wrap: anywhere; }

.example { background: var(--panel); border-radius: .4rem; padding: .8rem 1rem; margin: .7rem 0; }
.example header { font-size: .85rem; margin-bottom: .5rem; }
.id, code, pre { font-family: var(--mono); font-size: .86em; overflow-wrap: anywhere; } .hash { word-break: break-all; font-size: .78em; display: inline-block; min-width: 17rem; }
.evidence { list-style: none; display: flex; flex-wrap: wrap; gap: 0 1.1rem; margin: .15rem 0 0; padding: 0; color: var(--soft); overflow-wrap: anywhere; }
.example > .soft { font-size: .85rem; }
.turn { display: grid; grid-template-columns: 5.2rem minmax(0, 1fr); gap: .6rem; margin: .55rem 0; font-size: .92rem; }
.turn .role { color: var(--soft); font-size: .82rem; padding-top: .1rem; }
.text { display: block; white-space: pre-wrap; overflow-wrap: anywhere; tab-size: 4; max-height: 26rem; overflow-y: auto; } .raw { font-family: var(--mono); font-size: .85em; }
mark { background: var(--mark); color: inherit; border-radius: 2px; box-shadow: 0 0 0 1px var(--mark); } mark.differs { background: var(--differs); box-shadow: none; text-decoration: underline; text-decoration-thickness: 1px; text-underline-offset: .2em; }
.pair, .triple { display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 1.4rem; } .triple { grid-template-columns: repeat(3, minmax(0, 1fr)); }
.pair .turn, .triple .turn { grid-template-columns: minmax(0, 1fr); gap: 0; }
@media (max-width: 44rem) { .pair, .triple { grid-template-columns: minmax(0, 1fr); gap: .6rem; } .turn { grid-template-columns: minmax(0, 1fr); gap: 0; } .inside { padding-left: 0; } .source > .steps { margin-left: .6rem; } .lead { font-size: 1.1rem; } }
.warning { background: var(--warnpaper); color: var(--warn); border-left: 3px solid var(--warnline); padding: .5rem .9rem; margin: .8rem 0; font-size: .93rem; overflow-wrap: anywhere; }
pre { background: var(--panel); border-radius: .4rem; padding: .7rem 1rem; overflow-x: auto; overflow-wrap: normal; }
.facts { margin: 1rem 0; font-size: .92rem; } .facts div { display: grid; grid-template-columns: 6rem minmax(0, 1fr); gap: .6rem; padding: .25rem 0; } .facts dt { color: var(--soft); } .facts dd { margin: 0; overflow-wrap: anywhere; }

@media print {
  :root { ${light} --paper: #fff; } @page { margin: 16mm 14mm; }
  body { display: block; padding: 0; font-size: 10pt; print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  .contents, .skip { display: none; } a { color: inherit; text-decoration: none; }
  .numbers > summary, .scroll { break-after: avoid; } .numbers::details-content { content-visibility: visible; block-size: auto; display: block; }
  section { break-before: auto; } h2, h3, figcaption, .key { break-after: avoid; } tfoot { display: table-row-group; } .plot, .scroll, tr, .example, .cards, .warning { break-inside: avoid; }
  .scroll { overflow: visible; } .text { max-height: none; } .plot text.halo { stroke: #fff; }
}
`);
