  # This is no Python but TorchScript as torch.jit.save writes it and libtorch's importer reads it: methods of the one class
  # of a module, see torch/ModuleArchive, whose attributes come from Java. The numbers of types are libtorch's: 4 is int64,
  # 6 is float32. `_0`, `_1` and `_2` are results that nobody reads.

  # The decoder's operators once more, for training LoRA weights on a frozen model without libtorch's autograd: it would keep
  # and pass over several times as much memory, and the logits of all tokens at once. Names and shapes are those of decoder.py;
  # `s` has what a layer's forward pass leaves for its backward pass, `g` the float32 gradients [as the parameters], added to.

  # The adapters' A of projections that share an input, one below the other: [R, in], R being the sum of their ranks.
  def stacked(self: __torch__.Ops, w: Dict[str, Tensor], names: List[str], like: Tensor) -> Tensor:
    factors = annotate(List[Tensor], [])
    for name in names:
      key = name + ".lora_A"
      if key in w:
        factors.append(torch.type_as(w[key], like))
    if torch.len(factors) == 1:
      a = factors[0]
    else:
      a = torch.cat(factors)
    return a

  # The B of the same adapters, scaled and transposed, each in the columns of its own outputs: [R, out].
  def spread(self: __torch__.Ops, w: Dict[str, Tensor], names: List[str], widths: List[int], like: Tensor) -> Tensor:
    rows = 0
    columns = 0
    for i in range(torch.len(names)):
      columns = columns + widths[i]
      key = names[i] + ".lora_B"
      if key in w:
        rows = rows + torch.size(w[key], 1)
    b = torch.new_zeros(like, [rows, columns])
    row = 0
    column = 0
    for i in range(torch.len(names)):
      key = names[i] + ".lora_B"
      if key in w:
        r = torch.size(w[key], 1)
        scaled = torch.mul(torch.t(w[key]), (self).scaling(w, names[i]))
        _0 = torch.copy_(torch.narrow(torch.narrow(b, 0, row, r), 1, column, widths[i]), scaled)
        row = row + r
      column = column + widths[i]
    return b

  def scaling(self: __torch__.Ops, w: Dict[str, Tensor], name: str) -> float:
    scaling = w["lora_scaling"]
    own = name + ".lora_scaling"
    if own in w:
      scaling = w[own]
    return float(scaling)

  def adapted(self: __torch__.Ops, w: Dict[str, Tensor], names: List[str]) -> bool:
    found = False
    for name in names:
      if name + ".lora_A" in w:
        found = True
    return found

  # A linear layer of the base model with the adapters of its parts `names`, `widths` outputs each: [T, in] -> [T, out].
  def linear_forward(self: __torch__.Ops, x: Tensor, w: Dict[str, Tensor], s: Dict[str, Tensor], key: str, names: List[str], widths: List[int]) -> Tensor:
    bias = annotate(Optional[Tensor], None)
    if key + ".bias" in w:
      bias = w[key + ".bias"]
    y = (self).product(x, w[key], bias)
    if (self).adapted(w, names):
      b = (self).spread(w, names, widths, x)
      s[key + ".b"] = b
      if "lora_dropout" in w:
        lowered = annotate(List[Tensor], [])
        for name in names:
          if name + ".lora_A" in w:
            dropped, mask = torch.native_dropout(x, float(w["lora_dropout"]), True)
            s[name + ".mask"] = mask
            lowered.append((self).product(dropped, torch.type_as(w[name + ".lora_A"], x), None))
        low = torch.cat(lowered, -1)
      else:
        a = (self).stacked(w, names, x)
        s[key + ".a"] = a
        low = (self).product(x, a, None)
      s[key + ".low"] = low
      y = torch.addmm_(y, low, b)
    return y

  # The gradient d loss / d x [T, in] of linear_forward's input from dy [T, out]; those of A and B are added to g.
  def linear_backward(self: __torch__.Ops, dy: Tensor, x: Tensor, w: Dict[str, Tensor], s: Dict[str, Tensor], g: Dict[str, Tensor], key: str, names: List[str], widths: List[int]) -> Tensor:
    dx = (self).product(dy, torch.t(w[key]), None)
    if (self).adapted(w, names):
      low = s[key + ".low"]
      dlow = (self).product(dy, s[key + ".b"], None)
      db = torch.mm(torch.t(dy), low)
      da = x
      if "lora_dropout" in w:
        kept = 1. / (1. - float(w["lora_dropout"]))
      else:
        kept = 1.
        da = torch.mm(torch.t(dlow), x)
        dx = torch.addmm_(dx, dlow, s[key + ".a"])
      row = 0
      column = 0
      for i in range(torch.len(names)):
        name = names[i]
        if name + ".lora_A" in w:
          a = w[name + ".lora_A"]
          r = torch.size(a, 0)
          own = torch.narrow(torch.narrow(db, 0, column, widths[i]), 1, row, r)
          _0 = torch.add_(g[name + ".lora_B"], own, alpha=(self).scaling(w, name))
          if "lora_dropout" in w:
            mask = s[name + ".mask"]
            mine = torch.narrow(dlow, 1, row, r)
            dropped = torch.mul(torch.mul(x, mask), kept)
            _1 = torch.add_(g[name + ".lora_A"], torch.mm(torch.t(mine), dropped))
            dx = torch.addcmul_(dx, torch.mm(mine, torch.type_as(a, dy)), torch.type_as(mask, dy), value=kept)
          else:
            _2 = torch.add_(g[name + ".lora_A"], torch.narrow(da, 0, row, r))
          row = row + r
        column = column + widths[i]
    return dx

  # Computes what `norm` does, and keeps 1 / rms [.., 1] for the way back; a LayerNorm keeps nothing.
  def norm_forward(self: __torch__.Ops, x: Tensor, w: Dict[str, Tensor], s: Dict[str, Tensor], name: str) -> Tensor:
    weight = w[name]
    if (self).layer_norm:
      y = (self).norm(x, w, name)
    else:
      scale = (self).inverse_rms(x)
      s[name + ".scale"] = scale
      y = torch.mul(x, scale)
      if (self).norm_plus_one:
        y = torch.type_as(torch.mul_(y, torch.add(torch.to(weight, 6), 1.)), x)
      elif weight.dtype == x.dtype:
        y = torch.mul_(torch.type_as(y, x), weight)
      else:
        y = torch.type_as(torch.mul_(y, weight), x)
    return y

  # The gradient d loss / d x of a norm's input from dy. For RMSNorm, with n = x / rms, dx = (dy w - n mean(dy w n)) / rms.
  def norm_backward(self: __torch__.Ops, dy: Tensor, x: Tensor, w: Dict[str, Tensor], s: Dict[str, Tensor], name: str) -> Tensor:
    size = torch.size(x, -1)
    if (self).layer_norm:
      weight = torch.type_as(w[name], x)
      bias = torch.type_as(w[name + ".bias"], x)
      _0, mean, deviation = torch.native_layer_norm(x, [size], weight, bias, (self).norm_epsilon)
      dx, _1, _2 = torch.native_layer_norm_backward(dy, x, [size], mean, deviation, weight, bias, [True, False, False])
    else:
      weight = torch.to(w[name], 6)
      if (self).norm_plus_one:
        weight = torch.add(weight, 1.)
      scale = s[name + ".scale"]
      n = torch.mul(x, scale)
      dn = torch.mul(dy, weight)
      along = torch.mean(torch.mul(dn, n), [-1], True)
      dx = torch.type_as(torch.mul_(torch.addcmul_(dn, n, along, value=-1.), scale), x)
    return dx

  # `count` queries of the sequences' [n, L, H, D], from `first` on, become rows of the heads that share keys: [n K, R count, D].
  def apart(self: __torch__.Ops, q: Tensor, first: int, count: int) -> Tensor:
    n, l, heads, d = torch.size(q)
    shared = (self).key_value_heads
    each = heads // shared
    block = torch.reshape(torch.narrow(q, 1, first, count), [n, count, shared, each, d])
    return torch.reshape(torch.permute(block, [0, 2, 3, 1, 4]), [n * shared, each * count, d])

  # The way back from rows to queries: [n, count, H D].
  def together(self: __torch__.Ops, rows: Tensor, n: int, count: int) -> Tensor:
    shared = (self).key_value_heads
    each = (self).heads // shared
    d = (self).head_dim
    block = torch.permute(torch.view(rows, [n, shared, each, count, d]), [0, 3, 1, 2, 4])
    return torch.reshape(block, [n, count, shared * each * d])

  # Multiplies matrices [B, m, k] and [B, k, n], and the products by the factor of attention scores.
  def scaled_bmm(self: __torch__.Ops, x: Tensor, y: Tensor) -> Tensor:
    return torch.baddbmm(torch.new_zeros(x, [1, 1, 1]), x, y, beta=0, alpha=(self).attention_scale)

  # What any block of queries of sequences up to some length sees, in each of the heads that share keys: [R, count, S].
  def block_mask(self: __torch__.Ops, longest: Tensor, window: Tensor, like: Tensor) -> Tensor:
    seen = int(longest)
    reach = int(window)
    most = (self).block_queries
    if seen < most:
      most = seen
    if reach > 0 and most + reach - 1 < seen:
      seen = most + reach - 1
    mask = (self).window_mask(most, seen, reach, like)
    return torch.repeat(torch.unsqueeze(mask, 0), [(self).heads // (self).key_value_heads, 1, 1])

  # The part [R count, S] of that mask for a block: whichever it is, the last query sees the last key.
  def masking(self: __torch__.Ops, mask: Tensor, count: int, seen: int) -> Tensor:
    each, most, longest = torch.size(mask)
    part = torch.narrow(torch.narrow(mask, 1, most - count, count), 2, longest - seen, seen)
    return torch.reshape(part, [each * count, seen])

  # Attention weights [n K, R count, S] of rows of queries over S keys; and with a cap tanh(score / cap).
  def weigh(self: __torch__.Ops, rows: Tensor, keys: Tensor, mask: Tensor) -> Tuple[Tensor, Tensor]:
    squeezed = torch.new_zeros(rows, [0])
    if (self).attention_cap > 0.:
      scores = (self).scaled_bmm(rows, torch.transpose(keys, 1, 2))
      squeezed = torch.tanh_(torch.mul_(scores, 1. / (self).attention_cap))
      scores = torch.add(mask, squeezed, alpha=(self).attention_cap)
    else:
      scores = torch.baddbmm(mask, rows, torch.transpose(keys, 1, 2), beta=1, alpha=(self).attention_scale)
    return (torch.softmax(scores, -1), squeezed)

  # Queries are taken in blocks, each with the keys that any of its queries sees: the first query of block b and the first key.
  def blocks(self: __torch__.Ops, l: int, window: int) -> List[List[int]]:
    blocks = annotate(List[List[int]], [])
    pieces = (l + (self).block_queries - 1) // (self).block_queries
    count = (l + pieces - 1) // pieces
    first = 0
    while first < l:
      size = count
      if l - first < count:
        size = l - first
      start = 0
      if window > 0 and first + 1 > window:
        start = first + 1 - window
      blocks.append([first, size, start, first + size - start])
      first = first + size
    return blocks

  # Longer sequences' attention weights are computed once more instead of kept.
  def keeps(self: __torch__.Ops, l: int) -> bool:
    return l <= (self).longest_kept

  def window_of(self: __torch__.Ops, w: Dict[str, Tensor]) -> int:
    if "windowed" in w:
      window = (self).window
    else:
      window = 0
    return window

  # Gathers tokens' heads [T, H, D] into a group of sequences [n, L, H, D].
  def grouped(self: __torch__.Ops, x: Tensor, index: Tensor, restore: Tensor) -> Tensor:
    n, l = torch.size(index)
    t, heads, d = torch.size(x)
    rows = torch.view(x, [t, heads * d])
    if torch.numel(restore) > 0:
      rows = torch.embedding(rows, index)
    return torch.view(rows, [n, l, heads, d])

  # Queries [n, L, H, D], keys and values [n K, L, D] of a group from the tokens' rotated queries and keys [T, H + K, D] and
  # values [T, K, D].
  def group(self: __torch__.Ops, qk: Tensor, v: Tensor, index: Tensor, restore: Tensor) -> Tuple[Tensor, Tensor, Tensor]:
    queries, keys = torch.split_with_sizes((self).grouped(qk, index, restore), [(self).heads, (self).key_value_heads], 2)
    return (queries, (self).per_head(keys), (self).per_head((self).grouped(v, index, restore)))

  # The groups' results, one behind the other, in the order of the tokens: [T, width].
  def restored(self: __torch__.Ops, results: List[Tensor], restore: Tensor) -> Tensor:
    if torch.numel(restore) > 0:
      rows = torch.embedding(torch.cat(results), restore)
    else:
      rows = results[0]
    return rows

  # Turns keys or values of a group [n, S, K, D] into [n K, S, D].
  def per_head(self: __torch__.Ops, x: Tensor) -> Tensor:
    n, l, heads, d = torch.size(x)
    return torch.reshape(torch.transpose(x, 1, 2), [n * heads, l, d])

  # The way back from heads to tokens: [n S, K D].
  def per_token(self: __torch__.Ops, x: Tensor, n: int) -> Tensor:
    rows, l, d = torch.size(x)
    return torch.reshape(torch.transpose(torch.view(x, [n, rows // n, l, d]), 1, 2), [n * l, rows // n * d])

  # Attention inside each sequence: [T, H D].
  def attend_forward(self: __torch__.Ops, qk: Tensor, v: Tensor, w: Dict[str, Tensor], s: Dict[str, Tensor], restore: Tensor, index: List[Tensor], mask: Tensor) -> Tensor:
    results = annotate(List[Tensor], [])
    window = (self).window_of(w)
    for group in range(torch.len(index)):
      n, l = torch.size(index[group])
      queries, keys, values = (self).group(qk, v, index[group], restore)
      parts = annotate(List[Tensor], [])
      for block in (self).blocks(l, window):
        rows = (self).apart(queries, block[0], block[1])
        weights, squeezed = (self).weigh(rows, torch.narrow(keys, 1, block[2], block[3]), (self).masking(mask, block[1], block[3]))
        if (self).keeps(l):
          s["weights." + str(group) + "." + str(block[0])] = weights
        mixed = torch.bmm(weights, torch.narrow(values, 1, block[2], block[3]))
        parts.append((self).together(mixed, n, block[1]))
      if torch.len(parts) == 1:
        mixed = parts[0]
      else:
        mixed = torch.cat(parts, 1)
      results.append(torch.view(mixed, [n * l, -1]))
    return (self).restored(results, restore)

  # Gradients [T, H D + 2 K D] of queries, keys and values, one beside the other, from that of the result.
  def attend_backward(self: __torch__.Ops, dy: Tensor, qk: Tensor, v: Tensor, w: Dict[str, Tensor], s: Dict[str, Tensor], restore: Tensor, index: List[Tensor], mask: Tensor) -> Tensor:
    window = (self).window_of(w)
    results = annotate(List[Tensor], [])
    # Places that were filled up have no gradient.
    all = dy
    if torch.numel(restore) > 0:
      rows = 0
      for places in index:
        rows = rows + torch.numel(places)
      all = torch.index_copy_(torch.new_zeros(dy, [rows, torch.size(dy, 1)]), 0, restore, dy)
    begin = 0
    for group in range(torch.len(index)):
      n, l = torch.size(index[group])
      queries, keys, values = (self).group(qk, v, index[group], restore)
      dmixed = torch.view(torch.narrow(all, 0, begin, n * l), [n, l, (self).heads, (self).head_dim])
      begin = begin + n * l
      blocks = (self).blocks(l, window)
      if torch.len(blocks) == 1:
        dkeys = torch.new_zeros(keys, [0])
        dvalues = dkeys
      else:
        dkeys = torch.zeros_like(keys)
        dvalues = torch.zeros_like(values)
      parts = annotate(List[Tensor], [])
      for block in blocks:
        rows = (self).apart(queries, block[0], block[1])
        drows = (self).apart(dmixed, block[0], block[1])
        seen = torch.narrow(keys, 1, block[2], block[3])
        seen_values = torch.narrow(values, 1, block[2], block[3])
        kept = "weights." + str(group) + "." + str(block[0])
        if kept in s and (self).attention_cap == 0.:
          weights = s[kept]
          squeezed = dkeys
        else:
          weights, squeezed = (self).weigh(rows, seen, (self).masking(mask, block[1], block[3]))
        dweights = torch.bmm(drows, torch.transpose(seen_values, 1, 2))
        dscores = torch._softmax_backward_data(dweights, weights, -1, weights.dtype)
        if (self).attention_cap > 0.:
          dscores = torch.mul_(dscores, torch.sub(1., torch.mul(squeezed, squeezed)))
        dv = torch.bmm(torch.transpose(weights, 1, 2), drows)
        dk = (self).scaled_bmm(torch.transpose(dscores, 1, 2), rows)
        if torch.len(blocks) == 1:
          dkeys = dk
          dvalues = dv
        else:
          _0 = torch.add_(torch.narrow(dkeys, 1, block[2], block[3]), dk)
          _1 = torch.add_(torch.narrow(dvalues, 1, block[2], block[3]), dv)
        parts.append((self).together((self).scaled_bmm(dscores, seen), n, block[1]))
      if torch.len(parts) == 1:
        dq = parts[0]
      else:
        dq = torch.cat(parts, 1)
      results.append(torch.cat([torch.view(dq, [n * l, -1]), (self).per_token(dkeys, n), (self).per_token(dvalues, n)], 1))
    return (self).restored(results, restore)

  # Writes d loss / d x of the activation to dx.
  def activate_backward(self: __torch__.Ops, dy: Tensor, x: Tensor, dx: Tensor) -> Tensor:
    if (self).silu:
      _0 = torch.silu_backward(dy, x, grad_input=dx)
    elif (self).gelu_tanh:
      _1 = torch.gelu_backward(dy, x, approximate="tanh", grad_input=dx)
    else:
      _2 = torch.gelu_backward(dy, x, approximate="none", grad_input=dx)
    return dx

  def query_names(self: __torch__.Ops, w: Dict[str, Tensor]) -> Tuple[List[str], List[int]]:
    d = (self).head_dim
    queries = (self).heads * d
    keys = (self).key_value_heads * d
    if "qkv_proj.lora_A" in w:
      names = ["qkv_proj"]
      widths = [queries + 2 * keys]
    else:
      names = ["q_proj", "k_proj", "v_proj"]
      widths = [queries, keys, keys]
    return (names, widths)

  def gate_names(self: __torch__.Ops, w: Dict[str, Tensor]) -> Tuple[List[str], List[int]]:
    inner = torch.size(w["down_proj"], 1)
    if "gate_up_proj.lora_A" in w:
      names = ["gate_up_proj"]
      widths = [2 * inner]
    else:
      names = ["gate_proj", "up_proj"]
      widths = [inner, inner]
    return (names, widths)

  # One decoder layer, [T, hidden] -> [T, hidden] under "out", with what layer_backward needs.
  def layer_forward(self: __torch__.Ops, x: Tensor, w: Dict[str, Tensor], cos: Tensor, sin: Tensor, restore: Tensor, index: List[Tensor], mask: Tensor) -> Dict[str, Tensor]:
    s = annotate(Dict[str, Tensor], {})
    d = (self).head_dim
    queries = (self).heads * d
    keys = (self).key_value_heads * d
    hidden = torch.size(x, 1)
    h = (self).norm_forward(x, w, s, "input_layernorm")
    names, widths = (self).query_names(w)
    qkv = (self).linear_forward(h, w, s, "qkv_proj", names, widths)
    both, v = torch.split_with_sizes(qkv, [queries + keys, keys], -1)
    qk = torch.view(both, [-1, (self).heads + (self).key_value_heads, d])
    if "q_norm" in w:
      s["qkv"] = qkv
      q, k = torch.split_with_sizes(qk, [(self).heads, (self).key_value_heads], 1)
      qk = torch.cat([(self).norm_forward(q, w, s, "q_norm"), (self).norm_forward(k, w, s, "k_norm")], 1)
    qk = torch.contiguous((self).rotate(qk, cos, sin))
    v = torch.view(torch.contiguous(v), [-1, (self).key_value_heads, d])
    s["h"] = h
    s["qk"] = qk
    s["v"] = v
    mixed = (self).attend_forward(qk, v, w, s, restore, index, mask)
    s["mixed"] = mixed
    out = (self).linear_forward(mixed, w, s, "o_proj", ["o_proj"], [hidden])
    if "post_feedforward_layernorm" in w:
      s["attended"] = out
      middle = torch.add(x, (self).norm_forward(out, w, s, "post_attention_layernorm"))
      h = (self).norm_forward(middle, w, s, "pre_feedforward_layernorm")
    else:
      middle = torch.add_(out, x)
      h = (self).norm_forward(middle, w, s, "post_attention_layernorm")
    s["middle"] = middle
    s["h2"] = h
    if "gate_up_proj" in w:
      names, widths = (self).gate_names(w)
      up = (self).linear_forward(h, w, s, "gate_up_proj", names, widths)
    else:
      up = (self).linear_forward(h, w, s, "up_proj", ["up_proj"], [torch.size(w["down_proj"], 1)])
    s["up"] = up
    if "gate_up_proj" in w:
      gate, rest = torch.chunk(up, 2, -1)
      inner = torch.mul_((self).activate(gate), rest)
    else:
      inner = (self).activate(up)
    down = (self).linear_forward(inner, w, s, "down_proj", ["down_proj"], [hidden])
    if "post_feedforward_layernorm" in w:
      s["fed"] = down
      s["out"] = torch.add(middle, (self).norm_forward(down, w, s, "post_feedforward_layernorm"))
    else:
      s["out"] = torch.add_(down, middle)
    return s

  # The gradient of a layer's input from that of its output, both [T, hidden].
  def layer_backward(self: __torch__.Ops, dy: Tensor, x: Tensor, s: Dict[str, Tensor], w: Dict[str, Tensor], g: Dict[str, Tensor], cos: Tensor, sin: Tensor, restore: Tensor, index: List[Tensor], mask: Tensor) -> Tensor:
    hidden = torch.size(x, 1)
    d = (self).head_dim
    queries = (self).heads * d
    keys = (self).key_value_heads * d
    ddown = dy
    norm = "post_attention_layernorm"
    if "post_feedforward_layernorm" in w:
      ddown = (self).norm_backward(dy, s["fed"], w, s, "post_feedforward_layernorm")
      norm = "pre_feedforward_layernorm"
    up = s["up"]
    if "gate_up_proj" in w:
      gate, rest = torch.chunk(up, 2, -1)
      active = (self).activate(gate)
      dinner = (self).linear_backward(ddown, torch.mul(active, rest), w, s, g, "down_proj", ["down_proj"], [hidden])
      dup = torch.empty_like(up)
      dgate, drest = torch.chunk(dup, 2, -1)
      _0 = torch.mul(active, dinner, out=drest)
      _1 = (self).activate_backward(torch.mul_(dinner, rest), gate, dgate)
      names, widths = (self).gate_names(w)
      dh = (self).linear_backward(dup, s["h2"], w, s, g, "gate_up_proj", names, widths)
    else:
      dinner = (self).linear_backward(ddown, (self).activate(up), w, s, g, "down_proj", ["down_proj"], [hidden])
      dup = (self).activate_backward(dinner, up, torch.empty_like(up))
      dh = (self).linear_backward(dup, s["h2"], w, s, g, "up_proj", ["up_proj"], [torch.size(up, 1)])
    dmiddle = torch.add_((self).norm_backward(dh, s["middle"], w, s, norm), dy)
    dout = dmiddle
    if "post_feedforward_layernorm" in w:
      dout = (self).norm_backward(dmiddle, s["attended"], w, s, "post_attention_layernorm")
    dmixed = (self).linear_backward(dout, s["mixed"], w, s, g, "o_proj", ["o_proj"], [hidden])
    dqkv = (self).attend_backward(dmixed, s["qk"], s["v"], w, s, restore, index, mask)
    both = torch.view(torch.narrow(dqkv, 1, 0, queries + keys), [-1, (self).heads + (self).key_value_heads, d])
    dqk = (self).rotate(both, cos, torch.neg(sin))
    if "q_norm" in w:
      dq, dk = torch.split_with_sizes(dqk, [(self).heads, (self).key_value_heads], 1)
      q, k = torch.split_with_sizes(torch.view(torch.narrow(s["qkv"], 1, 0, queries + keys), torch.size(both)), [(self).heads, (self).key_value_heads], 1)
      dqk = torch.cat([(self).norm_backward(dq, q, w, s, "q_norm"), (self).norm_backward(dk, k, w, s, "k_norm")], 1)
    _2 = torch.copy_(both, dqk)
    names, widths = (self).query_names(w)
    dh = (self).linear_backward(dqkv, s["h"], w, s, g, "qkv_proj", names, widths)
    return torch.add_((self).norm_backward(dh, x, w, s, "input_layernorm"), dmiddle)

  # The head's weights [vocabulary, hidden] in the type of x.
  def head(self: __torch__.Ops, w: Dict[str, Tensor], x: Tensor) -> Tensor:
    if "lm_head" in w:
      head = w["lm_head"]
    else:
      head = w["embed_tokens"]
    return torch.type_as(head, x)

  # How many positions' logits are multiplied at once.
  def piece(self: __torch__.Ops, head: Tensor) -> int:
    most = (self).piece_logits // torch.size(head, 0)
    if most < (self).smallest_piece:
      most = (self).smallest_piece
    return most

  # How many positions of a piece have their logits in float32 at once.
  def strip(self: __torch__.Ops, head: Tensor) -> int:
    most = (self).strip_logits // torch.size(head, 0)
    if most < (self).smallest_strip:
      most = (self).smallest_strip
    return most

  # Measures a piece h [n, hidden] with labels [n, 1]: the cross entropies, and whether a label is the likeliest token, [n, 1]
  # each; with gradients also those of the cross entropies with respect to the logits [n, vocabulary].
  def predict(self: __torch__.Ops, h: Tensor, head: Tensor, labels: Tensor, gradients: bool) -> Tuple[Tensor, Tensor, Tensor]:
    products = (self).product(h, head, None)
    losses = annotate(List[Tensor], [])
    hits = annotate(List[Tensor], [])
    for rows in torch.split(products, (self).strip(head)):
      logits = torch.to(rows, 6)
      squeezed = logits
      if (self).logit_cap > 0.:
        squeezed = torch.tanh(torch.mul(logits, 1. / (self).logit_cap))
        logits = torch.mul(squeezed, (self).logit_cap)
      label = torch.narrow(labels, 0, torch.len(losses) * (self).strip(head), torch.size(rows, 0))
      p = torch.softmax(logits, -1)
      most = torch.amax(p, [-1], True)
      mine = torch.gather(p, 1, label)
      loss = torch.neg(torch.log(mine))
      if bool(torch.any(torch.lt(mine, 1e-30))):
        # A probability may be too small for float32: log p = logit - top + log p(top), and p(top) is never small.
        below = torch.sub(torch.amax(logits, [-1], True), torch.gather(logits, 1, label))
        loss = torch.sub(below, torch.log(most))
      losses.append(loss)
      hits.append(torch.ge(mine, most))
      if gradients:
        _0 = torch.scatter_add_(p, 1, label, torch.full_like(loss, -1.))
        if (self).logit_cap > 0.:
          p = torch.mul_(p, torch.sub(1., torch.mul(squeezed, squeezed)))
        _1 = torch.copy_(rows, p)
    return (torch.cat(losses), torch.cat(hits), products)

  # Measures some positions: the cross entropy of each one's label, and 1 if it is the likeliest token: [n] each.
  def losses(self: __torch__.Ops, x: Tensor, w: Dict[str, Tensor], positions: Tensor, labels: Tensor) -> Tuple[Tensor, Tensor]:
    h = (self).norm(torch.embedding(x, positions), w, "norm")
    head = (self).head(w, h)
    most = (self).piece(head)
    losses = annotate(List[Tensor], [])
    hits = annotate(List[Tensor], [])
    for rows in torch.split(h, most):
      label = torch.unsqueeze(torch.narrow(labels, 0, torch.len(losses) * most, torch.size(rows, 0)), 1)
      loss, hit, _0 = (self).predict(rows, head, label, False)
      losses.append(torch.view(loss, [-1]))
      hits.append(torch.to(torch.view(hit, [-1]), 6))
    return (torch.cat(losses), torch.cat(hits))

  # The sum of the labels' cross entropies, and how many labels have the highest logit.
  def measure(self: __torch__.Ops, x: Tensor, w: Dict[str, Tensor], positions: Tensor, labels: Tensor) -> Tuple[Tensor, Tensor]:
    losses, hits = (self).losses(x, w, positions, labels)
    return (torch.sum(losses), torch.to(torch.sum(hits), 4))

  # Sums the log-probabilities of each sequence's labels, and counts those with the highest logit: [sequences] each, as like.
  def measure_sequences(self: __torch__.Ops, x: Tensor, w: Dict[str, Tensor], positions: Tensor, labels: Tensor, sequence: Tensor, like: Tensor) -> Tuple[Tensor, Tensor]:
    losses, hits = (self).losses(x, w, positions, labels)
    return (torch.index_add(like, 0, sequence, torch.neg(losses)), torch.index_add(like, 0, sequence, hits))

  # Computes what `measure` does, and the gradient [T, hidden] of sum(weights * cross entropies) with respect to x. It takes a
  # piece of the positions at a time, so that all logits never exist.
  def loss_backward(self: __torch__.Ops, x: Tensor, w: Dict[str, Tensor], positions: Tensor, labels: Tensor, weights: Tensor) -> Tuple[Tensor, Tensor, Tensor]:
    rows = torch.embedding(x, positions)
    s = annotate(Dict[str, Tensor], {})
    h = (self).norm_forward(rows, w, s, "norm")
    head = (self).head(w, h)
    most = (self).piece(head)
    dh = torch.empty_like(h)
    sum = torch.new_zeros(weights, [])
    correct = torch.new_zeros(labels, [])
    first = 0
    for piece in torch.split(h, most):
      size = torch.size(piece, 0)
      label = torch.unsqueeze(torch.narrow(labels, 0, first, size), 1)
      weight = torch.unsqueeze(torch.narrow(weights, 0, first, size), 1)
      losses, hits, dlogits = (self).predict(piece, head, label, True)
      sum = torch.add(sum, torch.sum(losses))
      correct = torch.add(correct, torch.sum(hits))
      _0 = torch.copy_(torch.narrow(dh, 0, first, size), torch.mul((self).product(dlogits, torch.t(head), None), weight))
      first = first + size
    dx = torch.zeros_like(x)
    _1 = torch.index_copy_(dx, 0, positions, (self).norm_backward(dh, rows, w, s, "norm"))
    return (sum, correct, dx)
