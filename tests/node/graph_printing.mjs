// microsoft-graph-client prints: pages of shares, a job, an upload in ranges, start; an administrator registers,
// renames and pages printers, and shares one.
import { DeviceCodeCredential } from "@azure/identity";
import { Client, FileUpload, LargeFileUploadTask, PageIterator } from "@microsoft/microsoft-graph-client";
import { TokenCredentialAuthenticationProvider } from "@microsoft/microsoft-graph-client/authProviders/azureTokenCredentials/index.js";

import * as upsim from "./upsim.mjs";

const size = Number(process.argv[2]);

function clientOf(name) {
  const credential = new DeviceCodeCredential({
    authorityHost: upsim.url,
    disableInstanceDiscovery: true,
    tenantId: upsim.tenantId,
    clientId: upsim.publicClientId,
    userPromptCallback: (code) => upsim.approve(code.userCode, name),
  });
  const authProvider = new TokenCredentialAuthenticationProvider(credential, { scopes: [`${upsim.graph}/.default`] });
  return Client.initWithMiddleware({
    baseUrl: upsim.url,
    customHosts: new Set([new URL(upsim.url).hostname]),
    authProvider,
  });
}

async function every(client, path) {
  const found = [];
  const first = await client.api(path).get();
  const iterator = new PageIterator(client, first, (item) => found.push(item.displayName));
  await iterator.iterate();
  return { found, firstPage: first.value.length, hasNext: "@odata.nextLink" in first };
}

const user = clientOf(upsim.user.name);
const shares = await every(user, "/print/shares?$top=1");
const share = (await user.api("/print/shares").get()).value.find((each) => each.displayName === "Follow-Me");

const jobs = `/print/shares/${share.id}/jobs`;
const job = await user.api(jobs).post({ configuration: { copies: 2, colorMode: "grayscale" } });
const document = `${jobs}/${job.id}/documents/${job.documents[0].id}`;
const content = Buffer.alloc(size, "%PDF-1.7\n");
const properties = { documentName: "letter.pdf", contentType: "application/pdf", size };
const session = await LargeFileUploadTask.createUploadSession(user, `${document}/createUploadSession`, { properties });
const progress = [];
const task = new LargeFileUploadTask(user, new FileUpload(content.buffer.slice(content.byteOffset, content.byteOffset + size), "letter.pdf", size), session, {
  rangeSize: 320 * 1024 * 4,
  uploadEventHandlers: { progress: (range) => progress.push(range?.minValue) },
});
const uploaded = await task.upload();
const status = await user.api(`${jobs}/${job.id}/start`).post();
const seen = await user.api(`${jobs}/${job.id}`).expand("documents").get();
const beyond = await user.api(`${jobs}/${job.id}/start`).post().then(() => 0, (error) => error.statusCode);

const admin = clientOf("admin@contoso.example");
const printers = await every(admin, "/print/printers?$top=1");
const renamed = await admin.api(`/print/shares/${share.id}`).patch({ displayName: "Follow me home" });
const refused = await user.api(`/print/shares/${share.id}`).patch({ displayName: "Mine" }).then(() => 0, (error) => error.statusCode);

// A share is made anew: the printer of another share loses it first.
const spare = (await admin.api("/print/shares").get()).value.find((each) => each.displayName === "Anywhere");
const printer = await admin.api(`/print/shares/${spare.id}/printer`).get();
await admin.api(`/print/shares/${spare.id}`).delete();
const wish = { displayName: "Made by a page", allowAllUsers: true, "printer@odata.bind": `${upsim.graph}/v1.0/print/printers/${printer.id}` };
const made = await admin.api("/print/shares").post(wish);
const found = await admin.api(`/print/shares/${made.id}`).expand("printer").get();
const second = await admin.api("/print/shares").post(wish).then(() => 0, (error) => error.statusCode);

upsim.answer({ made, found, printer, second, shares, printers, job, uploaded: uploaded.responseBody, ranges: progress.length, status, seen, beyond, renamed, refused });
