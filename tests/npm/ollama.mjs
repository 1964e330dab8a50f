// Ollama's client from npm: `node ollama.mjs URL FEATURE...` uses features and prints what came of each as JSON.
import { Ollama } from "ollama";

const [url, ...wanted] = process.argv.slice(2);
const client = new Ollama({ host: url });
const model = "llama3.2";
const messages = [{ role: "user", content: "hi" }];
const tools = [{ type: "function", function: { name: "weather", parameters: { type: "object", properties: {} } } }];
const format = { type: "object", properties: { age: { type: "integer" } } };
const picture = new Uint8Array([137, 80, 78, 71]);

const all = async (stream) => {
  const parts = [];
  for await (const part of await stream) parts.push(part);
  return parts;
};

const features = {
  chat: () => client.chat({ model, messages, think: true, options: { seed: 7 }, keep_alive: "5m" }),
  chat_in_a_stream: () => all(client.chat({ model, messages, stream: true })),
  tools: () => client.chat({ model, messages, tools }),
  tool_results: () =>
    client.chat({
      model,
      messages: [
        ...messages,
        { role: "assistant", content: "", tool_calls: [{ function: { name: "weather", arguments: { in: "Bern" } } }] },
        { role: "tool", tool_name: "weather", content: "sun" },
      ],
    }),
  format: () => client.chat({ model, messages, format }),
  picture: () => client.chat({ model, messages: [{ ...messages[0], images: [picture] }] }),
  logprobs: () => client.chat({ model, messages, logprobs: true, top_logprobs: 2 }),
  generate: () => client.generate({ model, prompt: "hi", system: "Be brief.", images: [picture], suffix: "!" }),
  generate_in_a_stream: () => all(client.generate({ model, prompt: "hi", stream: true })),
  unload: () => client.generate({ model, prompt: "", keep_alive: 0 }),
  embed: () => client.embed({ model: "nomic-embed-text", input: ["a cat", "a dog"], dimensions: 8 }),
  embeddings: () => client.embeddings({ model: "nomic-embed-text", prompt: "a cat" }),
  list: () => client.list(),
  show: () => client.show({ model }),
  ps: () => client.ps(),
  version: () => client.version(),
  pull: () => all(client.pull({ model: "phi4", stream: true })),
  push: () => client.push({ model: "llama3.2" }),
  create: () => client.create({ model: "mario", from: model, system: "You are Mario." }),
  copy: () => client.copy({ source: model, destination: "copy" }),
  delete: () => client.delete({ model }),

  abort: async () => {
    const heard = [];
    try {
      for await (const part of await client.chat({ model, messages, stream: true })) {
        heard.push(part.message.content);
        client.abort();
      }
    } catch (error) {
      return { heard, error: error.name };
    }
    return { heard };
  },

  error: () => client.chat({ model: "nope", messages }).catch((error) => [error.status_code, error.message]),
  error_in_a_stream: () => all(client.chat({ model, messages, stream: true })).catch((error) => error.message),
};

for (const feature of wanted) console.log(JSON.stringify(await features[feature]()));
