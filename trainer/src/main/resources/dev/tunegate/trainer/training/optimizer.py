  # This is no Python but TorchScript as torch.jit.save writes it and libtorch's importer reads it: methods of the one class
  # of a module, see torch/ModuleArchive, whose attributes come from Java. `_0` is a result that nobody reads.

  # Scales gradients so that their norm is at most max_norm, as torch.nn.utils.clip_grad_norm_; returns the norm before.
  def clip(self: __torch__.Ops, gradient: Tensor, max_norm: Tensor) -> Tensor:
    norm = torch.linalg_vector_norm(gradient)
    coefficient = torch.clamp(torch.div(max_norm, torch.add(norm, 1.0e-06)), None, 1.)
    _0 = torch.mul_(gradient, coefficient)
    return norm

  # AdamW (Loshchilov and Hutter 2019, algorithm 2) with torch's conventions: decay scaled by the learning rate, epsilon
  # outside the root. The kernel writes to its arguments; they are lists of the caller's because libtorch would remove
  # the call as dead code if they were lists made here. settings: rate, beta 1, beta 2, epsilon, decay.
  def update(self: __torch__.Ops, p: List[Tensor], g: List[Tensor], m: List[Tensor], v: List[Tensor], step: List[Tensor], settings: Tensor) -> Tensor:
    torch._fused_adamw_(p, g, m, v, [], step, lr=float(settings[0]), beta1=float(settings[1]), beta2=float(settings[2]), eps=float(settings[3]), weight_decay=float(settings[4]), amsgrad=False, maximize=False)
    return settings

  def clear(self: __torch__.Ops, gradient: Tensor) -> Tensor:
    return torch.zero_(gradient)
