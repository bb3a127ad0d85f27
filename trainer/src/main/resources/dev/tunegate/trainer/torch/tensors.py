  # This is no Python but TorchScript as torch.jit.save writes it and libtorch's importer reads it: methods of the one class
  # of a module, see torch/ModuleArchive, whose attributes come from Java. Types come as libtorch's numbers; memory_format 0
  # is the contiguous one.

  # Arguments that become numbers (dtype, shape, first, ...) are in the host's memory: reading them waits for no GPU.

  # A copy of another type on the device; dtypes are libtorch's numbers.
  def convert(self: __torch__.Ops, x: Tensor, dtype: Tensor) -> Tensor:
    return torch.to(torch.contiguous(x), torch.device((self).device), int(dtype), False, True)

  def zeros(self: __torch__.Ops, shape: Tensor, dtype: Tensor) -> Tensor:
    sizes = annotate(List[int], shape.tolist())
    return torch.zeros(sizes, dtype=int(dtype), layout=None, device=torch.device((self).device))

  # Draws elements of a type that are normally distributed around zero.
  def normal(self: __torch__.Ops, shape: Tensor, deviation: Tensor, dtype: Tensor) -> Tensor:
    sizes = annotate(List[int], shape.tolist())
    drawn = torch.randn(sizes, dtype=int(dtype), layout=None, device=torch.device((self).device), pin_memory=None)
    return torch.mul_(drawn, float(deviation))

  # Views of one flat buffer with the shapes given, back to back.
  def views(self: __torch__.Ops, flat: Tensor, like: List[Tensor]) -> List[Tensor]:
    sizes = annotate(List[int], [])
    for x in like:
      sizes.append(torch.numel(x))
    parts = torch.split_with_sizes(flat, sizes)
    shaped = annotate(List[Tensor], [])
    for i in range(torch.len(like)):
      shaped.append(torch.view_as(parts[i], like[i]))
    return shaped

  def sum_of_none(self: __torch__.Ops, flat: Tensor) -> Tensor:
    return torch.sum(torch.narrow(flat, 0, 0, 0))

  # The result is detached: a view of a parameter that later changes in place could not be read while gradients are recorded.
  def slice(self: __torch__.Ops, flat: Tensor, first: Tensor, shape: Tensor) -> Tensor:
    sizes = annotate(List[int], shape.tolist())
    n = 1
    for size in sizes:
      n = n * size
    return torch.detach(torch.view(torch.narrow(flat, 0, int(first), n), sizes))

  def copy(self: __torch__.Ops, target: Tensor, source: Tensor) -> Tensor:
    return torch.copy_(target, source)

  def clear(self: __torch__.Ops, x: Tensor) -> Tensor:
    return torch.zero_(x)

  def transpose(self: __torch__.Ops, matrix: Tensor) -> Tensor:
    return torch.clone(torch.t(matrix), memory_format=0)

  def is_finite(self: __torch__.Ops, x: Tensor) -> Tensor:
    return torch.all(torch.isfinite(x))

  def add_product(self: __torch__.Ops, matrix: Tensor, first: Tensor, b: Tensor, a: Tensor, scaling: Tensor) -> Tensor:
    rows = torch.narrow(matrix, 0, int(first), torch.size(b, 0))
    return torch.add_(rows, torch.mm(b, a), alpha=float(scaling))
