// Which microphone and loudspeaker, and how loud either side is now.
import { alarm, el, list, make } from "./view.js";

async function devices() {
  if (!navigator.mediaDevices) {
    alarm("浏览器只在 https 或 localhost 下提供麦克风");
    return;
  }
  const found = await navigator.mediaDevices.enumerateDevices();
  const draw = (id, kind, name) =>
    list(id, found.filter((item) => item.kind === kind), (item, index) => make("option", item.label || `${name} ${index + 1}`, { value: item.deviceId }));
  draw("mic", "audioinput", "麦克风");
  draw("speaker", "audiooutput", "扬声器");
}

// `phone()` is the page's phone, null before the log-in.
export function sound(phone) {
  el("mic").addEventListener("change", () => phone() && (phone().deviceId = el("mic").value));
  el("speaker").addEventListener("change", () => el("voice").setSinkId && el("voice").setSinkId(el("speaker").value).catch((error) => alarm(error.message)));
  const look = () => devices().catch(() => undefined);
  if (navigator.mediaDevices) navigator.mediaDevices.addEventListener("devicechange", look);
  look();
  setInterval(async () => {
    const now = phone() && (await phone().stats());
    el("heard").value = now ? now.level : 0;
    el("spoken").value = now ? now.own || 0 : 0;
  }, 500);
}
