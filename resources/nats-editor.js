// What the dialogs of the NATS nodes share. The editor takes a reason from a validator only if it has two parameters.
(() => {
  const CATALOGUE = '@natshat/node-red/nats-config';
  const text = (key) => RED._(`${CATALOGUE}:${key}`);

  // The same rules as lib/nats/subject.ts.
  const TERM = '[^.*>\\s\\p{Cc}]+';
  const RULES = {
    publish: new RegExp(`^${TERM}(\\.${TERM})*$`, 'u'),
    subscribe: new RegExp(`^(>|(\\*|${TERM})(\\.(\\*|${TERM}))*(\\.>)?)$`, 'u'),
  };
  RULES.queue = RULES.publish;

  /** Whether a field holds an environment variable, which is known only at run time. */
  const isVariable = (value) => /^\$\{[^}]+\}$/.test(value);

  const NONE = () => ({ value: 'none', label: text('common.none'), hasValue: false });

  window.natshat = {
    text,

    /** Why a subject or queue group is wrong, or true. */
    check: (rule, value) => isVariable(value) || RULES[rule].test(value ?? '') || text(`invalid.${rule}`),

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
      if (type !== 'json' || !value) return true;
      try {
        JSON.parse(value);
        return true;
      } catch {
        return text('invalid.json');
      }
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
