// htmx as the site uses it: no eval (the content policy forbids it), no inline styles, the CSRF token from the cookie.
import htmx from "htmx.org";

htmx.config.allowEval = false;
htmx.config.includeIndicatorStyles = false;
htmx.config.historyCacheSize = 0; // pages hold personal data: none of them stays in the browser's storage

function cookie(name) {
  const found = document.cookie.split("; ").find((part) => part.startsWith(`${name}=`));
  return found ? decodeURIComponent(found.slice(name.length + 1)) : "";
}

document.addEventListener("htmx:configRequest", (event) => {
  if (event.detail.verb !== "get") event.detail.headers["X-CSRFToken"] = cookie("csrftoken");
});

// An action put a new page in the place of the form it came from: the keyboard goes on at the new page, not at the top.
document.addEventListener("htmx:afterSettle", (event) => {
  const main = document.getElementById("main");
  if (!main || event.target !== main || document.activeElement !== document.body) return;
  main.tabIndex = -1;
  main.focus({ preventScroll: true });
});

window.htmx = htmx;
