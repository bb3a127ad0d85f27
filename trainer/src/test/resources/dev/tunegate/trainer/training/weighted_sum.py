  def weighted_sum(self: __torch__.Ops, parameters: List[Tensor], weights: Tensor) -> Tensor:
    return torch.add(torch.sum(torch.mul(parameters[0], weights[0])), torch.sum(torch.mul(parameters[1], weights[1])))
