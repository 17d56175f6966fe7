// JSON schemas as readable text, and examples made of them.

export function resolved(schema, components) {
  let found = schema;
  for (let hops = 0; found && found.$ref && hops < 8; hops += 1) {
    found = components[found.$ref.split("/").pop()];
  }
  return found || {};
}

// A type in a few lines: `name: text` for each field, indented by nesting.
export function asText(schema, components, depth = 0, open = new Set()) {
  const name = schema.$ref;
  if (name && open.has(name)) return `${name.split("/").pop()} (as above)`;
  const inner = name ? new Set([...open, name]) : open;
  const found = resolved(schema, components);
  const choices = found.anyOf || found.oneOf;
  if (choices) return choices.map((each) => asText(each, components, depth, inner)).join(" or ");
  if (found.enum) return found.enum.map((each) => JSON.stringify(each)).join(" | ");
  if ("const" in found) return JSON.stringify(found.const);
  if (found.type === "array") return `list of ${asText(found.items || {}, components, depth, inner)}`;
  if (found.type === "object" && found.properties) return fields(found, components, depth, inner);
  if (found.type === "object" && typeof found.additionalProperties === "object") {
    return `object of ${asText(found.additionalProperties, components, depth, inner)}`;
  }
  return [found.type || "anything", bounds(found)].filter(Boolean).join(" ");
}

function fields(schema, components, depth, open) {
  const pad = "  ".repeat(depth + 1);
  const required = new Set(schema.required || []);
  const lines = Object.entries(schema.properties).map(([key, value]) => {
    const mark = required.has(key) ? "" : "?";
    return `${pad}${key}${mark}: ${asText(value, components, depth + 1, open)}`;
  });
  return `{\n${lines.join("\n")}\n${"  ".repeat(depth)}}`;
}

function bounds(schema) {
  const found = [];
  if (schema.format) found.push(schema.format);
  if ("minimum" in schema || "maximum" in schema) found.push(`${schema.minimum ?? ""}…${schema.maximum ?? ""}`);
  if ("maxLength" in schema) found.push(`up to ${schema.maxLength} characters`);
  if (schema.pattern) found.push(`matching ${schema.pattern}`);
  return found.length ? `(${found.join(", ")})` : "";
}

// A body to start from: required fields, or all of them when none is required.
export function example(schema, components, depth = 0) {
  const found = resolved(schema, components);
  if (found.examples && found.examples.length) return found.examples[0];
  if ("default" in found && found.default !== null) return found.default;
  const choices = found.anyOf || found.oneOf;
  if (choices) return example(choices.find((each) => each.type !== "null") || {}, components, depth);
  if (found.enum) return found.enum[0];
  if ("const" in found) return found.const;
  if (found.type === "object" && found.properties && depth < 5) {
    const required = found.required && found.required.length ? found.required : Object.keys(found.properties);
    return Object.fromEntries(required.map((key) => [key, example(found.properties[key], components, depth + 1)]));
  }
  const plain = { object: {}, array: [], string: "", integer: found.minimum ?? 0, number: found.minimum ?? 0, boolean: false };
  return plain[found.type] ?? null;
}
