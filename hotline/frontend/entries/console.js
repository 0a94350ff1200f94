// The agent's console at /console/.
import "../console/console.css";
import "../console/console.js";
