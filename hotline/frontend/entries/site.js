// Every page: htmx, with the CSRF token on each of its requests.
import "../htmx.js";
import "../behaviour.js";
