// What the dialogs of the NATS nodes call.
import { numberChecks } from '../dialogs.js';
import * as checks from './checks.js';
import * as endpoint from './endpoint.js';
import * as fields from './fields.js';
import * as questions from './questions.js';
import { text } from './text.js';

window.natshat = { text, ...numberChecks(text), ...checks, ...endpoint, ...fields, ...questions };
