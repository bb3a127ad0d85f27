package dev.tunegate.gateway.capture;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.tunegate.gateway.http.Json;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** What the chunks of a stream add up to. */
class StreamedCompletionTest {
    private final StreamedCompletion streamed = new StreamedCompletion(10_000);

    @Test
    void theTextsOfDeltasAreOneText() {
        hear("{'index':0,'delta':{'role':'assistant','content':'','refusal':null},'finish_reason':null}");
        hear("{'index':0,'delta':{'content':'Hel'},'finish_reason':null}");
        hear("{'index':0,'delta':{'content':'lo'},'finish_reason':null}");
        hear("{'index':0,'delta':{},'finish_reason':'stop'}");
        assertThat(completion()).isEqualTo(json("""
                {'object':'chat.completion','id':'chatcmpl-1','created':7,'model':'m','system_fingerprint':'fp',
                 'choices':[{'index':0,'message':{'role':'assistant','content':'Hello','refusal':null},'logprobs':null,
                             'finish_reason':'stop'}],'usage':null}"""));
    }

    @Test
    void choicesAreKeptApart() {
        hear("{'index':1,'delta':{'role':'assistant','content':'b'}}");
        hear("{'index':0,'delta':{'role':'assistant','content':'a'},'finish_reason':'stop'}");
        hear("{'index':1,'delta':{'content':'b'},'finish_reason':'length'}");
        assertThat(completion().at("/choices/0/message/content").asText()).isEqualTo("a");
        assertThat(completion().at("/choices/1/message/content").asText()).isEqualTo("bb");
        assertThat(completion().at("/choices/1/finish_reason").asText()).isEqualTo("length");
    }

    @Test
    void toolCallsAreMergedByTheirIndex() {
        hear(
                "{'index':0,'delta':{'role':'assistant','content':null,'tool_calls':[{'index':0,'id':'c0','type':'function',"
                        + "'function':{'name':'f','arguments':''}}]}}");
        hear("{'index':0,'delta':{'tool_calls':[{'index':0,'function':{'arguments':'{\\\"a\\\":'}},"
                + "{'index':1,'id':'c1','type':'function','function':{'name':'g','arguments':'{}'}}]}}");
        hear("{'index':0,'delta':{'tool_calls':[{'index':0,'id':'c0','type':'function',"
                + "'function':{'name':'f','arguments':'1}'}}]},'finish_reason':'tool_calls'}");
        assertThat(completion().at("/choices/0/message")).isEqualTo(json("""
                {'role':'assistant','content':null,'tool_calls':[
                  {'id':'c0','type':'function','function':{'name':'f','arguments':'{\\"a\\":1}'}},
                  {'id':'c1','type':'function','function':{'name':'g','arguments':'{}'}}]}"""));
    }

    @Test
    void toolCallsWithoutAnIndexAreWhole() {
        hear("{'index':0,'delta':{'tool_calls':[{'id':'a','function':{'name':'f','arguments':'{}'}}]}}");
        hear("{'index':0,'delta':{'tool_calls':[{'id':'b','function':{'name':'f','arguments':'{}'}}]},"
                + "'finish_reason':'tool_calls'}");
        assertThat(completion().at("/choices/0/message/tool_calls").findValuesAsText("id"))
                .containsExactly("a", "b");
    }

    @Test
    void anOldFunctionCallIsPutTogether() {
        hear("{'index':0,'delta':{'function_call':{'name':'f','arguments':'{'}}}");
        hear("{'index':0,'delta':{'function_call':{'arguments':'}'}},'finish_reason':'function_call'}");
        assertThat(completion().at("/choices/0/message/function_call"))
                .isEqualTo(json("{'name':'f','arguments':'{}'}"));
    }

    @Test
    void aRoleIsNotRepeatedAndHostsOwnFieldsAreKept() {
        hear("{'index':0,'delta':{'role':'assistant','reasoning_content':'Let me'}}");
        hear("{'index':0,'delta':{'role':'assistant','reasoning_content':' see','annotations':[{'type':'url'}]}}");
        hear("{'index':0,'delta':{'role':'assistant','content':'5','refusal':'n'}}");
        hear("{'index':0,'delta':{'role':'','refusal':'o','annotations':[{'type':'url'}]},'finish_reason':'stop'}");
        assertThat(completion().at("/choices/0/message")).isEqualTo(json("""
                {'role':'assistant','reasoning_content':'Let me see','annotations':[{'type':'url'},{'type':'url'}],
                 'content':'5','refusal':'no'}"""));
    }

    @Test
    void logprobsAreOneList() {
        hear(
                "{'index':0,'delta':{'content':'a'},'logprobs':{'content':[{'token':'a','logprob':-0.5}],'refusal':null}}");
        hear("{'index':0,'delta':{'content':'b'},'logprobs':{'content':[{'token':'b','logprob':-1}],'refusal':null}}");
        hear("{'index':0,'delta':{},'logprobs':null,'finish_reason':'stop'}");
        assertThat(completion().at("/choices/0/logprobs"))
                .isEqualTo(
                        json("{'content':[{'token':'a','logprob':-0.5},{'token':'b','logprob':-1}],'refusal':null}"));
    }

    @Test
    void theUsageComesLastAndOthersSaidNull() {
        hear("{'index':0,'delta':{'content':'a'},'finish_reason':'stop'}");
        streamed.hear(line("{'choices':[],'usage':{'total_tokens':2},'service_tier':'default'}"));
        assertThat(completion().path("usage")).isEqualTo(json("{'total_tokens':2}"));
        assertThat(completion().path("service_tier").asText()).isEqualTo("default");
    }

    @Test
    void theFirstChunkMayNameNothing() {
        streamed.hear(line("{'id':'','created':0,'model':'','choices':[],'prompt_filter_results':[]}"));
        hear("{'index':0,'delta':{'content':'a'},'finish_reason':'stop'}");
        assertThat(completion().path("id").asText()).isEqualTo("chatcmpl-1");
        assertThat(completion().path("created").asLong()).isEqualTo(7);
        assertThat(completion().path("model").asText()).isEqualTo("m");
    }

    @Test
    void aCharacterMayBeCutInTwo() {
        hear("{'index':0,'delta':{'content':'\\ud83d'}}");
        hear("{'index':0,'delta':{'content':'\\ude00'},'finish_reason':'stop'}");
        assertThat(completion().at("/choices/0/message/content").asText()).isEqualTo("😀");
    }

    @Test
    void commentsAndFieldsOfEventsSayNothing() {
        streamed.hear(": waiting\r");
        streamed.hear("event: message");
        streamed.hear("");
        hear("{'index':0,'delta':{'content':'a'},'finish_reason':'stop'}");
        streamed.hear("data: [DONE]\r");
        assertThat(completion().at("/choices/0/message/content").asText()).isEqualTo("a");
    }

    @Test
    void whatBrokeOffIsNoCompletion() {
        assertThat(streamed.completion()).isNull();
        hear("{'index':0,'delta':{'content':'a'},'finish_reason':'stop'}");
        hear("{'index':1,'delta':{'content':'a'}}");
        streamed.hear("data: [DONE]");
        assertThat(streamed.completion()).isNull();
    }

    @Test
    void whatCannotBeReadIsNoCompletion() {
        hear("{'index':0,'delta':{'content':'a'},'finish_reason':'stop'}");
        streamed.hear("data: {\"choices\":");
        assertThat(streamed.completion()).isNull();
    }

    @Test
    void anErrorIsNoticed() {
        hear("{'index':0,'delta':{'content':'a'},'finish_reason':'stop'}");
        assertThat(streamed.isError()).isFalse();
        streamed.hear(line("{'error':{'message':'no'}}"));
        assertThat(streamed.isError()).isTrue();
    }

    @Test
    void whatIsTooLargeIsNotKeptInMemory() {
        String text = "x".repeat(1000);
        for (int i = 0; i < 9; i++) {
            hear("{'index':0,'delta':{'content':'" + text + "'}}");
        }
        assertThat(streamed.isTooLarge()).isFalse();
        hear("{'index':0,'delta':{'content':'" + text + "'}}");
        assertThat(streamed.isTooLarge()).isTrue();
        assertThat(streamed.completion()).isNull();
    }

    private void hear(String choice) {
        streamed.hear(line("{'id':'chatcmpl-1','object':'chat.completion.chunk','created':7,'model':'m',"
                + "'system_fingerprint':'fp','choices':[" + choice + "],'usage':null}"));
    }

    private static String line(String chunk) {
        return "data: " + chunk.replace('\'', '"');
    }

    private JsonNode completion() {
        return Objects.requireNonNull(streamed.completion());
    }

    private static JsonNode json(String text) {
        try {
            return Json.MAPPER.readTree(text.replace('\'', '"'));
        } catch (JsonProcessingException e) {
            throw new AssertionError(e);
        }
    }
}
