// A call-back in hand: the network says whether somebody answered; only the agent knows whether it was the citizen.
import { post } from "./server.js";
import { alarm, el, show } from "./view.js";

let owed = null;

async function settle(reached) {
  try {
    const { label } = await post("callbacks/settle", { id: owed.id, reached });
    el("owed-said").textContent = `已登记：${label}`;
  } catch (error) {
    alarm(error.message);
  }
}

export function drawCallback(callback) {
  if (!owed || !callback || owed.id !== callback.id) el("owed-said").textContent = "";
  owed = callback;
  show("owed-box", Boolean(owed));
  if (owed) el("owed-text").textContent = `${owed.kind}，第 ${owed.tries} 次${owed.state ? `（${owed.state}）` : ""}`;
}

export function callbacks(refresh) {
  el("owed-reached").addEventListener("click", () => settle(true).then(refresh));
  el("owed-later").addEventListener("click", () => settle(false).then(refresh));
  el("owed").addEventListener("click", async () => {
    try {
      const { callback } = await post("callbacks/next");
      alarm(callback ? "" : "没有待回拨的来电");
      refresh();
    } catch (error) {
      alarm(error.message);
    }
  });
}
