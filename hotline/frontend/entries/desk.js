// The desk: live hints by socket, keys for lists, small helps for forms. Every page works without it.
const FIELDS = new Set(["INPUT", "TEXTAREA", "SELECT", "BUTTON", "SUMMARY"]);

// --- live hints: the socket only says that something changed; the page asks the server what
const FIRST_WAIT = 1000;
const LONGEST_WAIT = 60000;
let wait = FIRST_WAIT;
let quiet = 0;
let live = null;

function announce() {
  window.clearTimeout(quiet);
  quiet = window.setTimeout(() => document.body.dispatchEvent(new CustomEvent("desk:changed")), 400);
}

function connect() {
  const page = document.querySelector("[data-live], [data-ticket]");
  if (!page || !("WebSocket" in window)) return;
  const scheme = location.protocol === "https:" ? "wss" : "ws";
  const ticket = page.dataset.ticket ? `${page.dataset.ticket}/` : "";
  const socket = new WebSocket(`${scheme}://${location.host}/ws/desk/${ticket}`);
  live = socket;
  socket.addEventListener("open", () => { wait = FIRST_WAIT; });
  socket.addEventListener("message", announce);
  socket.addEventListener("close", () => {
    if (document.querySelector("#presence[data-gone]")) return;
    window.setTimeout(connect, wait * (0.7 + Math.random() * 0.6));
    wait = Math.min(wait * 2, LONGEST_WAIT);
  });
}

// --- lists: j and k move, Enter opens (it is a link), x selects, a takes the proposal over
function rows() {
  return [...document.querySelectorAll("tr.ticket-row")];
}

function move(step) {
  const all = rows();
  if (!all.length) return;
  const here = all.findIndex((row) => row.contains(document.activeElement));
  const next = Math.min(Math.max(here + step, 0), all.length - 1);
  all[here < 0 ? (step > 0 ? 0 : all.length - 1) : next].querySelector("a.row-link").focus();
}

function select() {
  const row = document.activeElement?.closest("tr.ticket-row");
  const box = row?.querySelector("input[name=number]");
  if (box) box.click();
}

// a proposal that is not sure is only pointed at: taking it over needs a second key
function accept() {
  const button = document.activeElement?.closest("tr.ticket-row")?.querySelector("button.accept");
  if (button?.matches(".primary")) button.click();
  else button?.focus();
}

function onKey(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  const target = event.target;
  if (FIELDS.has(target.tagName) && target.type !== "checkbox") return;
  if (target.isContentEditable) return;
  const actions = {
    j: () => move(1),
    k: () => move(-1),
    x: select,
    a: accept,
    1: () => document.querySelector('.main-nav a[href="/desk/"]')?.click(),
    "/": () => (document.querySelector("#jump") ?? document.querySelector('.main-nav a[href="/desk/search/"]'))?.[document.querySelector("#jump") ? "focus" : "click"](),
    "?": () => document.querySelector(".foot")?.scrollIntoView(),
  };
  const action = actions[event.key];
  if (!action) return;
  event.preventDefault();
  action();
}

// --- selecting rows
function count() {
  const label = document.querySelector(".selected-count");
  const boxes = [...document.querySelectorAll("tr.ticket-row input[name=number]")];
  const chosen = boxes.filter((box) => box.checked).length;
  if (label) label.textContent = chosen ? `已选 ${chosen} 张` : "";
  const all = document.querySelector(".select-all");
  if (all) {
    all.checked = chosen > 0 && chosen === boxes.length;
    all.indeterminate = chosen > 0 && chosen < boxes.length;
  }
}

function onChange(event) {
  if (event.target.matches(".select-all")) {
    for (const box of document.querySelectorAll("tr.ticket-row input[name=number]")) box.checked = event.target.checked;
  }
  if (event.target.matches(".select-all, tr.ticket-row input[name=number]")) count();
}

// --- the proposal beside a new ticket: one click fills what is still empty
function onClick(event) {
  const button = event.target.closest("[data-fill]");
  if (!button) return;
  for (const [name, value] of Object.entries(JSON.parse(button.dataset.fill))) {
    const field = document.querySelector(`#intake [name="${name}"]`);
    if (field && value && !field.value) field.value = value;
  }
}

function prepare() {
  for (const part of document.querySelectorAll(".select-all, .js-only")) part.hidden = false;
  count();
  document.querySelector("#refusal")?.scrollIntoView({ block: "center" });
}

// the token in the header is the cookie's newest; one in a form may be older than the last log-in
document.addEventListener("htmx:configRequest", (event) => event.detail.formData?.delete("csrfmiddlewaretoken"));

// a refused action answers 4xx with the page to show: htmx must swap it in
document.addEventListener("htmx:beforeSwap", (event) => {
  const status = event.detail.xhr.status;
  const page = event.detail.xhr.responseText.includes('id="main"');
  if (page && (status === 409 || status === 422 || status === 403)) {
    event.detail.shouldSwap = true;
    event.detail.isError = false;
  }
});

// a ticket that left my unit while its page is open: the page says so, keeps what is typed and stops asking
const NOT_FOUND = 404;
document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.xhr.status !== NOT_FOUND) return;
  const presence = document.getElementById("presence");
  if (event.target === presence) {
    event.detail.shouldSwap = event.detail.xhr.responseText.includes("data-gone");
    event.detail.isError = false;
  } else if (presence?.hasAttribute("data-gone")) presence.focus();
  else if (presence) announce(); // a form found out first: who is here asks, and is told
});
function leave() {
  const told = document.querySelector("#presence[data-gone]");
  if (!told || told.dataset.gone) return;
  told.dataset.gone = "told";
  live?.close();
  told.scrollIntoView({ block: "center" });
}
document.addEventListener("htmx:afterSettle", leave);
document.addEventListener("htmx:afterSettle", prepare);
document.addEventListener("keydown", onKey);
document.addEventListener("change", onChange);
document.addEventListener("click", onClick);
document.addEventListener("DOMContentLoaded", () => { prepare(); connect(); });
