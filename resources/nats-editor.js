// What the dialogs of the NATS nodes share. The editor takes a reason from a validator only if it has two parameters.
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

  /** Whether a field holds an environment variable, which is known only at run time. */
  const isVariable = (value) => /^\$\{[^}]+\}$/.test(value);

  /** Whether the value of a field is known only at run time: a variable, or what is empty, for the default. */
  const isOpen = (value) => String(value ?? '').trim() === '' || isVariable(value);

  const NONE = () => ({ value: 'none', label: text('common.none'), hasValue: false });

  /** A server's report in words, a line each. */
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

    /** Why a subject or queue group is wrong, or true. */
    check: (rule, value) => isVariable(value) || RULES[rule].test(value ?? '') || text(`invalid.${rule}`),

    /** Why a number or a time is wrong, or true; an empty one is the default. */
    checkNumber: (value, { min = 0 } = {}) => isOpen(value) || Number(value) >= min || text('invalid.number', { min }),

    /** Why a count is wrong, or true; an empty one is the default. */
    checkCount(value, { min = 0, max = 2 ** 31 - 1 } = {}) {
      if (isOpen(value)) return true;
      const count = Number(value);
      return (Number.isInteger(count) && count >= min && count <= max) || text('invalid.count', { min, max });
    },

    /** Why a list of servers is wrong, or true. */
    checkServers(value) {
      const urls = String(value)
        .split(/[\s,]+/)
        .filter(Boolean);
      const isServer = (url) => !url.includes('@') && /^((nats|tls):\/\/)?[^/:@]*[^/@]+\/?$/i.test(url);
      return (urls.length > 0 && urls.every((url) => url.includes('${') || isServer(url))) || text('invalid.servers');
    },

    /** Why a typed field of the type json is wrong, or true. */
    checkJson(type, value) {
      if (type !== 'json' || !value || isVariable(value)) return true;
      try {
        JSON.parse(value);
        return true;
      } catch {
        return text('invalid.json');
      }
    },

    /** Makes the button that tries what a nats-config dialog has in its fields; see nodes/nats/test-connection.ts. */
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
        const settings = { ...valuesOf(node._def.defaults), credentials: valuesOf(node._def.credentials) };
        const typed = { ...settings, id: node.id, z, variables: variablesOf(z) };
        $(this).prop('disabled', true);
        result.text(text('test.trying'));
        try {
          const data = JSON.stringify(typed);
          const report = await $.ajax({ url: 'nats-config/test', type: 'POST', contentType: 'application/json', data });
          result.text(report.error ? `✗ ${report.error}` : `✓ ${describeServer(report)}`);
        } catch ({ status, responseJSON }) {
          const reason = text(status === 401 || status === 403 ? 'test.forbidden' : 'test.unanswered');
          result.text(`✗ ${responseJSON?.error ?? reason}`);
        }
        $(this).prop('disabled', false);
      });
    },

    /** Makes the headers field of a dialog: none, a message property, or JSON. */
    editHeaders() {
      $('#node-input-headers').typedInput({ types: [NONE(), 'msg', 'json'], typeField: '#node-input-headersType' });
    },

    /** Makes a reply subject field: none, a text, or a message property. */
    editReply() {
      $('#node-input-reply').typedInput({ types: [NONE(), 'str', 'msg'], typeField: '#node-input-replyType' });
    },

    /** Shows how long messages are held only where they are. */
    editWhenDown() {
      $('#node-input-whenDown')
        .on('change', function () {
          $('.nats-hold').toggle($(this).val() === 'hold');
        })
        .trigger('change');
    },

    /** Shows how long a batch waits only where there are batches. */
    editBatch() {
      $('#node-input-batch')
        .on('change', function () {
          $('.nats-batch').toggle(Number($(this).val()) !== 0);
        })
        .trigger('change');
    },

    /** Shows the fields of the chosen mode of a subscribing node. */
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
