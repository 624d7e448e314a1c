// Records a voice memo into the field for files beside it, once everybody who can be heard agrees.
// Without this script the field takes a recording that was made with something else.

const QUIET_BITS = 48000;

const clock = (seconds) =>
  `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;

const endingOf = (type) => (type.includes("mp4") ? "m4a" : "webm");

const nameOf = (stem, type) => {
  const now = new Date(Date.now() - new Date().getTimezoneOffset() * 60000);
  const stamp = now.toISOString().slice(0, 19).replace(/[T:]/g, "-");
  return `${stem}-${stamp}.${endingOf(type)}`;
};

const setUp = (box) => {
  const find = (what) => box.querySelector(`[data-${what}]`);
  const input = box.querySelector("input[type=file]");
  const [start, stop, drop] = [find("start"), find("stop"), find("drop")];
  const [status, player, agreed] = [find("status"), find("player"), find("agreed")];
  const words = find("recorder").dataset;
  let recorder = null;
  let timer = 0;
  let afterwards = null;

  const say = (text) => { status.textContent = text; };
  const show = (recording) => {
    start.hidden = recording;
    stop.hidden = !recording;
  };
  const warn = (event) => event.preventDefault();

  const keep = (file) => {
    const all = new DataTransfer();
    if (input.multiple) [...input.files].forEach((each) => all.items.add(each));
    all.items.add(file);
    input.files = all.files;
    player.src = URL.createObjectURL(file);
    player.hidden = drop.hidden = false;
    say(words.kept);
  };

  const ended = (stream, parts) => {
    clearInterval(timer);
    stream.getTracks().forEach((track) => track.stop());
    window.removeEventListener("beforeunload", warn);
    const { mimeType } = recorder;
    recorder = null;
    show(false);
    keep(new File(parts, nameOf(words.stem, mimeType), { type: mimeType.split(";")[0] }));
    start.focus();
    if (afterwards) afterwards();
  };

  const begin = async () => {
    if (!agreed.checked) {
      say(words.ask);
      agreed.focus();
      return;
    }
    let stream;
    try {
      stream = await navigator.mediaDevices.getUserMedia({ audio: true });
    } catch {
      say(words.refused);
      return;
    }
    const parts = [];
    const began = Date.now();
    recorder = new MediaRecorder(stream, { audioBitsPerSecond: QUIET_BITS });
    recorder.addEventListener("dataavailable", (event) => parts.push(event.data));
    recorder.addEventListener("stop", () => ended(stream, parts));
    recorder.start(1000);
    window.addEventListener("beforeunload", warn);
    show(true);
    stop.focus();
    say(words.recording);
    const shown = find("time");
    timer = setInterval(() => { shown.textContent = clock((Date.now() - began) / 1000); }, 500);
  };

  start.addEventListener("click", begin);
  stop.addEventListener("click", () => recorder && recorder.stop());
  drop.addEventListener("click", () => {
    input.value = "";
    player.removeAttribute("src");
    player.hidden = drop.hidden = true;
    say(words.dropped);
    start.focus();
  });
  // Whoever sends the form while it records means to send the recording too.
  input.form.addEventListener("submit", (event) => {
    if (!recorder) return;
    event.preventDefault();
    const button = event.submitter;
    afterwards = () => input.form.requestSubmit(button);
    recorder.stop();
  });
  find("recorder").hidden = false;
};

if (navigator.mediaDevices && window.MediaRecorder) {
  document.querySelectorAll("[data-record]").forEach(setUp);
}
