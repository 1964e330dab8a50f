// What has to happen in the browser itself: typing, scrolling, local times, links.
"use strict";

const greenroom = {
  limit: 20000,
  sent: null,

  box() { return document.querySelector("[data-testid=input]"); },

  // A message leaves the box only when the server has taken it, so that a lost connection loses no words.
  send() {
    const box = this.box(), text = box.value;
    if (!text.trim() || text.length > this.limit || this.sent === text) return;
    this.sent = text;
    setTimeout(() => { if (this.sent === text) this.sent = null; }, 4000);
    box.dispatchEvent(new CustomEvent("say", { detail: text }));
    box.focus();
  },

  taken(text) {
    const box = this.box();
    if (box.value.startsWith(text)) box.value = box.value.slice(text.length);
    this.sent = null;
    this.typed(box);
    this.toEnd();
  },

  giveBack(text) {
    const box = this.box();
    this.sent = null;
    if (!box.value.startsWith(text)) box.value = box.value ? text + "\n" + box.value : text;
    this.typed(box);
    box.focus();
  },

  key(event) {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    this.send();
  },

  typed(box) {
    box.style.height = "auto";
    box.style.height = Math.min(box.scrollHeight, 180) + "px";
    const over = box.value.length > this.limit, near = box.value.length > this.limit * 0.8;
    const count = document.querySelector("[data-testid=count]");
    count.textContent = near ? `${box.value.length.toLocaleString()} of ${this.limit.toLocaleString()} characters` +
      (over ? " – too long to send" : "") : "";
    count.classList.toggle("g-over", over);
    document.querySelector("[data-testid=send]").disabled = over || !box.value.trim();
    try { sessionStorage.setItem("greenroom-unsent", box.value); } catch { /* storage may be switched off */ }
  },

  focus(mark) { document.querySelector(`[data-testid=${mark}]`)?.focus(); },

  // The cast is one stop of the Tab key; the arrows choose in it, and a click leads on to the message.
  walking: false,
  chosen() { if (!this.walking) this.box().focus(); },
  walk(event) {
    const chips = [...event.currentTarget.querySelectorAll("[role=radio]")], at = chips.indexOf(event.target);
    const to = { ArrowRight: at + 1, ArrowDown: at + 1, ArrowLeft: at - 1, ArrowUp: at - 1, Home: 0, End: -1 }[event.key];
    if (at < 0 || to === undefined) return;
    event.preventDefault();
    const chip = chips.at(to % chips.length);
    this.walking = true;
    chip.focus();
    chip.click();
    this.walking = false;
  },

  dragged(event) {
    event.currentTarget.classList.toggle("g-over-it", event.type !== "dragleave");
  },

  dropped(event, uploader) {
    event.currentTarget.classList.remove("g-over-it");
    uploader.addFiles(event.dataTransfer.files);
  },

  room() { return document.querySelector("[data-testid=room]"); },

  toEnd() {
    this.held = null;
    this.following = true;
    this.follow();
  },

  following: true,
  follow() {},

  // Lines that come in above leave in its place what is being read, until the reader moves on.
  held: null,
  stay() {
    const line = this.room().querySelector("[data-testid=exchange]");
    this.following = false;
    this.held = line && { line, top: line.getBoundingClientRect().top };
  },

  // A line that somebody was led to is kept in sight until the reader moves on.
  goTo(line) {
    line.scrollIntoView({ block: "center" });
    line.classList.add("g-meant");
    this.following = false;
    this.held = { line, top: line.getBoundingClientRect().top };
  },

  // Some machines have no font with emoji; there a letter stands in for the emblem.
  paintsEmoji() {
    const canvas = document.createElement("canvas");
    canvas.width = canvas.height = 16;
    const brush = canvas.getContext("2d", { willReadFrequently: true });
    brush.font = "14px sans-serif";
    brush.fillText("\u{1F37A}", 0, 14);
    const pixels = brush.getImageData(0, 0, 16, 16).data;
    for (let i = 0; i < pixels.length; i += 4) if (pixels[i] !== pixels[i + 1] || pixels[i + 1] !== pixels[i + 2]) return true;
    return false;
  },

  open() {
    const room = this.room(), box = this.box(), jump = document.querySelector("[data-testid=jump]");
    this.follow = () => {
      const spoken = room.querySelector("[data-testid=exchange]");
      if (this.following && spoken) room.scrollTop = room.scrollHeight;
      else if (this.held?.line.isConnected) room.scrollTop += this.held.line.getBoundingClientRect().top - this.held.top;
      jump.classList.toggle("g-shown", !this.following);
    };
    room.addEventListener("scroll", () => {
      this.following = room.scrollHeight - room.scrollTop - room.clientHeight < 60;
      jump.classList.toggle("g-shown", !this.following);
    }, { passive: true });
    for (const move of ["wheel", "touchmove", "keydown", "pointerdown"])
      room.addEventListener(move, () => { this.held = null; }, { passive: true, capture: true });
    // A file that misses its place would open in the page's stead.
    for (const drag of ["dragover", "drop"]) document.addEventListener(drag, (event) => event.preventDefault());
    new MutationObserver(this.follow).observe(room, { childList: true, subtree: true, characterData: true });
    const cast = document.querySelector("[data-testid=cast]");
    new MutationObserver(() => cast.querySelector("[aria-checked=true]")?.scrollIntoView({ block: "nearest", inline: "nearest" }))
      .observe(cast, { attributes: true, attributeFilter: ["aria-checked"], childList: true, subtree: true });
    new ResizeObserver(this.follow).observe(room);
    room.addEventListener("click", (event) => {
      if (event.target.closest("[data-testid=earlier]")) this.stay();
      const link = event.target.closest(".g-said a[href]");
      if (!link) return;
      event.preventDefault();
      window.open(link.href, "_blank", "noopener,noreferrer");
    });
    document.querySelector("[data-testid=panel-fold]").open = matchMedia("(min-width: 64rem)").matches;
    try { box.value = box.value || sessionStorage.getItem("greenroom-unsent") || ""; } catch { /* as above */ }
    this.typed(box);
    if (box.value) box.dispatchEvent(new Event("input"));
    if (matchMedia("(pointer: fine)").matches) box.focus();
    this.follow();
    document.documentElement.classList.toggle("g-no-emoji", !this.paintsEmoji());
  },
};

window.greenroom = greenroom;

customElements.define("local-time", class extends HTMLElement {
  static observedAttributes = ["datetime"];
  attributeChangedCallback() {
    const when = new Date(this.getAttribute("datetime"));
    if (isNaN(when)) { this.textContent = ""; return; }
    const today = when.toDateString() === new Date().toDateString();
    const time = { hour: "2-digit", minute: "2-digit" };
    this.textContent = when.toLocaleString([], today ? time : { day: "numeric", month: "short", ...time });
    this.title = when.toLocaleString();
  }
});
