package dev.tunegate.trainer.text;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.tunegate.trainer.stop.Stop;
import dev.tunegate.trainer.text.jinja.Rendering;
import dev.tunegate.trainer.text.jinja.Template;
import dev.tunegate.trainer.text.jinja.TemplateError;
import dev.tunegate.trainer.text.jinja.Value;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.ZoneId;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How a model wants a conversation written: its own chat template, or for a base model without one the plain one of
 * {@code plain.jinja}. Messages are taken in OpenAI's forms. Immutable and thread-safe.
 */
public final class ChatTemplate {

    private static final String FOR_TOOLS = "tool_use";

    private final Map<String, Template> templates;
    private final Map<String, Value> specialTokens;
    private final boolean knowsDeveloper;

    private ChatTemplate(Map<String, String> sources, Map<String, String> specialTokens, Clock clock) {
        this.templates = new LinkedHashMap<>();
        sources.forEach((key, source) -> templates.put(key, Template.parse(source, clock)));
        this.specialTokens = new HashMap<>();
        specialTokens.forEach((key, text) -> this.specialTokens.put(key, new Value.Text(text, false)));
        this.knowsDeveloper = sources.values().stream()
                .anyMatch(source -> source.contains("'developer'") || source.contains("\"developer\""));
    }

    /**
     * Loads the template of a Hugging Face directory: {@code chat_template.jinja}, else {@code chat_template} in
     * {@code tokenizer_config.json}, one template or a list of named ones; else the plain one.
     *
     * @throws IOException when a file cannot be read or the template has an error, with its line
     */
    public static ChatTemplate load(Path modelDir) throws IOException {
        ModelText model = ModelText.read(modelDir);
        Clock clock = Clock.system(ZoneId.systemDefault());
        if (model.templates().isEmpty()) {
            Map<String, String> plain = Map.of(ModelText.DEFAULT_TEMPLATE, plainSource());
            return new ChatTemplate(plain, model.specialTokens(), clock);
        }
        try {
            return new ChatTemplate(model.templates(), model.specialTokens(), clock);
        } catch (TemplateError e) {
            throw new IOException(modelDir + " has a chat template that cannot be used: " + e.getMessage(), e);
        }
    }

    /**
     * A template from its source.
     *
     * @param specialTokens {@code bos_token} and the like, which the template sees as variables
     * @throws TemplateError with the line, where the source is not a template
     */
    static ChatTemplate of(String source, Map<String, String> specialTokens, Clock clock) {
        return new ChatTemplate(Map.of(ModelText.DEFAULT_TEMPLATE, source), specialTokens, clock);
    }

    private static String plainSource() throws IOException {
        try (InputStream resource = ChatTemplate.class.getResourceAsStream("plain.jinja")) {
            if (resource == null) {
                throw new IOException("plain.jinja is missing from the jar");
            }
            return new String(resource.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    /**
     * Writes a conversation as the model reads it.
     *
     * <p>The spans of a text to train on, without generation prompt, are what {@code {% generation %}} encloses where
     * the template has it. Otherwise {@link AssistantSpans} finds them; see there how. With a generation prompt the
     * text is one to continue, and there are no spans.
     *
     * @param messages an array of messages in OpenAI's forms: content as a string, null or text parts, tool calls with
     *     their arguments as JSON text or objects, {@code function_call}, {@code weight}
     * @param tools an array of tools, or null
     * @param addGenerationPrompt whether the text ends where the assistant begins to speak
     * @throws TemplateError where the template refuses the conversation; the message says why and where
     * @throws IllegalArgumentException when messages is not an array of objects
     */
    public Rendered render(JsonNode messages, @Nullable JsonNode tools, boolean addGenerationPrompt) {
        return render(messages, tools, addGenerationPrompt, Stop.NEVER);
    }

    /** The same, as long as it is wanted: a long conversation is rendered many times to find what the assistant says. */
    public Rendered render(JsonNode messages, @Nullable JsonNode tools, boolean addGenerationPrompt, Stop stop) {
        Conversation conversation = Conversation.of(messages, tools, knowsDeveloper);
        try {
            return render(conversation, addGenerationPrompt, stop);
        } catch (TemplateError e) {
            return renderArgumentsAsText(conversation, addGenerationPrompt, stop, e);
        }
    }

    // Some templates, DeepSeek's among them, append the arguments to a string instead of using tojson.
    private Rendered renderArgumentsAsText(
            Conversation conversation, boolean addGenerationPrompt, Stop stop, TemplateError first) {
        if (!conversation.hasToolCalls()) {
            throw first;
        }
        try {
            return render(conversation.withArgumentsAsText(), addGenerationPrompt, stop);
        } catch (TemplateError second) {
            first.addSuppressed(second);
            throw first;
        }
    }

    private Rendered render(Conversation conversation, boolean addGenerationPrompt, Stop stop) {
        Turns turns = turns(conversation, stop);
        Rendering rendering = turns.render(turns.messages(), addGenerationPrompt);
        return addGenerationPrompt
                ? new Rendered(rendering.text(), List.of())
                : new Rendered(rendering.text(), new AssistantSpans(turns, conversation.learned()).in(rendering));
    }

    /** What the model says to end its turn, such as {@code <|im_end|>}; empty when that cannot be told. */
    String turnEnd() {
        String answer = "Answer";
        ArrayNode probe = JsonNodeFactory.instance.arrayNode();
        probe.addObject().put("role", "user").put("content", "Question");
        probe.addObject().put("role", "assistant").put("content", answer);
        try {
            Rendered rendered = render(probe, null, false);
            int from = rendered.text().lastIndexOf(answer) + answer.length();
            return rendered.text().substring(from).strip();
        } catch (TemplateError e) {
            // A template that wants other messages than these tells nothing about its end of a turn.
            return "";
        }
    }

    private Turns turns(Conversation conversation, Stop stop) {
        JsonNode tools = conversation.tools();
        Template forTools = tools == null ? null : templates.get(FOR_TOOLS);
        Template template = forTools != null ? forTools : templates.get(ModelText.DEFAULT_TEMPLATE);
        if (template == null) {
            throw new TemplateError("the model has the chat templates " + templates.keySet() + ", but none called "
                    + ModelText.DEFAULT_TEMPLATE);
        }
        Map<String, Value> variables = new HashMap<>(specialTokens);
        variables.put("tools", tools == null ? Value.None.NONE : Value.of(tools));
        variables.put("documents", Value.None.NONE);
        List<Value> messages = conversation.messages().stream().map(Value::of).toList();
        return new Turns(template, variables, messages, stop);
    }
}
