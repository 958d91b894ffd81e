'use strict';
// Loaded by `node --require` under `upsim exec`. The fetch of Node.js before version 24 ignores HTTPS_PROXY, so
// connections are led here by name, as upsim's proxy does: Microsoft's names that upsim plays to upsim, all other
// hosts of Microsoft's nowhere, this machine always, others where they are allowed.
const net = require('node:net');

const routes = require('./routes.json');
const connect = net.Socket.prototype.connect;

const plain = (host) => String(host).toLowerCase().replace(/^\[|\]$/g, '').replace(/\.$/, '');
const isNamed = (name, names) =>
  names.some((each) => (each.startsWith('*.') ? name.endsWith(each.slice(1)) : name === each));
const isMicrosoft = (name) =>
  routes.microsoft.some((domain) => name === domain || name.endsWith(`.${domain}`));
const isLoopback = (name) =>
  name === 'localhost' || name.endsWith('.localhost') || name === '::1' || /^(::ffff:)?127(\.\d+){3}$/.test(name);

function refusal(name, port) {
  if (isNamed(name, routes.names)) return Number(port) === 443 ? null : `upsim plays ${name} on port 443 only`;
  if (isMicrosoft(name)) return `${name} is Microsoft's and upsim does not play it; it is never called`;
  if (isLoopback(name) || routes.allowed.includes('*') || isNamed(name, routes.allowed)) return null;
  return `${name} is not allowed; allow it with: upsim exec --allow ${name}`;
}

net.Socket.prototype.connect = function redirected(...given) {
  const isNormalized = Array.isArray(given[0]); // as net.connect() hands them over
  const args = isNormalized ? given[0] : given;
  const isPortAndHost = !isNormalized && typeof args[0] !== 'object';
  const options = isPortAndHost ? { port: args[0], host: typeof args[1] === 'string' ? args[1] : undefined } : args[0];
  if (!options || options.path || options.host === undefined || !Number(options.port)) return connect.apply(this, given);
  const name = plain(options.host);
  const refused = refusal(name, options.port);
  if (refused) {
    process.nextTick(() => this.destroy(new Error(`upsim: ${refused}`)));
    return this;
  }
  if (!isNamed(name, routes.names)) return connect.apply(this, given);
  const led = { ...options, ...routes.upsim };
  if (isNormalized) {
    args[0] = led; // the array carries a mark of Node's own, so it is reused
    return connect.call(this, args);
  }
  return connect.call(this, led, ...args.filter((each) => typeof each === 'function'));
};
