// What the scripts share: where the server is, its sample people and applications, and a person at a browser.
import net from "node:net";

// Node gives each address of localhost a quarter of a second; a busy machine needs more to connect.
net.setDefaultAutoSelectFamilyAttemptTimeout?.(30_000);

export const url = process.env.UPSIM_URL;
export const tenantId = process.env.UPSIM_TENANT_ID ?? process.env.UPSIM_TENANT;
export const host = new URL(url).host;
/** Under `upsim exec` clients keep the hosts that are compiled into them, and get no flag. */
export const isLed = process.env.UPSIM_PROXY !== undefined;
export const authority = `${isLed ? "https://login.microsoftonline.com" : url}/${tenantId}`;

export const publicClientId = "0c0a7050-0000-4000-8000-00000000d001";
export const confidentialClientId = "0c0a7050-0000-4000-8000-00000000d002";
export const secret = "Contoso-secret-1";
export const user = { name: "alex@contoso.example", password: "Alex-pass-1" };
export const graph = "https://graph.microsoft.com";

/** A call of the control API. */
export async function control(method, path, body) {
  const response = await fetch(`${url}/_upsim/${path}`, {
    method,
    headers: { "content-type": "application/json" },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
  return response.status === 204 ? undefined : response.json();
}

/** A person enters the code that a device shows and signs in. */
export function approve(userCode, name = user.name) {
  return control("POST", `device-codes/${userCode}/approve`, { userPrincipalName: name });
}

/** A browser that signs `user` in and carries the answer to where the client listens; returns where it ended. */
export async function browse(address) {
  const asked = new URL(address);
  asked.searchParams.set("login_hint", user.name);
  asked.searchParams.delete("prompt");
  const response = await fetch(asked, { redirect: "manual" });
  if (response.status === 302) return response.headers.get("location");
  const page = await response.text();
  const action = unescape(/<form[^>]* action="([^"]+)"/.exec(page)[1]);
  const fields = [...page.matchAll(/name="([^"]+)" value="([^"]*)"/g)].map((found) => [found[1], unescape(found[2])]);
  await fetch(action, { method: "POST", body: new URLSearchParams(fields) });
  return action;
}

/** Opens what a redirect leads to, where a client listens for it. */
export async function browseAndFollow(address) {
  const back = await browse(address);
  if (back.includes("code=")) await fetch(back);
}

/** The claims of a token, unchecked. */
export function claims(token) {
  return JSON.parse(Buffer.from(token.split(".")[1], "base64url"));
}

/** Ends the script with its answer. */
export function answer(value) {
  console.log(JSON.stringify(value));
  process.exit(0); // clients keep connections and timers
}

function unescape(text) {
  return text.replace(/&#(\d+);/g, (_, code) => String.fromCharCode(code)).replace(/&quot;/g, '"').replace(/&amp;/g, "&");
}
