// The page of the make-believe Discord. All that others wrote is put in as text, never as HTML.

const byId = (id) => document.getElementById(id);
const [log, text, who, menu, commandList] = ["log", "text", "who", "menu", "commands"].map(byId);
const THUMBS = ["👍", "👎"];
const TYPING_MS = 8000;
const GROUP_MS = 5 * 60 * 1000;
const PLACE = "greenroom-fake-discord";

const accounts = new Map();
const channels = new Map();
const messages = new Map(); // of the channel that is shown, in their order
const typing = new Map();
const news = new Set();
let here = null;
let answering = null; // the message that is answered or edited: {message, edits}
let commands = [];
let chosen = 0;

// Talking with the fake

async function read(path, query = {}) {
  const response = await fetch(`${path}?${new URLSearchParams(query)}`);
  if (!response.ok) throw new Error(await response.text());
  return response.json();
}

async function act(name, fields) {
  const body = JSON.stringify(fields);
  const response = await fetch(`/control/${name}`, { method: "POST", headers: { "Content-Type": "application/json" }, body });
  const told = await response.json();
  if (!response.ok) throw new Error(told.detail);
  return told;
}

async function trying(doing) {
  const trouble = byId("trouble");
  trouble.hidden = true;
  try {
    return await doing();
  } catch (error) {
    trouble.textContent = error.message;
    trouble.hidden = false;
    return null;
  }
}

// Building

function element(name, className = "", words = "") {
  const made = document.createElement(name);
  made.className = className;
  made.textContent = words;
  return made;
}

function icon(path) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  const line = document.createElementNS("http://www.w3.org/2000/svg", "path");
  line.setAttribute("d", path);
  svg.append(line);
  return svg;
}

function button(label, className, content, act) {
  const made = element("button", className);
  made.type = "button";
  made.setAttribute("aria-label", label);
  made.title = label;
  made.append(content);
  made.addEventListener("click", act);
  return made;
}

function hueOf(name) {
  let sum = 7;
  for (const sign of name) sum = (sum * 31 + sign.codePointAt(0)) % 100003;
  return (sum * 137) % 360;
}

function avatar(name, isBot) {
  const words = name.split(/\s+/).filter(Boolean);
  const initials = words.length > 1 ? words.slice(0, 2).map((word) => [...word][0]).join("") : [...name].slice(0, 2).join("");
  const made = element("span", isBot ? "avatar bot" : "avatar", initials);
  made.style.setProperty("--hue", hueOf(name));
  made.setAttribute("aria-hidden", "true");
  return made;
}

const SPANS = /```(?:\w*\n)?([\s\S]*?)```|`([^`\n]+)`|\*\*([^*\n]+)\*\*|\*([^*\n]+)\*|<@!?(\d+)>|<#(\d+)>|(@everyone|@here)/g;

function written(words) {
  const parts = [];
  let end = 0;
  for (const found of words.matchAll(SPANS)) {
    parts.push(words.slice(end, found.index), span(found));
    end = found.index + found[0].length;
  }
  return [...parts, words.slice(end)];
}

function span([whole, block, code, strong, emphasis, account, channel]) {
  if (block !== undefined) return element("code", "block", block);
  if (code) return element("code", "", code);
  if (strong) return element("strong", "", strong);
  if (emphasis) return element("em", "", emphasis);
  if (account) return element("span", "mention", `@${accounts.get(account)?.name ?? "somebody"}`);
  if (channel) return element("span", "mention", `#${channels.get(channel)?.name ?? "somewhere"}`);
  return element("span", "mention", whole);
}

// A message

function line(message, before) {
  const isMore = before && before.author === message.author && before.name === message.name
    && message.at - before.at < GROUP_MS && !message.reply_to && !message.used && before.seen_by === message.seen_by;
  const row = element("li", `line${isMore ? " more" : ""}${message.reply_to || message.used ? " replies" : ""}`);
  row.id = `m${message.id}`;
  row.dataset.author = message.name;
  if (message.text.includes(`<@${who.value}>`)) row.classList.add("pinged");
  if (message.seen_by) row.classList.add("whispered");
  if (message.reply_to) row.append(above(`${message.reply_to.name} `, message.reply_to.text));
  if (message.used) row.append(above(accounts.get(message.used.by)?.name ?? "", ` used ${message.used.name}`));
  row.append(avatar(message.name, message.bot), head(message));
  const said = element("div", message.loading ? "said dots" : "said");
  said.append(...(message.loading ? [] : written(message.text)));
  if (message.edited) said.append(" ", element("span", "quiet", "(edited)"));
  row.append(said, ...message.embeds.map((words) => element("div", "embed", words)));
  row.append(...message.files.map((name) => element("div", "quiet", `📎 ${name}`)), marks(message));
  if (message.buttons.length) row.append(buttons(message));
  if (message.thread) row.append(toThread(message.thread));
  if (message.seen_by) row.append(element("div", "quiet", "Only you can see this"));
  row.append(acts(message));
  return row;
}

function above(name, words) {
  const made = element("div", "above");
  const quoted = element("span");
  quoted.append(element("b", "", name), ...written(words));
  made.append(quoted);
  return made;
}

function head(message) {
  const made = element("div", "who");
  const name = element("b", "", message.name);
  name.style.setProperty("--hue", hueOf(message.name));
  made.append(name);
  if (message.bot) made.append(element("span", "tag", message.webhook ? "webhook" : "bot"));
  const at = new Date(message.at);
  const time = element("time", "", at.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" }));
  time.dateTime = at.toISOString();
  made.append(time);
  return made;
}

function marks(message) {
  const made = element("div", "marks");
  for (const [emoji, those] of Object.entries(message.reactions)) {
    const names = those.map((id) => accounts.get(id)?.name ?? "somebody").join(", ");
    const mark = button(`${emoji}: ${names}`, "mark", emoji, () => react(message, emoji));
    mark.append(` ${those.length}`);
    mark.setAttribute("aria-pressed", those.includes(who.value));
    made.append(mark);
  }
  return made;
}

function buttons(message) {
  const made = element("div", "marks");
  for (const one of message.buttons) {
    const press = () => trying(() => act("button", { who: who.value, message: message.id, button: one.id }));
    const pressed = button(one.label, "press", one.label, press);
    pressed.disabled = one.off;
    made.append(pressed);
  }
  return made;
}

function toThread(id) {
  const made = element("button", "to-thread", `↳ ${channels.get(id)?.name ?? "Thread"}`);
  made.type = "button";
  made.addEventListener("click", () => go(id));
  return made;
}

function acts(message) {
  const made = element("div", "acts");
  const thumbs = THUMBS.map((emoji) => button(`React with ${emoji}`, "icon", emoji, () => react(message, emoji)));
  const reply = button("Reply", "icon", icon("M10 5L4 11l6 6M4 11h10c4 0 6 2.5 6 7"), () => answer(message, false));
  const more = button("More", "icon menu", icon("M5 12h.01M12 12h.01M19 12h.01"), () => openMenu(message, more));
  more.setAttribute("aria-haspopup", "menu");
  if (!message.seen_by) made.append(...thumbs, reply);
  made.append(more);
  return made;
}

const react = (message, emoji) => trying(() => act("react", { who: who.value, message: message.id, emoji }));

function answer(message, edits) {
  answering = { message, edits };
  byId("about").hidden = false;
  byId("about").firstElementChild.textContent = edits ? "You change your message" : `You answer ${message.name}`;
  if (edits) text.value = spelled(message.text);
  text.focus();
  grow();
}

function answerNobody() {
  answering = null;
  byId("about").hidden = true;
}

function openMenu(message, at) {
  const may = message.author === who.value && !message.webhook;
  const entry = (label, doing, className = "") => {
    const made = element("button", className, label);
    made.type = "button";
    made.setAttribute("role", "menuitem");
    made.addEventListener("click", () => { menu.hidePopover(); doing(); });
    return made;
  };
  const entries = message.seen_by ? [] : THUMBS.map((emoji) => entry(`React with ${emoji}`, () => react(message, emoji)));
  if (!message.seen_by) entries.push(entry("Reply", () => answer(message, false)));
  if (may) entries.push(entry("Edit", () => answer(message, true)));
  if (!message.thread && !message.seen_by && channels.get(here).kind === "text") entries.push(entry("Open a thread", () => openThread(message)));
  const remove = () => trying(() => act("delete", { who: who.value, message: message.id }));
  if (may || message.seen_by || isOwner()) entries.push(entry(message.seen_by ? "Dismiss" : "Delete", remove, "grim"));
  const apps = message.seen_by ? [] : commands.filter((one) => one.kind === 3);
  if (apps.length) entries.push(element("h2", "", "Commands"));
  for (const one of apps) {
    const press = () => trying(() => act("menu", { who: who.value, bot: one.bot, name: one.name, message: message.id }));
    entries.push(entry(`${one.name} · ${accounts.get(one.bot).name}`, press));
  }
  menu.replaceChildren(...entries);
  menu.showPopover();
  const button = at.getBoundingClientRect();
  const box = menu.getBoundingClientRect();
  menu.style.left = `${Math.max(8, Math.min(button.right - box.width, innerWidth - box.width - 8))}px`;
  menu.style.top = `${Math.max(8, Math.min(button.bottom + 4, innerHeight - box.height - 8))}px`;
  menu.querySelector("button")?.focus();
}

menu.addEventListener("keydown", (event) => {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step) return;
  event.preventDefault();
  const entries = [...menu.querySelectorAll("button")];
  entries.at((entries.indexOf(document.activeElement) + step) % entries.length).focus();
});

const isOwner = () => accounts.get(who.value)?.name === "Owner";

async function openThread(message) {
  const name = spelled(message.text).slice(0, 40) || "Thread";
  const opened = await trying(() => act("thread", { who: who.value, where: here, name, message: message.id }));
  if (opened) { channels.set(opened.id, opened); go(opened.id); }
}

// What is shown

function isForMe(message) {
  return !message.seen_by || message.seen_by === who.value;
}

function showAll() {
  const rows = [];
  let before = null;
  for (const message of messages.values()) {
    if (!isForMe(message)) continue;
    rows.push(line(message, before));
    before = message;
  }
  log.replaceChildren(...(rows.length ? rows : [emptyPlace()]));
  log.scrollTop = log.scrollHeight;
}

function emptyPlace() {
  const made = element("li", "empty");
  const names = [...accounts.values()].filter((one) => one.bot).map((one) => one.name);
  made.append(element("strong", "", "Nobody has said anything yet"));
  made.append(names.length ? `Say something. ${names.join(", ")} may answer; @${names[0]} asks one of them.` : "No bot is here.");
  return made;
}

function show(message) {
  if (message.channel !== here) {
    if (isForMe(message)) { news.add(message.channel); showPlaces(); }
    return;
  }
  const isNew = !messages.has(message.id);
  const wasAtEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 80;
  const before = isNew ? [...messages.values()].filter(isForMe).at(-1) : null;
  messages.set(message.id, message);
  if (isNew) typing.delete(`${message.channel} ${message.author}`);
  if (!isForMe(message)) return;
  if (isNew) {
    log.querySelector(".empty")?.remove();
    log.append(line(message, before));
  } else {
    const old = byId(`m${message.id}`);
    const row = line(message, null);
    row.classList.toggle("more", old.classList.contains("more"));
    old.replaceWith(row);
  }
  if (wasAtEnd) log.scrollTop = log.scrollHeight;
  showTyping();
}

function forget(ids) {
  let wasHere = false;
  for (const id of ids) wasHere = messages.delete(id) || wasHere;
  if (wasHere) showAll();
  if (answering && ids.includes(answering.message.id)) answerNobody();
}

function showTyping() {
  const now = Date.now();
  for (const [key, at] of typing) if (now - at > TYPING_MS) typing.delete(key);
  const names = [...typing.keys()].map((key) => key.split(" ")).filter(([where, id]) => where === here && id !== who.value)
    .map(([, id]) => accounts.get(id)?.name ?? "Somebody");
  const line = byId("typing");
  line.className = names.length ? "dots" : "";
  line.textContent = names.length ? `${names.join(", ")} ${names.length > 1 ? "are" : "is"} typing` : "";
}

function showPlaces() {
  const entry = (channel) => {
    const item = element("li", channel.kind);
    const made = element("button", news.has(channel.id) ? "news" : "");
    made.append(element("b", "", nameOf(channel)));
    made.type = "button";
    made.setAttribute("aria-current", channel.id === here);
    made.addEventListener("click", () => go(channel.id));
    item.append(made);
    return item;
  };
  const all = [...channels.values()];
  const ordered = all.filter((one) => one.kind === "text")
    .flatMap((one) => [one, ...all.filter((other) => other.parent === one.id)]);
  byId("channels").replaceChildren(...ordered.map(entry));
  byId("privates").replaceChildren(...all.filter((one) => one.kind === "private" && one.members.includes(who.value)).map(entry));
}

function nameOf(channel) {
  if (channel.kind !== "private") return channel.name;
  const other = channel.members.find((id) => id !== who.value);
  return accounts.get(other)?.name ?? channel.name;
}

function showPeople() {
  const entry = (one) => {
    const item = element("li", one.online ? "online" : "");
    item.append(avatar(one.name, one.bot), element("span", "", one.name));
    if (one.bot) item.append(button(`Write to ${one.name} in private`, "icon", icon("M4 5h16v11H9l-5 4z"), () => whisper(one)));
    return item;
  };
  const all = [...accounts.values()];
  byId("bots").replaceChildren(...all.filter((one) => one.bot).map(entry));
  byId("persons").replaceChildren(...all.filter((one) => !one.bot).map(entry));
}

async function whisper(other) {
  const opened = await trying(() => act("private", { who: who.value, other: other.id }));
  if (opened) { channels.set(opened.id, opened); go(opened.id); }
}

async function go(id) {
  here = id;
  news.delete(id);
  close();
  answerNobody();
  const channel = channels.get(id);
  const sign = { text: "# ", thread: "↳ ", private: "@ " }[channel.kind];
  byId("title").textContent = sign + nameOf(channel);
  byId("topic").textContent = channel.topic || { private: "Between the two of you", thread: "A thread", text: "" }[channel.kind];
  text.placeholder = `Write in ${sign.trim()}${nameOf(channel)}`;
  document.title = `${sign}${nameOf(channel)} · Make-believe Discord`;
  showPlaces();
  const found = await read("/page/messages", { channel: id });
  if (here !== id) return;
  messages.clear();
  for (const message of found) messages.set(message.id, message);
  showAll();
  showTyping();
  await readCommands();
}

async function readCommands() {
  commands = await read("/page/commands", { who: who.value, channel: here });
}

// Writing

function spelled(words) {
  return words.replace(/<@!?(\d+)>/g, (whole, id) => (accounts.has(id) ? `@${accounts.get(id).name}` : whole));
}

function addressed(words) {
  const named = [...accounts.values()].sort((one, other) => other.name.length - one.name.length);
  return words.replace(/(^|[^\w<])@([^\s@]{1,32}(?: [^\s@]{1,32}){0,2})/g, (whole, before, given) => {
    const found = named.find((one) => given.toLowerCase().startsWith(one.name.toLowerCase()));
    return found ? `${before}<@${found.id}>${given.slice(found.name.length)}` : whole;
  });
}

async function send() {
  const words = text.value.trim();
  if (!words) return;
  const command = commandIn(words);
  const edited = answering?.edits ? answering.message.id : null;
  const replyTo = answering && !answering.edits ? answering.message.id : null;
  const fields = { who: who.value, where: here, text: addressed(words) };
  const done = await trying(() => {
    if (edited) return act("edit", { who: who.value, message: edited, text: fields.text });
    if (command) return act("slash", { who: who.value, where: here, ...command });
    return act("say", { ...fields, reply_to: replyTo });
  });
  if (!done) return;
  text.value = "";
  answerNobody();
  grow();
  log.scrollTop = log.scrollHeight;
}

// "/forget me really:yes" is the command "forget me" with an option.
function commandIn(words) {
  if (!words.startsWith("/")) return null;
  const wanted = spellings().filter(({ path }) => `${words} `.startsWith(`${path} `)).sort((a, b) => b.path.length - a.path.length)[0];
  if (!wanted) return null;
  const given = words.slice(wanted.path.length).trim();
  return { bot: wanted.bot, command: wanted.path.slice(1), options: optionsIn(given, wanted.options) };
}

function optionsIn(given, known) {
  const options = {};
  const marks = [...given.matchAll(/(?:^|\s)([\w-]+):/g)].filter((found) => known.some((one) => one.name === found[1]));
  marks.forEach((found, at) => {
    const end = at + 1 < marks.length ? marks[at + 1].index : given.length;
    options[found[1]] = given.slice(found.index + found[0].length, end).trim().replace(/^@/, "");
  });
  if (!marks.length && given && known.length) options[known[0].name] = given.replace(/^@/, "");
  return options;
}

function spellings() {
  const found = [];
  const add = (one, path, described) => {
    const parts = described.options.filter((option) => option.is_part);
    parts.forEach((part) => add(one, `${path} ${part.name}`, part));
    if (!parts.length) found.push({ path, bot: one.bot, description: described.description, options: described.options });
  };
  commands.filter((one) => one.kind === 1).forEach((one) => add(one, `/${one.name}`, one));
  return found;
}

function showCommands() {
  const words = text.value;
  const fitting = words.startsWith("/") && !answering ? spellings().filter(({ path }) => path.startsWith(words.split(":")[0].trimEnd())) : [];
  chosen = Math.min(chosen, Math.max(0, fitting.length - 1));
  commandList.hidden = !fitting.length;
  commandList.replaceChildren(...fitting.slice(0, 30).map((one, at) => {
    const made = element("button");
    const needed = one.options.map((option) => (option.required ? ` ${option.name}:` : ` [${option.name}:]`)).join("");
    made.type = "button";
    made.setAttribute("role", "option");
    made.setAttribute("aria-selected", at === chosen);
    made.append(element("b", "", one.path + needed), element("span", "quiet", one.description));
    made.append(element("span", "quiet", accounts.get(one.bot)?.name ?? ""));
    made.addEventListener("click", () => take(one));
    return made;
  }));
}

function take(one) {
  text.value = one.path + one.options.filter((option) => option.required).slice(0, 1).map((option) => ` ${option.name}:`).join("");
  commands = [...commands.filter((other) => other.bot === one.bot), ...commands.filter((other) => other.bot !== one.bot)];
  commandList.hidden = true;
  text.focus();
}

function grow() {
  text.style.height = "auto";
  text.style.height = `${text.scrollHeight}px`;
}

let toldTyping = 0;
text.addEventListener("input", () => {
  grow();
  showCommands();
  if (text.value && !text.value.startsWith("/") && Date.now() - toldTyping > TYPING_MS) {
    toldTyping = Date.now();
    trying(() => act("type", { who: who.value, where: here }));
  }
});

text.addEventListener("keydown", (event) => {
  if (event.isComposing) return;
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!commandList.hidden && step) {
    event.preventDefault();
    chosen = Math.max(0, chosen + step);
    showCommands();
  } else if (!commandList.hidden && event.key === "Tab") {
    event.preventDefault();
    commandList.children[chosen].click();
  } else if (event.key === "Escape") {
    commandList.hidden = true;
    answerNobody();
  } else if (event.key === "Enter" && !event.shiftKey) {
    event.preventDefault();
    const isWhole = commandIn(text.value.trim()) !== null;
    if (!commandList.hidden && !isWhole) commandList.children[chosen].click();
    else byId("composer").requestSubmit();
  }
});

byId("composer").addEventListener("submit", (event) => {
  event.preventDefault();
  commandList.hidden = true;
  send();
});
byId("about").lastElementChild.addEventListener("click", answerNobody);
byId("newcomer").addEventListener("submit", async (event) => {
  event.preventDefault();
  const input = event.target.querySelector("input");
  const made = await trying(() => act("person", { name: input.value }));
  if (!made) return;
  input.value = "";
  await readState();
  who.value = made.id;
  who.dispatchEvent(new Event("change"));
});

who.addEventListener("change", () => {
  localStorage.setItem(PLACE, who.value);
  const channel = channels.get(here);
  const first = [...channels.values()].find((one) => one.kind === "text");
  go(channel.kind === "private" && !channel.members.includes(who.value) ? first.id : here);
});

// The sides, where the screen is narrow

function close() {
  for (const side of ["places", "people"]) {
    byId(side).classList.remove("open");
    byId(`show-${side}`).setAttribute("aria-expanded", false);
  }
}

for (const side of ["places", "people"]) {
  byId(`show-${side}`).addEventListener("click", (event) => {
    event.stopPropagation();
    const isOpen = byId(side).classList.toggle("open");
    byId(`show-${side}`).setAttribute("aria-expanded", isOpen);
  });
}
log.addEventListener("click", close);

// What happens

const HAPPENINGS = {
  message: ({ message }) => show(message),
  gone: ({ messages }) => forget(messages),
  typing: ({ channel, who: id }) => { typing.set(`${channel} ${id}`, Date.now()); showTyping(); },
  channel: ({ channel }) => { channels.set(channel.id, channel); showPlaces(); },
  account: ({ account }) => {
    const isNew = !accounts.has(account.id);
    accounts.set(account.id, account);
    showPeople();
    if (isNew) showPersons();
    if (account.bot && here) readCommands();
  },
};

function showPersons() {
  const before = who.value;
  const persons = [...accounts.values()].filter((one) => !one.bot).map((one) => new Option(one.name, one.id));
  const owner = persons.filter((option) => option.text === "Owner");
  who.replaceChildren(...persons.filter((option) => option.text !== "Owner"), ...owner);
  const kept = before || localStorage.getItem(PLACE);
  if (accounts.has(kept)) who.value = kept;
}

async function readState() {
  const state = await read("/page/state");
  byId("server").textContent = state.server;
  accounts.clear();
  channels.clear();
  for (const one of state.accounts) accounts.set(one.id, one);
  for (const one of state.channels) channels.set(one.id, one);
  showPersons();
  showPeople();
}

function follow() {
  const events = new EventSource("/page/events");
  events.onopen = async () => {
    byId("lost").hidden = true;
    await readState();
    const place = channels.has(here) ? here : [...channels.values()].find((one) => one.kind === "text").id;
    await go(place);
    document.body.dataset.ready = "true";
  };
  events.onmessage = (event) => {
    const happened = JSON.parse(event.data);
    HAPPENINGS[happened.kind](happened);
  };
  events.onerror = () => { byId("lost").hidden = false; };
}

setInterval(showTyping, 1000);
follow();
