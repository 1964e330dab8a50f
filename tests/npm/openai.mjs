// OpenAI's client from npm: `node openai.mjs URL FEATURE...` uses features and prints what came of each as JSON.
import OpenAI from "openai";

const [url, ...wanted] = process.argv.slice(2);
const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: "none", maxRetries: 0 });
const model = "llama3.2";
const messages = [{ role: "user", content: "hi" }];
const parameters = { type: "object", properties: {} };

const all = async (stream) => {
  const parts = [];
  for await (const part of await stream) parts.push(part);
  return parts;
};

const features = {
  chat: () => client.chat.completions.create({ model, messages }),
  chat_in_a_stream: () => client.chat.completions.stream({ model, messages }).finalChatCompletion(),
  tools: () =>
    client.chat.completions.create({ model, messages, tools: [{ type: "function", function: { name: "f", parameters } }] }),
  complete: () => client.completions.create({ model, prompt: "hi" }),
  embed: () => client.embeddings.create({ model: "nomic-embed-text", input: ["a cat"], dimensions: 8 }),
  list: () => all(client.models.list()),
  response: () => client.responses.create({ model, input: "hi" }),
  response_in_a_stream: () => client.responses.stream({ model, input: "hi" }).finalResponse(),
  error: () => client.chat.completions.create({ model: "nope", messages }).catch((error) => [error.status, error.message]),
};

for (const feature of wanted) console.log(JSON.stringify(await features[feature]()));
