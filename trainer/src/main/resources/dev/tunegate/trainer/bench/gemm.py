  # This is no Python but TorchScript as torch.jit.save writes it and libtorch's importer reads it: methods of the one class
  # of a module, see torch/ModuleArchive, whose attributes come from Java. 6 is float32.

  # One element of a product, in float32.
  def one_of_product(self: __torch__.Ops, x: Tensor, w: Tensor) -> Tensor:
    return torch.to((self).product(x, w, None)[0][0], 6)
