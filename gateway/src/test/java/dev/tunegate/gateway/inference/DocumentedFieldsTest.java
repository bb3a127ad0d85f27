package dev.tunegate.gateway.inference;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.openai.core.ExcludeMissing;
import com.openai.models.chat.completions.ChatCompletionAssistantMessageParam;
import com.openai.models.chat.completions.ChatCompletionContentPartText;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import com.openai.models.chat.completions.ChatCompletionMessage;
import com.openai.models.chat.completions.ChatCompletionStreamOptions;
import com.openai.models.chat.completions.ChatCompletionToolMessageParam;
import com.openai.models.chat.completions.ChatCompletionUserMessageParam;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DocumentedFieldsTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** OpenAI's SDK knows what OpenAI takes: when it learns a field, this fails. */
    @Test
    void everyFieldOfOpenAisOwnClientIsDocumented() {
        assertThat(fields(ChatCompletionCreateParams.Body.class))
                .hasSizeGreaterThan(30)
                .allSatisfy(
                        field -> assertThat(other("{\"" + field + "\":null}")).isEmpty());
        for (Class<?> message : List.of(
                ChatCompletionUserMessageParam.class,
                ChatCompletionAssistantMessageParam.class,
                ChatCompletionToolMessageParam.class,
                ChatCompletionMessage.class)) {
            assertThat(fields(message))
                    .isNotEmpty()
                    .allSatisfy(field -> assertThat(other("{\"messages\":[{\"" + field + "\":null}]}"))
                            .isEmpty());
        }
        assertThat(fields(ChatCompletionContentPartText.class))
                .isNotEmpty()
                .allSatisfy(field -> assertThat(other("{\"messages\":[{\"content\":[{\"" + field + "\":null}]}]}"))
                        .isEmpty());
        assertThat(fields(ChatCompletionStreamOptions.class))
                .isNotEmpty()
                .allSatisfy(field -> assertThat(other("{\"stream_options\":{\"" + field + "\":null}}"))
                        .isEmpty());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{'fallbacks':[]}                                                        | fallbacks",
                "{'temperature':{'api_base':'x'}}                                        | temperature.api_base",
                "{'messages':[{'role':'user'},{'content':[{'type':'text','url':'x'}]}]}  | messages[1].content[0].url",
                "{'messages':[[{'litellm_params':1}]]}                                   |"
                        + " messages[0][0].litellm_params",
                "{'stream_options':{'include_usage':true,'api_base':'x'}}                | stream_options.api_base",
                "{'metadata':{'user_config':{'api_base':'x'}}}                           |"
                        + " metadata.user_config.api_base",
                "{'tools':[{'type':'mcp','server_url':'x'}]}                             | tools[0].server_url",
                "{'response_format':{'type':'json_schema','json_schema':{'headers':1}}}  |"
                        + " response_format.json_schema.headers",
            })
    void whatIsNotIsFoundAtAnyDepth(String request, String place) {
        assertThat(other(request)).containsExactly(place);
    }

    @Test
    void aSchemaIsTheClientsOwnAndSoIsWhatTheHostTakes() {
        assertThat(
                        other(
                                "{'tools':[{'type':'function','function':{'name':'f','parameters':{'headers':{'any':[1]}}}}],"
                                        + "'response_format':{'type':'json_schema','json_schema':{'schema':{'api_base':{'a':1}}}},"
                                        + "'tool_choice':{'type':'allowed_tools','allowed_tools':{'mode':'auto',"
                                        + "'tools':[{'type':'function','function':{'name':'f'}}]}},"
                                        + "'metadata':{'anything':'x'},'logit_bias':{'7':1},'guided_json':{'properties':{'headers':{}}}}"))
                .isEmpty();
    }

    private static List<String> other(String request) {
        try {
            ObjectNode json = (ObjectNode) JSON.readTree(request.replace('\'', '"'));
            return DocumentedFields.firstOther(json, field -> field.equals("guided_json")).stream()
                    .toList();
        } catch (JsonProcessingException e) {
            throw new AssertionError(e);
        }
    }

    private static List<String> fields(Class<?> sent) {
        return Arrays.stream(sent.getDeclaredMethods())
                .filter(method -> method.isAnnotationPresent(JsonProperty.class)
                        && method.isAnnotationPresent(ExcludeMissing.class))
                .map(method -> method.getAnnotation(JsonProperty.class).value())
                .toList();
    }
}
