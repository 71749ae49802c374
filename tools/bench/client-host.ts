// A process that does the same as the flows of the other contenders with nothing but the NATS client.
import { connect } from 'nats';
import { drawPayload } from '../../lib/sense-hat/led/command';
import { encodeFrame } from '../../lib/sense-hat/led/frame';
import { openFramebuffer } from '../../lib/sense-hat/led/framebuffer';
import { DEFAULT_OPTIONS } from '../../lib/sense-hat/led/options';
import { atOnce } from '../../lib/steps';
import { Host } from './host';
import { type HostOptions, subjectsOf } from './host-options';
import { serve } from './processes';

async function main(options: HostOptions): Promise<void> {
  const nc = await connect({ servers: `nats://127.0.0.1:${options.port}` });
  const host = new Host(options);
  const subjects = subjectsOf(options);
  const queue = options.isMember ? { queue: options.id } : {};
  for (const subject of subjects.in) {
    nc.subscribe(subject, { callback: (_, msg) => nc.publish(subjects.out, msg.data), ...queue });
  }
  nc.subscribe(subjects.take, { callback: () => host.received(1) });
  nc.subscribe(subjects.ask, { callback: (_, msg) => void msg.respond(msg.data) });
  if (options.device) {
    const framebuffer = openFramebuffer(options.device);
    const shown = new Uint8Array(192);
    const show = (text: string) => {
      const { scenes } = atOnce(drawPayload(text, DEFAULT_OPTIONS));
      for (const { animation, projection } of scenes) {
        framebuffer.write(encodeFrame(animation.pictureAt(0, shown), projection));
      }
    };
    nc.subscribe(subjects.light, { callback: (_, msg) => show(msg.string()) });
  }
  await nc.flush();
  serve(
    await host.open({
      publish: (payload, count) => {
        for (let n = 0; n < count; n++) nc.publish(subjects.out, payload);
      },
      request: (payload) => void nc.request(subjects.ask, payload, { timeout: 2000 }).then(() => host.replied()),
    }),
  );
}

void main(JSON.parse(process.argv[2] as string));
