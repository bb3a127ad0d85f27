"""What `./tunegate bench train --shape` measures, done by transformers and PEFT: prints one JSON line.

    pip install torch transformers peft
    python trainer/bench/peft_train.py --shape smollm2-135m --batch 4 --seq 256 --rank 16 --steps 8
"""

import argparse
import json
import pathlib
import resource
import time

import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoConfig, AutoModelForCausalLM, LlamaConfig

parser = argparse.ArgumentParser()
parser.add_argument("--shape", default="smollm2-135m")
parser.add_argument("--batch", type=int, default=4)
parser.add_argument("--seq", type=int, default=256)
parser.add_argument("--rank", type=int, default=16)
parser.add_argument("--steps", type=int, default=8)
parser.add_argument("--threads", type=int, default=0)
parser.add_argument("--device", default="cpu")
parser.add_argument("--dtype", choices=["bf16", "fp32"], default="bf16")
parser.add_argument("--adapter-dtype", choices=["bf16", "fp32"], default="fp32", help="PEFT's default is fp32")
parser.add_argument("--attention", choices=["sdpa", "eager"], default="sdpa")
parser.add_argument("--gradient-checkpointing", action="store_true")
options = parser.parse_args()

if options.threads:
    torch.set_num_threads(options.threads)
torch.manual_seed(1)
shapes = pathlib.Path(__file__).parent.parent / "src/main/resources/dev/tunegate/trainer/bench"
config = LlamaConfig(**json.loads((shapes / f"{options.shape}.json").read_text()))
config._attn_implementation = options.attention
dtype = {"bf16": torch.bfloat16, "fp32": torch.float32}[options.dtype]
torch.set_default_dtype(dtype)
with torch.device(options.device):
    model = AutoModelForCausalLM.from_config(config, dtype=dtype)
torch.set_default_dtype(torch.float32)
parameters = sum(p.numel() for p in model.parameters())
lora = LoraConfig(r=options.rank, lora_alpha=2 * options.rank, target_modules="all-linear", task_type="CAUSAL_LM")
if options.gradient_checkpointing:
    model.gradient_checkpointing_enable({"use_reentrant": False})
    model.enable_input_require_grads()
model = get_peft_model(model, lora, autocast_adapter_dtype=options.adapter_dtype == "fp32")
model.train()
trained = [p for p in model.parameters() if p.requires_grad]
optimizer = torch.optim.AdamW(trained, lr=1e-4, weight_decay=0.0, fused=True)
tokens = torch.randint(0, config.vocab_size, (options.batch, options.seq), device=options.device)


def step():
    begin = time.perf_counter()
    loss = model(input_ids=tokens, labels=tokens, use_cache=False).loss
    middle = time.perf_counter()
    loss.backward()
    end = time.perf_counter()
    torch.nn.utils.clip_grad_norm_(trained, 1.0)
    optimizer.step()
    optimizer.zero_grad()
    loss.item()
    return begin, middle, end, time.perf_counter()


for _ in range(2):
    step()
times = [step() for _ in range(options.steps)]
seconds = sum(t[3] - t[0] for t in times) / options.steps
print(
    json.dumps(
        {
            "tokens_per_second": options.batch * options.seq / seconds,
            "step_seconds": seconds,
            "forward_seconds": sum(t[1] - t[0] for t in times) / options.steps,
            "backward_seconds": sum(t[2] - t[1] for t in times) / options.steps,
            "optimizer_seconds": sum(t[3] - t[2] for t in times) / options.steps,
            "peak_rss_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
            "dtype": options.dtype,
            "adapter_dtype": options.adapter_dtype,
            "threads": torch.get_num_threads(),
            "parameters": parameters,
            "torch": torch.__version__,
        }
    )
)
