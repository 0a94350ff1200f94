// The ticket form: autosaved to the server every few seconds and to this browser at each key, so that a crash loses
// no word. A form has its own id: sent twice it is one ticket.
import { post, seat } from "./server.js";

const EVERY = 2500;

export class TicketForm {
  constructor(form, { onHint, onSaved, onWords, say }) {
    this.form = form;
    this.onHint = onHint;
    this.say = say;
    this.onSaved = onSaved;
    this.onWords = onWords;
    this.call = "";
    this.reset("");
    form.addEventListener("input", () => this.typed());
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.save();
    });
    setInterval(() => this.autosave(), EVERY);
  }

  // Words typed without a call are kept under a name of their own.
  get key() {
    return this.call || `note-${this.id}`;
  }

  reset(call) {
    this.call = call;
    this.id = crypto.randomUUID();
    this.version = 0;
    this.stored = 0;
    this.filed = false;
    this.form.reset();
    // a form's reset leaves hidden fields as they are
    for (const item of this.form.querySelectorAll("input[type=hidden]")) item.value = "";
  }

  // Back from the list of unsaved ones; what is in the form now goes there.
  async restore(call, fields, version) {
    await this.autosave();
    this.reset(call.startsWith("note-") ? "" : call);
    if (!this.call) this.id = call.slice("note-".length);
    this.fill(fields);
    this.version = this.stored = version;
    this.say("已取回未保存的内容");
    this.form.elements.body.focus();
  }

  fields() {
    const found = {};
    for (const item of this.form.elements) {
      if (!item.name) continue;
      found[item.name] = item.type === "checkbox" ? item.checked : item.value;
    }
    return found;
  }

  fill(fields) {
    for (const [name, value] of Object.entries(fields)) {
      const item = this.form.elements[name];
      if (!item) continue;
      if (item.type === "checkbox") item.checked = Boolean(value);
      else item.value = value;
    }
  }

  // A new call: the old one's words stay stored under the old call.
  async begin(call, draft) {
    if (call === this.call) return;
    await this.autosave();
    this.reset(call);
    const local = JSON.parse(localStorage.getItem(`draft:${call}`) || "null");
    const stored = draft ? { ...JSON.parse(draft.content), at: draft.version } : null;
    const newest = local && (!stored || local.version >= draft.version) ? local : null;
    if (newest) {
      this.fill(newest.fields);
      this.id = newest.id;
      this.version = newest.version;
    } else if (stored) {
      this.fill(stored);
      this.version = draft.version;
      this.stored = draft.version;
    }
    if (this.version) this.say("已恢复未保存的内容");
  }

  typed() {
    if (this.filed) {
      this.filed = false;
      this.id = crypto.randomUUID();
    }
    this.version += 1;
    const copy = { fields: this.fields(), id: this.id, version: this.version };
    localStorage.setItem(`draft:${this.key}`, JSON.stringify(copy));
    clearTimeout(this.asking);
    this.asking = setTimeout(() => this.suggest(), 600);
  }

  async autosave() {
    if (!seat.token || this.filed || this.version <= this.stored) return;
    const version = this.version;
    try {
      await post("draft", { call: this.key, version, fields: this.fields() });
      this.stored = version;
      this.say("草稿已保存");
    } catch (error) {
      this.say(`草稿只存在本机：${error.message}`);
    }
  }

  async suggest() {
    const { body, place } = this.fields();
    if (body.length < 4) return;
    this.onWords(body);
    try {
      this.onHint(await post("suggest", { body, place }));
    } catch {
      this.onHint(null);
    }
  }

  content() {
    const found = this.fields();
    return { ...found, category: Number(found.category) || null };
  }

  async save() {
    if (!this.form.reportValidity()) return;
    const { call, key } = this;
    try {
      const answer = await post("tickets", { ...this.content(), form: this.id, call, draft: key });
      localStorage.removeItem(`draft:${key}`);
      this.filed = true;
      this.stored = this.version;
      this.onSaved(answer);
    } catch (error) {
      this.onSaved({ error: error.message });
    }
  }
}
