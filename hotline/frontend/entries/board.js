// The supervisor's board at /console/board/.
import "../console/console.css";
import "../console/board.js";
