  # This is no Python but TorchScript as torch.jit.save writes it and libtorch's importer reads it: methods of the one class
  # of a module, see torch/ModuleArchive, whose attributes come from Java.

  # Computes what product.py does, in float32 by oneDNN, which has no gradients of it.
  def product(self: __torch__.Ops, x: Tensor, w: Tensor, bias: Optional[Tensor]) -> Tensor:
    return ops.mkldnn._linear_pointwise(x, w, bias, "none", annotate(List[Optional[number]], []), "")
