// Every flow of msal-node: with `knownAuthorities`, which names the server, port included; under `upsim exec` without.
import { ConfidentialClientApplication, CryptoProvider, PublicClientApplication } from "@azure/msal-node";

import * as upsim from "./upsim.mjs";

const flags = upsim.isLed ? {} : { knownAuthorities: [upsim.host] };
const auth = { authority: upsim.authority, ...flags };
const person = new PublicClientApplication({ auth: { ...auth, clientId: upsim.publicClientId } });
const service = new ConfidentialClientApplication({
  auth: { ...auth, clientId: upsim.confidentialClientId, clientSecret: upsim.secret },
});
const scopes = [`${upsim.graph}/PrintJob.Create`];
const seen = {};

async function run(flow, asking) {
  const result = await asking;
  seen[flow] = { claims: upsim.claims(result.accessToken), account: result.account?.username, fromCache: result.fromCache };
  return result;
}

await run("client secret", service.acquireTokenByClientCredential({ scopes: [`${upsim.graph}/.default`] }));

const signedIn = await run(
  "device code",
  person.acquireTokenByDeviceCode({ scopes, deviceCodeCallback: (code) => upsim.approve(code.userCode) }),
);
const account = signedIn.account;
await run("silent", person.acquireTokenSilent({ scopes, account }));
await run("refresh", person.acquireTokenSilent({ scopes, account, forceRefresh: true }));
await run(
  "refresh for another resource",
  person.acquireTokenSilent({ scopes: ["https://print.print.microsoft.com/.default"], account }),
);

await run("interactive", person.acquireTokenInteractive({ scopes, openBrowser: upsim.browseAndFollow }));

const { verifier, challenge } = await new CryptoProvider().generatePkceCodes();
const redirectUri = "http://localhost:51234";
const address = await person.getAuthCodeUrl({
  scopes,
  redirectUri,
  codeChallenge: challenge,
  codeChallengeMethod: "S256",
});
const back = new URL(await upsim.browse(address));
await run(
  "authorization code",
  person.acquireTokenByCode({ scopes, redirectUri, code: back.searchParams.get("code"), codeVerifier: verifier }),
);

await run(
  "user name and password",
  person.acquireTokenByUsernamePassword({ scopes, username: upsim.user.name, password: upsim.user.password }),
);

const theirs = await person.acquireTokenByUsernamePassword({
  scopes: [`api://${upsim.confidentialClientId}/access_as_user`],
  username: upsim.user.name,
  password: upsim.user.password,
});
await run("on behalf of", service.acquireTokenOnBehalfOf({ scopes, oboAssertion: theirs.accessToken }));

try {
  await person.acquireTokenByUsernamePassword({ scopes, username: upsim.user.name, password: "wrong" });
} catch (error) {
  seen["wrong password"] = { error: error.errorCode, message: error.errorMessage };
}

upsim.answer(seen);
