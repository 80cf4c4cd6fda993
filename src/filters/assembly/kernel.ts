// The filters' word counting and word finding (WebAssembly SIMD). Texts and tables are put into memory by ../kernel-wasm.ts.
export { putWord } from "../../core/assembly/units";
export { measureWords } from "./repeats";
export { beginSentences, mayDisclaim, nextSentence, setTriggerBits } from "./sentences";
export { demandWords } from "./demands";
export { countCommonWords } from "./common-words";
