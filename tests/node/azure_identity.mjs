// Every flow of @azure/identity: with `authorityHost` and `disableInstanceDiscovery`; under `upsim exec` without.
import {
  AuthorizationCodeCredential,
  ClientCertificateCredential,
  ClientSecretCredential,
  DeviceCodeCredential,
  InteractiveBrowserCredential,
  OnBehalfOfCredential,
  UsernamePasswordCredential,
} from "@azure/identity";

import * as upsim from "./upsim.mjs";

const [certificatePath, certificateClientId] = process.argv.slice(2);
const flags = upsim.isLed ? {} : { authorityHost: upsim.url, disableInstanceDiscovery: true };
const { tenantId, publicClientId, confidentialClientId, secret } = upsim;
const job = `${upsim.graph}/PrintJob.Create`;
const seen = {};

async function run(flow, credential, scope) {
  const { token } = await credential.getToken(scope);
  seen[flow] = upsim.claims(token);
  return token;
}

const all = `${upsim.graph}/.default`;
await run("client secret", new ClientSecretCredential(tenantId, confidentialClientId, secret, flags), all);
await run(
  "certificate",
  new ClientCertificateCredential(tenantId, certificateClientId, { certificatePath }, flags),
  all,
);
await run(
  "device code",
  new DeviceCodeCredential({
    ...flags,
    tenantId,
    clientId: publicClientId,
    userPromptCallback: (code) => upsim.approve(code.userCode),
  }),
  job,
);
// It opens the page with xdg-open, which starts what BROWSER names: browser.mjs stands for the person.
await run(
  "interactive",
  new InteractiveBrowserCredential({ ...flags, tenantId, clientId: publicClientId, redirectUri: "http://localhost" }),
  job,
);
const { name, password } = upsim.user;
const signedIn = () => new UsernamePasswordCredential(tenantId, publicClientId, name, password, flags);
await run("user name and password", signedIn(), job);

const { token: userAssertionToken } = await signedIn().getToken(`api://${confidentialClientId}/access_as_user`);
await run(
  "on behalf of",
  new OnBehalfOfCredential({
    ...flags,
    tenantId,
    clientId: confidentialClientId,
    clientSecret: secret,
    userAssertionToken,
  }),
  job,
);

const redirectUri = "http://localhost:51234";
const asked = new URLSearchParams({
  client_id: confidentialClientId,
  response_type: "code",
  redirect_uri: redirectUri,
  scope: `${job} openid offline_access`,
});
const back = new URL(await upsim.browse(`${upsim.authority}/oauth2/v2.0/authorize?${asked}`));
await run(
  "authorization code",
  new AuthorizationCodeCredential(
    tenantId,
    confidentialClientId,
    secret,
    back.searchParams.get("code"),
    redirectUri,
    flags,
  ),
  job,
);

upsim.answer(seen);
