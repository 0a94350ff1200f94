// Drawing what the server says. Text is only ever set as text.
export const el = (id) => document.getElementById(id);
export const show = (id, on) => {
  el(id).hidden = !on;
};

export function make(tag, text = "", attributes = {}) {
  const node = document.createElement(tag);
  node.textContent = text;
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  return node;
}

export function list(id, items, draw) {
  el(id).replaceChildren(...items.map(draw));
}

export function facts(rows) {
  el("facts").replaceChildren(
    ...rows.flatMap(([name, value]) => (value ? [make("dt", name), make("dd", String(value))] : [])),
  );
}

export const seconds = (since) => Math.max(0, Math.floor((Date.now() - new Date(since).getTime()) / 1000));
export const clock = (count) => `${String(Math.floor(count / 60)).padStart(2, "0")}:${String(count % 60).padStart(2, "0")}`;

export function alarm(text) {
  el("alarm").textContent = text;
  show("alarm", Boolean(text));
}
