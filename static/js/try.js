/* Trying an operation of the API from /docs/api: sends what the fields say, shows status, headers and answer, and the same as a line for a shell.
 *
 * Progressive enhancement: a <details data-try data-path="/api/v1/subjects/{id}"> is hidden until this file shows it. Nothing but the page's own
 * origin is asked, nothing is kept, and answers are set as text. Texts for people come from data attributes. */

const HEADERS = ["RateLimit", "RateLimit-Policy", "Retry-After", "ETag", "Cache-Control", "X-Request-Id"];
const SHOWN = 200_000; // characters of an answer; more makes a phone slow, and the shell has it all

/** The address that the filled fields make: parts of the path in their places, the rest as a query. */
function target(path, fields) {
  const query = new URLSearchParams();
  let place = path;
  for (const [name, value] of fields) {
    if (path.includes(`{${name}}`)) place = place.replace(`{${name}}`, encodeURIComponent(value.trim()));
    else if (value !== "") query.append(name, value);
  }
  const asked = query.toString();
  return asked ? `${place}?${asked}` : place;
}

/** A text as a shell takes it for one word. */
function quoted(text) {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

function pretty(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text; // no JSON: as it came
  }
}

function enhance(box) {
  const form = box.querySelector("form");
  const line = box.querySelector("[data-line]");
  const answer = box.querySelector("[data-answer]");
  const status = box.querySelector("[data-status]");
  const headers = box.querySelector("[data-headers]");
  const body = box.querySelector("[data-body]");
  const copy = box.querySelector("[data-copy]");
  const label = copy.textContent;
  let asked = null; // AbortController of the request under way

  const here = () => target(box.dataset.path, new FormData(form));

  function write() {
    line.textContent = `curl --include ${quoted(new URL(here(), location.origin).href)}`;
    copy.textContent = label;
  }

  function show(told, named, text) {
    status.textContent = told;
    headers.replaceChildren(
      ...named.map(([name, value]) => {
        const row = document.createElement("div");
        const term = document.createElement("dt");
        const said = document.createElement("dd");
        term.textContent = name;
        said.textContent = value;
        said.className = "code";
        row.append(term, said);
        return row;
      }),
    );
    body.textContent = text.length > SHOWN ? `${text.slice(0, SHOWN)}\n…` : text;
    body.parentElement.hidden = !text;
    answer.hidden = false;
  }

  async function send(event) {
    event.preventDefault();
    asked?.abort();
    const mine = new AbortController();
    asked = mine;
    answer.ariaBusy = "true";
    try {
      const begun = performance.now();
      const got = await fetch(here(), {
        signal: mine.signal,
        cache: "no-store", // else the browser answers a 304 by itself and the headers are old ones
        credentials: "omit", // as a program asks: the API takes no cookies
        headers: { Accept: "application/json" },
      });
      const text = await got.text();
      const milliseconds = Math.round(performance.now() - begun);
      const named = HEADERS.filter((name) => got.headers.has(name)).map((name) => [name, got.headers.get(name)]);
      if (asked === mine) show(`${got.status} ${got.statusText} · ${milliseconds} ms`, named, pretty(text));
    } catch {
      if (asked === mine) show(box.dataset.failed, [], "");
    }
    if (asked === mine) answer.ariaBusy = "false";
  }

  async function take() {
    try {
      await navigator.clipboard.writeText(line.textContent);
      copy.textContent = box.dataset.copied;
    } catch {
      getSelection().selectAllChildren(line); // no clipboard without HTTPS: it is marked, to be copied by hand
    }
  }

  form.addEventListener("input", write);
  form.addEventListener("submit", send);
  copy.addEventListener("click", take);
  write();
  box.hidden = false;
}

document.querySelectorAll("[data-try]").forEach(enhance);
