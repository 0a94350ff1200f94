// Talking to the server: fetch with the CSRF token and this page's seat token; one shape of error.
const csrf = () => document.querySelector("[name=csrfmiddlewaretoken]").value;
export const seat = { token: "" };

export class Refused extends Error {
  constructor(status, code, text) {
    super(text);
    this.status = status;
    this.code = code;
  }
}

async function ask(path, options = {}) {
  const headers = { "X-Seat-Token": seat.token, ...(options.headers || {}) };
  let response;
  try {
    response = await fetch(path.startsWith("/") ? path : `/console/api/${path}`, { ...options, headers, credentials: "same-origin" });
  } catch {
    throw new Refused(0, "offline", "与服务器的连接中断");
  }
  if (response.redirected || !(response.headers.get("content-type") || "").includes("json"))
    throw new Refused(response.status, "session", "登录已失效，请重新登录");
  const answer = await response.json();
  if (!response.ok) throw new Refused(response.status, answer.code, answer.text || answer.error || "操作失败");
  return answer;
}

export const get = (path) => ask(path);
export const post = (path, content = {}) =>
  ask(path, {
    method: "POST",
    body: JSON.stringify(content),
    headers: { "Content-Type": "application/json", "X-CSRFToken": csrf() },
  });

// A socket whose messages are only hints; it comes back by itself with growing pauses.
export function hints(path, onMessage, onState) {
  let pause = 500;
  let socket = null;
  const open = () => {
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    socket = new WebSocket(`${scheme}://${location.host}${path}`);
    socket.onopen = () => {
      pause = 500;
      onState(true);
    };
    socket.onmessage = (event) => onMessage(JSON.parse(event.data));
    socket.onclose = () => {
      onState(false);
      setTimeout(open, pause + Math.random() * 300);
      pause = Math.min(pause * 2, 10000);
    };
  };
  open();
  return () => socket && socket.close();
}
