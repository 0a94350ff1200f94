// Knowledge beside the form: found while the agent types or by own words; inserted, read out, or sent by SMS.
// What was inserted is named with the ticket, so that a direct answer counts for its entry.
import { post } from "./server.js";
import { el, list, make } from "./view.js";

const WAIT = 900;
const LEAST = 4;

export class Knowledge {
  // `number()` is the caller's phone, `insert(text, code)` puts an answer into the form.
  constructor({ number, insert }) {
    this.number = number;
    this.insert = insert;
    this.asked = "";
    el("kq").addEventListener("input", () => this.later(el("kq").value));
    el("kq").addEventListener("keydown", (event) => {
      if (event.key !== "Enter") return;
      event.preventDefault();
      this.find(el("kq").value);
    });
  }

  // `category`: the form's, when it is known; its entries are shown when the words alone find nothing.
  later(text, category = "") {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.find(text, category), WAIT);
  }

  async find(text, category = "") {
    const words = text.trim();
    const asked = `${words}|${category}`;
    if ((words.length < LEAST && !category) || asked === this.asked) return;
    this.asked = asked;
    try {
      const found = await post("/knowledge/api/answers/", { text: words, category_id: category });
      if (this.asked === asked) this.draw(found);
    } catch (error) {
      this.asked = "";
      el("ksaid").textContent = `知识库暂不可用：${error.message}`;
    }
  }

  draw({ answers, known, degraded }) {
    const said = !answers.length ? "没有找到相关知识" : degraded ? "检索服务降级，结果可能不全" : known ? "" : "没有确切的答案，以下内容相近";
    el("ksaid").textContent = said;
    list("answers", answers.slice(0, 5), (answer) => this.entry(answer));
  }

  entry(answer) {
    const item = make("li");
    const head = make("details");
    head.append(make("summary", answer.public ? answer.title : `${answer.title}（内部）`), make("p", answer.text, { class: "passage" }));
    head.addEventListener("toggle", () => head.open && this.used(answer, "opened"));
    const best = make("p", "", { class: "best" });
    best.append(...answer.passage.map(([text, hit]) => make(hit ? "mark" : "span", text)));
    const keys = make("div", "", { class: "keys" });
    keys.append(this.key("插入", () => this.insert(answer.text, answer.code) || this.used(answer, "inserted")));
    keys.append(this.key("朗读", () => this.read(answer, head)));
    if (answer.public) keys.append(this.key("短信", () => this.sms(answer)));
    item.append(head, best, keys);
    return item;
  }

  key(label, run) {
    const button = make("button", label, { type: "button" });
    button.addEventListener("click", run);
    return button;
  }

  used(answer, how) {
    post(`/knowledge/entries/${answer.code}/use/`, { how }).catch(() => undefined);
  }

  // Read out by the agent: large, alone, closed with Escape.
  read(answer, head) {
    head.open = true;
    el("aloud-title").textContent = answer.title;
    el("aloud-text").textContent = answer.text;
    el("aloud").showModal();
    this.used(answer, "read");
  }

  async sms(answer) {
    const phone = this.number().replace(/^\+?86/, "");
    try {
      await post(`/knowledge/entries/${answer.code}/sms/`, { phone, once: `${phone}-${new Date().toDateString()}` });
      el("ksaid").textContent = "短信已提交发送";
    } catch (error) {
      el("ksaid").textContent = error.message;
    }
  }
}
