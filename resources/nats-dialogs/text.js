/** A text that the NATS nodes share. */
export const text = (key, values) => RED._(`@natshat/node-red/nats-config:${key}`, values);
