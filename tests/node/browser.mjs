#!/usr/bin/env node
// A person's browser, as BROWSER names it: signs in on the page that a program opens, and follows where it leads.
import * as upsim from "./upsim.mjs";

await upsim.browseAndFollow(process.argv[2]);
process.exit(0);
