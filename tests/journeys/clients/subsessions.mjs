// A client of the calls on related parties: create, list, renew a link without a body.
// node subsessions.mjs SERVER TOKEN STEP
const [server, token, stepId] = process.argv.slice(2);
const session = `${server}/public/sessions/${token}`;

async function answerOf(response) {
  const body = await response.json();
  if (body.status !== "success") throw new Error(JSON.stringify(body.error));
  return body.data;
}

async function createSubsession(label, metadata = {}) {
  const headers = { "Content-Type": "application/json" };
  const body = JSON.stringify({ step_id: stepId, label, metadata });
  const made = await fetch(`${session}/subsessions`, { method: "POST", headers, body }).then(answerOf);
  console.log("Subsession link:", made.access_link);
  return made;
}

function listSubsessions(step = null) {
  const query = step ? `?step_id=${encodeURIComponent(step)}` : "";
  return fetch(`${session}/subsessions${query}`).then(answerOf);
}

const regenerate = (id) =>
  fetch(`${session}/subsessions/${id}/regenerate`, { method: "POST" }).then(answerOf);

const owners = [
  { name: "Juan Garcia", ownership: 25 },
  { name: "Maria Lopez", ownership: 35 },
  { name: "Carlos Ruiz", ownership: 40 },
];
const made = [];
for (const owner of owners) {
  made.push(await createSubsession(`${owner.name} - UBO`, { ownership_percentage: owner.ownership }));
  console.log(`Created subsession for ${owner.name}: ${made.at(-1).access_link}`);
}
const listed = await listSubsessions(stepId);
const all = await listSubsessions();
if (all.total !== listed.total) throw new Error("the step has other subsessions than the session");
console.log(`${listed.total} of at most ${listed.max_allowed}`);
const renewed = await regenerate(made[0].subsession_id);
if (renewed.access_link === made[0].access_link) throw new Error("the link is the old one");
console.log("Regenerated a link");
