// Drives a running stack through @grpc/grpc-js and protos read at run time, and prints what it saw: one JSON line a check.
//
// Usage: node client.js SETTINGS, where SETTINGS is JSON with `protos` (folders), `grids`, `organisations` (host:port), `token`, `city`.

'use strict';

const { randomUUID } = require('node:crypto');
const fs = require('node:fs');
const http2 = require('node:http2');
const path = require('node:path');
const { once } = require('node:events');
const zlib = require('node:zlib');
const grpc = require('@grpc/grpc-js');
const loader = require('@grpc/proto-loader');
const protobuf = require('protobufjs');

const settings = JSON.parse(process.argv[2]);
const patience = 20_000;

const services = grpc.loadPackageDefinition(loader.loadSync(
  [
    'google/rpc/error_details.proto', 'google/rpc/status.proto', 'governance/common/v1/indicators.proto',
    'governance/grids/v1/boundaries.proto', 'governance/grids/v1/cases.proto', 'governance/organisations/v1/directory.proto',
    'grpc/health/v1/health.proto', 'grpc/reflection/v1/reflection.proto', 'grpc/reflection/v1alpha/reflection.proto',
  ],
  { includeDirs: settings.protos, keepCase: true, longs: Number, enums: String, defaults: true, oneofs: true }));

const messages = new protobuf.Root();
messages.resolvePath = (_, target) =>
  settings.protos.map(folder => path.join(folder, target)).find(file => fs.existsSync(file)) ?? target;
messages.loadSync(['google/rpc/status.proto', 'google/rpc/error_details.proto', 'governance/grids/v1/boundaries.proto'], { keepCase: true });

const insecure = grpc.credentials.createInsecure();
const { grids: grid_protos, common, organisations: organisation_protos } = services.governance;
const cases = new grid_protos.v1.Cases(settings.grids, insecure);
const boundaries = new grid_protos.v1.Boundaries(settings.grids, insecure);
const indicators = new common.v1.Indicators(settings.grids, insecure);
const directory = new organisation_protos.v1.Directory(settings.organisations, insecure);
const health = new services.grpc.health.v1.Health(settings.grids, insecure);

const tell = (check, facts) => console.log(JSON.stringify({ check, ...facts }));
const within = (milliseconds = patience) => ({ deadline: Date.now() + milliseconds });

function headers(language = 'en', token = settings.token) {
  const metadata = new grpc.Metadata();
  if (token) metadata.set('authorization', `Bearer ${token}`);
  metadata.set('accept-language', language);
  return metadata;
}

const unary = (client, method, request, metadata = headers(), options = within()) => new Promise((resolve, reject) =>
  client[method](request, metadata, options, (error, answer) => (error ? reject(error) : resolve(answer))));

const violation = one => `${one.field}: ${one.reason}`;

/** The error of a call, with its details taken apart. */
async function refusal(call) {
  try {
    await call();
    return { code: 'OK' };
  } catch (error) {
    const facts = { code: grpc.status[error.code], message: error.details, violations: [] };
    for (const bytes of error.metadata?.get('grpc-status-details-bin') ?? []) {
      for (const detail of messages.lookupType('google.rpc.Status').decode(bytes).details) {
        const type = messages.lookupType(detail.type_url.split('/').pop());
        const content = type.decode(detail.value);
        if (type.name === 'ErrorInfo') Object.assign(facts, { reason: content.reason, domain: content.domain });
        if (type.name === 'BadRequest') facts.violations = content.field_violations.map(violation);
      }
    }
    return facts;
  }
}

/** The messages of a stream, one after another; ends in its error. */
async function all(stream) {
  const received = [];
  for await (const message of stream) received.push(message);
  return received;
}

const newCase = (title, { language = 'en', request_id = randomUUID(), grid_code = '' } = {}) =>
  unary(cases, 'ReportCase', { request_id, grid_code, title, channel: 'CASE_CHANNEL_PATROL' }, headers(language));

async function importGrids(parts) {
  let done;
  const answer = new Promise((resolve, reject) => { done = (error, value) => (error ? reject(error) : resolve(value)); });
  const stream = boundaries.ImportGrids(headers(), within(), done);
  for (const part of parts) stream.write(part);
  stream.end();
  return (await answer).summary;
}

async function reflect(service) {
  const client = new service.ServerReflection(settings.grids, insecure);
  const stream = client.ServerReflectionInfo(within());
  const ask = async request => {
    stream.write(request);
    return (await once(stream, 'data'))[0];
  };
  const listed = await ask({ list_services: '' });
  const found = await ask({ file_containing_symbol: 'governance.grids.v1.Cases' });
  stream.end();
  return {
    services: listed.list_services_response.service.map(one => one.name),
    files: found.file_descriptor_response.file_descriptor_proto.length,
  };
}

/** One call by hand, because the library does not tell how an answer was compressed. */
async function compressedByHand() {
  const request = messages.lookupType('governance.grids.v1.ListGridsRequest');
  const answer = messages.lookupType('governance.grids.v1.ListGridsResponse');
  const message = zlib.gzipSync(request.encode({ page_size: 500 }).finish());
  const frame = Buffer.alloc(5 + message.length);
  frame.writeUInt8(1, 0);
  frame.writeUInt32BE(message.length, 1);
  frame.set(message, 5);

  const session = http2.connect(`http://${settings.grids}`);
  const stream = session.request({
    ':method': 'POST', ':path': '/governance.grids.v1.Boundaries/ListGrids', 'content-type': 'application/grpc', te: 'trailers',
    'grpc-encoding': 'gzip', 'grpc-accept-encoding': 'gzip', authorization: `Bearer ${settings.token}`,
  });
  const response = once(stream, 'response');
  stream.end(frame);
  const [head] = await response;
  const body = Buffer.concat(await all(stream));
  session.close();
  return {
    encoding: head['grpc-encoding'],
    flag: body.readUInt8(0),
    received: answer.decode(zlib.gunzipSync(body.subarray(5))).grids.length,
  };
}

async function main() {
  // A unary call.
  const counted = await unary(indicators, 'GetIndicators', { territory: settings.city });
  tell('unary', { grids: counted.indicators.find(one => one.name === 'grids').value });

  // A stream from the server.
  const seen = new Set();
  let parents_first = true;
  for await (const { organisation } of directory.GetOrganisationTree({ territory: settings.city }, headers(), within())) {
    parents_first &&= !organisation.parent_code || seen.has(organisation.parent_code);
    seen.add(organisation.code);
  }
  tell('server_streaming', { received: seen.size, parents_first });

  // A stream from the client: one row that is there already, and one that is wrong in two fields.
  const [grid] = (await unary(boundaries, 'ListGrids', { page_size: 1 })).grids;
  const { code, name, kind, boundary, households } = grid;
  const summary = await importGrids([
    { header: { request_id: randomUUID(), territory: settings.city } },
    { rows: [{ code, name, kind, boundary, households }] },
    { rows: [{ code: '34x6', name: '', kind, boundary }] },
  ]);
  tell('client_streaming', {
    received: summary.received, unchanged: summary.unchanged, rejected: summary.rejected,
    errors: summary.errors.map(error => ({ row: error.row, violations: error.violations.map(violation) })),
  });

  // A watch that hears of a new case, and is then cancelled.
  const watch = cases.WatchCases({ territory: code }, headers(), within());
  const [sign_of_life] = await once(watch, 'data');
  const reported = newCase('Watched', { grid_code: code });
  const [change] = await once(watch, 'data');
  const cancelled = once(watch, 'error');
  watch.cancel();
  tell('cancellation', {
    sign_of_life: sign_of_life.entry === null, action: change.entry.action,
    same_case: change.case_id === (await reported).case.id, end: grpc.status[(await cancelled)[0].code],
  });

  // Deadlines: one that was over before the call began, which no answer can come before, and one in the middle of a stream.
  tell('deadline', {
    unary: (await refusal(() => unary(boundaries, 'ListGrids', {}, headers(), within(-1000)))).code,
    stream: (await refusal(() => all(cases.WatchCases({ territory: code }, headers(), within(1000))))).code,
  });

  // Metadata: without a token, and in two languages.
  tell('metadata', {
    without_token: await refusal(() => unary(boundaries, 'ListGrids', {}, headers('en', null))),
    english: await refusal(() => newCase('Nowhere', { grid_code: '34069999999901' })),
    chinese: await refusal(() => newCase('Nowhere', { grid_code: '34069999999901', language: 'zh' })),
  });

  // Details of an error: every field that is wrong, at once.
  tell('details', await refusal(() => newCase('x'.repeat(101), { request_id: 'no uuid', grid_code: '34x6' })));

  tell('reflection', {
    v1: await reflect(services.grpc.reflection.v1),
    v1alpha: await reflect(services.grpc.reflection.v1alpha),
  });

  // Health, asked and watched.
  const watched = health.Watch({}, headers(), within());
  const [first] = await once(watched, 'data');
  watched.on('error', () => { });
  watched.cancel();
  tell('health', { asked: (await unary(health, 'Check', {})).status, watched: first.status });

  // Messages compressed with gzip.
  const squeezing = new grid_protos.v1.Boundaries(settings.grids, insecure, { 'grpc.default_compression_algorithm': 2 });
  const page = await unary(squeezing, 'ListGrids', { page_size: 500 });
  tell('gzip', { received: page.grids.length, by_hand: await compressedByHand() });
}

main().then(() => process.exit(0), error => {
  console.error(error);
  process.exit(1);
});
