// Buttons that ask the runtime about what is typed in the dialog of a config node.
import { ask, onClick, showAnswer } from '../ask.js';
import { text } from './text.js';

/** The lines that describe a server's report. */
const describeServer = (report) => {
  const values = {
    ...report,
    maxPayload: (report.maxPayload / 1024).toLocaleString(),
    roundTripMs: report.roundTripMs.toLocaleString(undefined, { maximumFractionDigits: 1 }),
  };
  const keys = [
    'server',
    report.cluster ? 'cluster' : 'alone',
    report.jetstream ? 'jetstream' : 'noJetstream',
    'limits',
  ];
  return keys.map((key) => text(`test.${key}`, values)).join('\n');
};

/** The lines that describe a stream's report. */
const describeStream = ({ subjects, messages, bytes, oldest, consumerCount, consumers }) => {
  const number = (value) => value.toLocaleString();
  const lines = [
    text('look.subjects', { subjects: subjects.join(', ') }),
    text('look.messages', { messages: number(messages), bytes: number(bytes) }),
  ];
  if (oldest) lines.push(text('look.oldest', { time: new Date(oldest).toLocaleString() }));
  if (consumerCount === 0) lines.push(text('look.noConsumers'));
  for (const { name, pending, unacknowledged } of consumers) {
    lines.push(text('look.consumer', { name, pending: number(pending), unacknowledged: number(unacknowledged) }));
  }
  const more = consumerCount - consumers.length;
  if (more > 0) lines.push(text('look.more', { consumers: number(more) }));
  return lines.join('\n');
};

/** The variables of a tab or subflow and the global ones, deployed or not; stored secrets are marked as such. */
const variablesOf = (z) => {
  const scopes = [RED.nodes.workspace(z) ?? RED.nodes.subflow(z)];
  RED.nodes.eachConfig((config) => {
    if (config.type === 'global-config') scopes.push(config);
  });
  const variable = ({ credentials }, { name, type, value }) => {
    const secrets = credentials?.map ?? credentials;
    return { name, type, value: type === 'cred' ? secrets?.[name] : value };
  };
  return scopes.filter(Boolean).flatMap((scope) => (scope.env ?? []).map((entry) => variable(scope, entry)));
};

/** The value of a field in the dialog of a config node. */
const fieldValue = (name) => {
  const field = $(`#node-config-input-${name}`);
  if (field.is(':checkbox')) return field.prop('checked');
  return field.val() === '_ADD_' ? '' : field.val();
};

const valuesOf = (names, read = fieldValue) => Object.fromEntries(Object.keys(names).map((name) => [name, read(name)]));

/** The tab that a config node in a dialog belongs to: the dialog may give the node to another one. */
const chosenTab = () => $('#red-ui-editor-config-scope').val() || '';

/** A config node as it is in the editor; a secret that has been stored is marked as such. */
const typedNode = (node) => {
  const secret = (name) => node.credentials?.[name] ?? (node.credentials?.[`has_${name}`] === false ? '' : '__PWRD__');
  const fields = valuesOf(node._def.defaults, (name) => node[name]);
  const credentials = valuesOf(node._def.credentials, secret);
  return { ...fields, id: node.id, z: node.z, credentials, variables: variablesOf(node.z) };
};

/** Makes a button ask a question, and shows the answer below it. */
const editQuestion = ({ button, url, question, describe, forbidden }) => {
  const result = $(`${button}-result`);
  onClick($(button), () => {
    result.text(text('common.connecting'));
    return showAnswer(result, ask(url, question(), { forbidden, unanswered: text('common.unanswered') }), describe);
  });
};

/** Makes the button that tests the settings in a nats-config dialog; see nodes/nats/test-connection.ts. */
export function editConnectionTest(node) {
  const question = () => {
    const fields = { ...valuesOf(node._def.defaults), credentials: valuesOf(node._def.credentials) };
    return { ...fields, id: node.id, z: chosenTab(), variables: variablesOf(chosenTab()) };
  };
  editQuestion({
    button: '#nats-config-test',
    url: 'nats-config/test',
    question,
    describe: describeServer,
    forbidden: text('test.forbidden'),
  });
}

/** Makes the button that looks at the stream in a nats-stream dialog; see nodes/jetstream/look-stream.ts. */
export function editLook(node) {
  const question = () => {
    const server = RED.nodes.node(fieldValue('server'));
    const { name, stream, domain } = valuesOf(node._def.defaults);
    const fields = { id: node.id, name, stream, domain, z: chosenTab(), variables: variablesOf(chosenTab()) };
    return server ? { ...fields, config: typedNode(server) } : fields;
  };
  editQuestion({
    button: '#nats-stream-look',
    url: 'nats-stream/look',
    question,
    describe: describeStream,
    forbidden: text('look.forbidden'),
  });
}
