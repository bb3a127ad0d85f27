package dev.tunegate.trainer.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ChatRequestTest {
    private static final String HELLO = "'model':'m','messages':[{'role':'user','content':'hi'}]";

    @Test
    void defaultsAreOpenAis() throws IOException {
        ChatRequest request = read("{" + HELLO + "}");
        assertThat(request.sampling().temperature()).isEqualTo(1);
        assertThat(request.sampling().topP()).isEqualTo(1);
        assertThat(request.sampling().stop()).isEmpty();
        assertThat(request.maxTokens()).isNull();
        assertThat(request.n()).isEqualTo(1);
        assertThat(request.stream()).isFalse();
        assertThat(request.tools()).isNull();
    }

    @Test
    void everyFieldArrives() throws IOException {
        ChatRequest request = read("{" + HELLO
                + ",'temperature':0.5,'top_p':0.9,'n':3,'stream':true,'stream_options':{'include_usage':true},'stop':['a','b'],"
                + "'max_completion_tokens':7,'presence_penalty':-1,'frequency_penalty':1.5,'logit_bias':{'5':-100},"
                + "'seed':42,'logprobs':true,'top_logprobs':2}");
        assertThat(request.sampling().temperature()).isEqualTo(0.5);
        assertThat(request.sampling().topP()).isEqualTo(0.9);
        assertThat(request.sampling().stop()).containsExactly("a", "b");
        assertThat(request.sampling().presencePenalty()).isEqualTo(-1);
        assertThat(request.sampling().frequencyPenalty()).isEqualTo(1.5);
        assertThat(request.sampling().logitBias()).isEqualTo(Map.of(5, -100.0));
        assertThat(request.sampling().seed()).isEqualTo(42);
        assertThat(request.sampling().maxTokens()).isEqualTo(7);
        assertThat(request.sampling().scores().alternatives()).isEqualTo(2);
        assertThat(request.maxTokens()).isEqualTo(7);
        assertThat(request.n()).isEqualTo(3);
        assertThat(request.stream()).isTrue();
        assertThat(request.includeUsage()).isTrue();
    }

    @Test
    void stopMayBeOneString() throws IOException {
        assertThat(read("{" + HELLO + ",'stop':'END'}").sampling().stop()).isEqualTo(List.of("END"));
    }

    @Test
    void aBiasHasNoMoreEntriesThanOpenAisHas() throws IOException {
        String entries =
                IntStream.range(0, 301).mapToObj(i -> "'%d':1".formatted(i)).collect(Collectors.joining(","));
        JsonNode error = refusal("{" + HELLO + ",'logit_bias':{" + entries + "}}");
        assertThat(error.path("code").asText()).isEqualTo("object_above_max_properties");
        assertThat(error.path("param").asText()).isEqualTo("logit_bias");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "'temperature':null,'stop':null,'n':null,'max_tokens':null,'seed':null,'stream_options':null,'tools':null",
                "'user':'u','store':true,'metadata':{'a':'b'},'service_tier':'auto','parallel_tool_calls':false",
                "'response_format':{'type':'text'}",
                "'tools':[],'tool_choice':'auto'",
                "'temperature':2,'top_p':0,'presence_penalty':2,'frequency_penalty':-2",
                "'custom_llm_provider':'openai','target_model_names':'m'",
            })
    void takesWhatChangesNothing(String fields) {
        assertThatCode(() -> read("{" + HELLO + "," + fields + "}")).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', nullValues = "null", textBlock = """
                    'temperature':2.1            | temperature      | decimal_above_max_value | Invalid 'temperature': decimal above maximum value. Expected a value <= 2, but got 2.1 instead.
                    'temperature':-1             | temperature      | decimal_below_min_value | Invalid 'temperature': decimal below minimum value. Expected a value >= 0, but got -1 instead.
                    'temperature':'hot'          | temperature      | invalid_type            | Invalid type for 'temperature': expected a decimal, but got a string instead.
                    'top_p':1.5                  | top_p            | decimal_above_max_value | null
                    'presence_penalty':3         | presence_penalty | decimal_above_max_value | null
                    'frequency_penalty':-3       | frequency_penalty | decimal_below_min_value | null
                    'n':0                        | n                | integer_below_min_value | Invalid 'n': integer below minimum value. Expected a value >= 1, but got 0 instead.
                    'n':9                        | n                | integer_above_max_value | null
                    'n':1.5                      | n                | invalid_type            | Invalid type for 'n': expected an integer, but got a decimal instead.
                    'max_tokens':0               | max_tokens       | integer_below_min_value | null
                    'max_tokens':99999999999999999999 | max_tokens  | integer_above_max_value | null
                    'max_tokens':true            | max_tokens       | invalid_type            | null
                    'max_tokens':1,'max_completion_tokens':1 | max_tokens | invalid_parameter_combination | null
                    'seed':'1'                   | seed             | invalid_type            | null
                    'seed':9223372036854775808   | seed             | integer_above_max_value | null
                    'stream':'yes'               | stream           | invalid_type            | Invalid type for 'stream': expected a boolean, but got a string instead.
                    'stream_options':{}          | stream_options   | null                    | The 'stream_options' parameter is only allowed when 'stream' is enabled.
                    'stream':true,'stream_options':[] | stream_options | invalid_type         | null
                    'stop':5                     | stop             | invalid_type            | Invalid type for 'stop': expected one of a string or array of strings, but got an integer instead.
                    'stop':['a',5]               | stop[1]          | invalid_type            | null
                    'stop':['a','b','c','d','e'] | stop             | array_above_max_length  | null
                    'stop':''                    | stop             | string_below_min_length | null
                    'logit_bias':[]              | logit_bias       | invalid_type            | null
                    'logit_bias':{'x':1}         | logit_bias       | null                    | Invalid key in 'logit_bias': x. Expected a token id.
                    'logit_bias':{'1':101}       | logit_bias.1     | decimal_above_max_value | null
                    'top_logprobs':2             | top_logprobs     | null                    | The 'top_logprobs' parameter is only allowed when 'logprobs' is enabled.
                    'logprobs':true,'top_logprobs':21 | top_logprobs | integer_above_max_value | null
                    'tools':{}                   | tools            | invalid_type            | null
                    'tools':[1]                  | tools[0]         | invalid_type            | null
                    'tools':[{'type':'x'}]       | tools[0].type    | invalid_value           | null
                    'tools':[{'type':'function'}] | tools[0].function.name | missing_required_parameter | null
                    'tool_choice':'required'     | tool_choice      | null                    | null
                    'response_format':{'type':'json_object'} | response_format | null | Invalid parameter: 'response_format' of type 'json_object' is not supported with this model.
                    'colour':'red'               | null             | null                    | Unrecognized request argument supplied: colour
                    """)
    void refusesWithOpenAisWords(String fields, String param, String code, String message) throws IOException {
        JsonNode error = refusal("{" + HELLO + "," + fields + "}");
        assertThat(error.path("type").asText()).isEqualTo("invalid_request_error");
        assertThat(error.path("param").textValue()).isEqualTo(param);
        assertThat(error.path("code").textValue()).isEqualTo(code);
        if (message != null) {
            assertThat(error.path("message").asText()).isEqualTo(message);
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
                    {'messages':[]}                                   | model    | Missing required parameter: 'model'.
                    {'model':5}                                       | model    | Invalid type for 'model': expected a string, but got an integer instead.
                    {'model':'m'}                                     | messages | Missing required parameter: 'messages'.
                    {'model':'m','messages':'hi'}                     | messages | Invalid type for 'messages': expected an array of objects, but got a string instead.
                    {'model':'m','messages':[]}                       | messages | Invalid 'messages': empty array. Expected an array with minimum length 1, but got an empty array instead.
                    {'model':'m','messages':['hi']}                   | messages[0] | Invalid type for 'messages[0]': expected an object, but got a string instead.
                    {'model':'m','messages':[{'content':'hi'}]}       | messages[0].role | Missing required parameter: 'messages[0].role'.
                    {'model':'m','messages':[{'role':'boss','content':'hi'}]} | messages[0].role | Invalid value: 'boss'. Supported values are: 'system', 'assistant', 'user', 'function', 'tool', and 'developer'.
                    {'model':'m','messages':[{'role':'user'}]}        | messages[0].content | Missing required parameter: 'messages[0].content'.
                    {'model':'m','messages':[{'role':'user','content':5}]} | messages[0].content | Invalid type for 'messages[0].content': expected one of a string or array of objects, but got an integer instead.
                    {'model':'m','messages':[{'role':'user','content':[{'type':'image_url'}]}]} | messages[0].content[0].type | Invalid content part type 'image_url': this model reads text only.
                    {'model':'m','messages':[{'role':'assistant','tool_calls':[{'id':'c'}]}]} | messages[0].tool_calls[0].function.name | Missing required parameter: 'messages[0].tool_calls[0].function.name'.
                    """)
    void refusesMessages(String body, String param, String message) throws IOException {
        JsonNode error = refusal(body);
        assertThat(error.path("param").textValue()).isEqualTo(param);
        assertThat(error.path("message").textValue()).isEqualTo(message);
    }

    @Test
    void takesMessagesOfEveryForm() throws IOException {
        ChatRequest request = read("""
                {'model':'m','messages':[
                  {'role':'developer','content':'be brief'},
                  {'role':'user','content':[{'type':'text','text':'one'},{'type':'text','text':'two'}],'name':'Ada'},
                  {'role':'assistant','content':null,'refusal':null,'tool_calls':[
                    {'id':'c1','type':'function','function':{'name':'f','arguments':'{}'}}]},
                  {'role':'tool','content':'3','tool_call_id':'c1'},
                  {'role':'assistant','refusal':'no'}]}""");
        assertThat(request.messages()).hasSize(5);
    }

    @Test
    void toolChoiceNoneHidesTheTools() throws IOException {
        String tools = ",'tools':[{'type':'function','function':{'name':'f'}}]";
        assertThat(read("{" + HELLO + tools + "}").tools()).hasSize(1);
        assertThat(read("{" + HELLO + tools + ",'tool_choice':'none'}").tools()).isNull();
    }

    private static JsonNode refusal(String body) {
        RequestError error = catchThrowableOfType(RequestError.class, () -> read(body));
        assertThat(error).as(body).isNotNull();
        assertThat(error.status()).isEqualTo(400);
        return error.toJson().get("error");
    }

    private static ChatRequest read(String body) throws IOException {
        return ChatRequest.read(json(body));
    }

    private static JsonNode json(String body) throws IOException {
        return Json.MAPPER.readTree(body.replace('\'', '"'));
    }
}
