// What Node's HTTP parser makes of requests, one JSON line each.
//
// stdin: requests, each behind its length as 32 bits, little-endian. No network: each request is
// fed to a connection of its own, made of a stream, on one server that never listens. Only the
// first request of each is reported: refused with a code, or accepted with method, url, number of
// field lines, body, and whether it is complete.
import http from 'node:http';
import { Duplex } from 'node:stream';

const chunks = [];
for await (const chunk of process.stdin) chunks.push(chunk);
const input = Buffer.concat(chunks);

class Wire extends Duplex {
  written = '';
  _read() {}
  _write(chunk, encoding, done) { this.written += chunk.toString('latin1'); done(); }
  setTimeout() { return this; }
  setNoDelay() { return this; }
  setKeepAlive() { return this; }
}

const server = http.createServer({ insecureHTTPParser: false, requireHostHeader: true });

function accept(request, response) {
  const report = request.socket.report;
  if (report.method !== undefined || report.refused !== undefined) return;
  // A missing or repeated Host is answered without any event; what comes now is the second request.
  const status = /^HTTP\/1\.1 ([45]\d\d)/.exec(request.socket.written)?.[1];
  if (status !== undefined) {
    report.refused = `STATUS_${status}`;
    return;
  }
  request.socket.first = request;
  report.method = request.method;
  report.url = request.url;
  report.fields = request.rawHeaders.length / 2;
  report.body = '';
  request.on('data', (data) => { report.body += data.toString('hex'); });
  request.on('end', () => response?.end());
  request.on('error', () => {});
}
server.on('request', accept);
server.on('checkContinue', accept);
server.on('checkExpectation', (request) => { request.socket.report.refused ??= 'EXPECTATION'; });
server.on('connect', (request) => accept(request));
server.on('upgrade', (request) => accept(request));
server.on('clientError', (error, socket) => {
  // An error behind a complete first request belongs to the second one.
  if (!socket.first?.complete) socket.report.refused ??= error.code;
});

const turn = () => new Promise((resolve) => setImmediate(resolve));

for (let offset = 0; offset < input.length;) {
  const length = input.readUInt32LE(offset);
  const bytes = input.subarray(offset + 4, offset + 4 + length);
  offset += 4 + length;
  const wire = new Wire();
  const report = wire.report = {};
  wire.on('error', () => {});
  server.emit('connection', wire);
  wire.push(bytes);
  // Streams hand on through a few turns of the loop; nothing here waits for anything else.
  for (let i = 0; i < 6; i += 1) await turn();
  const status = /^HTTP\/1\.1 ([45]\d\d)/.exec(wire.written)?.[1];
  if (report.method === undefined && status !== undefined) report.refused ??= `STATUS_${status}`;
  report.complete = wire.first?.complete ?? false;
  wire.destroy();
  process.stdout.write(JSON.stringify(report) + '\n');
}
process.exit(0);
