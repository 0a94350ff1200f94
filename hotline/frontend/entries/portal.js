// The citizens' portal works without this file; with it: reading aloud and printing, no double sending, a hint about
// files that are too large before they are sent, and filling in what a scanned receipt carries.
const root = document.documentElement;
root.classList.add("js");
if (!window.speechSynthesis) document.querySelectorAll(".speech").forEach((button) => button.remove());

// A receipt's QR code leads to /track/#n=NUMBER&c=CODE. The fragment never leaves the browser and is cleared at once.
function fillFromFragment() {
  const form = document.getElementById("track");
  const given = new URLSearchParams(location.hash.slice(1));
  const number = given.get("n");
  const code = given.get("c");
  if (!form || !number || !code) return;
  history.replaceState(null, "", location.pathname);
  form.elements.number.value = number;
  form.elements.code.value = code;
  document.getElementById("scanned").hidden = false;
  form.querySelector("button[type=submit]").focus();
}

function onceOnly(event) {
  const form = event.target;
  const words = form.dataset?.once;
  if (!words || event.defaultPrevented) return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "1";
  const button = form.querySelector("button[type=submit]");
  button.dataset.words = button.textContent;
  button.textContent = words;
  button.setAttribute("aria-disabled", "true");
}

// Back in the browser's history: the page comes from memory with the button still disarmed.
function rearm() {
  for (const form of document.querySelectorAll("form[data-sent]")) {
    delete form.dataset.sent;
    const button = form.querySelector("button[type=submit]");
    button.textContent = button.dataset.words;
    button.removeAttribute("aria-disabled");
  }
}

function checkFiles(event) {
  const input = event.target;
  const list = document.getElementById("files_list");
  if (input.id !== "id_files" || !list) return;
  const most = Number(input.dataset.most);
  const large = [...input.files].filter((file) => file.size > most * 1024 * 1024);
  list.replaceChildren(
    ...large.map((file) => {
      const line = document.createElement("li");
      line.textContent = `“${file.name}”超过 ${most} MB，请换一个小一点的`;
      return line;
    }),
  );
}

document.addEventListener("submit", onceOnly);
document.addEventListener("change", checkFiles);
window.addEventListener("pageshow", rearm);
window.addEventListener("hashchange", fillFromFragment);
fillFromFragment();
document.getElementById("errors")?.focus();
