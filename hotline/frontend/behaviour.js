// Small behaviours asked for by attributes, because the content policy allows no inline script:
//   data-print             a click prints the page
//   data-confirm="text"    a click or submit asks first
//   data-copy="#selector"  a click copies that element's text
//   data-read="#selector"  a click reads that element aloud, a second click stops
//   data-key="d"           the key (outside fields) clicks or focuses this element
//   data-fold              an open <details> that begins closed on a telephone
const FIELDS = new Set(["INPUT", "TEXTAREA", "SELECT"]);

const UNHEARD_MS = 4000;
let unheard = 0;

// Sentence by sentence: several browsers fall silent in the middle of a long text. The button says what a click does;
// where no voice begins, it says so.
function readAloud(button, text) {
  const speech = window.speechSynthesis;
  if (!speech) return;
  const word = (button.dataset.word ??= button.textContent);
  const show = (said) => (button.textContent = said);
  clearTimeout(unheard);
  if (speech.speaking || speech.pending) {
    speech.cancel();
    show(word);
    return;
  }
  const parts = (text.match(/[^。！？；\n]+[。！？；]?/g) ?? []).map((part) => part.trim()).filter(Boolean);
  let begun = false;
  for (const [index, part] of parts.entries()) {
    const utterance = new SpeechSynthesisUtterance(part);
    utterance.lang = "zh-CN";
    utterance.rate = 0.9;
    utterance.onstart = () => {
      begun = true;
      show("停止");
    };
    if (index === parts.length - 1) utterance.onend = () => show(word);
    speech.speak(utterance);
  }
  unheard = setTimeout(() => {
    if (begun || !parts.length) return;
    speech.cancel();
    show("本机不能朗读");
  }, UNHEARD_MS);
}

function onClick(event) {
  const target = event.target.closest("[data-print], [data-confirm], [data-copy], [data-read]");
  if (!target) return;
  const { print, confirm, copy, read } = target.dataset;
  if (confirm !== undefined && target.tagName !== "FORM" && !window.confirm(confirm)) {
    event.preventDefault();
    event.stopPropagation();
  }
  if (print !== undefined) window.print();
  if (copy !== undefined) navigator.clipboard?.writeText(document.querySelector(copy)?.textContent.trim() ?? "");
  if (read !== undefined) readAloud(target, document.querySelector(read)?.innerText ?? "");
}

function onSubmit(event) {
  const question = event.target.dataset.confirm;
  if (question !== undefined && !window.confirm(question)) event.preventDefault();
}

function onKey(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (FIELDS.has(event.target.tagName) || event.target.isContentEditable) return;
  const target = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
  if (!target) return;
  event.preventDefault();
  if (FIELDS.has(target.tagName)) target.focus();
  else target.click();
}

function fold() {
  if (!window.matchMedia("(max-width: 40rem)").matches) return;
  for (const part of document.querySelectorAll("details[data-fold]")) part.open = false;
}

if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", fold);
else fold();
document.addEventListener("click", onClick, true);
document.addEventListener("submit", onSubmit, true);
document.addEventListener("keydown", onKey);
