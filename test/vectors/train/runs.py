"""run-NAME.json: training runs of 50 steps on the models of answers.py (made first). lora/ is the adapter that run-lora starts from;
run-qlora starts from lora-64/ on llama-64/, which transformers loads in 4 bits through bitsandbytes, on the CPU.
One of its 384 scale codes is the CPU library's neighbour of the nearest (see nf4.py); with the nearest the losses are Sluice's to 1e-6.

A plain torch loop, set up as transformers' Trainer sets itself up: AdamW without decay of norms and biases, clipping, cosine with warm-up,
loss and gradient by the supervised tokens of the whole step. The padded run is made again by the Trainer itself and must be the same.

documents   ids and labels; a label is the token's own id, or -100 where it carries no loss
steps       of each step the micro batches, of each micro batch the documents by number
losses      mean over the step's supervised tokens, before its update
learning_rates, grad_norms (before clipping) of each step's update
final_norms of every trained weight after the last step
"""

import math
import shutil

import torch
from peft import LoraConfig, get_peft_model
from torch.nn.functional import cross_entropy
from torch.utils.data import SequentialSampler
from transformers import AutoModelForCausalLM, BitsAndBytesConfig, LlamaConfig, PrinterCallback, Trainer, TrainingArguments, get_scheduler

from answers import rope
from common import HERE, IGNORED, padded, random_model, save_model, supervised, versions, write_json

STEPS = 50
BATCH = 8
TARGETS = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
COMMON = {
    "max_steps": STEPS,
    "lr_scheduler_type": "cosine",
    "warmup_ratio": 0.1,
    "weight_decay": 0.01,
    "adam_beta1": 0.9,
    "adam_beta2": 0.999,
    "adam_epsilon": 1e-8,
    "max_grad_norm": 1.0,
}
# layout: documents apart, as packing with attention kept apart must equal; or rows padded to the longest.
FULL = {**COMMON, "model": "llama", "method": "full", "learning_rate": 4e-3}
ADAPTER = {
    **COMMON,
    "learning_rate": 2e-2,
    "layout": "packed",
    "per_device_train_batch_size": 4,
    "gradient_accumulation_steps": 2,
}
RUNS = {
    "packed": {**FULL, "layout": "packed", "per_device_train_batch_size": 4, "gradient_accumulation_steps": 2},
    "padded": {**FULL, "layout": "padded", "per_device_train_batch_size": 4, "gradient_accumulation_steps": 2},
    "1x8": {**FULL, "layout": "packed", "per_device_train_batch_size": 8, "gradient_accumulation_steps": 1},
    "8x1": {**FULL, "layout": "packed", "per_device_train_batch_size": 1, "gradient_accumulation_steps": 8},
    # More decay, so that it shows whether norms and biases are left out; a limit that only some steps reach.
    "qwen2": {
        **FULL,
        "model": "qwen2",
        "weight_decay": 0.5,
        "max_grad_norm": 2.2,
        "layout": "packed",
        "per_device_train_batch_size": 4,
        "gradient_accumulation_steps": 2,
    },
    "lora": {**ADAPTER, "method": "lora", "model": "llama", "adapter": "lora"},
    "qlora": {**ADAPTER, "method": "qlora", "model": "llama-64", "adapter": "lora-64"},
}


def some_documents():
    """Counting tasks: start, stride, first number (no loss), then the numbers and an end."""
    generator = torch.Generator().manual_seed(11)

    def draw(low, high):
        return torch.randint(low, high, (1,), generator=generator).item()

    documents = []
    for _ in range(32):
        stride, first, length = draw(1, 6), draw(0, 20), draw(3, 13)
        numbers = [4 + (first + i * stride) % 60 for i in range(length)]
        ids = [1, 4 + stride, *numbers, 2]
        documents.append({"ids": ids, "labels": [IGNORED] * 3 + ids[3:]})
    return documents


def order(documents):
    """Shuffled anew in each epoch: of each step the numbers of BATCH documents."""
    generator = torch.Generator().manual_seed(12)
    epochs = math.ceil(STEPS * BATCH / len(documents))
    numbers = torch.cat([torch.randperm(len(documents), generator=generator) for _ in range(epochs)]).tolist()
    return [numbers[step * BATCH : (step + 1) * BATCH] for step in range(STEPS)]


def base_model(settings):
    given = {}
    if settings["method"] == "qlora":
        given["quantization_config"] = BitsAndBytesConfig(
            load_in_4bit=True,
            bnb_4bit_quant_type="nf4",
            bnb_4bit_use_double_quant=True,
            bnb_4bit_compute_dtype=torch.float32,
        )
    return AutoModelForCausalLM.from_pretrained(
        HERE / settings["model"], attn_implementation="eager", dtype=torch.float32, **given
    )


def wide_model():
    """For 4 bits: bitsandbytes' CPU library reads the scales of a matrix wrongly where its rows are not whole blocks of 64."""
    sizes = {"vocab_size": 64, "hidden_size": 64, "intermediate_size": 64, "num_attention_heads": 4, "num_key_value_heads": 2}
    save_model(random_model(LlamaConfig(**sizes, num_hidden_layers=1, rope_parameters=rope(), tie_word_embeddings=False), 6), "llama-64")


def with_adapter(model, settings):
    """B is not zero as PEFT starts it, so that A has gradients from the first step on."""
    config = LoraConfig(r=4, lora_alpha=8, lora_dropout=0.0, target_modules=TARGETS, bias="none", task_type="CAUSAL_LM")
    model = get_peft_model(model, config)
    generator = torch.Generator().manual_seed(13)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if "lora_" in name:
                parameter.normal_(0, 0.5 * parameter.shape[1] ** -0.5, generator=generator)
    model.peft_config["default"].base_model_name_or_path = settings["model"]
    # A set, in whatever order Python has it today.
    model.peft_config["default"].target_modules = TARGETS
    model.save_pretrained(HERE / settings["adapter"])
    (HERE / settings["adapter"] / "README.md").unlink(missing_ok=True)
    return model


def summed_loss(model, documents, layout):
    def of(ids, mask, labels):
        logits = model(input_ids=ids, attention_mask=mask).logits[:, :-1]
        return cross_entropy(logits.flatten(0, 1), labels[:, 1:].flatten(), ignore_index=IGNORED, reduction="sum")

    if layout == "padded":
        return of(*padded(documents))
    return sum(of(*padded([document])) for document in documents)


def train(settings, documents, steps, dtype=torch.float32):
    torch.manual_seed(0)
    model = base_model(settings)
    if "adapter" in settings:
        model = with_adapter(model, settings)
    model = model.to(dtype).train()
    trained = {name: parameter for name, parameter in model.named_parameters() if parameter.requires_grad}
    decayed = Trainer.get_decay_parameter_names(None, model)
    groups = [
        {"params": [p for name, p in trained.items() if name in decayed], "weight_decay": settings["weight_decay"]},
        {"params": [p for name, p in trained.items() if name not in decayed], "weight_decay": 0.0},
    ]
    optimizer = torch.optim.AdamW(
        groups,
        lr=settings["learning_rate"],
        betas=(settings["adam_beta1"], settings["adam_beta2"]),
        eps=settings["adam_epsilon"],
    )
    warmup = math.ceil(settings["warmup_ratio"] * STEPS)
    scheduler = get_scheduler(settings["lr_scheduler_type"], optimizer, num_warmup_steps=warmup, num_training_steps=STEPS)
    losses, learning_rates, grad_norms = [], [], []
    for micro_batches in steps:
        tokens = sum(supervised([documents[i] for i in micro_batch]) for micro_batch in micro_batches)
        loss = 0.0
        for micro_batch in micro_batches:
            part = summed_loss(model, [documents[i] for i in micro_batch], settings["layout"]) / tokens
            part.backward()
            loss += part.item()
        losses.append(loss)
        grad_norms.append(torch.nn.utils.clip_grad_norm_(trained.values(), settings["max_grad_norm"]).item())
        learning_rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
        optimizer.zero_grad()
    final_norms = {name.replace(".default", ""): parameter.norm().item() for name, parameter in trained.items()}
    return {"losses": losses, "learning_rates": learning_rates, "grad_norms": grad_norms, "final_norms": final_norms}


class InOrder(Trainer):
    def _get_train_sampler(self, train_dataset=None):
        return SequentialSampler(self.train_dataset)


def check_with_trainer(settings, documents, steps, run):
    """The Trainer logs losses and norms rounded, so no closer than 1e-4."""

    def collate(rows):
        ids, mask, labels = padded(rows)
        return {"input_ids": ids, "attention_mask": mask, "labels": labels}

    folder = HERE / "trainer.tmp"
    given = {key: value for key, value in settings.items() if key not in ("model", "method", "layout", "warmup_ratio")}
    arguments = TrainingArguments(
        folder,
        **given,
        warmup_steps=settings["warmup_ratio"],
        logging_steps=1,
        save_strategy="no",
        report_to="none",
        use_cpu=True,
        disable_tqdm=True,
        remove_unused_columns=False,
    )
    rows = [documents[i] for micro_batches in steps for micro_batch in micro_batches for i in micro_batch]
    trainer = InOrder(model=base_model(settings), args=arguments, train_dataset=rows, data_collator=collate)
    trainer.remove_callback(PrinterCallback)
    trainer.train()
    shutil.rmtree(folder, ignore_errors=True)
    logs = [entry for entry in trainer.state.log_history if "loss" in entry]
    assert len(logs) == STEPS
    for step, entry in enumerate(logs):
        assert abs(entry["loss"] - run["losses"][step]) < 2e-4, (step, entry, run["losses"][step])
        assert abs(entry["grad_norm"] / run["grad_norms"][step] - 1) < 1e-3, (step, entry, run["grad_norms"][step])


def make():
    wide_model()
    documents = some_documents()
    for name, settings in RUNS.items():
        size = settings["per_device_train_batch_size"]
        steps = [[numbers[i : i + size] for i in range(0, BATCH, size)] for numbers in order(documents)]
        run = train(settings, documents, steps)
        print(f"{name}: loss {run['losses'][0]:.3f} to {run['losses'][-1]:.3f}")
        if settings["method"] != "qlora":
            exact = train(settings, documents, steps, torch.float64)
            print(f"  {max(abs(a - b) for a, b in zip(run['losses'], exact['losses'])):.1e} from the same run in float64")
        if settings["layout"] == "padded":
            check_with_trainer(settings, documents, steps, run)
        known = versions("torch", "transformers", "peft", "accelerate", "bitsandbytes")
        write_json(f"run-{name}.json", {"versions": known, "settings": settings, "documents": documents, "steps": steps, **run})
