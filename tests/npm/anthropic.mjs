// Anthropic's client from npm: `node anthropic.mjs URL FEATURE...` uses features and prints what came of each as JSON.
import Anthropic from "@anthropic-ai/sdk";

const [url, ...wanted] = process.argv.slice(2);
const client = new Anthropic({ baseURL: url, apiKey: "none", maxRetries: 0 });
const asked = { model: "llama3.2", max_tokens: 50, messages: [{ role: "user", content: "hi" }] };
const tools = [{ name: "weather", input_schema: { type: "object", properties: {} } }];

const features = {
  message: () => client.messages.create({ ...asked, thinking: { type: "enabled", budget_tokens: 1024 } }),
  message_in_a_stream: () => client.messages.stream(asked).finalMessage(),
  tools: () => client.messages.stream({ ...asked, tools }).finalMessage(),
  count: () => client.messages.countTokens({ model: asked.model, messages: asked.messages }),
  error: () => client.messages.create({ ...asked, model: "nope" }).catch((error) => [error.status, error.error]),
};

for (const feature of wanted) console.log(JSON.stringify(await features[feature]()));
