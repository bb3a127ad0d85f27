package dev.tunegate.trainer.lora;

import dev.tunegate.trainer.checkpoint.ModelConfig;
import dev.tunegate.trainer.model.WeightLayout;
import dev.tunegate.trainer.model.WeightLayout.Linear;
import dev.tunegate.trainer.model.WeightLayout.Weight;
import dev.tunegate.trainer.model.Weights;
import dev.tunegate.trainer.torch.FlatParameters.Parameter;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * What of a model an adapter changes, by PEFT's rules.
 *
 * @param linears the layers that get A and B
 * @param saved the weights that are trained in full, matrices before vectors
 */
record AdapterModules(List<Linear> linears, List<Weight> saved) {

    static AdapterModules of(ModelConfig model, WeightLayout layout, LoraConfig config) {
        return new AdapterModules(linears(model, layout, config), saved(model, layout, config));
    }

    /** The parameters are each linear layer's A and B, and behind all of them the saved weights. */
    List<Parameter> parameters(LoraConfig config) {
        List<Parameter> all = new ArrayList<>();
        for (Linear target : linears) {
            int rank = config.rank(target);
            all.add(parameter(target, "lora_A", rank, target.in()));
            all.add(parameter(target, "lora_B", target.out(), rank));
        }
        for (Weight weight : saved) {
            String tensor = weight.parts().get(0).tensor();
            all.add(new Parameter(tensor, Weights.argument(weight.key()), weight.shape()));
        }
        return all;
    }

    private static Parameter parameter(Linear target, String matrix, long rows, long columns) {
        return new Parameter(
                target.path() + "." + matrix + ".weight",
                Weights.argument(target.key() + "." + matrix),
                List.of(rows, columns));
    }

    private static List<Linear> linears(ModelConfig model, WeightLayout layout, LoraConfig config) {
        for (int layer : config.layers()) {
            if (layer < 0 || layer >= model.layers()) {
                throw new IllegalArgumentException("layers_to_transform names layer " + layer + "; this model has "
                        + model.layers() + ", from 0 on");
            }
        }
        Set<String> unknown = new TreeSet<>(config.targetModules());
        List<Linear> linears = new ArrayList<>();
        for (Linear linear : layout.linears()) {
            boolean target = false;
            for (String name : config.targetModules()) {
                if (("." + linear.path()).endsWith("." + name)) {
                    unknown.remove(name);
                    target = true;
                }
            }
            if (target && (config.layers().isEmpty() || config.layers().contains(linear.layer()))) {
                linears.add(linear);
            }
        }
        if (!unknown.isEmpty()) {
            throw new IllegalArgumentException("target_modules " + unknown
                    + " are not linear layers of this model; it has " + LoraConfig.allLinears(model));
        }
        return linears;
    }

    /** A name chooses every module whose path ends with it, whether or not at a dot: {@code norm} chooses all norms. */
    private static List<Weight> saved(ModelConfig model, WeightLayout layout, LoraConfig config) {
        List<Weight> matrices = new ArrayList<>();
        List<Weight> vectors = new ArrayList<>();
        Set<String> unknown = new TreeSet<>(config.modulesToSave());
        for (Weight weight : layout.weights()) {
            String tensor = weight.parts().get(0).tensor();
            String path = tensor.substring(0, tensor.lastIndexOf('.'));
            for (String name : config.modulesToSave()) {
                boolean linear =
                        layout.linears().stream().anyMatch(other -> other.path().equals(path));
                if (path.endsWith(name) && !linear && !(model.tiedHead() && weight.columns() > 0)) {
                    unknown.remove(name);
                    (weight.columns() > 0 ? matrices : vectors).add(weight);
                    break;
                }
            }
        }
        if (!unknown.isEmpty()) {
            throw new IllegalArgumentException("modules_to_save " + unknown + " cannot be trained in full beside an"
                    + " adapter; norms can, and the embedding and the head of a model where they are not tied");
        }
        matrices.addAll(vectors);
        return matrices;
    }
}
