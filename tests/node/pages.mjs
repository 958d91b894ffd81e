// A person at a real browser, by keyboard alone: every page of signing in, with msal-node as the client behind it.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { PublicClientApplication } from "@azure/msal-node";
import { chromium } from "playwright-core";

import * as upsim from "./upsim.mjs";

const FLAGS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--proxy-server=127.0.0.1:9",
  "--proxy-bypass-list=localhost;127.0.0.1",
];
const APP = "0c0a7050-0000-4000-8000-00000000d0c1";
const GUARDED = "0c0a7050-0000-4000-8000-00000000d0c2";

const { tenant } = await upsim.control("POST", "tenants", {
  tenant: {
    displayName: "Contoso Pages",
    domains: [process.env.DOMAIN],
    users: [
      { userPrincipalName: `adele@${process.env.DOMAIN}`, displayName: "Adele Vance", password: "Adele-pass-1" },
      {
        userPrincipalName: `lynne@${process.env.DOMAIN}`,
        displayName: "Lynne Robbins",
        password: "Lynne-pass-1",
        asksForPassword: true,
      },
      {
        userPrincipalName: `megan@${process.env.DOMAIN}`,
        displayName: "Megan Bowen",
        password: "Megan-pass-1",
        needsSecondFactor: true,
      },
      {
        userPrincipalName: `patti@${process.env.DOMAIN}`,
        displayName: "Patti Fernandez",
        password: "Patti-pass-1",
        roles: ["Global Administrator"],
      },
    ],
    applications: [
      {
        id: APP,
        displayName: "Print Station",
        redirectUris: ["http://localhost"],
        graph: { delegated: ["User.Read"] },
      },
      {
        id: GUARDED,
        displayName: "Print Console",
        redirectUris: ["http://localhost/back"],
        requiredGraph: { delegated: ["PrinterShare.ReadWrite.All"], application: ["Printer.Read.All"] },
      },
    ],
  },
});
const authority = `${upsim.url}/${tenant.id}`;
const profile = await mkdtemp(join(tmpdir(), "upsim-pages-"));
const context = await chromium.launchPersistentContext(profile, {
  executablePath: process.env.CHROMIUM,
  args: FLAGS,
  chromiumSandbox: false,
  ignoreHTTPSErrors: true,
});
const hosts = new Set();
context.on("request", (request) => hosts.add(new URL(request.url()).hostname));
context.setDefaultTimeout(60_000);
let page = await context.newPage();
const seen = {};

/** What the page shows, and a picture of it where somebody asked for pictures. */
async function look(name) {
  await page.waitForLoadState();
  seen[name] = { title: await page.title(), text: await page.locator("main").innerText() };
  if (process.env.PICTURES) await page.screenshot({ path: join(process.env.PICTURES, `${name.replaceAll(" ", "-")}.png`) });
}

/** Tab to what is called so; fails where the keyboard does not reach it. */
async function reach(label) {
  for (let presses = 0; presses < 40; presses++) {
    const focused = await page.evaluate(() => {
      const element = document.activeElement;
      if (element === document.body) return "";
      return `${element.innerText ?? ""} ${element.labels?.[0]?.innerText ?? ""}`;
    });
    if (focused.includes(label)) return;
    await page.keyboard.press("Tab");
  }
  throw new Error(`the keyboard does not reach '${label}' on '${await page.title()}'`);
}

async function press(label) {
  await reach(label);
  const left = page.waitForNavigation({ waitUntil: "commit" });
  await page.keyboard.press("Enter");
  await left;
}

async function type(label, text) {
  await reach(label);
  await page.keyboard.press("Control+A");
  await page.keyboard.type(text);
}

function client(clientId) {
  return new PublicClientApplication({ auth: { clientId, authority, knownAuthorities: [upsim.host] } });
}

/** An interactive sign-in of msal-node in which the person does what `acting` says. */
async function signIn(name, clientId, scopes, acting) {
  let person;
  const openBrowser = async (address) => {
    await page.goto(address);
    person = acting();
    await person;
  };
  const result = await client(clientId).acquireTokenInteractive({ scopes, openBrowser, prompt: "select_account" });
  await person;
  const done = page; // msal-node may still be sending it on, away from where the next step goes
  page = await context.newPage();
  await done.close();
  seen[name] = { ...seen[name], account: result.account.username, scopes: upsim.claims(result.accessToken).scp };
}

const graph = (name) => `${upsim.graph}/${name}`;

await signIn("account picker", APP, [graph("User.Read")], async () => {
  await look("account picker");
  await press("Adele Vance");
});

await signIn("password", APP, [graph("User.Read")], async () => {
  await type("Account", `lynne@${process.env.DOMAIN}`);
  await type("Password", "wrong");
  await press("Sign in");
  await look("wrong password");
  await type("Account", `lynne@${process.env.DOMAIN}`);
  await type("Password", "Lynne-pass-1");
  await press("Sign in");
});

await signIn("consent", APP, [graph("User.Read"), graph("PrintJob.Create")], async () => {
  await press("Adele Vance");
  await look("consent");
  await press("Accept");
});

await signIn("second factor", APP, [graph("User.Read")], async () => {
  await press("Megan Bowen");
  await look("second factor");
  await press("Approve");
});

const device = client(APP).acquireTokenByDeviceCode({
  scopes: [graph("User.Read")],
  deviceCodeCallback: async (code) => {
    await page.goto(code.verificationUri);
    await type("Code", "WRONGCODE");
    await press("Next");
    await look("wrong device code");
    await type("Code", code.userCode);
    await press("Next");
    await look("device account");
    await press("Adele Vance");
    await look("device done");
  },
});
seen["device code"] = { account: (await device).account.username };

const ask = `${authority}/oauth2/v2.0/authorize?response_type=code&scope=User.Read`;
await page.goto(`${ask}&client_id=${APP}&redirect_uri=${encodeURIComponent("https://evil.example/")}`);
await look("error");

await page.goto(
  `${authority}/v2.0/adminconsent?client_id=${GUARDED}&state=s&redirect_uri=${encodeURIComponent(`${upsim.url}/error`)}`,
);
await look("admin consent refused");
await page.goto(
  `${authority}/v2.0/adminconsent?client_id=${GUARDED}&state=s&redirect_uri=${encodeURIComponent("http://localhost:9/back")}`,
);
await look("admin consent");
const answered = page.waitForRequest((request) => request.url().startsWith("http://localhost:9/back"));
await reach("Patti Fernandez");
await page.keyboard.press("Enter");
seen["admin consent"].answer = Object.fromEntries(new URL((await answered).url()).searchParams);
const [held] = (await upsim.control("GET", `tenants/${tenant.id}/applications`)).value.filter(({ id }) => id === GUARDED);
seen["admin consent"].held = held.graph;

await context.close();
await rm(profile, { recursive: true, force: true });
upsim.answer({ tenant: tenant.id, hosts: [...hosts], seen });
