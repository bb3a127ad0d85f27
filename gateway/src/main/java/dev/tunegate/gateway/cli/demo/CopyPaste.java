package dev.tunegate.gateway.cli.demo;

import com.fasterxml.jackson.databind.node.ArrayNode;
import java.net.URI;

/** Lines to paste into a shell: the same question from curl, Python and Node. */
final class CopyPaste {
    private CopyPaste() {}

    static String lines(URI baseUrl, String model, ArrayNode messages) {
        // JSON's strings, lists and objects of strings are literals of Python and JavaScript too.
        // A ' would end the shell's word: leave the word, add an escaped one, begin again.
        String json = messages.toString().replace("'", "'\\''");
        return """
                curl:
                  curl -s %1$s/chat/completions -H 'Content-Type: application/json' \\
                    -d '{"model": "%2$s", "messages": %3$s}'

                Python (pip install openai):
                  python3 -c 'from openai import OpenAI
                client = OpenAI(base_url="%1$s", api_key="none")
                answer = client.chat.completions.create(model="%2$s", messages=%3$s)
                print(answer.choices[0].message.content)'

                Node (npm install openai):
                  node --input-type=module -e 'import OpenAI from "openai"
                const client = new OpenAI({ baseURL: "%1$s", apiKey: "none" })
                const answer = await client.chat.completions.create({ model: "%2$s", messages: %3$s })
                console.log(answer.choices[0].message.content)'
                """.formatted(baseUrl, model, json);
    }
}
