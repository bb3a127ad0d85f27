"""What `./tunegate bench train --model DIR --data FILE` measures, done by TRL's SFTTrainer at its defaults in bfloat16.

    pip install torch transformers peft trl
    python trainer/bench/trl_train.py --write-model build/smollm2        # random weights, the starter's tokenizer
    python trainer/bench/chat_lines.py 1000 > build/chat.jsonl
    python trainer/bench/trl_train.py --model build/smollm2 --data build/chat.jsonl --batch 4 --steps 20

Prints one JSON line: tokens/s without padding, as the other side counts them, and tokens that a loss is computed for
(TRL's default is all of them, ours what the assistant says).
"""

import argparse
import json
import pathlib
import resource
import time

import torch
from datasets import Dataset
from peft import LoraConfig
from transformers import AutoModelForCausalLM, AutoTokenizer, LlamaConfig, TrainerCallback
from trl import SFTConfig, SFTTrainer

parser = argparse.ArgumentParser()
parser.add_argument("--write-model", type=pathlib.Path)
parser.add_argument("--model")
parser.add_argument("--data")
parser.add_argument("--batch", type=int, default=4)
parser.add_argument("--seq", type=int, default=1024)
parser.add_argument("--rank", type=int, default=16)
parser.add_argument("--steps", type=int, default=20)
options = parser.parse_args()

trainer_directory = pathlib.Path(__file__).parent.parent
if options.write_model:
    shape = json.loads(
        (trainer_directory / "src/main/resources/dev/tunegate/trainer/bench/smollm2-135m.json").read_text()
    )
    torch.manual_seed(1)
    AutoModelForCausalLM.from_config(LlamaConfig(**shape)).to(torch.bfloat16).save_pretrained(options.write_model)
    AutoTokenizer.from_pretrained(trainer_directory / "models/tunegate-starter").save_pretrained(options.write_model)
    raise SystemExit

lines = [json.loads(line) for line in open(options.data)]


class Times(TrainerCallback):
    """The time of every step but the first two."""

    def __init__(self):
        self.begins, self.ends = [], []

    def on_step_begin(self, *_, **__):
        self.begins.append(time.perf_counter())

    def on_step_end(self, *_, **__):
        self.ends.append(time.perf_counter())


class Counting:
    """Counts what a batch holds on its way to the model."""

    def __init__(self, collate):
        self.collate, self.real, self.padded, self.trained = collate, [], [], []

    def __call__(self, examples):
        batch = self.collate(examples)
        self.real.append(sum(len(e["input_ids"]) for e in examples))
        self.padded.append(batch["input_ids"].numel())
        self.trained.append(int((batch["labels"] != -100).sum()))
        return batch


times = Times()
trainer = SFTTrainer(
    model=options.model,
    train_dataset=Dataset.from_list(lines),
    peft_config=LoraConfig(
        r=options.rank, lora_alpha=2 * options.rank, target_modules="all-linear", task_type="CAUSAL_LM"
    ),
    args=SFTConfig(
        output_dir="/tmp/trl-bench",
        per_device_train_batch_size=options.batch,
        max_steps=options.steps + 2,
        max_length=options.seq,
        bf16=True,
        use_cpu=True,
        learning_rate=1e-4,
        report_to=[],
        save_strategy="no",
        model_init_kwargs={"dtype": "bfloat16"},
    ),
    callbacks=[times],
)
counting = trainer.data_collator = Counting(trainer.data_collator)
trainer.train()
seconds = sum(e - b for b, e in list(zip(times.begins, times.ends))[2:])
measured = slice(2, options.steps + 2)
print(
    json.dumps(
        {
            "tokens_per_second": sum(counting.real[measured]) / seconds,
            "padded_tokens_per_second": sum(counting.padded[measured]) / seconds,
            "trained_tokens_per_second": sum(counting.trained[measured]) / seconds,
            "step_seconds": seconds / options.steps,
            "peak_rss_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        }
    )
)
