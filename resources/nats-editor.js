// Shared by the dialogs of the NATS nodes. The editor shows the reason of a validator only if that has two parameters.
(() => {
  const CATALOGUE = '@natshat/node-red/nats-config';
  const text = (key, values) => RED._(`${CATALOGUE}:${key}`, values);

  // The same rules as lib/nats/message/subject.ts.
  const TERM = '[^.*>\\s\\p{Cc}]+';
  const RULES = {
    publish: new RegExp(`^${TERM}(\\.${TERM})*$`, 'u'),
    subscribe: new RegExp(`^(>|(\\*|${TERM})(\\.(\\*|${TERM}))*(\\.>)?)$`, 'u'),
  };
  RULES.queue = RULES.publish;
  // The same rule as in lib/nats/jetstream/stream.ts.
  RULES.name = /^[^\s.*>/\\\p{Cc}]{1,255}$/u;

  /** The parts of a list by comma or line. */
  const listOf = (value) =>
    String(value ?? '')
      .split(/[,\n]/)
      .map((part) => part.trim())
      .filter(Boolean);

  /** Whether a field is an environment variable, whose value is known only at run time. */
  const isVariable = (value) => /^\$\{[^}]+\}$/.test(value);

  /** Whether a field needs no check: a variable, or empty for the default. */
  const isOpen = (value) => String(value ?? '').trim() === '' || isVariable(value);

  const NONE = () => ({ value: 'none', label: text('common.none'), hasValue: false });

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

  /** The value of a field in the dialog of a config node. */
  const fieldValue = (name) => {
    const field = $(`#node-config-input-${name}`);
    if (field.is(':checkbox')) return field.prop('checked');
    return field.val() === '_ADD_' ? '' : field.val();
  };

  const valuesOf = (names, read = fieldValue) =>
    Object.fromEntries(Object.keys(names).map((name) => [name, read(name)]));

  /** The tab that a config node in a dialog belongs to: the dialog may give the node to another one. */
  const chosenTab = () => $('#red-ui-editor-config-scope').val() || '';

  /** A config node as it is in the editor; a secret that has been stored is marked as such. */
  const typedNode = (node) => {
    const secret = (name) =>
      node.credentials?.[name] ?? (node.credentials?.[`has_${name}`] === false ? '' : '__PWRD__');
    const fields = valuesOf(node._def.defaults, (name) => node[name]);
    const credentials = valuesOf(node._def.credentials, secret);
    return { ...fields, id: node.id, z: node.z, credentials, variables: variablesOf(node.z) };
  };

  /** Makes a button that asks the runtime about what is typed in the dialog, and shows the answer below it. */
  const editQuestion = ({ button, url, question, describe, forbidden }) => {
    const result = $(`${button}-result`);
    $(button).on('click', async function () {
      $(this).prop('disabled', true);
      result.text(text('common.connecting'));
      try {
        const data = JSON.stringify(question());
        const report = await $.ajax({ url, type: 'POST', contentType: 'application/json', data });
        result.text(report.error ? `✗ ${report.error}` : `✓ ${describe(report)}`);
      } catch ({ status, responseJSON }) {
        const reason = status === 401 || status === 403 ? forbidden : text('common.unanswered');
        result.text(`✗ ${responseJSON?.error ?? reason}`);
      }
      $(this).prop('disabled', false);
    });
  };

  window.natshat = {
    text,

    /** True, or why a subject or queue group is invalid. */
    check: (rule, value) => isVariable(value) || RULES[rule].test(value ?? '') || text(`invalid.${rule}`),

    /** True, or why a number is invalid; an empty one is the default. */
    checkNumber: (value, { min = 0 } = {}) => isOpen(value) || Number(value) >= min || text('invalid.number', { min }),

    /** True, or why a count is invalid; an empty one is the default. */
    checkCount(value, { min = 0, max = 2 ** 31 - 1 } = {}) {
      if (isOpen(value)) return true;
      const count = Number(value);
      return (Number.isInteger(count) && count >= min && count <= max) || text('invalid.count', { min, max });
    },

    /** True, or why a list of servers is invalid. */
    checkServers(value) {
      const urls = String(value)
        .split(/[\s,]+/)
        .filter(Boolean);
      const isServer = (url) => !url.includes('@') && /^((nats|tls):\/\/)?[^/:@]*[^/@]+\/?$/i.test(url);
      return (urls.length > 0 && urls.every((url) => url.includes('${') || isServer(url))) || text('invalid.servers');
    },

    /** True, or why a list of subjects is invalid. */
    checkSubjects(value) {
      if (isVariable(value)) return true;
      return listOf(value).every((subject) => RULES.subscribe.test(subject)) || text('invalid.subscribe');
    },

    /** True, or why the subjects of a stream are invalid. */
    checkStreamSubjects(value) {
      if (listOf(value).some((subject) => ['*', '>', '*.>'].includes(subject))) return text('invalid.everything');
      return window.natshat.checkSubjects(value);
    },

    /** True, or why a time is invalid: a date of ISO 8601, or a duration. */
    checkSince(value) {
      const isDuration = /^\s*(\d+(\.\d+)?[smhd])+\s*$/.test(value);
      const isDate = /^\s*\d{4}-\d\d-\d\d/.test(value) && !Number.isNaN(Date.parse(value));
      return isVariable(value) || isDuration || isDate || text('invalid.since');
    },

    /** True, or why the JSON of a typed field is invalid. */
    checkJson(type, value) {
      if (type !== 'json' || !value || isVariable(value)) return true;
      try {
        JSON.parse(value);
        return true;
      } catch {
        return text('invalid.json');
      }
    },

    /** Makes the button that tests the settings in a nats-config dialog; see nodes/nats/test-connection.ts. */
    editConnectionTest(node) {
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
    },

    /** Makes the button that looks at the stream in a nats-stream dialog; see nodes/jetstream/look-stream.ts. */
    editLook(node) {
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
    },

    /** Opens the part of a dialog with more fields if one of them is not as in a new node. */
    editMore(node) {
      const prefix = node._def.category === 'config' ? 'node-config-input' : 'node-input';
      const isOther = ([name, { value }]) =>
        $(`.nats-more #${prefix}-${name}`).length > 0 && String(node[name] ?? value) !== String(value);
      $('.nats-more').prop('open', Object.entries(node._def.defaults).some(isOther));
    },

    /** Shows the fields of a consuming node that matter for where it starts and how messages are acknowledged. */
    editConsuming() {
      $('#node-input-start')
        .on('change', function () {
          $('.nats-since').toggle($(this).val() === 'since');
        })
        .trigger('change');
      $('#node-input-ack')
        .on('change', function () {
          $('.nats-acknowledged').toggle($(this).val() !== 'none');
          $('.nats-explicit').toggle($(this).val() === 'explicit');
        })
        .trigger('change');
    },

    /** Makes the headers field of a dialog: none, a message property, or JSON. */
    editHeaders() {
      $('#node-input-headers').typedInput({ types: [NONE(), 'msg', 'json'], typeField: '#node-input-headersType' });
    },

    /** Makes the reply subject field of a dialog: none, a string, or a message property. */
    editReply() {
      $('#node-input-reply').typedInput({ types: [NONE(), 'str', 'msg'], typeField: '#node-input-replyType' });
    },

    /** Shows the field for the age of held messages only if messages are held. */
    editWhenDown() {
      $('#node-input-whenDown')
        .on('change', function () {
          $('.nats-hold').toggle($(this).val() === 'hold');
        })
        .trigger('change');
    },

    /** Shows the field for the time of a batch only if there are batches. */
    editBatch() {
      $('#node-input-batch')
        .on('change', function () {
          $('.nats-batch').toggle(Number($(this).val()) !== 0);
        })
        .trigger('change');
    },

    /** Shows the fields for the chosen mode of a subscribing node. */
    editMode() {
      $('#node-input-mode')
        .on('change', function () {
          $('.nats-static').toggle($(this).val() !== 'dynamic');
          $('#node-input-inputs').val($(this).val() === 'dynamic' ? 1 : 0);
        })
        .trigger('change');
    },
  };
})();
