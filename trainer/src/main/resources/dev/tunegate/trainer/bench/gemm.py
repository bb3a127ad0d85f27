  # One element of a product, in float32.
  def product(self: __torch__.Ops, x: Tensor, w: Tensor) -> Tensor:
    return torch.to(torch.linear(x, w)[0][0], 6)
