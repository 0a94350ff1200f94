// Passing the caller on: to 110 by one key, to seats, units, queues and other hotlines. Consent and a reason first.
import { get } from "./server.js";
import { alarm, el, list, make, show } from "./view.js";

const FAILED = ["busy", "no_answer", "unreachable"];
const PEER_WAYS = [["咨询", "attended"], ["三方", "three_way"], ["直转", "blind"]];
const AGAIN = 5000; // milliseconds in which a second press says that consent was given
const FREE = { leader: true };

export class Transfers {
  // `act(action, content)` orders it of the server.
  constructor(act) {
    this.act = act;
    this.found = [];
    this.asked = 0;
    for (const button of document.querySelectorAll("[data-move]"))
      button.addEventListener("click", (event) => {
        event.preventDefault();
        if (button.dataset.target) this.move(button.dataset.move, "110", "110");
        else this.move(button.dataset.move, el("kind").value, this.target());
      });
    el("kind").addEventListener("change", () => {
      el("target").value = "";
      this.targets();
    });
    el("target").addEventListener("input", () => this.targets());
    el("complete").addEventListener("click", () => act("transfer_complete"));
    el("cancel").addEventListener("click", () => act("transfer_cancel"));
    this.targets();
  }

  async move(mode, kind, target) {
    if (!el("consent").checked) {
      alarm("请先征得群众同意，并勾选“群众同意转接”");
      el("consent").focus();
      return;
    }
    if (kind !== "110" && !el("why").value.trim()) {
      alarm("请填写转接原因");
      el("why").focus();
      return;
    }
    if (kind !== "110" && !target && !FREE[kind]) {
      alarm("请填写转往哪里");
      el("target").focus();
      return;
    }
    el("move").textContent = "正在接通…";
    await this.act("transfer", { mode, kind, target, consent: true, reason: el("why").value });
  }

  // One key to 110. Consent is never ticked by us unasked: a second press says that it was given.
  police() {
    if (!el("consent").checked && Date.now() - this.asked > AGAIN) {
      this.asked = Date.now();
      alarm("群众同意后，再按一次 F9 立即转接110");
      return;
    }
    el("consent").checked = true;
    this.move("attended", "110", "110");
  }

  // A number typed for seats, a name chosen for units.
  target() {
    const typed = el("target").value.trim();
    const chosen = this.found.find((item) => item.name === typed);
    return chosen ? chosen.target : typed;
  }

  async targets() {
    const kind = el("kind").value;
    el("target").disabled = kind === "leader";
    // only other 12345 and 110 can be consulted; to speak with a colleague or a unit first, the three-way form serves
    el("threeway").disabled = kind === "queue";
    if (kind !== "unit") return list("targets", [], () => null);
    const answer = await get(`targets?q=${encodeURIComponent(el("target").value.trim())}`).catch(() => ({ units: [] }));
    this.found = answer.units;
    return list("targets", this.found, (item) => make("option", "", { value: item.name }));
  }

  // A new caller has given no consent yet.
  begin() {
    el("consent").checked = false;
    el("why").value = "";
    el("target").value = "";
    this.asked = 0;
  }

  draw(call, talking, peers) {
    const move = call && call.transfer;
    const open = talking && move && (move.outcome === "asked" || move.outcome === "joined");
    const failed = move && FAILED.includes(move.outcome);
    el("move").textContent = move ? `${move.target}：${move.label}${failed ? "，群众仍在线，按首接负责由本席受理" : ""}` : "";
    el("move").dataset.outcome = move ? move.outcome : "";
    show("complete", Boolean(open && move.outcome === "joined"));
    show("cancel", Boolean(open));
    this.roster((call && call.parties) || []);
    this.peers(peers);
  }

  // Redrawn only when it changed: a focused button must not vanish under the agent's fingers.
  roster(parties) {
    if (el("roster").dataset.names === parties.join()) return;
    el("roster").dataset.names = parties.join();
    list("roster", parties, (party) => {
      const item = make("li", "第三方在线 ");
      const button = make("button", "请出", { type: "button" });
      button.addEventListener("click", () => this.act("drop_party", { party }));
      item.append(button);
      return item;
    });
  }

  peers(peers) {
    const names = peers.map((peer) => peer.name).join();
    if (el("peers").dataset.names === names) return;
    el("peers").dataset.names = names;
    el("peers").replaceChildren(
      ...peers.flatMap((peer) =>
        PEER_WAYS.map(([label, mode]) => {
          const button = make("button", `${label} ${peer.name}`, { type: "button" });
          button.addEventListener("click", () => this.move(mode, "peer", peer.target));
          return button;
        }),
      ),
    );
  }
}
