// The phone in the page: JsSIP over Asterisk's WebSocket. It knows nothing of tickets; it reports and obeys.
// A hang-up button never ends the leg here: the server records the intent first and ends it (see console.js).
import JsSIP from "jssip";

const RETRY = { connection_recovery_min_interval: 1, connection_recovery_max_interval: 5 };

export class Phone {
  constructor({ url, extension, password, domain, ice = [], audio, onChange }) {
    this.inPage = true;
    this.audio = audio;
    this.onChange = onChange;
    this.ice = ice;
    this.session = null;
    this.state = "connecting";
    this.expectReturn = false;
    this.deviceId = "";
    this.ua = new JsSIP.UA({
      sockets: [new JsSIP.WebSocketInterface(url)],
      uri: `sip:${extension}@${domain}`,
      authorization_user: extension,
      password,
      register: true,
      register_expires: 60,
      session_timers: false,
      user_agent: "hotline-console",
      ...RETRY,
    });
    this.ua.on("registered", () => this.report(this.session ? this.state : "idle"));
    this.ua.on("unregistered", () => this.report("offline"));
    this.ua.on("registrationFailed", (event) => this.report("refused", event.cause));
    this.ua.on("disconnected", () => this.report("offline"));
    this.ua.on("newRTCSession", (event) => this.incoming(event.session, event.originator));
  }

  start() {
    this.ua.start();
  }

  // Leaving the page unregisters but sends no BYE: the server decides what becomes of the caller.
  leave() {
    this.ua.unregister({ all: true });
  }

  report(state, detail = "") {
    this.state = state;
    this.onChange(state, detail);
  }

  incoming(session, originator) {
    if (originator !== "remote" || this.session) {
      session.terminate({ status_code: 486 });
      return;
    }
    this.session = session;
    session.on("peerconnection", ({ peerconnection }) => this.attach(peerconnection));
    // without this, a host whose candidates gather slowly answers late
    session.on("icecandidate", (event) => this.settle(event));
    session.on("confirmed", () => this.report("talking"));
    session.on("hold", () => this.report("held"));
    session.on("unhold", () => this.report("talking"));
    session.on("ended", (event) => this.finish(event.cause));
    session.on("failed", (event) => this.finish(event.cause));
    this.report("ringing");
    if (this.expectReturn) this.answer();
  }

  settle(event) {
    clearTimeout(this.gathering);
    this.gathering = setTimeout(() => event.ready(), 150);
  }

  attach(connection) {
    this.connection = connection;
    connection.addEventListener("track", (event) => {
      this.audio.srcObject = event.streams[0] || new MediaStream([event.track]);
      this.audio.play().catch(() => undefined);
    });
    connection.addEventListener("connectionstatechange", () => this.onChange(this.state, connection.connectionState));
  }

  finish(cause) {
    clearTimeout(this.gathering);
    this.session = null;
    this.connection = null;
    this.audio.srcObject = null;
    this.report("idle", cause);
  }

  answer() {
    if (!this.session || this.session.isEstablished() || this.answered === this.session) return;
    this.answered = this.session;
    const audio = this.deviceId ? { deviceId: { exact: this.deviceId } } : true;
    this.session.answer({ mediaConstraints: { audio, video: false }, pcConfig: { iceServers: this.ice } });
  }

  // After the server recorded the intent: say goodbye on the wire, so that the queue's own log is right too.
  end() {
    if (this.session) this.session.terminate();
  }

  // Only for a ringing call: the queue offers it to the next seat.
  refuse() {
    if (this.session && !this.session.isEstablished()) this.session.terminate({ status_code: 486 });
  }

  hold(on) {
    if (!this.session) return;
    if (on) this.session.hold();
    else this.session.unhold();
  }

  mute(on) {
    if (!this.session) return;
    if (on) this.session.mute({ audio: true });
    else this.session.unmute({ audio: true });
  }

  tone(key) {
    if (this.session && /^[0-9*#]$/.test(key)) this.session.sendDTMF(key, { transportType: "RFC2833" });
  }

  async stats() {
    if (!this.connection) return null;
    const found = { received: 0, sent: 0, lost: 0, energy: 0, level: 0, dtls: "" };
    for (const item of (await this.connection.getStats()).values()) {
      if (item.type === "inbound-rtp") {
        found.received = item.packetsReceived;
        found.lost = item.packetsLost;
        found.energy = item.totalAudioEnergy || 0;
        found.level = item.audioLevel || 0;
      }
      if (item.type === "outbound-rtp") found.sent = item.packetsSent;
      if (item.type === "media-source") found.own = item.audioLevel || 0;
      if (item.type === "transport") found.dtls = item.dtlsState;
    }
    return found;
  }
}
