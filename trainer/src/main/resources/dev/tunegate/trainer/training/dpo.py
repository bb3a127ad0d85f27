  # This is no Python but TorchScript as torch.jit.save writes it and libtorch's importer reads it: methods of the one class
  # of a module, see torch/ModuleArchive, whose attributes come from Java.

  # DPO (Rafailov et al. 2023): a sequence's reward is beta (log pi - log pi_ref) (section 4), a pair's loss
  # -log sigmoid(reward of the chosen one - reward of the rejected one) (equation 7). policy, reference [2 n]: summed
  # log-probabilities, a chosen sequence and its rejected one in turn. The results, scalars: the losses' sum divided by
  # `total`, that sum itself, the sums of the chosen and of the rejected rewards, and the pairs whose chosen one is ahead.
  def loss(self: __torch__.Ops, policy: Tensor, reference: Tensor, beta: Tensor, total: Tensor) -> Tuple[Tensor, Tensor, Tensor, Tensor, Tensor]:
    rewards = torch.view(torch.mul(torch.sub(policy, reference), beta), [-1, 2])
    chosen = torch.select(rewards, 1, 0)
    rejected = torch.select(rewards, 1, 1)
    margins = torch.sub(chosen, rejected)
    sum = torch.neg(torch.sum(torch.log_sigmoid(margins)))
    ahead = torch.sum(torch.gt(margins, 0.))
    return (torch.div(sum, total), torch.detach(sum), torch.detach(torch.sum(chosen)), torch.detach(torch.sum(rejected)), ahead)
