// A trained byte-level BPE as tokenizer.json and tokenizer_config.json, in the layout of Hugging Face's tokenizers library.
import { byteCharacter } from "../../src/tokenizer/byte-level.ts";
import type { BytePairs } from "./byte-pairs.ts";

const specials = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"];

/** Llama 3's, as it stands in its tokenizer.json. */
const pattern =
  "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";

const chatml =
  "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>' + '\\n' }}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}";

/** Ids: the special tokens, the 256 bytes, then what the merges make. */
export function tokenizerJson({ merges }: BytePairs): string {
  const texts = Array.from({ length: 256 }, (_, byte) => byteCharacter(byte));
  for (const [left, right] of merges) texts.push(texts[left] + texts[right]);
  const vocab: Record<string, number> = {};
  for (const [id, text] of [...specials, ...texts].entries()) vocab[text] = id;
  const added = specials.map((content, id) => ({
    id,
    content,
    single_word: false,
    lstrip: false,
    rstrip: false,
    normalized: false,
    special: true,
  }));
  const byteLevel = { type: "ByteLevel", add_prefix_space: false, trim_offsets: true, use_regex: false };
  return `${JSON.stringify(
    {
      version: "1.0",
      truncation: null,
      padding: null,
      added_tokens: added,
      normalizer: null,
      pre_tokenizer: {
        type: "Sequence",
        pretokenizers: [{ type: "Split", pattern: { Regex: pattern }, behavior: "Isolated", invert: false }, byteLevel],
      },
      post_processor: null,
      decoder: byteLevel,
      model: {
        type: "BPE",
        dropout: null,
        unk_token: null,
        continuing_subword_prefix: null,
        end_of_word_suffix: null,
        fuse_unk: false,
        byte_fallback: false,
        ignore_merges: false,
        vocab,
        merges: merges.map(([left, right]) => [texts[left], texts[right]]),
      },
    },
    null,
    0,
  )}\n`;
}

export function tokenizerConfigJson(): string {
  const decoder = Object.fromEntries(
    specials.map((content, id) => [id, { content, lstrip: false, normalized: false, rstrip: false, single_word: false, special: true }]),
  );
  return `${JSON.stringify(
    {
      tokenizer_class: "PreTrainedTokenizerFast",
      added_tokens_decoder: decoder,
      bos_token: null,
      eos_token: "<|im_end|>",
      pad_token: "<|endoftext|>",
      unk_token: null,
      clean_up_tokenization_spaces: false,
      model_max_length: 2048,
      chat_template: chatml,
    },
    null,
    2,
  )}\n`;
}
