package dev.tunegate.trainer.text;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Compares ids, decoded texts and chats with those recorded in {@code NAME/tokens.json} for {@code NAME/model}. Give
 * another directory of this form with {@code -Dgolden.dir=DIR}.
 */
class TokenizerGoldenTest {

    private static final ObjectMapper JSON = new ObjectMapper();

    @TestFactory
    Stream<DynamicTest> tokenizesAsRecorded() throws IOException, URISyntaxException {
        List<DynamicTest> tests = new ArrayList<>();
        try (Stream<Path> models = Files.list(directory())) {
            for (Path model : models.sorted().toList()) {
                Path tokens = model.resolve("tokens.json");
                if (Files.exists(tokens)) {
                    tests.add(DynamicTest.dynamicTest(
                            model.getFileName().toString(),
                            () -> check(model.resolve("model"), JSON.readTree(tokens.toFile()))));
                }
            }
        }
        assertThat(tests).isNotEmpty();
        return tests.stream();
    }

    private static Path directory() throws URISyntaxException {
        String given = System.getProperty("golden.dir");
        return given != null
                ? Path.of(given)
                : Path.of(Objects.requireNonNull(TokenizerGoldenTest.class.getResource("/tokenizers"))
                        .toURI());
    }

    private static void check(Path model, JsonNode recorded) throws IOException {
        try (Tokenizer tokenizer = Tokenizer.load(model)) {
            for (JsonNode text : recorded.get("texts")) {
                String string = text.get("text").textValue();
                assertThat(tokenizer.encode(string)).as(string).isEqualTo(ids(text.get("ids_no_special")));
                assertThat(tokenizer.encodeWithSpecialTokensAndSpans(string).ids())
                        .as(string)
                        .isEqualTo(ids(text.get("ids")));
                assertThat(tokenizer.decode(ids(text.get("ids"))))
                        .isEqualTo(text.get("decoded").textValue());
                assertThat(streamed(tokenizer, ids(text.get("ids"))))
                        .isEqualTo(text.get("decoded").textValue());
            }
            ChatTemplate template = ChatTemplate.load(model);
            for (JsonNode chat : recorded.path("chats")) {
                String text = template.render(chat.get("messages"), null, false).text();
                assertThat(text).isEqualTo(chat.get("rendered").textValue());
                assertThat(tokenizer.encode(text)).isEqualTo(ids(chat.get("ids")));
                ArrayNode asked = chat.get("messages").deepCopy();
                asked.remove(asked.size() - 1);
                assertThat(template.render(asked, null, true).text())
                        .isEqualTo(chat.get("prompt_rendered").textValue());
            }
        }
    }

    private static String streamed(Tokenizer tokenizer, int[] ids) {
        TokenStream stream = tokenizer.stream();
        StringBuilder text = new StringBuilder();
        for (int id : ids) {
            text.append(stream.add(id));
        }
        return text.append(stream.finish()).toString();
    }

    private static int[] ids(JsonNode array) {
        int[] ids = new int[array.size()];
        for (int i = 0; i < ids.length; i++) {
            ids[i] = array.get(i).intValue();
        }
        return ids;
    }
}
