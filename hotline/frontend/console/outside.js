// A seat whose phone is not in this page: a phone of its own that the network rings, or none at all (the demo).
// It has the page phone's methods, so that the console asks nobody which phone it has.
export class OtherPhone {
  constructor(kind, onChange) {
    this.kind = kind;
    this.inPage = false;
    this.session = null;
    this.expectReturn = false;
    this.onChange = onChange;
  }

  start() {
    this.onChange(this.kind);
  }

  leave() {}
  answer() {}
  end() {}
  hold() {}
  mute() {}
  tone() {}

  async stats() {
    return null;
  }
}
