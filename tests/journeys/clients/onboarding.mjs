// A client of the public calls: state, workflow, announced upload, extraction, completion.
// node onboarding.mjs SERVER TOKEN FILE
import { readFile } from "node:fs/promises";
import { basename } from "node:path";

const [server, token, path] = process.argv.slice(2);
const session = `${server}/public/sessions/${token}`;

async function answerOf(response) {
  const body = await response.json();
  if (body.status !== "success") throw new Error(JSON.stringify(body.error));
  return body.data;
}

function post(suffix, body) {
  const headers = { "Content-Type": "application/json" };
  return fetch(session + suffix, { method: "POST", headers, body: JSON.stringify(body) }).then(answerOf);
}

const get = (suffix) => fetch(session + suffix).then(answerOf);

async function uploadDocument(file, stepId, documentType) {
  const about = { step_id: stepId, document_type: documentType, file_name: file.name, mime_type: file.type };
  const slot = await post("/upload/init", about);
  const sent = await fetch(slot.upload_url, { method: "PUT", headers: { "Content-Type": file.type }, body: file });
  if (sent.status !== 200) throw new Error(`the upload was answered ${sent.status}`);
  return post("/upload/confirm", { doc_id: slot.doc_id, s3_key: slot.s3_key, ...about });
}

async function uploadInBase64(file, stepId, documentType) {
  const content = Buffer.from(await file.arrayBuffer()).toString("base64");
  const about = { step_id: stepId, document_type: documentType, file_name: file.name, mime_type: file.type };
  return post("/upload", { ...about, file_data: content });
}

const extractDocument = (docId, documentType) => post("/extract", { doc_id: docId, document_type: documentType });
const completeStep = (stepId, formData = null) => post(`/step/${stepId}/complete`, { form_data: formData });

const before = await get("");
if (before.status !== "active") throw new Error(`the session is ${before.status}`);
const workflow = await get("/workflow");
console.log("Workflow:", workflow.workflow_name);
const file = new File([await readFile(path)], basename(path), { type: "image/jpeg" });
for (const step of workflow.steps) {
  console.log(`Processing step: ${step.name}`);
  if (step.type === "document_upload") {
    for (const type of step.required_documents) {
      await uploadInBase64(file, step.step_id, type);
      const document = await uploadDocument(file, step.step_id, type);
      await extractDocument(document.doc_id, type === "id" ? "passport" : type);
    }
    await completeStep(step.step_id);
  } else if (step.type === "form_fill") {
    const form = { full_name: "John Doe", date_of_birth: "1985-03-15", email: "john@example.com" };
    await completeStep(step.step_id, form);
  }
}
console.log("Session status:", (await get("")).status);
