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
      const fieldValue = (name) => {
        const field = $(`#node-config-input-${name}`);
        if (field.is(':checkbox')) return field.prop('checked');
        return field.val() === '_ADD_' ? '' : field.val();
      };
      const valuesOf = (names) => Object.fromEntries(Object.keys(names).map((name) => [name, fieldValue(name)]));
      const result = $('#nats-config-test-result');
      $('#nats-config-test').on('click', async function () {
        // The dialog may give the node to another tab.
        const z = $('#red-ui-editor-config-scope').val() || '';
        const fields = { ...valuesOf(node._def.defaults), credentials: valuesOf(node._def.credentials) };
        const settings = { ...fields, id: node.id, z, variables: variablesOf(z) };
        $(this).prop('disabled', true);
        result.text(text('common.connecting'));
        try {
          const data = JSON.stringify(settings);
          const report = await $.ajax({ url: 'nats-config/test', type: 'POST', contentType: 'application/json', data });
          result.text(report.error ? `✗ ${report.error}` : `✓ ${describeServer(report)}`);
        } catch ({ status, responseJSON }) {
          const reason = text(status === 401 || status === 403 ? 'test.forbidden' : 'common.unanswered');
          result.text(`✗ ${responseJSON?.error ?? reason}`);
        }
        $(this).prop('disabled', false);
      });
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
