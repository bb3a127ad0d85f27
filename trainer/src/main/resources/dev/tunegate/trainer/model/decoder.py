  # This is no Python but TorchScript as torch.jit.save writes it and libtorch's importer reads it: methods of the one class
  # of a module, see torch/ModuleArchive, whose attributes come from Java. The numbers of types are libtorch's: 6 is
  # float32, 15 is bfloat16. `_0` and `_1` are results that nobody reads.

  # The decoder's operators. T tokens of several sequences lie end to end; H query heads share K key/value heads, R = H / K;
  # D is a head's size. Weights of one layer come as a dictionary; a LoRA adapter's are further entries of it.

  # Scalars that become numbers (scalings, dropout, lengths) lie in the host's memory, everything else on the device. From
  # pinned memory a copy waits for nothing, and libtorch keeps that memory until the copy is done.
  def placed(self: __torch__.Ops, x: Tensor) -> Tensor:
    return torch.to(torch.pin_memory(x), torch.device((self).device), None, True)

  # 1 / rms of the last dimension, float32 [.., 1].
  def inverse_rms(self: __torch__.Ops, x: Tensor) -> Tensor:
    length = torch.linalg_vector_norm(x, 2, [-1], True, dtype=6)
    return torch.rsqrt(torch.add(torch.mul(torch.mul(length, length), 1. / float(torch.size(x, -1))), (self).norm_epsilon))

  # RMSNorm (Zhang and Sennrich 2019), in float32 as the reference does; Gemma's weights are the distance from one. GPT-2 has
  # LayerNorm (Ba et al. 2016). A weight that is trained by itself is float32 beside a bfloat16 model.
  def norm(self: __torch__.Ops, x: Tensor, w: Dict[str, Tensor], name: str) -> Tensor:
    weight = w[name]
    if (self).layer_norm:
      bias = torch.type_as(w[name + ".bias"], x)
      y = torch.layer_norm(x, [torch.size(x, -1)], torch.type_as(weight, x), bias, (self).norm_epsilon)
    else:
      y = torch.mul(x, (self).inverse_rms(x))
      if (self).norm_plus_one:
        y = torch.type_as(torch.mul(y, torch.add(torch.to(weight, 6), 1.)), x)
      elif weight.dtype == x.dtype:
        y = torch.mul(torch.type_as(y, x), weight)
      else:
        y = torch.type_as(torch.mul(y, weight), x)
    return y

  # A linear layer of the base model, with its bias if it has one.
  def linear(self: __torch__.Ops, x: Tensor, w: Dict[str, Tensor], name: str) -> Tensor:
    key = name + ".bias"
    if key in w:
      y = torch.linear(x, w[name], w[key])
    else:
      y = torch.linear(x, w[name])
    return y

  # LoRA (Hu et al. 2021, section 4.1) in two halves: y + scaling * B A dropout(x); A [r, in], B [out, r]. The first half,
  # A dropout(x), is one product for all layers that read the same x; with dropout each draws its own mask, as in PEFT.
  def lower(self: __torch__.Ops, x: Tensor, w: Dict[str, Tensor], names: List[str]) -> Dict[str, Tensor]:
    lowered = annotate(Dict[str, Tensor], {})
    together = annotate(List[str], [])
    factors = annotate(List[Tensor], [])
    ranks = annotate(List[int], [])
    for name in names:
      key = name + ".lora_A"
      if key in w:
        a = torch.type_as(w[key], x)
        if "lora_dropout" in w:
          lowered[name] = torch.linear(torch.dropout(x, float(w["lora_dropout"]), True), a)
        else:
          together.append(name)
          factors.append(a)
          ranks.append(torch.size(a, 0))
    if torch.len(together) == 1:
      lowered[together[0]] = torch.linear(x, factors[0])
    if torch.len(together) > 1:
      parts = torch.split_with_sizes(torch.linear(x, torch.cat(factors)), ranks, -1)
      for i in range(torch.len(together)):
        lowered[together[i]] = parts[i]
    return lowered

  def adapt(self: __torch__.Ops, y: Tensor, lowered: Dict[str, Tensor], w: Dict[str, Tensor], name: str) -> Tensor:
    if name in lowered:
      b = torch.type_as(w[name + ".lora_B"], y)
      scaling = w["lora_scaling"]
      own = name + ".lora_scaling"
      if own in w:
        scaling = w[own]
      y = torch.addmm(y, lowered[name], torch.t(b), beta=1, alpha=float(scaling))
    return y

  # Cosines and sines of the positions' angles, [T, 1, rotated dimensions] each. The sine of the first half is negated: see
  # rotate. A row of the frequencies is chosen for each token if there are two.
  def rope(self: __torch__.Ops, positions: Tensor, like: Tensor, frequencies: Tensor, magnitude: Tensor, rows: Tensor) -> Tuple[Tensor, Tensor]:
    if torch.numel(rows) == 0:
      angles = torch.outer(torch.to(positions, 6), torch.select(frequencies, 0, 0))
    else:
      angles = torch.mul(torch.unsqueeze(torch.to(positions, 6), 1), torch.embedding(frequencies, rows))
    angles = torch.unsqueeze(angles, 1)
    c = torch.cos(angles)
    s = torch.sin(angles)
    m = float(magnitude)
    if m != 1.:
      c = torch.mul(c, m)
      s = torch.mul(s, m)
    cos = torch.type_as(torch.cat([c, c], -1), like)
    sin = torch.type_as(torch.cat([torch.neg(s), s], -1), like)
    return (cos, sin)

  # (x1, x2) -> (x1 cos - x2 sin, x2 cos + x1 sin), the halves swapped by one roll. Some models rotate only the first dimensions
  # of a head, and those with learned positions none.
  def rotate(self: __torch__.Ops, x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    r = torch.size(cos, -1)
    if r == (self).head_dim:
      y = torch.addcmul_(torch.mul(x, cos), torch.roll(x, [r // 2], [-1]), sin)
    elif r == 0:
      y = x
    else:
      first, rest = torch.split_with_sizes(x, [r, (self).head_dim - r], -1)
      first = torch.addcmul(torch.mul(first, cos), torch.roll(first, [r // 2], [-1]), sin)
      y = torch.cat([first, rest], -1)
    return y

  # Queries [T, H, D], keys [T, K, D], values [T, K, D] of the normalised input.
  def project(self: __torch__.Ops, x: Tensor, w: Dict[str, Tensor], cos: Tensor, sin: Tensor) -> Tuple[Tensor, Tensor, Tensor]:
    d = (self).head_dim
    queries = (self).heads * d
    keys = (self).key_value_heads * d
    h = (self).norm(x, w, "input_layernorm")
    lowered = (self).lower(h, w, ["q_proj", "k_proj", "v_proj", "qkv_proj"])
    together = (self).adapt((self).linear(h, w, "qkv_proj"), lowered, w, "qkv_proj")
    parts = torch.split_with_sizes(together, [queries, keys, keys], -1)
    q = torch.reshape((self).adapt(parts[0], lowered, w, "q_proj"), [-1, (self).heads, d])
    k = torch.reshape((self).adapt(parts[1], lowered, w, "k_proj"), [-1, (self).key_value_heads, d])
    v = torch.reshape((self).adapt(parts[2], lowered, w, "v_proj"), [-1, (self).key_value_heads, d])
    if "q_norm" in w:
      q = (self).norm(q, w, "q_norm")
      k = (self).norm(k, w, "k_norm")
    return ((self).rotate(q, cos, sin), (self).rotate(k, cos, sin), v)

  # Products of queries and keys, scaled and squeezed below Gemma 2's cap (Gemma Team 2024, section 2).
  def squeeze(self: __torch__.Ops, products: Tensor) -> Tensor:
    squeezed = torch.tanh(torch.mul(products, (self).attention_scale / (self).attention_cap))
    return torch.mul(squeezed, (self).attention_cap)

  # Attention of n sequences of L queries each over S keys. q [n, L, H, D]; k, v [n, K, S, D]; mask [L, S] or empty.
  # The R heads that share keys are rows of one product, so keys and values are never repeated.
  def attend(self: __torch__.Ops, q: Tensor, k: Tensor, v: Tensor, mask: Tensor) -> Tensor:
    n, l, heads, d = torch.size(q)
    shared = (self).key_value_heads
    each = heads // shared
    rows = torch.reshape(torch.permute(torch.view(q, [n, l, shared, each, d]), [0, 2, 3, 1, 4]), [n * shared, each * l, d])
    s = torch.size(k, 2)
    scores = torch.bmm(rows, torch.transpose(torch.reshape(k, [n * shared, s, d]), 1, 2))
    scores = torch.view(scores, [n * shared, each, l, s])
    if (self).attention_cap > 0.:
      scores = (self).squeeze(scores)
      if torch.numel(mask) > 0:
        scores = torch.add(scores, mask)
    elif torch.numel(mask) == 0:
      scores = torch.mul(scores, (self).attention_scale)
    else:
      scores = torch.add(mask, scores, alpha=(self).attention_scale)
    weights = torch.view(torch.softmax(scores, -1), [n * shared, each * l, s])
    mixed = torch.bmm(weights, torch.reshape(v, [n * shared, s, d]))
    mixed = torch.permute(torch.view(mixed, [n, shared, each, l, d]), [0, 3, 1, 2, 4])
    return torch.reshape(mixed, [n * l, heads * d])

  # Sequences too long for a matrix of scores go through libtorch's fused kernel, causal.
  def attend_long(self: __torch__.Ops, q: Tensor, k: Tensor, v: Tensor) -> Tensor:
    n, l, heads, d = torch.size(q)
    each = heads // (self).key_value_heads
    keys = torch.repeat_interleave(k, each, 1)
    values = torch.repeat_interleave(v, each, 1)
    mixed = torch.scaled_dot_product_attention(torch.transpose(q, 1, 2), keys, values, None, 0., True, scale=(self).attention_scale)
    return torch.reshape(torch.transpose(mixed, 1, 2), [n * l, heads * d])

  # That kernel knows no windows or caps. Where there are any, a block of queries is taken at a time, with the keys that any of
  # them sees.
  def attend_blocks(self: __torch__.Ops, q: Tensor, k: Tensor, v: Tensor, window: int) -> Tensor:
    n, l, heads, d = torch.size(q)
    blocks = annotate(List[Tensor], [])
    for i in range((l + 511) // 512):
      first = i * 512
      count = 512
      if l - first < count:
        count = l - first
      start = 0
      if window > 0 and first + 1 > window:
        start = first + 1 - window
      seen = first + count - start
      mask = (self).window_mask(count, seen, window, q)
      queries = torch.narrow(q, 1, first, count)
      mixed = (self).attend(queries, torch.narrow(k, 2, start, seen), torch.narrow(v, 2, start, seen), mask)
      blocks.append(torch.view(mixed, [n, count, heads * d]))
    return torch.reshape(torch.cat(blocks, 1), [n * l, heads * d])

  # Attention inside each sequence. Sequences of about the same length form a group: index [n, L] holds the places of its
  # tokens, a sequence shorter than L filled up with its last one, which no token before it sees. restore [T] brings the
  # groups' results back to the tokens' order; it is empty when there is one group that already lies so.
  # torch.embedding gathers rows: its gradient is much faster than that of index_select.
  def attend_packed(self: __torch__.Ops, q: Tensor, k: Tensor, v: Tensor, w: Dict[str, Tensor], restore: Tensor, index: List[Tensor], mask: List[Tensor]) -> Tensor:
    results = annotate(List[Tensor], [])
    t = torch.size(q, 0)
    for g in range(torch.len(index)):
      n, l = torch.size(index[g])
      shape = [n, l, -1, (self).head_dim]
      if torch.numel(restore) == 0:
        qs, ks, vs = q, k, v
      else:
        qs = torch.embedding(torch.view(q, [t, -1]), index[g])
        ks = torch.embedding(torch.view(k, [t, -1]), index[g])
        vs = torch.embedding(torch.reshape(v, [t, -1]), index[g])
      qs = torch.view(qs, shape)
      ks = torch.transpose(torch.view(ks, shape), 1, 2)
      vs = torch.transpose(torch.reshape(vs, shape), 1, 2)
      if torch.numel(mask[g]) > 0:
        results.append((self).attend(qs, ks, vs, mask[g]))
      elif "windowed" in w:
        results.append((self).attend_blocks(qs, ks, vs, (self).window))
      elif (self).attention_cap > 0.:
        results.append((self).attend_blocks(qs, ks, vs, 0))
      else:
        results.append((self).attend_long(qs, ks, vs))
    if torch.numel(restore) == 0:
      mixed = results[0]
    else:
      mixed = torch.embedding(torch.cat(results), restore)
    return mixed

  def activate(self: __torch__.Ops, x: Tensor) -> Tensor:
    if (self).silu:
      y = torch.silu(x)
    elif (self).gelu_tanh:
      y = torch.gelu(x, approximate="tanh")
    else:
      y = torch.gelu(x, approximate="none")
    return y

  # What follows attention: output projection, then the feed-forward block, gated (Shazeer 2020, SwiGLU) or not. Gemma normalises
  # what both give, and so has a name of its own for the norm between them.
  def feed_forward(self: __torch__.Ops, x: Tensor, mixed: Tensor, w: Dict[str, Tensor]) -> Tensor:
    out = (self).linear(mixed, w, "o_proj")
    out = (self).adapt(out, (self).lower(mixed, w, ["o_proj"]), w, "o_proj")
    if "post_feedforward_layernorm" in w:
      x = torch.add(x, (self).norm(out, w, "post_attention_layernorm"))
      h = (self).norm(x, w, "pre_feedforward_layernorm")
    else:
      x = torch.add(x, out)
      h = (self).norm(x, w, "post_attention_layernorm")
    if "gate_up_proj" in w:
      lowered = (self).lower(h, w, ["gate_proj", "up_proj", "gate_up_proj"])
      together = (self).adapt((self).linear(h, w, "gate_up_proj"), lowered, w, "gate_up_proj")
      gate, up = torch.chunk(together, 2, -1)
      gate = (self).adapt(gate, lowered, w, "gate_proj")
      up = (self).adapt(up, lowered, w, "up_proj")
      inner = torch.mul((self).activate(gate), up)
    else:
      up = (self).adapt((self).linear(h, w, "up_proj"), (self).lower(h, w, ["up_proj"]), w, "up_proj")
      inner = (self).activate(up)
    down = (self).linear(inner, w, "down_proj")
    down = (self).adapt(down, (self).lower(inner, w, ["down_proj"]), w, "down_proj")
    if "post_feedforward_layernorm" in w:
      down = (self).norm(down, w, "post_feedforward_layernorm")
    return torch.add(x, down)

  # One decoder layer over packed sequences: [T, hidden] -> [T, hidden].
  def layer(self: __torch__.Ops, x: Tensor, w: Dict[str, Tensor], cos: Tensor, sin: Tensor, restore: Tensor, index: List[Tensor], mask: List[Tensor]) -> Tensor:
    q, k, v = (self).project(x, w, cos, sin)
    mixed = (self).attend_packed(q, k, v, w, restore, index, mask)
    return (self).feed_forward(x, mixed, w)

  # One decoder layer over the next L tokens of one sequence; keys, values [K, capacity, D] hold `past` tokens already.
  def layer_next(self: __torch__.Ops, x: Tensor, w: Dict[str, Tensor], cos: Tensor, sin: Tensor, mask: Tensor, past: Tensor, keys: List[Tensor], values: List[Tensor]) -> Tensor:
    q, k, v = (self).project(x, w, cos, sin)
    first = int(past)
    l = torch.size(x, 0)
    _0 = torch.copy_(torch.narrow(keys[0], 1, first, l), torch.transpose(k, 0, 1))
    _1 = torch.copy_(torch.narrow(values[0], 1, first, l), torch.transpose(v, 0, 1))
    start = 0
    if "windowed" in w and first + 1 > (self).window:
      start = first + 1 - (self).window
    seen_keys = torch.unsqueeze(torch.narrow(keys[0], 1, start, first + l - start), 0)
    seen_values = torch.unsqueeze(torch.narrow(values[0], 1, start, first + l - start), 0)
    mixed = (self).attend(torch.unsqueeze(q, 0), seen_keys, seen_values, mask)
    return (self).feed_forward(x, mixed, w)

  # One decoder layer over one more token of each of B sequences; keys[i], values[i] hold past[i] tokens already. A token sees
  # everything before it, or all of its window, so there is no mask.
  def layer_step(self: __torch__.Ops, x: Tensor, w: Dict[str, Tensor], cos: Tensor, sin: Tensor, past: Tensor, keys: List[Tensor], values: List[Tensor]) -> Tensor:
    q, k, v = (self).project(x, w, cos, sin)
    shared = (self).key_value_heads
    b, heads, d = torch.size(q)
    capped = (self).attention_cap > 0.
    if not capped:
      q = torch.mul(q, (self).attention_scale)
    rows = torch.unbind(torch.view(q, [b, shared, heads // shared, d]))
    new_keys = torch.unbind(torch.unsqueeze(k, 2))
    new_values = torch.unbind(torch.unsqueeze(v, 2))
    filled = annotate(List[int], past.tolist())
    mixed = annotate(List[Tensor], [])
    for i in range(torch.len(keys)):
      n = filled[i]
      _0 = torch.copy_(torch.narrow(keys[i], 1, n, 1), new_keys[i])
      _1 = torch.copy_(torch.narrow(values[i], 1, n, 1), new_values[i])
      start = 0
      if "windowed" in w and n + 1 > (self).window:
        start = n + 1 - (self).window
      seen = n + 1 - start
      scores = torch.bmm(rows[i], torch.transpose(torch.narrow(keys[i], 1, start, seen), 1, 2))
      if capped:
        scores = (self).squeeze(scores)
      mixed.append(torch.bmm(torch.softmax(scores, -1), torch.narrow(values[i], 1, start, seen)))
    return (self).feed_forward(x, torch.view(torch.stack(mixed), [b, heads * d]), w)

  # Embeddings [T, hidden] in the model's type. Gemma's factor is rounded to that type first, as in the reference.
  def embed(self: __torch__.Ops, w: Dict[str, Tensor], tokens: Tensor, positions: Tensor) -> Tensor:
    x = torch.embedding(w["embed_tokens"], tokens)
    if "embed_positions" in w:
      x = torch.add(x, torch.embedding(w["embed_positions"], positions))
    if (self).bfloat16:
      x = torch.to(x, 15)
    if (self).embedding_scale != 1.:
      x = torch.mul(x, torch.full([1], (self).embedding_scale, dtype=x.dtype, device=x.device))
    return x

  # -inf where a query would look ahead, or further back than its window: [L, S], the queries being the last L of S tokens.
  def window_mask(self: __torch__.Ops, l: int, s: int, window: int, like: Tensor) -> Tensor:
    never = torch.full([l, s], float("-inf"), dtype=like.dtype, device=like.device)
    mask = torch.triu(never, s - l + 1)
    if window > 0:
      mask = torch.add(mask, torch.tril(never, s - l - window))
    return mask

  def mask(self: __torch__.Ops, queries: Tensor, keys: Tensor, window: Tensor, like: Tensor) -> Tensor:
    return (self).window_mask(int(queries), int(keys), int(window), like)

  # Float32 logits of some positions: [positions, vocabulary].
  def logits(self: __torch__.Ops, x: Tensor, w: Dict[str, Tensor], positions: Tensor) -> Tensor:
    h = (self).norm(torch.embedding(x, positions), w, "norm")
    if "lm_head" in w:
      head = torch.type_as(w["lm_head"], h)
    else:
      head = torch.type_as(w["embed_tokens"], h)
    logits = torch.to(torch.linear(h, head), 6)
    if (self).logit_cap > 0.:
      logits = torch.mul(torch.tanh(torch.div(logits, (self).logit_cap)), (self).logit_cap)
    return logits

  # The sum of the labels' cross entropies divided by `total`, that sum itself, and how many labels are the likeliest token.
  def loss(self: __torch__.Ops, x: Tensor, w: Dict[str, Tensor], positions: Tensor, labels: Tensor, total: Tensor) -> Tuple[Tensor, Tensor, Tensor]:
    logits = (self).logits(x, w, positions)
    sum = torch.cross_entropy_loss(logits, labels, None, 2, -100, 0.)
    correct = torch.sum(torch.eq(torch.argmax(logits, -1), labels))
    return (torch.div(sum, total), torch.detach(sum), correct)

  # Sums the log-probabilities of the labels of each of S sequences, and counts those that are the likeliest token: [S] each.
  # sequence [positions] names the sequence that a position belongs to, like [S] its results' shape.
  def log_probabilities(self: __torch__.Ops, x: Tensor, w: Dict[str, Tensor], positions: Tensor, labels: Tensor, sequence: Tensor, like: Tensor) -> Tuple[Tensor, Tensor]:
    logits = (self).logits(x, w, positions)
    each = torch.neg(torch.cross_entropy_loss(logits, labels, None, 0, -100, 0.))
    hits = torch.to(torch.eq(torch.argmax(logits, -1), labels), 6)
    return (torch.index_add(like, 0, sequence, each), torch.index_add(like, 0, sequence, hits))

  # Makes zeros of the type in which the model computes: that of a projection, which no adapter replaces.
  def zeros(self: __torch__.Ops, w: Dict[str, Tensor], shape: Tensor) -> Tensor:
    sizes = annotate(List[int], shape.tolist())
    return torch.new_zeros(w["qkv_proj"], sizes)

  # A cache with room for more: [K, capacity, D] with `used` tokens copied.
  def grown(self: __torch__.Ops, caches: List[Tensor], used: Tensor, capacity: Tensor) -> Tensor:
    cache = caches[0]
    n = int(used)
    larger = torch.new_zeros(cache, [torch.size(cache, 0), int(capacity), torch.size(cache, 2)])
    _0 = torch.copy_(torch.narrow(larger, 1, 0, n), torch.narrow(cache, 1, 0, n))
    return larger
