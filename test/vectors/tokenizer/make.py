"""Makes the small tokenizers here, one of each kind that is not byte-level BPE, for the test of the fallback. The native `tokenizers`
package is the oracle in that test, so no ids are kept.

    pip install tokenizers
    python make.py

The text they are trained on is below; made_with.json says with which version.
"""

import json
from importlib.metadata import version
from pathlib import Path

from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers

TEXT = """The quick brown fox jumps over the lazy dog. Packing sphinxes of black quartz, judge my vow!
How do I write a function that adds two numbers? def add(a, b): return a + b
Answer the question below in one word. What is the capital of France? Paris.
A user asks, an assistant answers; the system says how. It's what they've said, isn't it?
Numbers 0 1 2 3 4 5 6 7 8 9 10 100 1999 2024, dates 2024-07-26 and times 12:30.
Die Straße führt über die Brücke nach Köln. El niño comió piña. Où êtes-vous? Žluťoučký kůň.
Привет, как дела? Это проверка. 東京は日本の首都です。 你好，世界！ 안녕하세요 세계
[INST] Write a poem. [/INST] Roses are red, violets are blue. ### Instruction: ### Response:
""".splitlines()
HERE = Path(__file__).parent
BYTES = [f"<0x{byte:02X}>" for byte in range(256)]


def save(name, tokenizer, edit=lambda json: None):
    made = json.loads(tokenizer.to_str())
    edit(made)
    Tokenizer.from_str(json.dumps(made))
    (HERE / f"{name}.json").write_text(json.dumps(made, ensure_ascii=True, separators=(",", ":")) + "\n")


def unigram(name, prepend_scheme):
    """T5 and its like: Metaspace, Unigram, control tokens in the model's own vocabulary."""
    tokenizer = Tokenizer(models.Unigram())
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Replace(Regex(" {2,}"), " ")])
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme=prepend_scheme)
    tokenizer.decoder = decoders.Metaspace(prepend_scheme=prepend_scheme)
    trainer = trainers.UnigramTrainer(vocab_size=500, special_tokens=["<pad>", "</s>", "<unk>"], unk_token="<unk>", show_progress=False)
    tokenizer.train_from_iterator(TEXT * 4, trainer)
    save(name, tokenizer)


def word_piece():
    """BERT, uncased."""
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece()
    trainer = trainers.WordPieceTrainer(vocab_size=400, special_tokens=["[PAD]", "[UNK]", "[CLS]", "[SEP]"], show_progress=False)
    tokenizer.train_from_iterator(TEXT * 4, trainer)
    save("word-piece", tokenizer)


def sentence_piece_bpe(name, normalizer, pre_tokenizer):
    """Llama 2 and Mistral 7B: BPE on characters, bytes for what the vocabulary lacks."""
    tokenizer = Tokenizer(models.BPE(unk_token="<unk>", fuse_unk=True, byte_fallback=True))
    tokenizer.normalizer = normalizers.Sequence([normalizers.Replace(" ", "\u2581")])
    trainer = trainers.BpeTrainer(vocab_size=700, special_tokens=["<unk>", "<s>", "</s>"] + BYTES, show_progress=False)
    tokenizer.train_from_iterator([line for text in TEXT * 4 for line in text.split("|")], trainer)
    tokenizer.normalizer, tokenizer.pre_tokenizer = normalizer, pre_tokenizer
    tokenizer.decoder = decoders.Sequence(
        [decoders.Replace("\u2581", " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)]
    )

    def edit(made):
        # Bytes are no added tokens; two tokens of ordinary text are.
        made["added_tokens"] = [token for token in made["added_tokens"] if not token["content"].startswith("<0x")]
        for content in ("<think>", "</think>"):
            made["added_tokens"].append(dict(made["added_tokens"][0], id=len(made["model"]["vocab"]), content=content, special=False))
            made["model"]["vocab"][content] = made["added_tokens"][-1]["id"]

    save(name, tokenizer, edit)


unigram("unigram-always", "always")
unigram("unigram-first", "first")
word_piece()
sentence_piece_bpe(
    "llama-legacy", normalizers.Sequence([normalizers.Prepend("\u2581"), normalizers.Replace(" ", "\u2581")]), None
)
sentence_piece_bpe("llama-metaspace", None, pre_tokenizers.Metaspace(prepend_scheme="first", split=False))
(HERE / "made_with.json").write_text(json.dumps({"tokenizers": version("tokenizers"), "script": "make.py"}) + "\n")
