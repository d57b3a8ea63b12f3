// Draws /openapi.json. Everything from the description is set as text, never as markup.
"use strict";

const methods = ["get", "post", "put", "patch", "delete"];

function element(name, attributes, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(attributes ?? {})) node.setAttribute(key, value);
  for (const child of children) if (child !== null && child !== undefined) node.append(child);
  return node;
}

function resolve(description, schema) {
  let steps = 0;
  while (schema && schema.$ref && steps++ < 20) {
    schema = schema.$ref.replace(/^#\//, "").split("/").reduce((at, key) => at?.[key], description);
  }
  return schema ?? {};
}

function typeName(schema) {
  if (!schema) return "";
  if (schema.$ref) return schema.$ref.split("/").pop();
  const types = [].concat(schema.type ?? []);
  if (types.includes("array")) return `array of ${typeName(schema.items) || "values"}`;
  const limits = [];
  if (schema.enum) limits.push(schema.enum.join(" | "));
  if (schema.format) limits.push(schema.format);
  if (schema.minLength !== undefined || schema.maxLength !== undefined) limits.push(`${schema.minLength ?? 0} to ${schema.maxLength ?? "any"} long`);
  if (schema.minimum !== undefined || schema.maximum !== undefined) limits.push(`${schema.minimum ?? "any"} to ${schema.maximum ?? "any"}`);
  return types.join(" or ") + (limits.length ? ` (${limits.join(", ")})` : "");
}

function table(heads, rows) {
  return element("table", null,
    element("thead", null, element("tr", null, ...heads.map((head) => element("th", { scope: "col" }, head)))),
    element("tbody", null, ...rows.map((row) => element("tr", null, ...row.map((cell) => element("td", null, cell))))));
}

function fields(description, schema) {
  const whole = resolve(description, schema);
  const rows = Object.entries(whole.properties ?? {}).map(([name, value]) => [
    element("code", null, name + ((whole.required ?? []).includes(name) ? "" : "?")),
    typeName(value), value.description ?? ""]);
  return rows.length ? table(["field", "type", "meaning"], rows) : element("p", null, typeName(whole));
}

function content(description, part) {
  const [type, media] = Object.entries(part?.content ?? {})[0] ?? [];
  if (!type) return null;
  return element("div", null, element("p", { class: "faint" }, `${type}: ${typeName(media.schema)}`), fields(description, media.schema));
}

function answers(description, operation) {
  return Object.entries(operation.responses ?? {}).map(([status, answer]) => {
    const whole = resolve(description, answer);
    return element("details", null, element("summary", null, element("code", null, status), ` ${whole.description ?? ""}`), content(description, whole));
  });
}

function article(description, path, method, operation) {
  const parameters = (operation.parameters ?? []).map((parameter) => resolve(description, parameter));
  const body = resolve(description, operation.requestBody);
  return element("article", { id: operation.operationId },
    element("h3", null, element("span", { class: `method ${method}` }, method), element("code", null, path), operation.summary ?? ""),
    operation.description ? element("p", null, operation.description) : null,
    element("p", { class: "faint" }, operation.security && operation.security.length === 0 ? "Open to everybody." : "Needs an access token."),
    parameters.length ? element("h4", null, "Parameters") : null,
    parameters.length ? table(["name", "in", "type", "meaning"], parameters.map((p) => [element("code", null, p.name), p.in, typeName(p.schema), p.description ?? ""])) : null,
    body.content ? element("h4", null, "Body") : null, content(description, body),
    element("h4", null, "Answers"), ...answers(description, operation),
    tryIt(description, path, method, parameters, body));
}

// Whoever is signed in to the web page in this browser is so here too.
function accessToken() {
  try {
    return JSON.parse(localStorage.getItem("chat.session"))?.accessToken ?? "";
  } catch {
    return "";
  }
}

function field(label, control) {
  return element("label", { class: "try-field" }, element("span", null, label), control);
}

// An example of a body: the fields that must be there.
function example(description, schema) {
  const whole = resolve(description, schema);
  const first = whole.oneOf?.[0] ?? whole.allOf?.[0];
  if (first) return example(description, first);
  const required = whole.required ?? [];
  return Object.fromEntries(required.map((name) => [name, sample(resolve(description, whole.properties?.[name]))]));
}

function sample(schema) {
  if (schema.enum) return schema.enum[0];
  return { integer: 1, boolean: true, array: [], object: {} }[[].concat(schema.type ?? "string")[0]] ?? "";
}

// Sends a request as it is typed here, and shows what comes back.
function tryIt(description, path, method, parameters, body) {
  const inputs = parameters.map((parameter) => [parameter, element("input", { autocomplete: "off", spellcheck: "false" })]);
  const token = element("input", { autocomplete: "off", spellcheck: "false", type: "password" });
  const media = Object.entries(body.content ?? {})[0];
  const text = media ? element("textarea", { rows: "6", spellcheck: "false" }) : null;
  if (text) text.value = media[0] === "application/json" ? JSON.stringify(example(description, media[1].schema), null, 2) : "";
  const answer = element("pre", { "aria-live": "polite" });
  const form = element("form", null,
    ...inputs.map(([parameter, input]) => field(`${parameter.name} (${parameter.in})`, input)),
    field("access token", token), text ? field("body", text) : null,
    element("button", { type: "submit" }, `${method.toUpperCase()} ${path}`), answer);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    answer.textContent = "…";
    send(address(path, inputs), method, token.value, media?.[0], text?.value)
      .then((shown) => { answer.textContent = shown; }, (error) => { answer.textContent = `No answer: ${error.message}`; });
  });
  const details = element("details", null, element("summary", null, "Try it"), form);
  details.addEventListener("toggle", () => { token.value ||= accessToken(); });
  return details;
}

function address(path, inputs) {
  const query = new URLSearchParams();
  let filled = path;
  for (const [parameter, { value }] of inputs) {
    if (parameter.in === "path") filled = filled.replace(`{${parameter.name}}`, encodeURIComponent(value));
    else if (value !== "") query.set(parameter.name, value);
  }
  return query.size ? `${filled}?${query}` : filled;
}

async function send(url, method, token, type, body) {
  const headers = { ...(token ? { Authorization: `Bearer ${token}` } : {}), ...(type ? { "Content-Type": type } : {}) };
  const answer = await fetch(url, { method: method.toUpperCase(), headers, body: type ? body : undefined, credentials: "omit" });
  const text = await answer.text();
  const isJSON = /json$/.test(answer.headers.get("Content-Type") ?? "") && text !== "";
  return `${answer.status} ${answer.statusText}\n\n${isJSON ? JSON.stringify(JSON.parse(text), null, 2) : text}`;
}

function draw(description) {
  document.title = description.info.title;
  document.getElementById("title").textContent = `${description.info.title} ${description.info.version}`;
  const groups = new Map();
  for (const [path, item] of Object.entries(description.paths)) {
    for (const method of methods) {
      if (!item[method]) continue;
      const tag = item[method].tags?.[0] ?? "other";
      if (!groups.has(tag)) groups.set(tag, []);
      groups.get(tag).push([path, method, item[method]]);
    }
  }
  const main = document.getElementById("content");
  const index = document.getElementById("index");
  main.replaceChildren();
  for (const [tag, operations] of groups) {
    index.append(element("strong", null, tag), element("ul", null, ...operations.map(([path, method, operation]) =>
      element("li", null, element("a", { href: `#${operation.operationId}` }, `${method.toUpperCase()} ${path}`)))));
    main.append(element("h2", null, tag), ...operations.map(([path, method, operation]) => article(description, path, method, operation)));
  }
  main.append(element("h2", null, "Types"), ...Object.entries(description.components?.schemas ?? {}).map(([name, schema]) =>
    element("article", { id: `type-${name}` }, element("h3", null, element("code", null, name)), fields(description, schema))));
}

fetch("/openapi.json")
  .then((answer) => (answer.ok ? answer.json() : Promise.reject(new Error(`status ${answer.status}`))))
  .then(draw)
  .catch((error) => { document.getElementById("state").textContent = `The description could not be read: ${error.message}`; });
