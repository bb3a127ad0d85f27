  # The decoder's operators. T tokens of several sequences lie end to end; H query heads share K key/value heads, R = H / K;
  # D is a head's size. Weights of one layer come as a dictionary; a LoRA adapter's are further entries of it.

  # RMSNorm (Zhang and Sennrich 2019), in float32 as the reference does.
  def norm(self: __torch__.Ops, x: Tensor, weight: Tensor) -> Tensor:
    y = torch.to(x, 6)
    variance = torch.mean(torch.mul(y, y), [-1], True)
    y = torch.mul(y, torch.rsqrt(torch.add(variance, (self).norm_epsilon)))
    return torch.mul(torch.type_as(y, x), weight)

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
      y = torch.addmm(y, lowered[name], torch.t(b), beta=1, alpha=float(w["lora_scaling"]))
    return y

  # Cosines and sines of the positions' angles, [T, 1, D] each. The sine of the first half is negated: see rotate.
  def rope(self: __torch__.Ops, positions: Tensor, frequencies: Tensor, like: Tensor) -> Tuple[Tensor, Tensor]:
    angles = torch.unsqueeze(torch.outer(torch.to(positions, 6), frequencies), 1)
    c = torch.cos(angles)
    s = torch.sin(angles)
    cos = torch.type_as(torch.cat([c, c], -1), like)
    sin = torch.type_as(torch.cat([torch.neg(s), s], -1), like)
    return (cos, sin)

  # (x1, x2) -> (x1 cos - x2 sin, x2 cos + x1 sin), the halves swapped by one roll.
  def rotate(self: __torch__.Ops, x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    return torch.addcmul(torch.mul(x, cos), torch.roll(x, [(self).head_dim // 2], [-1]), sin)

  # Queries [T, H, D], keys [T, K, D], values [T, K, D] of the normalised input.
  def project(self: __torch__.Ops, x: Tensor, w: Dict[str, Tensor], cos: Tensor, sin: Tensor) -> Tuple[Tensor, Tensor, Tensor]:
    d = (self).head_dim
    queries = (self).heads * d
    keys = (self).key_value_heads * d
    h = (self).norm(x, w["input_layernorm"])
    lowered = (self).lower(h, w, ["q_proj", "k_proj", "v_proj"])
    parts = torch.split_with_sizes(torch.linear(h, w["qkv_proj"]), [queries, keys, keys], -1)
    q = torch.reshape((self).adapt(parts[0], lowered, w, "q_proj"), [-1, (self).heads, d])
    k = torch.reshape((self).adapt(parts[1], lowered, w, "k_proj"), [-1, (self).key_value_heads, d])
    v = torch.reshape((self).adapt(parts[2], lowered, w, "v_proj"), [-1, (self).key_value_heads, d])
    return ((self).rotate(q, cos, sin), (self).rotate(k, cos, sin), v)

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
    if torch.numel(mask) == 0:
      scores = torch.mul(scores, (self).attention_scale)
    else:
      scores = torch.add(mask, scores, alpha=(self).attention_scale)
    weights = torch.view(torch.softmax(scores, -1), [n * shared, each * l, s])
    mixed = torch.bmm(weights, torch.reshape(v, [n * shared, s, d]))
    mixed = torch.permute(torch.view(mixed, [n, shared, each, l, d]), [0, 3, 1, 2, 4])
    return torch.reshape(mixed, [n * l, heads * d])

  # The same for sequences too long for a matrix of scores: libtorch's fused kernel, causal.
  def attend_long(self: __torch__.Ops, q: Tensor, k: Tensor, v: Tensor) -> Tensor:
    n, l, heads, d = torch.size(q)
    each = heads // (self).key_value_heads
    keys = torch.repeat_interleave(k, each, 1)
    values = torch.repeat_interleave(v, each, 1)
    mixed = torch.scaled_dot_product_attention(torch.transpose(q, 1, 2), keys, values, None, 0., True, scale=(self).attention_scale)
    return torch.reshape(torch.transpose(mixed, 1, 2), [n * l, heads * d])

  # Attention inside each sequence. Sequences of about the same length form a group: index [n, L] holds the places of its
  # tokens, a sequence shorter than L filled up with its last one, which no token before it sees. restore [T] brings the
  # groups' results back to the tokens' order; it is empty when there is one group that already lies so.
  # torch.embedding gathers rows: its gradient is much faster than that of index_select.
  def attend_packed(self: __torch__.Ops, q: Tensor, k: Tensor, v: Tensor, restore: Tensor, index: List[Tensor], mask: List[Tensor]) -> Tensor:
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
      if torch.numel(mask[g]) == 0:
        results.append((self).attend_long(qs, ks, vs))
      else:
        results.append((self).attend(qs, ks, vs, mask[g]))
    if torch.numel(restore) == 0:
      mixed = results[0]
    else:
      mixed = torch.embedding(torch.cat(results), restore)
    return mixed

  # What follows attention: output projection, then the gated feed-forward block (Shazeer 2020, SwiGLU).
  def feed_forward(self: __torch__.Ops, x: Tensor, mixed: Tensor, w: Dict[str, Tensor]) -> Tensor:
    out = torch.linear(mixed, w["o_proj"])
    x = torch.add(x, (self).adapt(out, (self).lower(mixed, w, ["o_proj"]), w, "o_proj"))
    h = (self).norm(x, w["post_attention_layernorm"])
    lowered = (self).lower(h, w, ["gate_proj", "up_proj"])
    gate, up = torch.chunk(torch.linear(h, w["gate_up_proj"]), 2, -1)
    gate = (self).adapt(gate, lowered, w, "gate_proj")
    up = (self).adapt(up, lowered, w, "up_proj")
    inner = torch.mul(torch.silu(gate), up)
    down = torch.linear(inner, w["down_proj"])
    return torch.add(x, (self).adapt(down, (self).lower(inner, w, ["down_proj"]), w, "down_proj"))

  # One decoder layer over packed sequences: [T, hidden] -> [T, hidden].
  def layer(self: __torch__.Ops, x: Tensor, w: Dict[str, Tensor], cos: Tensor, sin: Tensor, restore: Tensor, index: List[Tensor], mask: List[Tensor]) -> Tensor:
    q, k, v = (self).project(x, w, cos, sin)
    mixed = (self).attend_packed(q, k, v, restore, index, mask)
    return (self).feed_forward(x, mixed, w)

  # One decoder layer over the next L tokens of one sequence; keys, values [K, capacity, D] hold `past` tokens already.
  def layer_next(self: __torch__.Ops, x: Tensor, w: Dict[str, Tensor], cos: Tensor, sin: Tensor, mask: Tensor, past: Tensor, keys: List[Tensor], values: List[Tensor]) -> Tensor:
    q, k, v = (self).project(x, w, cos, sin)
    first = int(past)
    l = torch.size(x, 0)
    _0 = torch.copy_(torch.narrow(keys[0], 1, first, l), torch.transpose(k, 0, 1))
    _1 = torch.copy_(torch.narrow(values[0], 1, first, l), torch.transpose(v, 0, 1))
    seen_keys = torch.unsqueeze(torch.narrow(keys[0], 1, 0, first + l), 0)
    seen_values = torch.unsqueeze(torch.narrow(values[0], 1, 0, first + l), 0)
    mixed = (self).attend(torch.unsqueeze(q, 0), seen_keys, seen_values, mask)
    return (self).feed_forward(x, mixed, w)

  # One decoder layer over one more token of each of B sequences; keys[i], values[i] hold past[i] tokens already. A token sees
  # everything before it, so there is no mask.
  def layer_step(self: __torch__.Ops, x: Tensor, w: Dict[str, Tensor], cos: Tensor, sin: Tensor, past: Tensor, keys: List[Tensor], values: List[Tensor]) -> Tensor:
    q, k, v = (self).project(x, w, cos, sin)
    shared = (self).key_value_heads
    b, heads, d = torch.size(q)
    rows = torch.unbind(torch.view(torch.mul(q, (self).attention_scale), [b, shared, heads // shared, d]))
    new_keys = torch.unbind(torch.unsqueeze(k, 2))
    new_values = torch.unbind(torch.unsqueeze(v, 2))
    filled = annotate(List[int], past.tolist())
    mixed = annotate(List[Tensor], [])
    for i in range(torch.len(keys)):
      n = filled[i]
      _0 = torch.copy_(torch.narrow(keys[i], 1, n, 1), new_keys[i])
      _1 = torch.copy_(torch.narrow(values[i], 1, n, 1), new_values[i])
      scores = torch.bmm(rows[i], torch.transpose(torch.narrow(keys[i], 1, 0, n + 1), 1, 2))
      mixed.append(torch.bmm(torch.softmax(scores, -1), torch.narrow(values[i], 1, 0, n + 1)))
    return (self).feed_forward(x, torch.view(torch.stack(mixed), [b, heads * d]), w)

  def embed(self: __torch__.Ops, weight: Tensor, tokens: Tensor) -> Tensor:
    return torch.embedding(weight, tokens)

  # -inf where a query would look ahead: [L, S], the queries being the last L of S tokens.
  def causal_mask(self: __torch__.Ops, queries: Tensor, keys: Tensor, like: Tensor) -> Tensor:
    l = int(queries)
    s = int(keys)
    mask = torch.full([l, s], float("-inf"), dtype=like.dtype, device=like.device)
    return torch.triu(mask, s - l + 1)

  # Float32 logits of some positions: [positions, vocabulary].
  def logits(self: __torch__.Ops, x: Tensor, norm: Tensor, head: Tensor, positions: Tensor) -> Tensor:
    h = (self).norm(torch.embedding(x, positions), norm)
    return torch.to(torch.linear(h, head), 6)

  # The sum of the labels' cross entropies divided by `total`, that sum itself, and how many labels are the likeliest token.
  def loss(self: __torch__.Ops, x: Tensor, norm: Tensor, head: Tensor, positions: Tensor, labels: Tensor, total: Tensor) -> Tuple[Tensor, Tensor, Tensor]:
    logits = (self).logits(x, norm, head, positions)
    sum = torch.cross_entropy_loss(logits, labels, None, 2, -100, 0.)
    correct = torch.sum(torch.eq(torch.argmax(logits, -1), labels))
    return (torch.div(sum, total), torch.detach(sum), correct)

  def zeros(self: __torch__.Ops, like: Tensor, shape: Tensor) -> Tensor:
    sizes = annotate(List[int], shape.tolist())
    return torch.new_zeros(like, sizes)

  # A cache with room for more: [K, capacity, D] with `used` tokens copied.
  def grown(self: __torch__.Ops, caches: List[Tensor], used: Tensor, capacity: Tensor) -> Tensor:
    cache = caches[0]
    n = int(used)
    larger = torch.new_zeros(cache, [torch.size(cache, 0), int(capacity), torch.size(cache, 2)])
    _0 = torch.copy_(torch.narrow(larger, 1, 0, n), torch.narrow(cache, 1, 0, n))
    return larger
