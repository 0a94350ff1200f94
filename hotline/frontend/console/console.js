// The console: one truth from the server (`state`), a phone that obeys it, a form that never loses a word.
import { callbacks, drawCallback } from "./callback.js";
import { drawCaller } from "./caller.js";
import { TicketForm } from "./draft.js";
import { Drafts } from "./drafts.js";
import { drawHints } from "./hints.js";
import { Knowledge } from "./knowledge.js";
import { Phone } from "./phone.js";
import { OtherPhone } from "./outside.js";
import { ring, silence } from "./ring.js";
import { get, hints, post, seat } from "./server.js";
import { sound } from "./sound.js";
import { Transfers } from "./transfer.js";
import { alarm, clock, el, facts, list, make, seconds, show } from "./view.js";

const POLL = { up: 5000, down: 1500 };
let phone = null;
let state = null;
let popped = "";
let socketUp = false;
let fetching = false;
let again = false;
let offline = false;

const form = new TicketForm(el("ticket"), {
  say: (text) => (el("saved").textContent = text),
  onHint: (hint) => drawHint(hint),
  onWords: (text) => knowledge.later(text, form.fields().category || ""),
  onSaved: (answer) => {
    el("result").textContent = answer.error
      ? `未保存：${answer.error}`
      : `已保存 ${answer.number}（${answer.status}）${answer.query_code ? ` 查询码 ${answer.query_code}` : ""}`;
    el("result").dataset.number = answer.number || "";
    drafts.look();
  },
});

const drafts = new Drafts({
  current: () => form.key,
  restore: (call, fields, version) => form.restore(call, fields, version),
});

const knowledge = new Knowledge({
  number: () => form.fields().phone || (state && state.call ? state.call.number : ""),
  insert: (text, code) => {
    form.fill({ answer: text, knowledge: code });
    form.typed();
  },
});

const transfers = new Transfers(act);

async function act(action, content = {}) {
  try {
    state = await post("order", { action, ...content });
    alarm("");
    draw();
    return true;
  } catch (error) {
    alarm(error.message);
    refresh();
    return false;
  }
}

// --- the truth ------------------------------------------------------------------------------------------------------
async function refresh() {
  if (!seat.token) return;
  if (fetching) {
    again = true;
    return;
  }
  fetching = true;
  try {
    state = await get(`state?popped=${encodeURIComponent(popped)}`);
    if (offline) alarm("");
    offline = false;
    if (state.pop) await pop(state.pop);
    draw();
  } catch (error) {
    if (error.code === "superseded" || error.code === "not_logged_in") leave(error.message);
    else {
      offline = error.code === "offline" || error.code === "session";
      alarm(error.message);
    }
  } finally {
    fetching = false;
    if (again) {
      again = false;
      refresh();
    }
  }
}

async function pop(found) {
  popped = found.call.id;
  document.body.dataset.popped = String(Math.round(performance.timeOrigin + performance.now()));
  drawCaller(found);
  transfers.begin();
  await form.begin(popped, found.draft);
  const number = found.call.number;
  if (number && !form.fields().phone) form.fill({ phone: number });
  drafts.look();
}

function drawHint(hint) {
  drawHints(hint, (chosen) => {
    form.fill({ category: chosen.category });
    form.typed();
    drawHint(chosen);
  });
  const { kind, region } = el("ticket").elements;
  if (hint && hint.kind && !kind.value) kind.value = hint.kind;
  if (hint && hint.region && !region.value) region.value = hint.region;
}

function draw() {
  const { seat: own, call } = state;
  const talking = own.mode === "talking";
  const sounding = Boolean(phone && phone.session && phone.state === "ringing");
  const speaking = Boolean(phone && phone.session && phone.state !== "ringing");
  if (sounding && own.own_call) phone.answer(); // a call that this seat asked for: nobody has to accept it
  el("mode").textContent = own.reason ? `${own.label}：${own.reason}` : own.label;
  el("mode").dataset.mode = own.mode;
  el("title").textContent = title(own, call, sounding);
  facts(call ? [["线路", call.line], ["队列", call.queue_label], ["掉线", call.lost_legs || ""]] : []);
  show("answer", sounding && !own.own_call);
  for (const id of ["ready", "break", "owed"]) el(id).disabled = talking || own.mode === "ringing";
  for (const id of ["hold", "mute", "tones"]) show(id, Boolean(phone && phone.inPage && (talking || speaking)));
  show("hangup", talking || speaking || own.own_call !== "");
  for (const id of ["private", "abuse", "moves"]) show(id, Boolean(talking && call && call.talking));
  el("hold").firstChild.textContent = call && call.held ? "取消保持 " : "保持 ";
  transfers.draw(call, talking, state.peers);
  drawCallback(state.callback);
  list("notices", state.notices, (notice) => {
    const item = make("li", notice.text);
    const button = make("button", "据此答复");
    button.type = "button";
    button.addEventListener("click", () => {
      const { answer } = el("ticket").elements;
      answer.value = answer.value.trim() ? `${answer.value.trimEnd()}\n${notice.text}` : notice.text; // words typed before stay
      form.typed();
    });
    item.append(button);
    return item;
  });
  list("messages", state.messages, (message) => make("li", `${message.text}（${new Date(message.at).toLocaleTimeString("zh-CN", { hour: "2-digit", minute: "2-digit" })}）`));
  announce(state.messages[0]);
}

const TITLES = { out: "正在回拨", spy: "监听中" };
function title(own, call, sounding) {
  if (own.own_call && own.mode !== "talking") return TITLES[own.own_call];
  if (own.mode === "talking") return call && call.held ? "保持中" : "通话中";
  if (own.mode === "ringing") return phone && phone.kind === "outside" ? "来电，请接听座席话机" : "来电";
  if (sounding) return "内部来电";
  if (call && call.open) return "处理中";
  return own.mode === "lost" ? "话机断线，正在重新连接" : "等待来电";
}

// A new line from the team leader is shown over the page until it was read; at log-in the older ones are no news.
let lastMessage = -1;
function announce(newest) {
  const id = newest ? newest.id : 0;
  if (lastMessage >= 0 && id > lastMessage) {
    el("notice-text").textContent = `班长消息：${newest.text}`;
    show("notice", true);
  }
  lastMessage = Math.max(lastMessage, id);
}

// --- the phone ------------------------------------------------------------------------------------------------------
const PHONE = { connecting: "话机连接中", idle: "话机就绪", ringing: "话机振铃", talking: "话机通话中", held: "话机保持", offline: "话机断线", refused: "话机被拒绝", outside: "座席外线话机", none: "演示：自动接听" };

function onPhone(now) {
  el("phone").textContent = PHONE[now] || now;
  el("phone").dataset.state = now;
  if (now === "ringing") {
    if (!phone.expectReturn) ring();
  } else silence();
  if (now === "talking") phone.expectReturn = false;
  refresh();
}

async function login(number) {
  const given = await post("login", { seat: number });
  seat.token = given.token;
  phone = given.phone === "page" ? pagePhone(given) : new OtherPhone(given.phone, onPhone);
  window.consolePhone = phone;
  sessionStorage.setItem("seat", number);
  show("login", false);
  show("seatbox", true);
  show("devices", phone.inPage);
  await refresh();
  // A reloaded page finds its own call still there: the old leg is deaf, the server lets it go and rings us again.
  const back = phone.inPage && state.call && state.call.open && (state.call.talking || state.seat.mode === "lost");
  phone.expectReturn = Boolean(back);
  phone.start();
  if (back && state.call.talking) await act("take_back");
  hints("/ws/console/", refresh, (up) => {
    socketUp = up;
    el("link").textContent = up ? "推送正常" : "推送中断，轮询中";
    refresh();
  });
  poll();
  drafts.look(); // what a crash or an earlier call left behind
}

function pagePhone(given) {
  const scheme = location.protocol === "https:" ? "wss" : "ws";
  return new Phone({
    url: document.body.dataset.phone || `${scheme}://${location.host}/ws/phone/`,
    extension: given.extension,
    password: given.password,
    domain: given.domain,
    ice: given.ice,
    audio: el("voice"),
    onChange: onPhone,
  });
}

function poll() {
  if (!seat.token) return;
  refresh();
  setTimeout(poll, socketUp ? POLL.up : POLL.down);
}

function leave(text) {
  seat.token = "";
  sessionStorage.removeItem("seat");
  if (phone) phone.leave();
  show("seatbox", false);
  show("login", true);
  alarm(text);
}

async function hangup() {
  if (state.seat.mode !== "talking") {
    if (state.seat.own_call === "spy") act("hang_up");
    phone.end(); // listening in, a colleague's call, a call-back that nobody answered yet: no caller is left alone
    return;
  }
  if (!(await act("hang_up"))) return;
  phone.end();
  setTimeout(async () => {
    await refresh();
    if (state.seat.mode === "talking" && state.call && state.call.talking) act("hang_up", { force: true });
  }, 2500);
}

// --- buttons and keys -------------------------------------------------------------------------------------------------
const press = (id, run) => el(id).addEventListener("click", run);
el("login").addEventListener("submit", (event) => {
  event.preventDefault();
  login(el("seat").value).catch((error) => alarm(error.message));
});
press("ready", () => act("ready"));
press("break", () => act("break", { reason: el("reason").value }));
press("logout", async () => (await act("log_out")) && leave(""));
press("answer", () => {
  phone.answer();
  el("ticket").elements.body.focus(); // the next thing to do is to write down what is said
});
press("hangup", hangup);
press("hold", () => phone.hold(!state.call.held));
press("mute", () => {
  phone.muted = !phone.muted;
  phone.mute(phone.muted);
  el("mute").firstChild.textContent = phone.muted ? "取消静音 " : "静音 ";
});
press("private", async () => {
  const pause = el("private").dataset.on !== "1";
  if (!(await act("record", { on: !pause }))) return;
  el("private").dataset.on = pause ? "1" : "";
  el("private").textContent = pause ? "恢复录音" : "暂停录音";
});
press("abuse", () => act("abuse", { call: state.call.id, reason: "辱骂骚扰" }));
callbacks(refresh);
press("notice-seen", () => show("notice", false));
for (const button of document.querySelectorAll("[data-tone]")) button.addEventListener("click", () => phone.tone(button.dataset.tone));

const KEYS = { F2: "answer", F4: "hangup", F6: "hold", F7: "mute", F8: "ready" };
document.addEventListener("keydown", (event) => {
  if (event.key === "F9") {
    event.preventDefault();
    if (!el("moves").hidden) transfers.police();
  } else if (KEYS[event.key]) {
    event.preventDefault();
    if (!el(KEYS[event.key]).hidden) el(KEYS[event.key]).click();
  } else if (event.key === "Enter" && event.ctrlKey) {
    event.preventDefault();
    form.save();
  }
});

el("ticket").elements.region.addEventListener("input", async (event) => {
  if (/^\d*$/.test(event.target.value)) return;
  const { places } = await get(`places?q=${encodeURIComponent(event.target.value)}`).catch(() => ({ places: [] }));
  list("regions", places, (place) => make("option", place.name, { value: place.code }));
});

sound(() => phone);
setInterval(() => {
  if (state) el("clock").textContent = clock(seconds(state.seat.since));
}, 500);
addEventListener("pagehide", () => phone && phone.leave());

const before = sessionStorage.getItem("seat");
if (before) login(before).catch((error) => alarm(error.message));
