// A process that does with the NATS client alone what the flows of the others do.
import { connect } from 'nats';
import { Host, subjectsOf } from './host';
import { serve } from './processes';

async function main([port = '', id = '']: string[]): Promise<void> {
  const nc = await connect({ servers: `nats://127.0.0.1:${port}` });
  const host = new Host('nats', Number(port), id);
  const subjects = subjectsOf(id);
  nc.subscribe(subjects.in, { callback: (_, msg) => nc.publish(subjects.out, msg.data) });
  nc.subscribe(subjects.take, { callback: () => host.received(1) });
  nc.subscribe(subjects.ask, { callback: (_, msg) => void msg.respond(msg.data) });
  await nc.flush();
  serve(
    await host.open({
      publish: (payload, count) => {
        for (let n = 0; n < count; n++) nc.publish(subjects.out, payload);
      },
      ask: (payload) => void nc.request(subjects.ask, payload, { timeout: 2000 }).then(() => host.replied()),
    }),
  );
}

void main(process.argv.slice(2));
