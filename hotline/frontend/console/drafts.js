// Words that never became a ticket: an earlier call's, a crashed browser's. Listed until fetched back or given up.
import { get, post } from "./server.js";
import { el, list, make, show } from "./view.js";

export class Drafts {
  // `current()` names the record that is in the form; `restore(call, fields, version)` puts one there.
  constructor({ current, restore }) {
    this.current = current;
    this.restore = restore;
  }

  async look() {
    try {
      const { drafts } = await get("drafts");
      this.draw(drafts.filter((draft) => draft.call !== this.current()));
    } catch {
      return; // the next look comes with the next call
    }
  }

  draw(drafts) {
    const shown = drafts
      .map((draft) => ({ ...draft, fields: JSON.parse(draft.content) }))
      .filter(({ fields }) => (fields.body || fields.answer || "").trim());
    show("drafts", shown.length > 0);
    list("draftlist", shown, (draft) => this.line(draft));
  }

  line({ call, fields, version, saved_at: at }) {
    const words = (fields.body || fields.answer).trim();
    const item = make("li", `${new Date(at).toLocaleString("zh-CN")} ${words.slice(0, 40)}${words.length > 40 ? "…" : ""} `);
    const back = make("button", "取回", { type: "button" });
    back.addEventListener("click", async () => {
      await this.restore(call, fields, version);
      this.look();
    });
    const drop = make("button", "放弃", { type: "button" });
    drop.addEventListener("click", async () => {
      if (!confirm("放弃这份未保存的记录？内容将不再保留。")) return;
      await post("draft/discard", { call }).catch(() => undefined);
      this.look();
    });
    item.append(back, drop);
    return item;
  }
}
