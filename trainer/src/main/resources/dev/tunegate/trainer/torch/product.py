  # x [T, in] times w [out, in] transposed, plus the bias [out] if there is one.
  def product(self: __torch__.Ops, x: Tensor, w: Tensor, bias: Optional[Tensor]) -> Tensor:
    return torch.linear(x, w, bias)
