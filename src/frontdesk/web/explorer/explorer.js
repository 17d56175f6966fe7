// The API explorer: lists what the description holds, and sends requests from the page itself.
// Nothing is ever parsed as markup here; elements are made one by one, which Trusted Types demand.

import { asText, example } from "./schema.js";

const METHODS = ["get", "post", "put", "patch", "delete"];
const at = (id) => document.getElementById(id);
let components = {};
let operations = [];

function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === true) element.setAttribute(name, "");
    else if (value !== false && value != null) element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

function operationsOf(description) {
  return Object.entries(description.paths).flatMap(([path, item]) =>
    METHODS.filter((method) => item[method]).map((method) => ({ path, method, ...item[method] })),
  );
}

const groupOf = (operation) => (operation.tags || ["Other"])[0];

// The description's own order of groups keeps what belongs to one kind of session together; paths do not.
function inOrder(listed, names) {
  const place = (each) => (names.indexOf(groupOf(each)) + 1) || names.length + 1;
  return listed.sort((one, other) => place(one) - place(other));
}

function showList() {
  const wanted = at("find").value.trim().toLowerCase();
  const matches = (each) => `${each.method} ${each.path} ${each.summary}`.toLowerCase().includes(wanted);
  const current = location.hash.slice(1);
  const groups = new Map();
  for (const each of operations.filter(matches)) {
    const tag = groupOf(each);
    groups.set(tag, [...(groups.get(tag) || []), each]);
  }
  const shown = [...groups].map(([tag, members]) => {
    const open = wanted !== "" || groups.size < 3 || members.some((each) => each.operationId === current);
    const entries = members.map((each) => make("li", {}, entry(each, each.operationId === current)));
    return make("details", { open },
      make("summary", {}, `${tag} `, make("span", { class: "count" }, `${members.length}`)),
      make("ul", {}, ...entries));
  });
  at("list").replaceChildren(...(shown.length ? shown : [make("p", {}, "No operation matches.")]));
}

function entry(operation, isCurrent) {
  return make("a", { href: `#${operation.operationId}`, "aria-current": isCurrent ? "page" : null },
    badge(operation.method),
    make("span", {}, operation.summary, make("span", { class: "route" }, ...breakable(operation.path))));
}

// A long path may wrap after a slash, before it has to anywhere else.
const breakable = (path) => path.split(/(?<=\/)/).flatMap((part) => [part, make("wbr")]);

const badge = (method) => make("span", { class: `method ${method}` }, method.toUpperCase());

function welcome() {
  const code = (text) => make("code", {}, text);
  return [
    make("p", {}, `${operations.length} operations. What you send from here reaches this server, and is kept there.`),
    make("p", {}, "Staff and programs call with an API key of their tenant: ", code("frontdesk tenants create NAME"),
      " prints one. End users need none: the last part of their link, ", code("/public/sessions/…"),
      ", is their access token. Both are typed in at the top and forgotten when you leave this page."),
    make("p", {}, "Onboarding takes ", code("client_id"), ", ", code("client_app_key"), " and ", code("client_secret"),
      " in the body of each call; the same command prints them."),
  ];
}

function showOperation() {
  const operation = operations.find((each) => each.operationId === location.hash.slice(1));
  if (!operation) {
    at("operation").replaceChildren(make("h2", {}, "Choose an operation"), ...welcome());
    return;
  }
  document.title = `${operation.summary} · Frontdesk API`;
  const needs = operation.security && operation.security.length ? "Needs an API key." : "Needs no API key.";
  const permission = operation["x-permission"];
  at("operation").replaceChildren(
    make("h2", {}, operation.summary),
    make("p", { class: "address" }, badge(operation.method), operation.path),
    make("p", { class: "about" }, operation.description || ""),
    make("p", { class: "needs" }, permission ? `${needs} Permission: ${permission}.` : needs),
    callForm(operation),
    ...bodySchema(operation),
    make("h3", {}, "Answers"),
    ...answers(operation),
  );
  at("operation").focus({ preventScroll: true });
  if (matchMedia("(max-width: 52rem)").matches) at("operation").scrollIntoView();
}

function row(id, name, hint, field, required) {
  field.id = id;
  const label = make("label", { for: id, class: "name" }, name, required ? make("span", { class: "must" }, " required") : "");
  const parts = [label, field];
  if (hint) {
    field.setAttribute("aria-describedby", `${id}-hint`);
    parts.push(make("span", { class: "hint", id: `${id}-hint` }, hint));
  }
  return make("div", { class: "row" }, ...parts);
}

function parameterRow(parameter) {
  const schema = parameter.schema || {};
  const required = parameter.required === true;
  const attributes = { "data-in": parameter.in, "data-name": parameter.name, required };
  let field;
  if (schema.enum) {
    const options = schema.enum.map((each) => make("option", { value: each }, String(each)));
    field = make("select", attributes, ...(required ? [] : [make("option", { value: "" }, "(not sent)")]), ...options);
  } else {
    field = make("input", { ...attributes, spellcheck: "false", autocomplete: "off", placeholder: parameter.example ?? null });
  }
  if (parameter.name === "access_token") field.value = at("token").value;
  const kind = parameter.in === "path" ? "" : asText(schema, components);
  const hint = [parameter.description, kind].filter(Boolean).join(" · ");
  return row(`parameter-${parameter.name}`, parameter.name, hint, field, required);
}

function bodyRows(operation) {
  if (!operation.requestBody) return [];
  const [type, content] = Object.entries(operation.requestBody.content)[0];
  if (type === "application/json") {
    const start = content.example ?? example(content.schema || {}, components);
    const area = make("textarea", { "data-body": "json", spellcheck: "false" });
    area.value = JSON.stringify(start, null, 2);
    return [row("body", "Body", type, area, operation.requestBody.required)];
  }
  const file = make("input", { type: "file", "data-body": "file" });
  if (!type.startsWith("multipart/")) return [row("body", "Body", type, file, true)];
  const part = make("input", { "data-body": "part", value: "file", spellcheck: "false" });
  const texts = make("textarea", { "data-body": "texts", spellcheck: "false" });
  return [
    row("part", "Name of the file's part", "", part, false),
    row("body", "File", type, file, false),
    row("texts", "Other parts", "One name=value on each line.", texts, false),
  ];
}

function callForm(operation) {
  const result = make("div", { "aria-live": "polite" });
  const button = make("button", { type: "submit" }, "Send");
  const form = make("form", { class: "call", autocomplete: "off" },
    make("h3", {}, "Try it"),
    ...(operation.parameters || []).map(parameterRow), ...bodyRows(operation), button);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    button.disabled = true;
    try {
      result.replaceChildren(await send(operation, form));
    } catch (error) {
      result.replaceChildren(make("div", { class: "result bad" }, make("p", { class: "status" }, `Not sent: ${error.message}`)));
    } finally {
      button.disabled = false;
    }
  });
  return make("section", { "aria-label": "Try it" }, form, result);
}

function requestOf(operation, form) {
  let path = operation.path;
  const query = new URLSearchParams();
  for (const field of form.querySelectorAll("[data-in]")) {
    const { in: place, name } = field.dataset;
    if (place === "path") path = path.replace(`{${name}}`, encodeURIComponent(field.value));
    else if (field.value !== "") query.append(name, field.value);
  }
  const headers = {};
  const key = at("key").value.trim();
  if (key && operation.security && operation.security.length) headers.Authorization = `Bearer ${key}`;
  const request = { method: operation.method.toUpperCase(), headers };
  const part = (kind) => form.querySelector(`[data-body="${kind}"]`);
  const file = part("file")?.files[0];
  if (part("json") && part("json").value.trim()) {
    headers["Content-Type"] = "application/json";
    request.body = part("json").value;
  } else if (part("part")) {
    request.body = new FormData();
    if (file) request.body.append(part("part").value, file);
    for (const line of part("texts").value.split("\n").filter((each) => each.includes("="))) {
      request.body.append(line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1));
    }
  } else if (file) {
    headers["Content-Type"] = file.type || "application/octet-stream";
    request.body = file;
  }
  return [query.size ? `${path}?${query}` : path, request];
}

async function send(operation, form) {
  const [url, request] = requestOf(operation, form);
  const started = performance.now();
  const response = await fetch(url, { ...request, credentials: "omit", redirect: "manual", cache: "no-store" });
  const type = response.headers.get("content-type") || "";
  const headers = [...response.headers].map(([name, value]) => `${name}: ${value}`).join("\n");
  const outcome = response.type === "opaqueredirect" ? "A redirect" : `${response.status} ${response.statusText}`;
  const told = `${outcome}, ${Math.round(performance.now() - started)} ms`;
  return make("div", { class: `result ${response.ok ? "good" : "bad"}` },
    make("p", { class: "status" }, told),
    await shownBody(response, type),
    make("details", {}, make("summary", {}, "Headers"), make("pre", { tabindex: "0" }, headers)));
}

async function shownBody(response, type) {
  if (type.startsWith("text/event-stream")) return firstOfStream(response);
  if (!/json|text|xml/.test(type)) {
    const blob = await response.blob();
    return make("p", {}, blob.size ? `${blob.size} bytes of ${type || "no declared type"}` : "(empty)");
  }
  const text = await response.text();
  let shown = text;
  if (type.includes("json")) {
    try { shown = JSON.stringify(JSON.parse(text), null, 2); } catch { shown = text; }
  }
  return make("pre", { tabindex: "0" }, shown || "(empty)");
}

// A stream has no end to wait for: what comes is shown as it comes, until it is stopped or another request is sent.
function firstOfStream(response) {
  const output = make("pre", { tabindex: "0" });
  const stop = make("button", { type: "button", class: "quiet" }, "Stop");
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  stop.addEventListener("click", () => { reader.cancel(); stop.remove(); });
  const read = async () => {
    for (;;) {
      const { done, value } = await reader.read();
      if (done || !output.isConnected && output.textContent) { reader.cancel(); stop.remove(); return; }
      output.append(value);
    }
  };
  read().catch(() => stop.remove());
  return make("div", {}, stop, output);
}

function bodySchema(operation) {
  const content = operation.requestBody && Object.values(operation.requestBody.content)[0];
  if (!content || !content.schema) return [];
  return [make("h3", {}, "Body"), make("pre", { tabindex: "0" }, asText(content.schema, components))];
}

function answers(operation) {
  return Object.entries(operation.responses).map(([status, response]) => {
    const content = Object.entries(response.content || {})[0];
    const inside = content
      ? [make("p", { class: "needs" }, content[0]), ...(content[1].schema ? [make("pre", { tabindex: "0" }, asText(content[1].schema, components))] : []),
        ...("example" in content[1] ? [make("pre", { tabindex: "0" }, JSON.stringify(content[1].example, null, 2))] : [])]
      : [make("p", { class: "needs" }, "No body.")];
    return make("details", {}, make("summary", {}, make("span", { class: "code" }, status), response.description), ...inside);
  });
}

// On a phone the list would push the operation out of sight: it opens when somebody looks for something.
function foldList() {
  fold(location.hash.length > 1 && matchMedia("(max-width: 52rem)").matches);
}

function fold(closed) {
  document.querySelector("nav").classList.toggle("closed", closed);
  at("unfold").setAttribute("aria-expanded", String(!closed));
}

function show() {
  showList();
  foldList();
  showOperation();
}

async function start() {
  try {
    const response = await fetch("/openapi.json");
    if (!response.ok) throw new Error(`/openapi.json answered ${response.status}`);
    const description = await response.json();
    components = description.components?.schemas || {};
    operations = inOrder(operationsOf(description), (description.tags || []).map((tag) => tag.name));
    at("title").textContent = `${description.info.title} ${description.info.version}`;
  } catch (error) {
    at("operation").replaceChildren(make("p", { role: "alert" }, `The description could not be loaded: ${error.message}`));
    return;
  }
  at("find").addEventListener("input", showList);
  at("find").addEventListener("focus", () => fold(false));
  at("unfold").addEventListener("click", () => fold(at("unfold").getAttribute("aria-expanded") === "true"));
  at("credentials").addEventListener("submit", (event) => event.preventDefault());
  at("token").addEventListener("input", () => {
    const field = at("parameter-access_token");
    if (field) field.value = at("token").value;
  });
  addEventListener("hashchange", show);
  show();
}

start();
