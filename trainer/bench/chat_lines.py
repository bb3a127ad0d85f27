"""Writes chat lines of very different lengths, mostly prompt, as JSONL: what fine-tuning data looks like.

    python trainer/bench/chat_lines.py 1000 > build/chat.jsonl

The text is made of the starter model's own words, of which its tokenizer makes two to three tokens each. Lengths are
log-uniform between 20 and 1,000 tokens; one to three turns; an answer is about a third as long as its prompt.
"""

import json
import random
import sys

WORDS = "show the name of each city where more than ten books were sold and sort them by price".split()
random.seed(1)


def text(tokens):
    return " ".join(random.choice(WORDS) for _ in range(max(1, round(tokens * 0.44))))


for _ in range(int(sys.argv[1])):
    left = round(20 * 50 ** random.random()) - 12
    turns = random.choice([1, 1, 1, 2, 3])
    messages = [{"role": "system", "content": "you answer about books and cities"}] if left > 60 else []
    for _ in range(turns):
        share = max(4, left // turns - 10)
        messages.append({"role": "user", "content": text(share * 3 // 4)})
        messages.append({"role": "assistant", "content": text(share // 4)})
    print(json.dumps({"messages": messages}))
