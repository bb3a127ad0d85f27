package dev.tunegate.trainer.text;

import dev.tunegate.trainer.stop.Stop;
import dev.tunegate.trainer.text.jinja.Rendering;
import dev.tunegate.trainer.text.jinja.Template;
import dev.tunegate.trainer.text.jinja.Value;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A conversation ready to be rendered, whole or in part.
 *
 * @param template the template to use
 * @param variables what the template sees besides the messages
 * @param messages the messages as values; the rendering tells their parts of the text apart by identity
 * @param stop ends a rendering
 */
record Turns(Template template, Map<String, Value> variables, List<Value> messages, Stop stop) {

    Rendering render(List<Value> shown, boolean addGenerationPrompt) {
        Map<String, Value> all = new HashMap<>(variables);
        all.put("messages", new Value.Items(shown, false));
        all.put("add_generation_prompt", addGenerationPrompt ? Value.Bool.TRUE : Value.Bool.FALSE);
        return template.render(all, shown, stop);
    }
}
