// microsoft-graph-client: with `baseUrl` and `customHosts`, the host without its port; under `upsim exec` without.
import { DeviceCodeCredential } from "@azure/identity";
import { Client } from "@microsoft/microsoft-graph-client";
import { TokenCredentialAuthenticationProvider } from "@microsoft/microsoft-graph-client/authProviders/azureTokenCredentials/index.js";

import * as upsim from "./upsim.mjs";

const login = upsim.isLed ? {} : { authorityHost: upsim.url, disableInstanceDiscovery: true };
const flags = upsim.isLed ? {} : { baseUrl: upsim.url, customHosts: new Set([new URL(upsim.url).hostname]) };
const credential = new DeviceCodeCredential({
  ...login,
  tenantId: upsim.tenantId,
  clientId: upsim.publicClientId,
  userPromptCallback: (code) => upsim.approve(code.userCode),
});
const authProvider = new TokenCredentialAuthenticationProvider(credential, { scopes: [`${upsim.graph}/.default`] });
const client = Client.initWithMiddleware({ ...flags, authProvider });

const shares = await client.api("/print/shares").get();
const beta = await client.api("/print/shares").version("beta").get();
let untrusted = "";
if (!upsim.isLed) {
  const forgetful = Client.initWithMiddleware({ baseUrl: upsim.url, authProvider });
  untrusted = await forgetful.api("/print/shares").get().then(() => "", (error) => `${error.statusCode} ${error.message}`);
}
upsim.answer({ shares, beta, untrusted });
