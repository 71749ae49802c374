// The fields of a queue-subscribing node that may be an endpoint of a service.
import { check } from './checks.js';

/** The node whose dialog was opened last. */
let edited;

/** A property of a node as it is typed in its dialog, if that is open: validators get the node as it was before. */
const typedValue = (node, name) => {
  const field = $(`#node-input-${name}`);
  const value = node === edited && field.length > 0 ? field.val() : node[name];
  return value === '_ADD_' ? '' : value;
};

/** Whether a node is an endpoint of a service. */
export const isEndpoint = (node) => typedValue(node, 'mode') !== 'dynamic' && Boolean(typedValue(node, 'service'));

/** True, or why the name of an endpoint is invalid; an empty one is the name of the node. */
export const checkEndpoint = (node, value) => !isEndpoint(node) || check('token', value || typedValue(node, 'name'));

/** Shows the field for the name of an endpoint only if a service is chosen, whose queue group has a default. */
export function editService(node) {
  edited = node;
  $('#node-input-service')
    .on('change', () => {
      $('.nats-endpoint').toggle(isEndpoint(node));
      $('#node-input-queue').attr('placeholder', isEndpoint(node) ? 'q' : '');
    })
    .trigger('change');
  // What is valid in one of these fields depends on the others.
  $('#node-input-service, #node-input-name, #node-input-mode').on('change', () => {
    $('#node-input-queue, #node-input-endpoint').trigger('change');
  });
}
